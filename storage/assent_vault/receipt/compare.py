"""Receipts compared with each other, and with a log: what each by itself cannot show.

FORMAT.md section 14.2. A server that shows some people another log than others, or wrote its log
anew, gives receipts of which each holds by itself. Two of them together do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

from assent_vault.errors import LogError
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import (
    Admitted,
    Adopted,
    Destroyed,
    Ended,
    Erased,
    Exported,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    MeetingCreated,
    Released,
    Revoked,
    SlotsLost,
)
from assent_vault.receipt.check import Believed
from assent_vault.receipt.course import Logged
from assent_vault.receipt.served import Served


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt that holds, and what its reader calls it."""

    name: str
    believed: Believed

    @property
    def head(self) -> Head:
        """The head that all its proofs are of."""
        return self.believed.head

    @property
    def shared(self) -> list[Logged]:
        """What is in the receipt of everybody who was let in, too."""
        return [each for each in self.believed.records if _is_shared(each)]

    @property
    def is_of_somebody_let_in(self) -> bool:
        """Whether the receipt has all that is shared; those of others have less."""
        return any(isinstance(each.record, Admitted) for each in self.believed.records)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What cannot be so in one log that only grows; ``what`` says it in a sentence."""

    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found, what was looked at, and what was not: sentences for people."""

    disagreements: tuple[Disagreement, ...]
    looked_at: tuple[str, ...]
    not_looked_at: tuple[str, ...]


_OF_EVERYBODY: Final = (
    MeetingCreated,
    HostArmed,
    GenerationOpened,
    GenerationClosed,
    Ended,
    Released,
    Exported,
    SlotsLost,
    Adopted,
    Destroyed,
)


def compare(receipts: Sequence[HeldReceipt]) -> Compared:
    """Compare each with each; every one must hold by itself, under the keys that it names."""
    found: list[Disagreement] = []
    looked_at: list[str] = []
    not_looked_at: list[str] = []
    for one, other in combinations(receipts, 2):
        names = f"{one.name} and {other.name}"
        if one.believed.log == other.believed.log:
            old, new = sorted((one, other), key=lambda held: held.head.size)
            found += _of_one_log(old, new)
            looked_at.append(_said_of(old, new, names))
            if old.head.size != new.head.size:
                not_looked_at.append(
                    f"{names}: heads of {old.head.size} and {new.head.size} entries; whether one"
                    " grew from the other was not compared. The log's tiles show it: --log."
                )
        elif _claims_both(one.believed, other.believed):
            found.append(
                Disagreement("other-log", f"{names}: one server, or one name, has two logs.")
            )
        else:
            not_looked_at.append(f"{names}: of different servers; they have nothing in common.")
    return Compared(tuple(found), tuple(looked_at), tuple(not_looked_at))


def compare_with(served: Served, receipts: Sequence[HeldReceipt]) -> Compared:
    """Compare the heads of receipts, which hold, with the log that is served; raises OSError.

    Raises LogError where it does not show what it takes to compare.
    """
    found: list[Disagreement] = []
    looked_at: list[str] = []
    logs = {held.believed.log.log for held in receipts}
    for log in logs:
        now = served.checkpoint(log).head
        heads = sorted(
            {(held.head, held.name) for held in receipts if held.believed.log.log == log},
            key=lambda each: (each[0].size, each[1]),
        )
        for old, name in heads:
            if old.size > now.size:  # there are no tiles of it
                what = _WHY["smaller"](name, old.size, served.place, now.size)
                found.append(Disagreement("smaller", what))
        known = [each for each in heads if each[0].size <= now.size] + [(now, served.place)]
        for (old, first), (new, then) in pairwise(known):
            code = _why_not_grown(served, old, new)
            if code is not None:
                found.append(Disagreement(code, _WHY[code](first, old.size, then, new.size)))
        sizes = ", ".join(str(size) for size in sorted({head.size for head, _ in known}))
        looked_at.append(
            f"{log.name}: heads of {sizes} entries; whether each grew from the one before, by the"
            f" tiles of {served.place}."
        )
    return Compared(tuple(found), tuple(looked_at), ())


def _why_not_grown(served: Served, old: Head, new: Head) -> str | None:
    if old.size == new.size:
        return None if old.root == new.root else "split-view"
    try:
        served.show_grown(old, new)
    except LogError as error:
        if error.code == "log-proof":
            return "not-grown"
        raise
    return None


def _smaller(first: str, old: int, then: str, new: int) -> str:
    return f"{first} has a head of {old} entries, but {then} has only {new}."


def _split(first: str, old: int, then: str, _new: int) -> str:
    return f"{first} and {then} have heads of {old} entries, under different roots."


def _not_grown(first: str, old: int, then: str, new: int) -> str:
    return f"The {new} entries of {then} do not begin with the {old} of {first}."


_WHY: Final[dict[str, Callable[[str, int, str, int], str]]] = {
    "smaller": _smaller,
    "split-view": _split,
    "not-grown": _not_grown,
}


def _claims_both(one: Believed, other: Believed) -> bool:
    return one.log.server == other.log.server or one.log.log.name == other.log.log.name


def _of_one_log(old: HeldReceipt, new: HeldReceipt) -> Iterator[Disagreement]:
    if old.head.size == new.head.size and old.head.root != new.head.root:
        what = _split(old.name, old.head.size, new.name, new.head.size)
        yield Disagreement("split-view", what)
    for index in sorted(old.believed.leaves.keys() & new.believed.leaves.keys()):
        if old.believed.leaves[index] != new.believed.leaves[index]:
            yield Disagreement(
                "split-view", f"Entry {index} is another one in {old.name} than in {new.name}."
            )
    if old.believed.charter.meeting != new.believed.charter.meeting:
        return
    if old.believed.charter.digest != new.believed.charter.digest:
        what = f"{old.name} and {new.name} have different charters of one meeting."
        yield Disagreement("mismatch", what)
        return
    # Of one size, neither is the older one.
    both = [(old, new), (new, old)] if old.head.size == new.head.size else [(old, new)]
    same_person = old.believed.enrolment.person == new.believed.enrolment.person
    for before, after in both:
        if same_person:
            yield from _kept(before, after, _statements(before), "Statement")
        if after.is_of_somebody_let_in:
            yield from _kept(before, after, before.shared, "Entry")


def _statements(held: HeldReceipt) -> list[Logged]:
    """Return the records of the enrolment and the answers, which come first."""
    return list(held.believed.records[: 1 + len(held.believed.answers)])


def _kept(
    old: HeldReceipt, new: HeldReceipt, records: Sequence[Logged], kind: str
) -> Iterator[Disagreement]:
    """Yield each of the older receipt's records that is not in the newer one at its place."""
    places = {each.digest: each.index for each in new.believed.records}
    for number, each in enumerate(records):
        place = places.get(each.digest)
        name = f"Statement {number}" if kind == "Statement" else f"Entry {each.index}"
        if place is None:
            yield Disagreement("missing", f"{name} of {old.name} is not in {new.name}.")
        elif place != each.index:
            yield Disagreement(
                "other-index",
                f"{name} stands at index {each.index} in {old.name}, and at {place} in {new.name}.",
            )


def _said_of(old: HeldReceipt, new: HeldReceipt, names: str) -> str:
    common = len(old.believed.leaves.keys() & new.believed.leaves.keys())
    said = f"{names}: one log; the entries at the {common} indices that both have"
    if old.believed.charter.meeting != new.believed.charter.meeting:
        return f"{said}."
    if old.believed.enrolment.person == new.believed.enrolment.person:
        said += "; the person's statements, and their indices"
    if new.is_of_somebody_let_in:
        said += "; what was logged of the meeting for everybody, and its indices"
    return f"{said}."


def _is_shared(logged: Logged) -> bool:
    match logged.record:
        case Erased(person=None) | Revoked(person=None):
            return True
    return isinstance(logged.record, _OF_EVERYBODY)
