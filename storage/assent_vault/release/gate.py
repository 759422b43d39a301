"""The gate: may the recording of this meeting be released for training?

Theory of operation
-------------------

:func:`decide` is a pure function of :class:`Evidence`: the exact bytes that people, the server and
the vault have signed, and what else is known of the meeting. No column is believed where a
signature can be. It returns :class:`Release`, or :class:`Blocked` with *every* reason. The meeting
is released as a whole or not at all, and only where all of this holds:

========================= ========================================================================
if not, blocked with      what must hold
========================= ========================================================================
``bad-evidence``          every document is what FORMAT.md allows, is signed by whom it should be,
                          is of this meeting, and fits the others
``training-not-offered``  the charter offers training
``not-over``              the meeting has ended, and its end was logged
``recording-open``        every generation is closed
``nothing-recorded``      there is a segment with media in it, and not only the header of a track
``segments-damaged``      every segment that a closing lists was found, with the digest listed;
                          and so were the boxes of every generation
``destroyed``             nothing of the recording was destroyed or is to be
``retention-over``        its time is not over: what was signed, what is set now and what is written
                          down for it, whichever ends first
``vault-key-missing``     the vault still holds the meeting's private key
``not-answered``          everyone has answered about training
``refused``               nobody's last answer is no
``withdrawn``             nobody has ever withdrawn anything
``revoked``               nothing was taken back for anybody by host, administrator or operator
``notice-not-in-force``   everyone enrolled under and answered to words of the charter
``sealed-seed-missing``   everyone's last answer came with the box that it names
``answers-owed``          the server holds no answer that it was sent and could not store
``not-logged``            the log has the charter, everyone, all their answers and all generations
                          just as they are here, and none besides; and nothing of it is hidden
========================= ========================================================================

*Everyone* is whom ``everyone`` finds: every participant who was ever let in, everyone whom the
header of any generation names, and everyone of whom the log says that they were let in; header and
log stand even where the database has forgotten somebody. What cannot be read counts as bad, never
as absent.

That the boxes open, and are of the keys enrolled, is not the gate's to see, for it holds no key:
the vault sees it when it opens them, and without every single one nothing opens.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from assent_vault.errors import GenerationError, NoticeNotInForce, VaultError
from assent_vault.formats import charter as charters
from assent_vault.formats import statement
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.charter import Charter
from assent_vault.formats.everyone import everyone
from assent_vault.formats.generation_closing import (
    GenerationClosing,
    verify_generation_closing,
)
from assent_vault.formats.generation_header import (
    GenerationHeader,
    GenerationPerson,
    parse_generation,
)
from assent_vault.formats.statement import Answer, Enrolment, Will
from assent_vault.formats.suite import digest, encode
from assent_vault.formats.vault_key import VaultKey
from assent_vault.ledger import meeting_history
from assent_vault.ledger.meeting_history import Telling
from assent_vault.release.decision import Blocked, Code, Reason, Release
from assent_vault.release.evidence import (
    Evidence,
    GenerationEvidence,
    PersonEvidence,
    SegmentCheck,
    evidence_digest,
)
from assent_vault.release.generation_evidence import review_evidence


def decide(evidence: Evidence) -> Release | Blocked:
    """Decide about one meeting. Never raises: whatever cannot be judged is blocked."""
    inquiry = _Inquiry()
    release = None
    try:
        ready_at, kept_until = inquiry.examine(evidence)
        if ready_at is not None and kept_until is not None:
            release = Release(evidence_digest(evidence), ready_at, kept_until, evidence.log.head)
    # An error in here must not reach somebody who might take it for anything but a block.
    except Exception:
        inquiry.block(Code.BAD_EVIDENCE)
    if release is not None and not inquiry.reasons:
        return release
    return Blocked(
        tuple(Reason(code, inquiry.reasons[code]) for code in Code if code in inquiry.reasons)
    )


class _Inquiry:
    """Goes through the evidence once and gathers what speaks against a release."""

    def __init__(self) -> None:
        self.reasons: Counter[Code] = Counter()
        self._unsound = False  # something recorded is not what it should be: told of once
        self._unlogged = False  # something recorded is not as it was logged

    def block(self, code: Code, count: int = 1) -> None:
        self.reasons[code] += count

    def examine(self, evidence: Evidence) -> tuple[int | None, int | None]:
        """Return from when on, and until when, it could be released; None for what is not known."""
        self._circumstances(evidence)
        charter = self._charter(evidence)
        if charter is None:
            return None, None  # nothing else means anything without it
        vault_key = self._vault_key(evidence, charter)
        headers = self._recording(evidence, charter, vault_key)
        told = self._log(evidence, charter)
        if self._unlogged and Code.NOT_LOGGED not in self.reasons:
            self.block(Code.NOT_LOGGED)
        self._revocations(evidence, told)
        kept_until = self._retention(evidence, charter, told)
        return self._people(evidence, charter, headers, told), kept_until

    # The meeting.

    def _circumstances(self, evidence: Evidence) -> None:
        """What is not signed by anybody, and can only take a release away."""
        if evidence.ended_at is None:
            self.block(Code.NOT_OVER, 0)
        if evidence.destroyed_at is not None or evidence.deletions != 0:
            self.block(Code.DESTROYED, 0)
        if evidence.key_present is not True:
            self.block(Code.VAULT_KEY_MISSING, 0)
        if evidence.owed != 0:
            self.block(Code.ANSWERS_OWED, max(evidence.owed, 1))
        if evidence.cooling_off < 0:
            self.block(Code.BAD_EVIDENCE)

    def _charter(self, evidence: Evidence) -> Charter | None:
        try:
            charter = charters.parse(evidence.charter)
        except VaultError:
            self.block(Code.BAD_EVIDENCE)
            return None
        if encode(charter.meeting) != evidence.meeting_id:
            self.block(Code.BAD_EVIDENCE)
        if not charter.training:
            self.block(Code.TRAINING_NOT_OFFERED, 0)
        return charter

    def _retention(self, evidence: Evidence, charter: Charter, told: Telling | None) -> int:
        """Hold the time against what was signed; return when the recording's own is over."""
        ended = None if told is None else told.ended
        if told is not None and ended is None and evidence.ended_at is not None:
            self.block(Code.NOT_OVER, 0)  # a column alone ends no meeting
        signed = charter.kept_until(
            ended, evidence.ended_at, retention_days=evidence.retention_days
        )
        kept_until = min(evidence.retain_until, signed)
        if evidence.now >= kept_until:
            self.block(Code.RETENTION_OVER, 0)
        return kept_until

    def _vault_key(self, evidence: Evidence, charter: Charter) -> VaultKey | None:
        if evidence.vault_key is None:
            self.block(Code.VAULT_KEY_MISSING, 0)
            return None
        try:
            key = vault_keys.verify(
                evidence.vault_key, evidence.vault_key_signature or b"", charter.vault
            )
        except VaultError:
            self.block(Code.BAD_EVIDENCE)
            return None
        if key.meeting != charter.meeting:
            self.block(Code.BAD_EVIDENCE)
        return key

    # The recording.

    def _recording(
        self, evidence: Evidence, charter: Charter, vault_key: VaultKey | None
    ) -> list[GenerationHeader]:
        """Look at every generation, by itself and after the one before; return the headers."""
        headers = []
        segments = 0
        for row in evidence.generations:
            try:
                header = parse_generation(row.header)
            except VaultError:
                self._unsound = True
                continue
            headers.append(header)
            segments += self._closing(row, header, charter, deleted=evidence.deletions != 0)
        if segments == 0:
            self.block(Code.NOTHING_RECORDED, 0)
        vault = None if vault_key is None else vault_key.digest
        if vault is None and headers and headers[0].recorded is not None:
            vault = headers[0].recorded.vault  # without a vault key the meeting is blocked already
        self._review(evidence, charter, vault)
        if self._unsound:
            self.block(Code.BAD_EVIDENCE)
        return headers

    def _review(self, evidence: Evidence, charter: Charter, vault: bytes | None) -> None:
        """Hold all generations against what was signed and logged before each; once for all."""
        try:
            review_evidence(evidence, charter, vault)
        except GenerationError as error:
            if error.code == "not-logged":
                # Log and rows are held against each other below, and told of once.
                self._unlogged = True
            elif error.code != "bad-boxes" or all(_boxes(row) for row in evidence.generations):
                self._unsound = True
            # Boxes that were not found, or not looked for, are damage: each is told of as such.

    def _closing(
        self, row: GenerationEvidence, header: GenerationHeader, charter: Charter, *, deleted: bool
    ) -> int:
        """Look at how a generation ended; return how many segments with media it has."""
        if row.closing is None:
            self.block(Code.RECORDING_OPEN)
            return 0
        try:
            closing = verify_generation_closing(
                row.closing, row.closing_signature or b"", charter.server, header, None
            )
        except VaultError:
            self._unsound = True
            return 0
        damaged = _damaged(closing, row.check)
        # What was deleted is not there; whatever else is missing, the deletion blocks already.
        if damaged and not deleted:
            self.block(Code.SEGMENTS_DAMAGED, damaged)
        return sum(entry.has_media for entry in closing.segments)

    # The log.

    def _log(self, evidence: Evidence, charter: Charter) -> Telling | None:
        """Hold the meeting and its recording against the log; None where it cannot be read."""
        if evidence.log.whole is not True:
            self.block(Code.NOT_LOGGED, 0)
            return None
        try:
            told = meeting_history.read(charter.meeting, evidence.log.records)
        except VaultError:
            self.block(Code.NOT_LOGGED, 0)
            return None
        if told.charter != charter.digest:
            self.block(Code.NOT_LOGGED)
        self._log_of_recording(evidence, told)
        return told

    def _log_of_recording(self, evidence: Evidence, told: Telling) -> None:
        """Hold each generation that there is, or that was logged, against the other."""
        opened = {row.number: digest(row.header) for row in evidence.generations}
        closed = {
            row.number: (digest(row.header), digest(row.closing))
            for row in evidence.generations
            if row.closing is not None
        }
        was_opened = {number: record.header for number, record in told.opened.items()}
        was_closed = {
            number: (record.header, record.closing) for number, record in told.closed.items()
        }
        for number in opened.keys() | was_opened.keys() | was_closed.keys():
            same = opened.get(number) == was_opened.get(number)
            if not same or closed.get(number) != was_closed.get(number):
                self.block(Code.NOT_LOGGED)

    def _revocations(self, evidence: Evidence, told: Telling | None) -> None:
        """Heed what was done for others, which row and log each show by themselves."""
        acts: set[Any] = set(evidence.revocations)
        if evidence.revocations != tuple(evidence.revocations):
            self.block(Code.BAD_EVIDENCE)  # nothing else is to be taken for none
        if told is not None:
            acts |= told.revoked
        if acts:
            self.block(Code.REVOKED, len(acts))

    # The people.

    def _people(
        self,
        evidence: Evidence,
        charter: Charter,
        headers: list[GenerationHeader],
        told: Telling | None,
    ) -> int | None:
        """Hear everyone; return when their last yes has cooled off, None where there is none."""
        rows: dict[str, PersonEvidence] = {}
        for row in evidence.people:
            if row.person_id in rows:
                self.block(Code.BAD_EVIDENCE)
            rows[row.person_id] = row
        seen: dict[str, list[GenerationPerson]] = {}
        for header in headers:
            for person in header.people:
                seen.setdefault(encode(person.id), []).append(person)
        times = []
        for person_id in everyone(evidence.people, headers, told.admitted if told else ()):
            # Each either says yes at some time, or blocks: there is no third way out of here.
            try:
                times.append(_yes(rows[person_id], seen.get(person_id, []), charter))
            except _Objection as objection:
                self.block(objection.code)
            except NoticeNotInForce:
                self.block(Code.NOTICE_NOT_IN_FORCE)
            except Exception:
                self.block(Code.BAD_EVIDENCE)
            if told is not None:
                if not _is_logged(rows.get(person_id), told):
                    self.block(Code.NOT_LOGGED)
                times.append(told.answered_at(person_id))
        waits = max(evidence.cooling_off, charter.cooling_off_seconds * 1000)
        return max(times) + waits if times else None


class _Objection(Exception):
    """What somebody has said, or not said, blocks the release."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def _yes(row: PersonEvidence, seen: list[GenerationPerson], charter: Charter) -> int:
    """Return when a person said their yes, in Unix milliseconds.

    Raises _Objection, NoticeNotInForce or anything else where they did not, or not for certain.
    """
    enrolment = statement.verify_enrolment(row.enrolment, row.signature, charter)
    if row.person_id != encode(enrolment.person):
        raise _Objection(Code.BAD_EVIDENCE)
    if any(person.enrolment != enrolment.digest for person in seen):
        raise _Objection(Code.BAD_EVIDENCE)
    answers = _chain(row, enrolment, charter)
    # Having withdrawn once is for good, even if they agreed to be recorded again afterwards:
    # something of theirs was to be deleted, and the vault's key was to be destroyed.
    if any(Will.WITHDRAWN in (answer.recording, answer.training) for answer in answers):
        raise _Objection(Code.WITHDRAWN)
    if not answers or answers[-1].training is Will.UNANSWERED:
        raise _Objection(Code.NOT_ANSWERED)
    last, given = answers[-1], row.answers[-1]
    if last.training is not Will.YES:
        raise _Objection(Code.REFUSED)
    if given.sealed is None:
        raise _Objection(Code.SEALED_SEED_MISSING)
    statement.check_sealed(last, given.sealed)
    # The later of two clocks, and of what was logged. The server's stands in a column that somebody
    # could set back to skip the cooling off; the person's own is signed. One that goes ahead delays
    # the release by as much, and can do nothing else.
    return max(given.received_at, last.at)


# Single conditions.


def _is_logged(row: PersonEvidence | None, told: Telling) -> bool:
    """Whether the log knows of a person what the database does: no answer less, and none more."""
    return row is not None and told.knows(
        row.person_id, digest(row.enrolment), [digest(given.body) for given in row.answers]
    )


def _damaged(closing: GenerationClosing, check: SegmentCheck | None) -> int:
    """Return how much was not found intact, segments and boxes; not looked for is not found."""
    listed = len(closing.segments)
    if check is None or check.closing != closing.digest:
        return max(listed, 1)
    damaged = listed - check.intact
    return (min(damaged, listed) if damaged >= 0 else listed) + (check.boxes is None)


def _boxes(row: GenerationEvidence) -> bool:
    """Whether the boxes of a generation were found."""
    return row.check is not None and row.check.boxes is not None


def _chain(row: PersonEvidence, enrolment: Enrolment, charter: Charter) -> list[Answer]:
    """Verify all of a person's answers, each after the one before."""
    answers: list[Answer] = []
    for given in row.answers:
        answers.append(
            statement.verify_chained(
                given.body, given.signature, enrolment, charter, answers[-1] if answers else None
            )
        )
    return answers
