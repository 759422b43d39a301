"""A meeting whose recording may be released: all the evidence the gate asks for, and its objects.

``Releasable`` can be built with parts that are not as they should be, and properly signed all the
same, as somebody could build them who has the server's keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assent_vault.formats import closing as closings
from assent_vault.formats import document, epoch, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.epoch import Header, HeaderPerson
from assent_vault.formats.segment import SegmentHeader, seal_segment
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.ledger import entry as entries
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Ended,
    Enrolled,
    EpochClosed,
    EpochOpened,
    MeetingCreated,
    Record,
)
from assent_vault.release.evidence import (
    AnswerEvidence,
    EpochEvidence,
    Evidence,
    LogEvidence,
    PersonEvidence,
    SegmentCheck,
)
from support.people import CREATED, Meeting, Person, Signed, make_meeting, person_in

HOUR = 3_600_000
BEGAN = CREATED + 60_000
ENDED = CREATED + HOUR
RECEIVED = CREATED + 2 * HOUR
NOW = CREATED + 24 * HOUR
COOLING_OFF = HOUR
RETAIN_UNTIL = CREATED + 90 * 24 * HOUR
LOGGED = RECEIVED - 1
HEAD = Head(123, bytes(range(32)))
NO_LOG = LogEvidence(HEAD, False, ())


def records_of(evidence: Evidence, answered_at: int = LOGGED) -> list[Record]:
    """Return what a server logs that has seen just this, as far as it can be said at all."""
    meeting = suite.decode(evidence.meeting_id)
    found: list[Record] = [
        MeetingCreated(meeting=meeting, charter=suite.digest(evidence.charter), at=CREATED)
    ]
    for row in evidence.people:
        person, enrolment = suite.decode(row.person_id), suite.digest(row.enrolment)
        found.append(Enrolled(meeting=meeting, person=person, enrolment=enrolment, at=BEGAN))
        if row.admitted is not False:
            found.append(Admitted(meeting=meeting, person=person, enrolment=enrolment, at=BEGAN))
        for sequence, given in enumerate(row.answers, 1):
            answer = suite.digest(given.body)
            found.append(
                Answered(
                    meeting=meeting,
                    person=person,
                    sequence=sequence,
                    answer=answer,
                    at=answered_at,
                )
            )
    for epoch_ in evidence.epochs:
        number, header = epoch_.number, suite.digest(epoch_.header)
        found.append(EpochOpened(meeting=meeting, epoch=number, header=header, at=BEGAN))
        if epoch_.closing is not None:
            closing = suite.digest(epoch_.closing)
            found.append(
                EpochClosed(meeting=meeting, epoch=number, header=header, closing=closing, at=ENDED)
            )
    if evidence.ended_at is not None:
        found.append(Ended(meeting=meeting, at=evidence.ended_at))
    found += [entries.parse(body) for body in evidence.revocations]
    return found


def logged(evidence: Evidence, answered_at: int = LOGGED) -> Evidence:
    """Return the evidence with a log that has just what it has."""
    records = tuple(map(entries.write, records_of(evidence, answered_at)))
    return replace(evidence, log=LogEvidence(HEAD, True, records))


@dataclass
class Said:
    """What one person has said, in order."""

    person: Person
    enrolment: Signed
    answers: list[Signed] = field(default_factory=list)
    admitted: bool = True

    def answer(self, recording: Will | str, training: Will | str) -> None:
        """Say something more."""
        self.answers.append(self.person.answer(recording, training))

    def evidence(self) -> PersonEvidence:
        """Return the person's rows."""
        return PersonEvidence(
            person_id=encode(self.person.id),
            enrolment=self.enrolment.body,
            signature=self.enrolment.signature,
            admitted=self.admitted,
            answers=tuple(
                AnswerEvidence(said.body, said.signature, said.sealed, RECEIVED)
                for said in self.answers
            ),
        )


@dataclass(frozen=True)
class RecordedEpoch:
    """One epoch: its documents, E, and its objects in the order of the closing."""

    header: Header
    shares: bytes
    key: bytes
    closing: bytes
    closing_signature: bytes
    entries: tuple[SegmentEntry, ...]
    objects: tuple[bytes, ...]

    def evidence(self) -> EpochEvidence:
        """Return the epoch's row, every segment found."""
        return EpochEvidence(
            number=self.header.epoch,
            header=self.header.body,
            closing=self.closing,
            closing_signature=self.closing_signature,
            check=SegmentCheck(suite.digest(self.closing), len(self.entries)),
        )


def changed_header(header: Header, **changes: Any) -> Header:
    """Return a header with some fields of its document replaced."""
    return epoch.parse_header(document.write(json.loads(header.body) | changes))


def make_header(
    meeting: Meeting,
    people: Sequence[HeaderPerson],
    number: int = 1,
    previous: Header | None = None,
    **changes: Any,
) -> Header:
    """Return the header of an epoch; ``changes`` replace fields of the document."""
    header = epoch.parse_header(
        epoch.build_header(
            meeting=meeting.id,
            epoch=number,
            began=BEGAN + 10_000 * (number - 1),
            offset=10_000 * (number - 1),
            previous=None if previous is None else previous.digest,
            charter=meeting.charter,
            vault_key=meeting.vault_key,
            people=people,
        )
    )
    return changed_header(header, **changes)


def record(
    meeting: Meeting,
    header: Header,
    *,
    segments: int = 2,
    who: Callable[[HeaderPerson], bool] = lambda person: person.present,
) -> RecordedEpoch:
    """Record the microphone of everyone who was present, ``segments`` segments each."""
    drawn: list[bytes] = []

    def random(length: int) -> bytes:
        drawn.append(suite.digest(header.digest + bytes([len(drawn)]))[:length])
        return drawn[-1]

    vault_key = meeting.vault_key if header.training else None
    sealable = vault_key is None or (
        vault_key.digest == header.vault and vault_key.meeting == header.meeting
    )
    key, shares = epoch.EpochKey(bytes(32), header.digest), b""
    if sealable:  # a header that was tampered with has no shares, and its objects are for show
        key, shares = epoch.seal_epoch(header, vault_key, random)
    entries, objects = [], []
    for person in filter(who, header.people):
        track = str(Track(person.id, "microphone"))
        for sequence in range(segments):
            start = header.offset + 2000 * sequence
            data = seal_segment(
                SegmentHeader(
                    meeting=header.meeting,
                    epoch=header.epoch,
                    header=header.digest,
                    track=track,
                    codec="opus",
                    sequence=sequence,
                    start=start,
                    end=start + 2000,
                ),
                b"sound of %d" % sequence,
                key.track_key(track),
            )
            objects.append(data)
            entries.append(
                SegmentEntry(track, sequence, suite.digest(data), len(data), start, start + 2000)
            )
    closing = closings.build_closing(
        header=header,
        ended=header.began + 2000 * segments,
        interrupted=False,
        segments=entries,
    )
    return RecordedEpoch(
        header=header,
        shares=shares,
        key=drawn[0] if drawn else bytes(32),
        closing=closing,
        closing_signature=closings.sign_closing(meeting.server, closing),
        entries=tuple(sorted(entries, key=lambda entry: (entry.track, entry.sequence))),
        objects=tuple(objects),
    )


class Releasable:
    """Ada and Bo were recorded; Cy looked in before, and Bo alone went on. All said yes."""

    def __init__(self, meeting: Meeting | None = None) -> None:
        self.meeting = meeting or make_meeting()
        self.ada, self.bo, self.cy = self.said = [self.comes() for _ in range(3)]
        for said in self.said:
            said.answer(Will.YES, Will.UNANSWERED)
            if self.meeting.charter.training:
                said.answer(Will.YES, Will.YES)
        cy = self.cy.person.in_header(present=False, watches=False)
        ada = self.ada.person.in_header()
        bo = self.bo.person.in_header()
        first = make_header(self.meeting, [ada, bo, cy])
        second = make_header(self.meeting, [replace(ada, present=False), bo, cy], 2, first)
        self.epochs = [record(self.meeting, first), record(self.meeting, second)]

    def comes(self) -> Said:
        """Let somebody in who has said nothing but who they are."""
        person = person_in(self.meeting)
        return Said(person, person.enrol())

    @property
    def headers(self) -> list[Header]:
        """The headers of the epochs."""
        return [epoch.header for epoch in self.epochs]

    def record_again(self, *headers: Header, **more: Any) -> None:
        """Replace the recording by one with these headers."""
        self.epochs = [record(self.meeting, header, **more) for header in headers]

    def evidence(self, **changes: Any) -> Evidence:
        """Return all evidence, some fields replaced."""
        key = self.meeting.vault_key
        found = Evidence(
            meeting_id=encode(self.meeting.id),
            charter=self.meeting.charter.body,
            ended_at=ENDED,
            retain_until=RETAIN_UNTIL,
            destroyed_at=None,
            deletions=0,
            revocations=(),
            vault_key=None if key is None else key.body,
            vault_key_signature=None if key is None else key.signature,
            key_present=True,
            people=tuple(said.evidence() for said in self.said),
            epochs=tuple(epoch.evidence() for epoch in self.epochs),
            log=NO_LOG,
            cooling_off=COOLING_OFF,
            retention_days=None,
            owed=0,
            now=NOW,
        )
        return logged(replace(found, **changes))
