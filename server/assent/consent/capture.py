"""The capture rule of one meeting: may we capture now?

Theory of operation
-------------------

:class:`Capture` is everything the rule needs to know, and it is immutable. :func:`advance` takes
it and one event, and returns the next one together with the effects the shell has to carry out.
There is no other way to change it, and no input beside the event.

Capture runs exactly while *all* of these hold (:func:`may_capture`):

- the meeting is recordable and not over,
- the host has armed the recording,
- storage works, as far as we know,
- somebody present can be reached, and
- every present person agrees. *Present* is: admitted, and not departed; a person whose connection
  was lost is present until the shell's grace time is over.

A recording is a row of epochs, each with a constant set of present people. After every event the
rule is asked again, and what runs is compared with what should run; a difference stops the capture
*first*, and only then is anything else done. An epoch that should run is first OPENING, while its
keys are made durable, and captures nothing; only :class:`~assent.consent.events.EpochReady` for
that very epoch starts the capture. Whatever is not expected leaves us not capturing.

========== ============================================ =====================
phase      meaning                                      captured
========== ============================================ =====================
OFF        not armed                                    nothing
PAUSED     armed, but the rule says no                  nothing
OPENING    the rule says yes, the epoch is not durable  nothing
RECORDING  the rule says yes, the epoch is durable      what arrives
OVER       the meeting has ended                        nothing, ever again
========== ============================================ =====================

:data:`TABLE` says which events are legal in which phase. An illegal one raises :class:`Illegal` and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from assent.consent.effects import (
    Announce,
    CloseEpoch,
    CutOff,
    Effect,
    LetIn,
    OpenEpoch,
    StartCapture,
    StopCapture,
)
from assent.consent.events import (
    Aged,
    Armed,
    Disarmed,
    EpochFailed,
    EpochReady,
    Event,
    MeetingEnded,
    PersonAdmitted,
    PersonAnswered,
    PersonConnected,
    PersonDeparted,
    PersonDisconnected,
    StorageBack,
    StorageFailed,
)


class Illegal(Exception):
    """An event that cannot happen in this state; the state is unchanged."""


class Phase(Enum):
    """Where the recording of a meeting stands; see the table at the top."""

    OFF = "off"
    PAUSED = "paused"
    OPENING = "opening"
    RECORDING = "recording"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CapturedEpoch:
    """The epoch that is opening or running, and who is in it."""

    number: int
    present: frozenset[str]
    durable: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """All that the rule knows of one meeting.

    ``present``, ``agreed`` and ``reachable`` are sets of persons; the latter two are subsets of the
    first. ``last`` is the number of the last epoch that was ever begun, 0 for none.
    """

    recordable: bool
    armed: bool = False
    over: bool = False
    healthy: bool = True
    present: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()
    reachable: frozenset[str] = frozenset()
    last: int = 0
    epoch: CapturedEpoch | None = None

    @property
    def phase(self) -> Phase:
        """Where the recording stands."""
        if self.over:
            return Phase.OVER
        if not self.armed:
            return Phase.OFF
        if self.epoch is None:
            return Phase.PAUSED
        return Phase.RECORDING if self.epoch.durable else Phase.OPENING


def opened(*, recordable: bool, last: int = 0) -> Capture:
    """Begin, or begin again after a restart, with nobody present and nothing armed.

    ``last`` is the number of the last epoch that any earlier run may have begun.
    """
    return Capture(recordable=recordable, last=last)


def may_capture(state: Capture) -> bool:
    """Whether the rule allows to capture right now."""
    return (
        state.recordable
        and not state.over
        and state.armed
        and state.healthy
        and bool(state.reachable)
        and state.present == state.agreed
    )


def advance(state: Capture, event: Event) -> tuple[Capture, tuple[Effect, ...]]:
    """Take one event into account.

    Returns the next state and what the shell must do, in order. Raises :class:`Illegal`, and
    changes nothing, where ``event`` cannot happen in ``state``.
    """
    legal = TABLE.get(type(event))
    if legal is None or state.phase not in legal.phases:
        raise Illegal(f"{type(event).__name__} in phase {state.phase.value}")
    facts = legal.apply(state, event)
    return _settle(state, facts, event)


def _settle(before: Capture, facts: Capture, event: Event) -> tuple[Capture, tuple[Effect, ...]]:
    """Compare what runs with what the rule says about the new facts."""
    effects: list[Effect] = []
    after = facts
    running = facts.epoch
    if running is not None and (not may_capture(facts) or running.present != facts.present):
        after = replace(after, epoch=None)
    if before.epoch is not None and after.epoch is None:
        effects += [StopCapture(), CloseEpoch(before.epoch.number)]
    if isinstance(event, PersonDeparted):
        effects.append(CutOff(event.person))
    elif isinstance(event, MeetingEnded):
        effects += [CutOff(person) for person in sorted(before.present)]
    elif isinstance(event, PersonAdmitted):
        # After StopCapture: their media must not reach a capture they have not agreed to.
        effects.append(LetIn(event.person))
    if after.epoch is None and may_capture(after):
        number = after.last + 1
        after = replace(after, last=number, epoch=CapturedEpoch(number, after.present))
        effects.append(OpenEpoch(number, after.present))
    if after.epoch is not None and after.epoch.durable and not _durable(before, after.epoch.number):
        effects.append(StartCapture(after.epoch.number))
    if after != before:
        effects.append(Announce())
    return after, tuple(effects)


def _durable(state: Capture, number: int) -> bool:
    return state.epoch is not None and state.epoch.number == number and state.epoch.durable


def _admitted(state: Capture, event: PersonAdmitted) -> Capture:
    if event.person in state.present:
        raise Illegal("Admitted twice")
    person = {event.person}
    return replace(
        state,
        present=state.present | person,
        agreed=state.agreed | person if event.agrees else state.agreed,
    )


def _departed(state: Capture, event: PersonDeparted) -> Capture:
    _must_be_present(state, event.person)
    person = {event.person}
    return replace(
        state,
        present=state.present - person,
        agreed=state.agreed - person,
        reachable=state.reachable - person,
    )


def _connected(state: Capture, event: PersonConnected) -> Capture:
    _must_be_present(state, event.person)
    return replace(state, reachable=state.reachable | {event.person})


def _disconnected(state: Capture, event: PersonDisconnected) -> Capture:
    _must_be_present(state, event.person)
    return replace(state, reachable=state.reachable - {event.person})


def _answered(state: Capture, event: PersonAnswered) -> Capture:
    _must_be_present(state, event.person)
    person = {event.person}
    return replace(state, agreed=state.agreed | person if event.agrees else state.agreed - person)


def _armed(state: Capture, _: Armed) -> Capture:
    if not state.recordable:
        raise Illegal("Armed in a meeting that is not recordable")
    return replace(state, armed=True)


def _disarmed(state: Capture, _: Disarmed) -> Capture:
    return replace(state, armed=False)


def _epoch_ready(state: Capture, event: EpochReady) -> Capture:
    epoch = state.epoch
    if epoch is None or epoch.number != event.number:
        return state  # late news of an epoch that was given up while it opened
    return replace(state, epoch=replace(epoch, durable=True))


def _epoch_failed(state: Capture, event: EpochFailed) -> Capture:
    epoch = state.epoch
    if epoch is None or epoch.number != event.number:
        return state
    return replace(state, healthy=False)


def _aged(state: Capture, event: Aged) -> Capture:
    epoch = state.epoch
    if epoch is None or epoch.number != event.number:
        return state
    return replace(state, epoch=None)


def _storage_failed(state: Capture, _: StorageFailed) -> Capture:
    return replace(state, healthy=False)


def _storage_back(state: Capture, _: StorageBack) -> Capture:
    return replace(state, healthy=True)


def _ended(state: Capture, _: MeetingEnded) -> Capture:
    nobody: frozenset[str] = frozenset()
    return replace(state, over=True, armed=False, present=nobody, agreed=nobody, reachable=nobody)


def _must_be_present(state: Capture, person: str) -> None:
    if person not in state.present:
        raise Illegal("an event of a person who is not present")


@dataclass(frozen=True, slots=True)
class _Legal:
    """The phases an event may come in, and what it changes."""

    phases: frozenset[Phase]
    apply: Callable[[Capture, Any], Capture]


_LIVE = frozenset({Phase.OFF, Phase.PAUSED, Phase.OPENING, Phase.RECORDING})
_ANY = frozenset(Phase)  # work that was begun may report back at any later time

TABLE: dict[type[Event], _Legal] = {
    PersonAdmitted: _Legal(_LIVE, _admitted),
    PersonDeparted: _Legal(_LIVE, _departed),
    PersonConnected: _Legal(_LIVE, _connected),
    PersonDisconnected: _Legal(_LIVE, _disconnected),
    PersonAnswered: _Legal(_LIVE, _answered),
    Armed: _Legal(frozenset({Phase.OFF}), _armed),
    Disarmed: _Legal(_LIVE - {Phase.OFF}, _disarmed),
    EpochReady: _Legal(_ANY, _epoch_ready),
    EpochFailed: _Legal(_ANY, _epoch_failed),
    Aged: _Legal(_ANY, _aged),
    StorageFailed: _Legal(_ANY, _storage_failed),
    StorageBack: _Legal(_ANY, _storage_back),
    MeetingEnded: _Legal(_LIVE, _ended),
}
