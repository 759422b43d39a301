"""A meeting whose recording may be released: all the evidence the gate asks for, and its objects.

``Releasable`` can be built with parts that are not as they should be, and properly signed all the
same, as somebody could build them who has the server's keys. What the gate cannot see into, boxes
and objects, is made up; :class:`support.releasable.Releasable` with ``sealed`` has it all for real.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assent.recording import webm
from assent.recording.generation_stretch import GenerationStretch
from assent_vault.errors import VaultError
from assent_vault.formats import document, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    GenerationPerson,
    RecordedPart,
    build_generation,
    parse_generation,
)
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.keys.relayed_opening import GenerationDocuments
from assent_vault.ledger import entry as entries
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Ended,
    Enrolled,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    Record,
)
from assent_vault.ledger.relayed_committing import CommittedGeneration
from assent_vault.release.evidence import (
    AnswerEvidence,
    Evidence,
    GenerationEvidence,
    LogEvidence,
    PersonEvidence,
    SegmentCheck,
    SignedEvidence,
)
from support.hosts import act_of, certificate_of
from support.people import CREATED, Meeting, Person, Signed, make_meeting, person_in
from support.recorded_generation import committed

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
    """Return what a server logs that has seen just this, as far as it can be said at all.

    Who is named by a header was let in before it, and has answered what it names; all else, after.
    """
    meeting = suite.decode(evidence.meeting_id)
    telling = _Telling(evidence, meeting, answered_at)
    found: list[Record] = [
        MeetingCreated(meeting=meeting, charter=suite.digest(evidence.charter), at=CREATED)
    ]
    found += telling.hosts()
    for row in evidence.generations:
        found += telling.before(row.header)
        number, header = row.number, suite.digest(row.header)
        boxes = _made_up(header) if row.check is None else row.check.boxes or _made_up(header)
        about: dict[str, Any] = {"meeting": meeting, "number": number, "header": header}
        found.append(GenerationOpened(**about, committer=None, boxes=boxes, at=BEGAN))
        if row.closing is not None:
            closing = suite.digest(row.closing)
            found.append(GenerationClosed(**about, closing=closing, accepts=None, at=ENDED))
    found += telling.rest()
    if evidence.ended_at is not None:
        found.append(Ended(meeting=meeting, at=evidence.ended_at))
    found += [entries.parse(body) for body in evidence.revocations]
    return found


class _Telling:
    """Says of each person what has not been said yet."""

    def __init__(self, evidence: Evidence, meeting: bytes, answered_at: int) -> None:
        self._evidence = evidence
        self._meeting = meeting
        self._answered_at = answered_at
        self._told: dict[int, int] = {}  # by row, how many answers

    def hosts(self) -> Iterator[Record]:
        about: dict[str, Any] = {"meeting": self._meeting, "at": BEGAN}
        for each in self._evidence.certificates:
            person = suite.decode(json.loads(each.body)["person"])
            yield HostCertified(person=person, certificate=suite.digest(each.body), **about)
        for each in self._evidence.acts:
            yield HostArmed(act=suite.digest(each.body), **about)

    def before(self, header: bytes) -> Iterator[Record]:
        """Say what a header has seen of those whom it names."""
        try:
            people = parse_generation(header).people
        except (VaultError, AttributeError, TypeError):
            return
        named = {encode(person.id): person.answer for person in people}
        for place, row in enumerate(self._evidence.people):
            if row.person_id in named:
                digests = [suite.digest(given.body) for given in row.answers]
                answer = named[row.person_id]
                seen = digests.index(answer) + 1 if answer in digests else 0
                yield from self._person(place, row, seen)

    def rest(self) -> Iterator[Record]:
        """Say all the rest."""
        for place, row in enumerate(self._evidence.people):
            yield from self._person(place, row, len(row.answers))

    def _person(self, place: int, row: PersonEvidence, seen: int) -> Iterator[Record]:
        person, enrolment = suite.decode(row.person_id), suite.digest(row.enrolment)
        about: dict[str, Any] = {"meeting": self._meeting, "person": person}
        if place not in self._told:
            self._told[place] = 0
            yield Enrolled(**about, enrolment=enrolment, at=BEGAN)
            if row.admitted is not False:
                yield Admitted(**about, enrolment=enrolment, at=BEGAN)
        for sequence in range(self._told[place] + 1, seen + 1):
            self._told[place] = sequence
            answer = suite.digest(row.answers[sequence - 1].body)
            yield Answered(**about, sequence=sequence, answer=answer, at=self._answered_at)


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
class RecordedGeneration:
    """One generation: its documents, and its objects in the order of the closing."""

    header: GenerationHeader
    signature: bytes
    documents: GenerationDocuments
    closing: bytes
    closing_signature: bytes
    entries: tuple[SegmentEntry, ...]
    objects: tuple[bytes, ...]

    @property
    def check(self) -> SegmentCheck:
        """What is found where all is there."""
        boxes = suite.digest(self.documents.boxes)
        return SegmentCheck(suite.digest(self.closing), len(self.entries), boxes)

    def evidence(self) -> GenerationEvidence:
        """Return the generation's row, every segment found."""
        assert self.header.recorded is not None, "it was recorded"
        return GenerationEvidence(
            number=self.header.recorded.number,
            header=self.header.body,
            signature=self.signature,
            closing=self.closing,
            closing_signature=self.closing_signature,
            check=self.check,
        )


def changed_body(header: GenerationHeader, **changes: Any) -> bytes:
    """Return a header's document with some fields replaced, wherever they stand in it."""
    values = json.loads(header.body)
    values |= {name: value for name, value in changes.items() if name in values}
    values["recorded"] |= {
        name: value for name, value in changes.items() if name in values["recorded"]
    }
    return document.write(values)


def changed_header(header: GenerationHeader, **changes: Any) -> GenerationHeader:
    """Return a header with some fields of its document replaced."""
    return parse_generation(changed_body(header, **changes))


def make_header(
    meeting: Meeting,
    people: Sequence[GenerationPerson],
    number: int = 1,
    previous: GenerationHeader | None = None,
    *,
    arm: bytes,
) -> GenerationHeader:
    """Return the header of a generation whose keys nobody has drawn."""
    key = meeting.vault_key
    before = None if previous is None else previous.digest
    nothing = bytes(suite.DIGEST_BYTES)
    return parse_generation(
        build_generation(
            meeting=meeting.id,
            generation=number,
            previous=before,
            charter=meeting.charter.digest,
            committer=None,
            secret=nothing,
            people=sorted(people, key=lambda person: person.id),
            removed=(),
            recorded=RecordedPart(
                number=number,
                previous=before,
                offset=10_000 * (number - 1),
                arm=arm,
                notice_version=meeting.charter.notice_version,
                training=key is not None,
                vault=None if key is None else key.digest,
                shares=() if key is None else (nothing,) * (len(people) + 1),
                slots=nothing,
                wraps=None if key is None else nothing,
            ),
            at=BEGAN + 10_000 * (number - 1),
        )
    )


def record(
    meeting: Meeting,
    header: GenerationHeader,
    *,
    segments: int = 2,
    who: Callable[[GenerationPerson], bool] = lambda person: person.present,
    made: CommittedGeneration | None = None,
) -> RecordedGeneration:
    """Record the microphone of everyone who was present, ``segments`` segments each.

    Of what was ``made`` they can be opened.
    """
    assert header.recorded is not None, "it is recorded"
    stretch = None if made is None else GenerationStretch(header, made.keys, meeting.server)
    offset = header.recorded.offset
    listed, objects = [], []
    for person in filter(who, header.people):
        track = str(Track(person.id, "microphone"))
        for sequence, start in enumerate(range(offset, offset + 2000 * segments, 2000)):
            data = b"%s %d of %s" % (header.digest, sequence, track.encode())
            if stretch is not None:
                data = _sealed(stretch, track, sequence, start)
            objects.append(data)
            listed.append(
                SegmentEntry(track, sequence, suite.digest(data), len(data), start, start + 2000)
            )
    closing = build_generation_closing(
        header=header,
        accepts=None,
        ended=header.at + 2000 * segments,
        interrupted=False,
        segments=listed,
    )
    documents = GenerationDocuments(boxes=_boxes(header.digest), pairs=b"", outer=b"")
    if made is not None:
        documents = GenerationDocuments(made.boxes, made.pairs, made.outer)
    return RecordedGeneration(
        header=header,
        signature=suite.sign(meeting.server, GENERATION_TYPE, header.body),
        documents=documents,
        closing=closing,
        closing_signature=sign_generation_closing(meeting.server, closing),
        entries=tuple(sorted(listed, key=lambda entry: (entry.track, entry.sequence))),
        objects=tuple(objects),
    )


_MAKERS: dict[tuple[bytes, str], Callable[..., bytes]] = {}


def _sealed(stretch: GenerationStretch, track: str, sequence: int, start: int) -> bytes:
    """Return a segment of a track, with a word each 20 ms; the first is the header alone."""
    person, _, source = track.partition(".")
    place = (stretch.lane_key(track), track)
    if place not in _MAKERS:
        _MAKERS[place] = stretch.cluster_maker(person, source, "opus")
    plaintext = webm.opus_header(1)
    if sequence:
        words = [(start + at, True, b"\xf8sound of %d" % sequence, 0) for at in range(0, 2000, 20)]
        plaintext = _MAKERS[place](words)
    return stretch.seal(track, "opus", sequence, start, start + 2000, plaintext, place[0])


def _boxes(header: bytes) -> bytes:
    return b"boxes of " + header


def _made_up(header: bytes) -> bytes:
    return suite.digest(_boxes(header))


class Releasable:
    """Ada and Bo were recorded; Cy looked in before, and Bo alone went on. All said yes.

    Bo is the host. With ``sealed`` all of it can be opened, by whoever has everybody's keys.
    """

    def __init__(self, meeting: Meeting | None = None, *, sealed: bool = False) -> None:
        self.meeting = meeting or make_meeting()
        self.ada, self.bo, self.cy = self.said = [self.comes() for _ in range(3)]
        for said in self.said:
            said.answer(Will.YES, Will.UNANSWERED)
            if self.meeting.charter.training:
                said.answer(Will.YES, Will.YES)
        self.certificate = certificate_of(self.meeting.host_key, self.meeting.room, self.bo.person)
        self.act = act_of(self.bo.person, 1, "arm", recording=True)
        self.arm = suite.digest(self.act.body)
        if sealed:
            self.generations = self._sealed()
            return
        ada, bo, cy = self.named(self.cy)
        first = self.make_header([ada, bo, cy])
        second = self.make_header([replace(ada, present=False), bo, cy], 2, first)
        self.generations = [record(self.meeting, first), record(self.meeting, second)]

    def _sealed(self) -> list[RecordedGeneration]:
        ada, bo, cy = (said.person for said in self.said)
        hosts = {bo.id: suite.digest(self.certificate.body)}
        found: list[RecordedGeneration] = []
        for number, there in enumerate((True, False), 1):
            made = committed(
                self.meeting,
                [(ada, there), (bo, True), (cy, False)],
                number=number,
                previous=found[-1].header.digest if found else None,
                offset=10_000 * (number - 1),
                at=BEGAN + 10_000 * (number - 1),
                arm=self.arm,
                hosts=hosts,
            )
            found.append(record(self.meeting, made.header, made=made))
        return found

    def comes(self) -> Said:
        """Let somebody in who has said nothing but who they are."""
        person = person_in(self.meeting)
        return Said(person, person.enrol())

    def named(self, *away: Said) -> list[GenerationPerson]:
        """Return everyone as a header names them, each with their last answer."""
        host = suite.digest(self.certificate.body)
        return [
            said.person.in_generation(
                present=said not in away, host=host if said is self.bo else None
            )
            for said in self.said
        ]

    def make_header(
        self,
        people: Sequence[GenerationPerson],
        number: int = 1,
        previous: GenerationHeader | None = None,
    ) -> GenerationHeader:
        """Return a header that the host has armed."""
        return make_header(self.meeting, people, number, previous, arm=self.arm)

    @property
    def headers(self) -> list[GenerationHeader]:
        """The headers of the generations."""
        return [each.header for each in self.generations]

    def record_again(self, *headers: GenerationHeader, **more: Any) -> None:
        """Replace the recording by one with these headers."""
        self.generations = [record(self.meeting, header, **more) for header in headers]

    def evidence(self, **changes: Any) -> Evidence:
        """Return all evidence, some fields replaced."""
        key = self.meeting.vault_key
        found = Evidence(
            meeting_id=encode(self.meeting.id),
            charter=self.meeting.charter.body,
            room=self.meeting.room.body,
            ended_at=ENDED,
            retain_until=RETAIN_UNTIL,
            destroyed_at=None,
            deletions=0,
            revocations=(),
            vault_key=None if key is None else key.body,
            vault_key_signature=None if key is None else key.signature,
            key_present=True,
            people=tuple(said.evidence() for said in self.said),
            certificates=(SignedEvidence(self.certificate.body, self.certificate.signature),),
            acts=(SignedEvidence(self.act.body, self.act.signature),),
            generations=tuple(each.evidence() for each in self.generations),
            log=NO_LOG,
            cooling_off=COOLING_OFF,
            retention_days=None,
            owed=0,
            now=NOW,
        )
        return logged(replace(found, **changes))
