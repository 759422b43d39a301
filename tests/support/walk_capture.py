"""Walks every state that the capture rule can get into, with up to four people, and looks at each.

Theory of operation. A :class:`_Node` is what really is (who is present, what each has said, what
the store does) together with the state of the real rule and what its effects have made of a
recorder. From each node every event that can happen is fed to the real
:func:`assent.consent.advance`, breadth first; after each step the promises are checked against what
really is, and events that cannot happen are checked to be refused.

Why this covers everything, although the orders of events are without number:

- People are interchangeable. The rule treats them as opaque names, which ``test_walk`` checks, so
  two nodes that differ by a renaming behave alike, and one is walked.
- Epochs are interchangeable. The rule only adds one to the last number and compares numbers for
  being equal, so they count from the epoch that is open; also checked by ``test_walk``.
- Of what a person has said only :class:`~support.promises.Said` matters to any promise, and all
  that belongs to one of these classes leads to the same classes; ``test_walk`` checks it on real
  statements.

What is left is finite, and is walked to its end. The rule is pure, so it is called once for each of
its own states and each event, and not again for every node that shares them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from assent.consent import (
    Aged,
    Announce,
    Armed,
    Capture,
    CapturedEpoch,
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
    StartCapture,
    StopCapture,
    StorageBack,
    StorageFailed,
    opened,
)
from support.promises import WILLS, Said, may_capture

Rule = Callable[[Capture, Event], tuple[Capture, tuple[Effect, ...]]]

NAMES = "abcd"
OUTSIDE, REACHED, LOST, LEFT = range(4)  # LOST: present, but their connection is gone


class BrokenPromise(AssertionError):
    """The rule did what must never be; the message tells what, and after which events."""


@dataclass(slots=True)
class Walked:
    """How far a walk has come.

    ``ends`` has, for each end, who was let in with what each has said, and whether anything was
    recorded.
    """

    states: int = 0
    transitions: int = 0
    refusals: int = 0
    ends: set[tuple[tuple[tuple[bool, Said], ...], bool]] = field(default_factory=set)


# A person: where they are, what they said, and whether they are in the open epoch.
_Person = tuple[int, Said, bool]
# Of everybody else: armed, over, stores, epoch (0 none, 1 opening, 2 ready), captures, recorded.
_Rest = tuple[bool, bool, bool, int, bool, bool]


@dataclass(slots=True)
class _Node:
    people: tuple[_Person, ...]
    rest: _Rest
    rule: Capture


def walk(rule: Rule, people: int, *, recordable: bool = True) -> Walked:
    """Walk everything that can happen with so many people; raises BrokenPromise with a trace."""
    return _Walk(rule, people, recordable).run()


class _Walk:
    def __init__(self, rule: Rule, people: int, recordable: bool) -> None:
        self._rule = rule
        self._people = NAMES[:people]
        self._recordable = recordable
        self._known: dict[Capture, dict[Event, tuple[Capture, tuple[Effect, ...]] | None]] = {}
        self._came: dict[object, tuple[object, str]] = {}
        self.walked = Walked()

    def run(self) -> Walked:
        nobody = tuple((OUTSIDE, Said.NOTHING, False) for _ in self._people)
        first = _Node(
            nobody,
            (False, False, True, 0, False, False),
            opened(recordable=self._recordable),
        )
        key = self._canonical(first)
        seen = {key: (None, "")}
        self._came = seen  # type: ignore[assignment]
        todo = deque([(key, first)])
        while todo:
            at, node = todo.popleft()
            self.walked.states += 1
            if node.rest[1]:
                ever = tuple(sorted((p[0] != OUTSIDE, p[1]) for p in node.people))
                self.walked.ends.add((ever, node.rest[5]))
            for what, after in self._steps(at, node):
                self.walked.transitions += 1
                key = self._canonical(after)
                if key not in seen:
                    seen[key] = (at, what)  # type: ignore[assignment]
                    todo.append((key, self._renamed(after)))
        return self.walked

    # Names do not matter, and neither do numbers.

    def _order(self, node: _Node) -> list[int]:
        rule = node.rule
        inside = rule.epoch.present if rule.epoch else frozenset()

        def place(index: int) -> tuple[object, ...]:
            name = self._people[index]
            known = (name in rule.present, name in rule.agreed, name in rule.reachable)
            return (*node.people[index], *known, name in inside)

        return sorted(range(len(self._people)), key=place)

    def _renamed(self, node: _Node) -> _Node:
        """Return the node with people in order, and the open epoch as number 1."""
        order = self._order(node)
        names = {self._people[old]: self._people[new] for new, old in enumerate(order)}

        def rename(people: frozenset[str]) -> frozenset[str]:
            return frozenset(names[name] for name in people)

        old = node.rule
        epoch = None
        if old.epoch is not None:
            epoch = CapturedEpoch(1, rename(old.epoch.present), old.epoch.durable)
        rule = Capture(
            recordable=old.recordable,
            armed=old.armed,
            over=old.over,
            healthy=old.healthy,
            present=rename(old.present),
            agreed=rename(old.agreed),
            reachable=rename(old.reachable),
            last=1 if epoch is not None else 0,
            epoch=epoch,
        )
        return _Node(tuple(node.people[index] for index in order), node.rest, rule)

    def _canonical(self, node: _Node) -> object:
        renamed = self._renamed(node)
        return renamed.people, renamed.rest, renamed.rule

    # What can happen, and what the rule makes of it.

    def _ask(self, rule: Capture, event: Event) -> tuple[Capture, tuple[Effect, ...]] | None:
        """Return what the real rule says to an event; None where it refuses it."""
        answers = self._known.setdefault(rule, {})
        if event not in answers:
            try:
                answers[event] = self._rule(rule, event)
            except Illegal:
                answers[event] = None
        return answers[event]

    def _steps(self, at: object, node: _Node) -> Iterator[tuple[str, _Node]]:
        """Yield every event that can happen, with the node that it leads to."""
        armed, over, _, _, _, _ = node.rest
        for index, person in enumerate(node.people):
            alike = index > 0 and person == node.people[index - 1]
            yield from self._of_person(at, node, index, person, alike=alike)
        live: list[tuple[Event, bool]] = [
            (Armed(), not over and not armed and self._recordable),
            (Disarmed(), not over and armed),
            (MeetingEnded(), not over),
        ]
        # Work that was begun may report back at any time, also about an epoch that is gone.
        number = node.rule.last
        for stale in (number, number - 1, number + 1):
            live += [(kind(stale), True) for kind in (EpochReady, EpochFailed, Aged)]
        live += [(StorageFailed(), True), (StorageBack(), True)]
        for event, possible in live:
            yield from self._feed(at, node, event, possible=possible)
        if not over:
            yield "restart", self._restarted(node)

    def _of_person(
        self, at: object, node: _Node, index: int, person: _Person, *, alike: bool
    ) -> Iterator[tuple[str, _Node]]:
        where, said, inside = person
        over = node.rest[1]
        here = where in (REACHED, LOST)
        name = self._people[index]
        for event, possible, becomes in (
            (PersonAdmitted(name, said.agrees), not over and not here, LOST),
            (PersonDeparted(name), here, LEFT),
            (PersonConnected(name), here, REACHED),
            (PersonDisconnected(name), here, LOST),
        ):
            if alike and possible:
                continue  # what one of two does that are alike, the other would
            changed = _with(node.people, index, (becomes, said, inside))
            yield from self._feed(at, node, event, possible=possible, people=changed)
        if not here:
            yield from self._feed(at, node, PersonAnswered(name, True), possible=False)
        if alike:
            return
        for will in WILLS[said]:
            changed = _with(node.people, index, (where, will, inside))
            if here:
                answered = PersonAnswered(name, will.agrees)
                yield from self._feed(at, node, answered, possible=True, people=changed)
            elif will is not said and not over:
                # At the door, or from the receipt link; nothing that the rule hears of.
                yield f"{name} says {will.name}", _Node(changed, node.rest, node.rule)

    def _restarted(self, node: _Node) -> _Node:
        """The server dies and comes back: everybody has to come in again, nothing is armed."""
        people = tuple((OUTSIDE if w == OUTSIDE else LEFT, s, False) for w, s, _ in node.people)
        rule = opened(recordable=self._recordable, last=node.rule.last)
        return _Node(people, (False, False, True, 0, False, node.rest[5]), rule)

    def _feed(
        self,
        at: object,
        node: _Node,
        event: Event,
        *,
        possible: bool,
        people: tuple[_Person, ...] | None = None,
    ) -> Iterator[tuple[str, _Node]]:
        answer = self._ask(node.rule, event)
        if not possible:
            if answer is not None:
                self._broken(at, event, "an event that cannot happen is taken for one that did")
            self.walked.refusals += 1
            return
        if answer is None:
            self._broken(at, event, "the rule refuses what can happen")
            return
        try:
            after = self._carry_out(node, event, people or node.people, *answer)
        except BrokenPromise as promise:
            self._broken(at, event, str(promise))
        else:
            yield str(event), after

    # What the effects come to, and whether that may be.

    def _carry_out(
        self,
        node: _Node,
        event: Event,
        people: tuple[_Person, ...],
        rule: Capture,
        effects: tuple[Effect, ...],
    ) -> _Node:
        armed, over, stores, epoch, captures, recorded = node.rest
        number = node.rule.last
        match event:
            case Armed():
                armed = True
            case Disarmed():
                armed = False
            case MeetingEnded():
                armed, over = False, True
                people = tuple((OUTSIDE if w == OUTSIDE else LEFT, s, i) for w, s, i in people)
            case EpochReady(n) if epoch and n == number:
                epoch = 2
            case EpochFailed(n) if epoch and n == number:
                stores = False
            case StorageFailed():
                stores = False
            case StorageBack():
                stores = True
        here = {self._people[i]: s for i, (w, s, _) in enumerate(people) if w in (REACHED, LOST)}
        flowing = {
            self._people[i] for i, (w, _, _) in enumerate(node.people) if w in (REACHED, LOST)
        }
        inside = {self._people[i] for i, (_, _, i_) in enumerate(people) if i_}
        announced = False
        for effect in effects:
            match effect:
                case StopCapture():
                    captures = False
                case CloseEpoch(n):
                    _promise(epoch > 0 and n == number, "an epoch is closed that is not open")
                    _promise(not captures, "an epoch is closed while it is captured")
                    epoch, inside = 0, set()
                case OpenEpoch(n, present):
                    _promise(epoch == 0, "an epoch is opened beside another")
                    _promise(n > number, "the number of an epoch is used again")
                    number, epoch, inside = n, 1, set(present)
                case StartCapture(n):
                    _promise(epoch == 2 and n == number, "capture before the keys are durable")
                    captures = recorded = True
                case LetIn(person):
                    flowing.add(person)
                    _promise(
                        not captures or person in inside,
                        "media flows into a capture of somebody who is not in its epoch",
                    )
                case CutOff(person):
                    flowing.discard(person)
                case Announce():
                    announced = True
            if captures:
                _promise(flowing <= inside, "media is captured of somebody who is not in the epoch")
        may = may_capture(
            recordable=self._recordable,
            armed=armed,
            over=over,
            stores=stores,
            reached=any(w == REACHED for w, _, _ in people),
            present=here.values(),
        )
        _promise(not captures or may, "captured although not everybody agrees, or it must not be")
        _promise(epoch == 0 or may, "an epoch is open that must not be")
        _promise(epoch == 0 or inside == set(here), "the epoch names others than are present")
        _promise(epoch != 2 or captures, "an epoch is durable, and not captured")
        _promise(not may or epoch > 0, "everybody agrees, and nothing is recorded")
        _promise(flowing == set(here), "media flows of others than are present")
        _promise(captures == (rule.phase.value == "recording"), "what is shown is not what is")
        _promise(rule.over == over, "over is not over")
        _promise(announced or rule.phase == node.rule.phase, "a change that nobody is told of")
        final = tuple(
            (w, s, self._people[index] in inside) for index, (w, s, _) in enumerate(people)
        )
        return _Node(final, (armed, over, stores, epoch, captures, recorded), rule)

    def _broken(self, at: object, event: Event, what: str) -> None:
        steps = [str(event)]
        while True:
            before, step = self._came[at]
            if before is None:
                break
            steps.append(step)
            at = before
        raise BrokenPromise(f"{what}: {' → '.join(reversed(steps))}")


def _with(people: tuple[_Person, ...], index: int, person: _Person) -> tuple[_Person, ...]:
    return (*people[:index], person, *people[index + 1 :])


def _promise(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenPromise(what)
