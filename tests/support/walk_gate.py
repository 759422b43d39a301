"""Walks everything that can become of a meeting after it, through the real gate, on real evidence.

Theory of operation. :mod:`support.walk_capture` gives every state in which a meeting can end: who
was let in and what each has said, and whether anything was recorded. From each of them the walk
goes on with what can happen then: answers from receipt links, closings that are written, the worker
heeding a withdrawal, objects that get damaged, time that runs out. In each state the real gate is
asked, and its decision compared, reason by reason and count by count, with
:func:`support.promises.reasons`; and the eraser, whose words it heeds, which are those of everyone
whom the gate hears, and of nobody else.
While a meeting goes on it is asked as well, about the same people.

Beyond the reachable: which of the people a header names is not taken from how they came
and went; every possible set of them is tried.

The evidence is real: deterministic keys, signed statements, headers and closings that verify. What
was verified once is remembered by its exact bytes, for verifying is pure; the gate itself is asked
about each state anew. One row of statements stands for each of :class:`~support.promises.Said`,
and ``test_walk`` checks, with a person who may say anything in any order, that the gate decides the
same about all that it stands for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.everyone import everyone
from assent_vault.formats.generation_header import GenerationPerson, parse_generation
from assent_vault.formats.statement import Answer, Will
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger import generation_chain, meeting_history
from assent_vault.ledger.entry import Revoked
from assent_vault.release import generation_review, verified_statements
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.evidence import (
    AnswerEvidence,
    Evidence,
    GenerationEvidence,
    PersonEvidence,
    SignedEvidence,
)
from assent_vault.worker.withdrawals import taken_back
from support.hosts import act_of, certificate_of
from support.people import Meeting, Person, Signed, make_meeting, person_in
from support.promises import WILLS, Circumstances, Said, reasons
from support.releasable import (
    COOLING_OFF,
    ENDED,
    NO_LOG,
    NOW,
    RECEIVED,
    RETAIN_UNTIL,
    logged,
    make_header,
    record,
)
from support.walk_capture import Walked

Decide = Callable[[Evidence], Release | Blocked]

# One way to say each.
CHAINS: dict[Said, tuple[tuple[Will, Will], ...]] = {
    Said.NOTHING: (),
    Said.NO: ((Will.NO, Will.NO),),
    Said.RECORD: ((Will.YES, Will.UNANSWERED),),
    Said.RECORD_ONLY: ((Will.YES, Will.NO),),
    Said.BOTH: ((Will.YES, Will.YES),),
    Said.ONCE_WITHDREW: ((Will.YES, Will.YES), (Will.YES, Will.WITHDRAWN)),
    Said.WITHDRAWN: ((Will.YES, Will.YES), (Will.WITHDRAWN, Will.WITHDRAWN)),
}
# Let in, named by a header, what they said.
_Person = tuple[bool, bool, Said]


class WrongDecision(AssertionError):
    """The gate decided otherwise than promised."""


@dataclass(slots=True)
class Judged:
    """How far the walk has come."""

    states: int = 0
    transitions: int = 0
    released: int = 0


class Scene:
    """A meeting with up to four people, and all that any of them may have said, signed."""

    def __init__(self) -> None:
        self.meeting: Meeting = make_meeting(
            meeting=bytes(range(16)),
            server=Ed25519PrivateKey.from_private_bytes(b"\1" * 32),
            vault_identity=Ed25519PrivateKey.from_private_bytes(b"\2" * 32),
            vault_private=b"\3" * 32,
            drawn=b"\4" * 96,
        )
        self.people = [person_in(self.meeting, seed=bytes([n + 4]) * 32) for n in range(4)]
        self.enrolments = [person.enrol() for person in self.people]
        whole = Revoked(
            meeting=self.meeting.id,
            person=None,
            purpose="meeting",
            sequence=0,
            by="host",
            at=RECEIVED,
        )
        self.act = entries.write(whole)
        host = self.people[0]
        said = certificate_of(self.meeting.host_key, self.meeting.room, host)
        self.certificate = SignedEvidence(said.body, said.signature)
        said = act_of(host, 1, "arm", recording=True)
        self.armed = SignedEvidence(said.body, said.signature)
        self.arm = suite.digest(said.body)

    def person(self, index: int, chain: Iterable[Signed], *, admitted: bool) -> PersonEvidence:
        """Return a person's rows."""
        enrolment = self.enrolments[index]
        return PersonEvidence(
            encode(self.people[index].id),
            enrolment.body,
            enrolment.signature,
            admitted,
            tuple(AnswerEvidence(s.body, s.signature, s.sealed, RECEIVED) for s in chain),
        )

    @cache  # noqa: B019 - a scene lives as long as the walk
    def said(self, index: int, said: Said, admitted: bool) -> PersonEvidence:
        """Return the rows of a person who has said this."""
        person = self.people[index]
        speaker = Person(person.charter, person.vault_key, person.seed)
        speaker.enrolment, speaker.last = person.enrolment, None
        chain = [speaker.answer(*wills) for wills in CHAINS[said]]
        return self.person(index, chain, admitted=admitted)

    def named(self, turn: int, index: int, said: Said) -> GenerationPerson:
        """Return somebody as a header names them: with the yes that they had given by then."""
        person = self.people[index]
        answers = self.said(index, said, True).answers
        yes = [n for n, (recording, _) in enumerate(CHAINS[said]) if recording is Will.YES]
        last = yes[0] if yes else len(answers) - 1
        answer = suite.digest(answers[last].body) if answers else None
        return person.in_generation(present=_is_recorded(turn, index), answer=answer)

    @cache  # noqa: B019
    def generations(
        self, named: tuple[tuple[int, Said], ...], closed: bool, intact: bool
    ) -> tuple[GenerationEvidence, ...]:
        """Return two generations: the first person that is named in both, the others in turn."""
        there = [self.named(turn, index, said) for turn, (index, said) in enumerate(named)]
        return self.recorded(there, closed=closed, intact=intact)

    def recorded(
        self, there: list[GenerationPerson], *, closed: bool, intact: bool
    ) -> tuple[GenerationEvidence, ...]:
        """Return two generations of people who are named so, the first of whom is in both."""
        first = make_header(self.meeting, there[:1], arm=self.arm)
        second = make_header(self.meeting, there, 2, first, arm=self.arm)
        found = [record(self.meeting, header, segments=2).evidence() for header in (first, second)]
        if not intact:
            assert found[1].check is not None
            found[1] = replace(
                found[1], check=replace(found[1].check, intact=found[1].check.intact - 1)
            )
        if not closed:
            found = [replace(e, closing=None, closing_signature=None, check=None) for e in found]
        return tuple(found)

    def evidence(self, people: tuple[_Person, ...], about: Circumstances) -> Evidence:
        """Return all that the gate is shown."""
        key = self.meeting.vault_key
        assert key is not None
        named = tuple((index, said) for index, (_, inside, said) in enumerate(people) if inside)
        found = Evidence(
            meeting_id=encode(self.meeting.id),
            charter=self.meeting.charter.body,
            room=self.meeting.room.body,
            ended_at=ENDED if about.over else None,
            retain_until=NOW if about.expired else RETAIN_UNTIL,
            destroyed_at=None,
            deletions=1 if about.deletion else 0,
            revocations=(self.act,) if about.revoked else (),
            vault_key=key.body,
            vault_key_signature=key.signature,
            key_present=about.key,
            people=tuple(
                self.said(index, said, admitted) for index, (admitted, _, said) in enumerate(people)
            ),
            certificates=(self.certificate,),
            acts=(self.armed,),
            generations=(
                self.generations(named, about.closed, about.intact) if about.recorded else ()
            ),
            log=NO_LOG,
            cooling_off=COOLING_OFF,
            retention_days=None,
            owed=0,
            now=NOW,
        )
        return logged(found)


def judge(decide: Decide, ends: Iterable[tuple[tuple[tuple[bool, Said], ...], bool]]) -> Judged:
    """Walk on from all ends; raises WrongDecision."""
    scene = Scene()
    judged = Judged()
    seen: set[tuple[tuple[_Person, ...], Circumstances]] = set()
    todo: deque[tuple[tuple[_Person, ...], Circumstances]] = deque()

    def add(people: tuple[_Person, ...], about: Circumstances) -> None:
        node = (tuple(sorted(people)), about)
        if node not in seen:
            seen.add(node)
            todo.append(node)

    for people, recorded in ends:
        for named in _headers(people, recorded):
            over = Circumstances(recorded=recorded, closed=not recorded)
            add(named, over)
            add(named, replace(over, over=False))
    while todo:
        node = todo.popleft()
        judged.states += 1
        judged.released += _check(scene, decide, *node)
        for after in _steps(*node):
            judged.transitions += 1
            add(*after)
    return judged


def _headers(
    people: tuple[tuple[bool, Said], ...], recorded: bool
) -> Iterator[tuple[_Person, ...]]:
    """Yield the people with every set of those let in that headers may name; never nobody."""
    let_in = [index for index, (admitted, _) in enumerate(people) if admitted]
    for chosen in range(1, 1 << len(let_in)) if recorded else (0,):
        named = {index for bit, index in enumerate(let_in) if chosen >> bit & 1}
        yield tuple((adm, index in named, said) for index, (adm, said) in enumerate(people))


def _steps(
    people: tuple[_Person, ...], about: Circumstances
) -> Iterator[tuple[tuple[_Person, ...], Circumstances]]:
    if not about.over:
        return  # the walk of the capture rule goes on from there
    for index, (admitted, named, said) in enumerate(people):
        for will in WILLS[said]:
            if will is not said:
                changed = (admitted, named, will)
                yield (*people[:index], changed, *people[index + 1 :]), about
    if about.recorded and not about.closed:
        yield people, replace(about, closed=True)
    if about.recorded and about.closed:
        yield people, replace(about, intact=not about.intact)
    if _took_back(people):
        if about.key:
            yield people, replace(about, key=False)
        elif not about.deletion:
            yield people, replace(about, deletion=True)
    if not about.expired:
        yield people, replace(about, expired=True)
    # Nothing else matters to it, nor it to anything else: it is tried where all else is well.
    if replace(about, revoked=True) == Circumstances(recorded=about.recorded, revoked=True):
        yield people, replace(about, revoked=True)


def _took_back(people: tuple[_Person, ...]) -> int:
    """Count who has taken something back, of those whose words count: who were ever let in."""
    return sum(adm and said in (Said.ONCE_WITHDREW, Said.WITHDRAWN) for adm, _, said in people)


def _is_recorded(turn: int, index: int) -> bool:
    """Whether the second header has somebody whom it names as present; both have the first."""
    return turn == 0 or index % 2 == 0


def _is_against_somebodys_will(people: tuple[_Person, ...]) -> bool:
    """Whether a header has somebody present who had never said yes to being recorded."""
    named = [(index, said) for index, (_, inside, said) in enumerate(people) if inside]
    return any(
        _is_recorded(turn, index)
        and not any(recording is Will.YES for recording, _ in CHAINS[said])
        for turn, (index, said) in enumerate(named)
    )


def _check_eraser(scene: Scene, evidence: Evidence, people: tuple[_Person, ...]) -> None:
    """Ask the eraser what was taken back, with everyone found as the gate finds them."""
    headers = [parse_generation(each.header) for each in evidence.generations]
    records = evidence.log.records
    counted = everyone(
        evidence.people, headers, meeting_history.admitted(evidence.meeting_id, records)
    )
    found = taken_back(scene.meeting.charter, evidence.people, counted)
    if len({answer.person for answer in found.answers}) != _took_back(people):
        raise WrongDecision(f"taken back by {found.answers}: {people}")


def _check(scene: Scene, decide: Decide, people: tuple[_Person, ...], about: Circumstances) -> bool:
    """Ask the gate, and compare; True where it releases."""
    evidence = scene.evidence(people, about)
    decision = decide(evidence)
    _check_eraser(scene, evidence, people)
    promised = reasons(about, [said for admitted, _, said in people if admitted])
    if about.recorded and _is_against_somebodys_will(people):
        promised["bad-evidence"] += 0
    # That nobody was let in is no reason of its own: then nothing was recorded either.
    if isinstance(decision, Release):
        if promised:
            raise WrongDecision(f"released, although {dict(promised)}: {people}, {about}")
        if decision.ready_at < RECEIVED + COOLING_OFF:
            raise WrongDecision("released before it has cooled off")
        return True
    found = {str(reason.code): reason.count for reason in decision.reasons}
    wrong = found.keys() != promised.keys() or any(
        found[code] != count for code, count in promised.items() if count
    )
    if not promised or wrong:
        raise WrongDecision(f"blocked for {found}, promised {dict(promised)}: {people}, {about}")
    return False


def summary(walked: Walked, judged: Judged) -> str:
    """Say how far both walks have come."""
    return (
        f"capture: {walked.states:,} states, {walked.transitions:,} transitions, "
        f"{walked.refusals:,} refusals; "
        f"gate: {judged.states:,} states, {judged.transitions:,} transitions, "
        f"{judged.released:,} released"
    )


def meaning(answer: Answer | None, ever: bool) -> Said:
    """Return the class that somebody's last answer belongs to."""
    recording = Will.UNANSWERED if answer is None else answer.recording
    training = Will.UNANSWERED if answer is None else answer.training
    if ever:
        return Said.ONCE_WITHDREW if recording is Will.YES else Said.WITHDRAWN
    if recording is not Will.YES:
        return Said.NO if training is Will.NO else Said.NOTHING
    return {Will.YES: Said.BOTH, Will.NO: Said.RECORD_ONLY}.get(training, Said.RECORD)


@contextmanager
def remembered(gate: ModuleType) -> Iterator[None]:
    """Have the gate verify what it has verified before, byte for byte, only once."""
    places: list[tuple[Any, str]] = [
        (gate.charters, "parse"),
        (gate.vault_keys, "verify"),
        (gate, "parse_generation"),
        (generation_chain, "parse_generation"),
        (gate, "verify_generation_closing"),
        (generation_review, "verify_generation_closing"),
        (verified_statements, "verify_certificate"),
        (verified_statements, "verify_act"),
        (suite, "verify"),
        (gate.statement, "verify_enrolment"),
        (gate.statement, "verify_chained"),
        (gate.meeting_history.entries, "parse"),
    ]
    real = [getattr(owner, name) for owner, name in places]
    for (owner, name), function in zip(places, real, strict=True):
        setattr(owner, name, _memoised(function))
    try:
        yield
    finally:
        for (owner, name), function in zip(places, real, strict=True):
            setattr(owner, name, function)


def _memoised(function: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[Any, Any] = {}

    def call(*arguments: Any) -> Any:
        # A document that was read is its exact bytes; its digest stands for it.
        key = tuple(getattr(argument, "digest", argument) for argument in arguments)
        if key not in known:
            known[key] = function(*arguments)
        return known[key]

    return call
