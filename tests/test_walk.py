"""Every reachable order of events, for a few people, through the real rule and the real gate.

``make walk`` does it for four people, which takes minutes; here three have to do. That the walk can
fail is shown by rules and gates with one thing changed. What it takes to be alike, and so walks
once, is shown to be alike here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import pytest

from assent.consent import (
    Armed,
    Capture,
    Effect,
    EpochReady,
    Event,
    Illegal,
    LetIn,
    MeetingEnded,
    PersonAdmitted,
    PersonAnswered,
    PersonConnected,
    PersonDeparted,
    StopCapture,
    advance,
    opened,
)
from assent_vault.errors import VaultError
from assent_vault.formats import statement, suite
from assent_vault.formats.statement import Answer, Will
from assent_vault.release import gate
from assent_vault.release.decision import Blocked, Code, Reason, Release
from assent_vault.release.evidence import Evidence
from support.people import Person, Signed
from support.promises import WILLS, Circumstances, Said, reasons
from support.releasable import logged
from support.walk_capture import BrokenPromise, walk
from support.walk_gate import (
    Scene,
    WrongDecision,
    judge,
    meaning,
    remembered,
    summary,
)


def every_order(people: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Walk everything, and return how many states and transitions there were, of rule and gate."""
    walked = walk(advance, people)
    with remembered(gate):
        judged = judge(gate.decide, walked.ends)
    print(f"\n{summary(walked, judged)}")
    assert 0 < judged.released < judged.states / 100
    return (walked.states, walked.transitions), (judged.states, judged.transitions)


# As many as there are: fewer would mean that something is not walked any more.


def test_every_order_of_events_for_two_people() -> None:
    assert every_order(2) == ((3_296, 74_328), (2_916, 16_823))


def test_every_order_of_events_for_three_people() -> None:
    assert every_order(3) == ((33_454, 911_929), (28_478, 239_430))


def test_what_is_not_recordable_is_never_captured() -> None:
    walked = walk(advance, 2, recordable=False)
    assert walked.states > 100
    assert not any(recorded for _, recorded in walked.ends)


# The walk can fail.


def agreeing(state: Capture, event: Event) -> Event:
    """Nobody is ever heard to say no."""
    return (
        replace(event, agrees=True)
        if isinstance(event, (PersonAdmitted, PersonAnswered))
        else event
    )


def changed(
    before: Callable[[Capture, Event], Event] = lambda _, event: event,
    after: Callable[[Capture, tuple[Effect, ...]], tuple[Effect, ...]] = lambda _, effects: effects,
) -> Callable[[Capture, Event], tuple[Capture, tuple[Effect, ...]]]:
    """Return the rule with something done to what goes in, or comes out."""

    def rule(state: Capture, event: Event) -> tuple[Capture, tuple[Effect, ...]]:
        found, effects = advance(state, before(state, event))
        return found, after(found, effects)

    return rule


def let_in_first(_: Capture, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    return tuple(sorted(effects, key=lambda effect: not isinstance(effect, LetIn)))


def without(kind: type[Effect]) -> Callable[[Capture, tuple[Effect, ...]], tuple[Effect, ...]]:
    return lambda _, effects: tuple(e for e in effects if not isinstance(e, kind))


def any_epoch(state: Capture, event: Event) -> Event:
    """Late news of another epoch is taken for news of this one."""
    if isinstance(event, EpochReady) and state.epoch is not None:
        return EpochReady(state.epoch.number)
    return event


def forgiving(state: Capture, event: Event) -> tuple[Capture, tuple[Effect, ...]]:
    try:
        return advance(state, event)
    except Illegal:
        return state, ()


def most_agree(state: Capture, event: Event) -> tuple[Capture, tuple[Effect, ...]]:
    """One no among several is passed over."""
    if isinstance(event, PersonAnswered) and len(state.agreed) > 1:
        return state, ()
    return advance(state, event)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (changed(before=agreeing), "open that must not be"),
        (changed(after=let_in_first), "somebody who is not in its epoch"),
        (changed(after=without(StopCapture)), "while it is captured"),
        (changed(before=any_epoch), "before the keys are durable"),
        (forgiving, "cannot happen"),
        (most_agree, "open that must not be"),
    ],
)
def test_a_rule_that_breaks_a_promise_is_found(
    rule: Callable[[Capture, Event], tuple[Capture, tuple[Effect, ...]]], why: str
) -> None:
    with pytest.raises(BrokenPromise, match=why):
        walk(rule, 2)


def lenient(*codes: Code) -> Callable[[Evidence], Release | Blocked]:
    """Return a gate that passes over some reasons."""

    def decide(evidence: Evidence) -> Release | Blocked:
        decision = gate.decide(evidence)
        if isinstance(decision, Release):
            return decision
        left = tuple(reason for reason in decision.reasons if reason.code not in codes)
        return Blocked(left) if left else Release(b"", RECEIVED_LATE)

    return decide


RECEIVED_LATE = 10**15
WALKED = (
    Code.NOT_OVER,
    Code.RECORDING_OPEN,
    Code.NOTHING_RECORDED,
    Code.SEGMENTS_DAMAGED,
    Code.DESTROYED,
    Code.RETENTION_OVER,
    Code.VAULT_KEY_MISSING,
    Code.NOT_ANSWERED,
    Code.REFUSED,
    Code.WITHDRAWN,
)


@pytest.mark.parametrize("code", WALKED)
def test_a_gate_that_passes_over_something_is_found(code: Code) -> None:
    ends = walk(advance, 1).ends
    with remembered(gate):
        judge(gate.decide, ends)
        with pytest.raises(WrongDecision):
            judge(lenient(code), ends)


def test_a_gate_that_asks_too_much_is_found() -> None:
    with remembered(gate), pytest.raises(WrongDecision):
        judge(lambda _: Blocked((Reason(Code.NOT_OVER, 0),)), walk(advance, 1).ends)


# What is taken to be alike is alike.


def some_states(dice: random.Random, count: int) -> list[tuple[Capture, Event]]:
    """Return states that a rule gets into, each with what comes next, all of it drawn at random."""
    found: list[tuple[Capture, Event]] = []
    while len(found) < count:
        state = opened(recordable=True, last=dice.randrange(3))
        for _ in range(25):
            name = dice.choice("abcd")
            event: Event = dice.choice(
                [
                    PersonAdmitted(name, dice.random() < 0.8),
                    PersonConnected(name),
                    PersonAnswered(name, dice.random() < 0.8),
                    PersonDeparted(name),
                    Armed(),
                    EpochReady(state.last),
                ]
                + [MeetingEnded()] * (dice.random() < 0.1)
            )
            found.append((state, event))
            try:
                state, _ = advance(state, event)
            except Illegal:
                continue
    return found


def renamed(thing: Any, names: dict[str, str], shift: int = 0) -> Any:
    """Return a state, an event or effects with other names and epoch numbers."""
    match thing:
        case tuple():
            return tuple(renamed(each, names, shift) for each in thing)
        case frozenset():
            return frozenset(names[each] for each in thing)
        case str():
            return names[thing]
    changes = {}
    for field in getattr(thing, "__dataclass_fields__", ()):
        value = getattr(thing, field)
        if field in ("number", "last"):
            changes[field] = value + shift
        elif not isinstance(value, bool):
            changes[field] = renamed(value, names, shift)
    return replace(thing, **changes) if changes else thing


def outcome(state: Capture, event: Event) -> tuple[Capture, frozenset[Effect], list[type]] | None:
    """Return what the rule makes of it; of several who are cut off at once the order is free."""
    try:
        after, effects = advance(state, event)
    except Illegal:
        return None
    return after, frozenset(effects), [type(effect) for effect in effects]


def test_the_rule_knows_neither_names_nor_numbers() -> None:
    everybody = [dict(zip("abcd", order, strict=True)) for order in permutations("abcd")]
    dice = random.Random(1)
    for state, event in some_states(dice, 3000):
        names, shift = dice.choice(everybody), dice.randrange(1, 9)
        expected = outcome(state, event)
        found = outcome(renamed(state, names, shift), renamed(event, names, shift))
        if expected is None:
            assert found is None
        else:
            after, effects, kinds = expected
            assert found == (
                renamed(after, names, shift),
                frozenset(renamed(effect, names, shift) for effect in effects),
                kinds,
            )


def test_the_classes_are_those_of_real_statements() -> None:
    """One person says all that may be said: what follows what, and what the gate makes of it."""
    scene = Scene()
    person = scene.people[0]
    enrolment, charter = person.enrolment, scene.meeting.charter
    assert enrolment is not None
    seen = {(Will.UNANSWERED, Will.UNANSWERED, False)}
    todo: list[tuple[list[Signed], Answer | None, bool]] = [([], None, False)]
    leads: dict[Said, set[Said]] = {said: set() for said in Said}
    accepted = 0
    while todo:
        chain, last, ever = todo.pop(0)
        here = meaning(last, ever)
        yes = [one for one in chain if statement.parse_answer(one.body).recording is Will.YES]
        named = (yes or chain[-1:])[:1]
        answer = suite.digest(named[0].body) if named else None
        evidence = logged(
            replace(
                scene.evidence(((True, True, Said.BOTH),), Circumstances()),
                people=(scene.person(0, chain, admitted=True),),
                generations=scene.recorded(
                    [person.in_generation(answer=answer)], closed=True, intact=True
                ),
            )
        )
        decision = gate.decide(evidence)
        promised = reasons(Circumstances(), [here])
        if not yes:
            promised["bad-evidence"] += 0  # nobody is recorded who has never said yes to it
        assert isinstance(decision, Release) == (here is Said.BOTH)
        if isinstance(decision, Blocked):
            assert {str(reason.code) for reason in decision.reasons} == set(promised)
        reached = set()
        for recording, training in product(Will, Will):
            speaker = Person(person.charter, person.vault_key, person.seed)
            speaker.enrolment, speaker.last = enrolment, last
            sealed = speaker.grant() if training is Will.YES else None
            said = speaker.raw_answer(recording, training, sealed=sealed)
            try:
                answer = statement.verify_answer(
                    said.body, said.signature, enrolment, charter, last, said.sealed
                )
            except VaultError:
                continue
            accepted += 1
            withdrew = ever or Will.WITHDRAWN in (recording, training)
            reached.add(meaning(answer, withdrew))
            if (recording, training, withdrew) not in seen:
                seen.add((recording, training, withdrew))
                todo.append(([*chain, said], answer, withdrew))
        # Every member of a class leads to the same classes; so the class may stand for it.
        assert reached | {here} == set(WILLS[here]), here
        leads[here] |= reached
    assert all(leads[said] for said in Said)
    print(f"\n{len(seen)} things to have said, {accepted} ways from one to the next")
    assert (len(seen), accepted) == (14, 68)
