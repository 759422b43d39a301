"""Opens the epochs of a meeting that the gate has released: every grant, every share, every key.

This is where consent is a key. Without a single person's grant there is no epoch key, whatever the
rows say; and a grant of another person, meeting or notice does not open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assent_vault.errors import SealError
from assent_vault.export.unlocked import OpenTrack
from assent_vault.formats import charter as charters
from assent_vault.formats import objects, statement, suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.closing import Closing, SegmentEntry, verify_closing
from assent_vault.formats.epoch import EpochKey, Header, parse_header, parse_shares
from assent_vault.formats.statement import Answer
from assent_vault.keys import unsealing
from assent_vault.release.evidence import Evidence, PersonEvidence


@dataclass(frozen=True, slots=True)
class UnlockedEpoch:
    """An epoch whose segments can be opened; ``key`` is None where it has no segments.

    Implements :class:`.unlocked.UnlockedStretch`.
    """

    header: Header
    closing: Closing
    key: EpochKey | None

    @property
    def number(self) -> int:
        """See UnlockedStretch."""
        return self.header.epoch

    def track(self, name: str) -> OpenTrack:
        """See UnlockedStretch."""
        assert self.key is not None, "an epoch with segments has been opened"
        return EpochTrack(self.header, self.key.track_key(name))

    def segment_key(self, meeting_id: str, entry: SegmentEntry) -> str:
        """See UnlockedStretch."""
        return objects.segment_key(meeting_id, self.number, entry.track, entry.sequence)


@dataclass(frozen=True, slots=True)
class EpochTrack:
    """One track of an epoch, and its key."""

    header: Header
    key: bytes

    def open(self, data: bytes, entry: SegmentEntry) -> bytes:
        """See OpenTrack."""
        return unsealing.open_segment(data, self.key, self.header, entry)


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    """A released meeting. Call ``forget`` when its recording has been read."""

    charter: Charter
    epochs: tuple[UnlockedEpoch, ...]

    def forget(self) -> None:
        """Forget every key."""
        for epoch in self.epochs:
            if epoch.key is not None:
                epoch.key.forget()


def unlock(evidence: Evidence, private: bytes, shares: Mapping[int, bytes]) -> OpenMeeting:
    """Open every epoch of a meeting.

    ``evidence`` is what the gate has just released on, ``private`` the meeting's vault key,
    ``shares`` the shares document of each epoch that has segments, by number. Everything is
    verified again. Raises FormatError, SignatureError, SealError.
    """
    charter = charters.parse(evidence.charter)
    rows = sorted(evidence.epochs, key=lambda row: row.number)
    headers = [parse_header(row.header) for row in rows]
    owners = {suite.encode(person.id) for header in headers for person in header.people}
    trains: dict[bytes, bytes] = {}
    for person in evidence.people:
        if person.person_id in owners:
            trains.update(_train(person, charter, private))
    epochs = []
    for row, header in zip(rows, headers, strict=True):
        if row.closing is None or row.closing_signature is None:
            raise SealError("An epoch is not closed.")
        closing = verify_closing(row.closing, row.closing_signature, charter.server, header)
        key = None
        if closing.segments:
            recovered = unsealing.recover_training_epoch_key(
                header, parse_shares(shares[row.number], header), private, trains
            )
            key = EpochKey(recovered, header.digest)
        epochs.append(UnlockedEpoch(header, closing, key))
    return OpenMeeting(charter, tuple(epochs))


def _train(person: PersonEvidence, charter: Charter, private: bytes) -> dict[bytes, bytes]:
    """Open the grant that came with a person's last word, by the person's id."""
    enrolment = statement.verify_enrolment(person.enrolment, person.signature, charter)
    last: Answer | None = None
    for given in person.answers:
        last = statement.verify_chained(given.body, given.signature, enrolment, charter, last)
    sealed = person.answers[-1].sealed if person.answers else None
    if last is None or sealed is None:
        return {}  # their share will be missed
    statement.check_sealed(last, sealed)
    return {enrolment.person: unsealing.open_grant(sealed, private, enrolment, last)}
