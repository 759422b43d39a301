"""The capture rule: every order of events for a few people, and what must hold after each."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from assent.consent import (
    Aged,
    Announce,
    Armed,
    Capture,
    CloseEpoch,
    CutOff,
    Disarmed,
    Effect,
    EpochFailed,
    EpochReady,
    Event,
    Illegal,
    LetIn,
    MeetingEnded,
    OpenEpoch,
    PersonAdmitted,
    PersonAnswered,
    PersonConnected,
    PersonDeparted,
    PersonDisconnected,
    Phase,
    StartCapture,
    StopCapture,
    StorageBack,
    StorageFailed,
    advance,
    may_capture,
    opened,
)


def run(state: Capture, *events: Event) -> tuple[Capture, list[Effect]]:
    effects: list[Effect] = []
    for event in events:
        state, more = advance(state, event)
        effects += more
    return state, effects


def recording(*people: str) -> Capture:
    events: list[Event] = []
    for person in people:
        events += [PersonAdmitted(person, agrees=True), PersonConnected(person)]
    state, _ = run(opened(recordable=True), *events, Armed())
    assert state.epoch is not None
    state, effects = run(state, EpochReady(state.epoch.number))
    assert effects == [StartCapture(1), Announce()]
    return state


def test_nothing_is_captured_before_the_epoch_is_durable() -> None:
    state, effects = run(
        opened(recordable=True), PersonAdmitted("a", agrees=True), PersonConnected("a"), Armed()
    )
    assert state.phase is Phase.OPENING
    assert effects[-2:] == [OpenEpoch(1, frozenset("a")), Announce()]
    assert not any(isinstance(effect, StartCapture) for effect in effects)


def test_capture_stops_before_a_silent_person_is_let_in() -> None:
    state, effects = run(recording("a", "b"), PersonAdmitted("c", agrees=False))
    assert state.phase is Phase.PAUSED
    assert effects == [StopCapture(), CloseEpoch(1), LetIn("c"), Announce()]


def test_an_agreeing_newcomer_begins_a_new_epoch() -> None:
    state, effects = run(recording("a"), PersonAdmitted("b", agrees=True))
    assert state.phase is Phase.OPENING
    assert effects == [
        StopCapture(),
        CloseEpoch(1),
        LetIn("b"),
        OpenEpoch(2, frozenset("ab")),
        Announce(),
    ]


def test_a_withdrawal_stops_and_an_answer_resumes() -> None:
    state, effects = run(recording("a", "b"), PersonAnswered("b", agrees=False))
    assert effects == [StopCapture(), CloseEpoch(1), Announce()]
    state, effects = run(state, PersonAnswered("b", agrees=True))
    assert effects == [OpenEpoch(2, frozenset("ab")), Announce()]


def test_late_news_of_a_given_up_epoch_starts_nothing() -> None:
    state, _ = run(
        opened(recordable=True), PersonAdmitted("a", agrees=True), PersonConnected("a"), Armed()
    )
    state, _ = run(state, PersonAdmitted("b", agrees=False))
    state, effects = run(state, EpochReady(1))
    assert effects == []
    assert state.phase is Phase.PAUSED


def test_failing_storage_pauses_until_it_is_back() -> None:
    state, effects = run(recording("a"), StorageFailed())
    assert effects == [StopCapture(), CloseEpoch(1), Announce()]
    assert state.phase is Phase.PAUSED
    state, effects = run(state, StorageBack())
    assert effects == [OpenEpoch(2, frozenset("a")), Announce()]
    state, effects = run(state, EpochFailed(2))
    assert state.phase is Phase.PAUSED
    assert CloseEpoch(2) in effects


def test_an_aged_epoch_is_followed_by_another() -> None:
    state, effects = run(recording("a"), Aged(1))
    assert effects == [StopCapture(), CloseEpoch(1), OpenEpoch(2, frozenset("a")), Announce()]
    assert run(state, Aged(1))[1] == []


def test_nobody_reachable_means_not_capturing() -> None:
    state, effects = run(recording("a"), PersonDisconnected("a"))
    assert state.phase is Phase.PAUSED
    assert StopCapture() in effects


def test_the_end_is_the_end() -> None:
    state, effects = run(recording("a", "b"), MeetingEnded())
    assert effects == [StopCapture(), CloseEpoch(1), CutOff("a"), CutOff("b"), Announce()]
    assert not state.armed
    for event in (PersonAdmitted("c", agrees=True), Armed(), PersonConnected("a"), MeetingEnded()):
        with pytest.raises(Illegal):
            advance(state, event)


@pytest.mark.parametrize(
    "change",
    [
        {"recordable": False},
        {"over": True},
        {"armed": False},
        {"healthy": False},
        {"reachable": frozenset()},
        {"agreed": frozenset("a")},
        {"present": frozenset("abc")},
    ],
)
def test_each_condition_keeps_from_capturing_by_itself(change: dict[str, Any]) -> None:
    """Also where no order of events leads to: one condition does not lean on another."""
    state = recording("a", "b")
    assert may_capture(state)
    assert not may_capture(replace(state, **change))


def test_what_is_no_event_is_illegal() -> None:
    with pytest.raises(Illegal):
        advance(recording("a"), "EpochReady")  # type: ignore[arg-type]


def test_all_are_cut_off_in_an_order_that_is_always_the_same() -> None:
    everybody = [chr(ord("a") + number) for number in range(12)]
    _, effects = run(recording(*everybody), MeetingEnded())
    assert [effect.person for effect in effects if isinstance(effect, CutOff)] == everybody


def test_what_is_not_recordable_cannot_be_armed() -> None:
    with pytest.raises(Illegal):
        advance(opened(recordable=False), Armed())


@pytest.mark.parametrize(
    "event",
    [
        PersonDeparted("x"),
        PersonConnected("x"),
        PersonDisconnected("x"),
        PersonAnswered("x", agrees=True),
        PersonAdmitted("a", agrees=True),
        Armed(),
    ],
)
def test_an_illegal_event_changes_nothing(event: Event) -> None:
    state = recording("a")
    before = state
    with pytest.raises(Illegal):
        advance(state, event)
    assert state == before


def _events(people: str, state: Capture) -> list[Event]:
    """Every event worth trying; numbers are those of the present, the last and a stale epoch."""
    events: list[Event] = [Armed(), Disarmed(), StorageFailed(), StorageBack(), MeetingEnded()]
    for person, agrees in product(people, (True, False)):
        events += [PersonAdmitted(person, agrees), PersonAnswered(person, agrees)]
    for person in people:
        events += [PersonDeparted(person), PersonConnected(person), PersonDisconnected(person)]
    for number in {state.last, state.last - 1}:
        events += [EpochReady(number), EpochFailed(number), Aged(number)]
    return events


def _shape(state: Capture) -> Capture:
    """The state with epochs renumbered, so that the walk is finite."""
    epoch = None if state.epoch is None else replace(state.epoch, number=1)
    return replace(state, last=1, epoch=epoch)


def _check(state: Capture, event: Event, after: Capture, effects: tuple[Effect, ...]) -> None:
    """The promises, as invariants of one step."""
    # Capture runs only while everyone present agrees, and only in the set it was opened for.
    if after.epoch is not None:
        assert may_capture(after)
        assert after.epoch.present == after.present == after.agreed
    was = state.epoch is not None and state.epoch.durable
    order = [type(effect) for effect in effects]
    # What ran and runs no more was stopped, and before anybody's media was let in.
    if was and (after.epoch is None or after.epoch.number != state.epoch.number):  # type: ignore[union-attr]
        assert order[:2] == [StopCapture, CloseEpoch]
    if LetIn in order and StopCapture in order:
        assert order.index(StopCapture) < order.index(LetIn)
    # Capture starts for a durable epoch and for no other.
    if StartCapture in order:
        assert isinstance(event, EpochReady)
        assert after.epoch is not None
        assert after.epoch.durable
        assert event.number == after.epoch.number
        assert not was
    # Whoever is let in or departs is told to the media plane exactly then.
    assert (LetIn in order) == isinstance(event, PersonAdmitted)
    # The rule is not only safe: what may run does run.
    assert (after.epoch is not None) == may_capture(after)
    assert (Announce in order) == (after != state)


@pytest.mark.parametrize(("recordable", "people"), [(True, "abc"), (False, "ab")])
def test_every_order_of_events_keeps_the_promises(recordable: bool, people: str) -> None:
    start = opened(recordable=recordable, last=1)
    seen = {start}
    queue = deque(seen)
    steps = 0
    while queue:
        state = queue.popleft()
        for event in _events(people, state):
            try:
                after, effects = advance(state, event)
            except Illegal:
                continue
            steps += 1
            _check(state, event, after, effects)
            shape = _shape(after)
            if shape not in seen:
                seen.add(shape)
                queue.append(shape)
    print(f"{len(seen)} states, {steps} steps")
    if not recordable:
        assert all(state.epoch is None for state in seen)
