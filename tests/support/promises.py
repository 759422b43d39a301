"""What Assent promises about capture and release, written from its documents and not from its code.

A few people come and go, answer, and change their minds; a host arms and disarms; the store fails;
the meeting ends. :data:`WILLS` says which answer may follow which (FORMAT.md section 6), with all
those that promise the same taken together; :func:`may_capture` and :func:`reasons` say what has to
follow from them. The code under test is not used here, nor does it use this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Said(IntEnum):
    """All that somebody has said, as far as it matters for what may be done."""

    NOTHING = 0  # no yes to recording; nothing about training
    NO = 1  # no yes to recording; no to training
    RECORD = 2  # yes to recording; nothing about training
    RECORD_ONLY = 3  # yes to recording, no to training
    BOTH = 4  # yes to both
    ONCE_WITHDREW = 5  # has withdrawn something, but agrees to be recorded
    WITHDRAWN = 6  # has withdrawn something, and does not agree to be recorded

    @property
    def agrees(self) -> bool:
        """Whether this is a valid yes to being recorded."""
        return self in (Said.RECORD, Said.RECORD_ONLY, Said.BOTH, Said.ONCE_WITHDREW)


_BEFORE_YES = (Said.NOTHING, Said.NO, Said.RECORD, Said.RECORD_ONLY, Said.BOTH)
# "A "yes" MUST NOT become "no" or "unanswered"": out of a yes leads only withdrawing; and having
# withdrawn is for good.
WILLS: dict[Said, tuple[Said, ...]] = {
    Said.NOTHING: _BEFORE_YES,
    Said.NO: _BEFORE_YES,
    Said.RECORD: (Said.RECORD, Said.RECORD_ONLY, Said.BOTH, Said.WITHDRAWN),
    Said.RECORD_ONLY: (Said.RECORD, Said.RECORD_ONLY, Said.BOTH, Said.WITHDRAWN),
    Said.BOTH: (Said.BOTH, Said.ONCE_WITHDREW, Said.WITHDRAWN),
    Said.ONCE_WITHDREW: (Said.ONCE_WITHDREW, Said.WITHDRAWN),
    Said.WITHDRAWN: (Said.ONCE_WITHDREW, Said.WITHDRAWN),
}


def may_capture(
    *,
    recordable: bool,
    armed: bool,
    over: bool,
    stores: bool,
    reached: bool,
    present: Iterable[Said],
) -> bool:
    """Whether anything may be recorded, with these people present.

    "Capture runs exactly while it is armed, the meeting is recordable, and every present person has
    a valid yes to recording"; an error means not capturing, and so does nobody's being there.
    """
    return (
        recordable and armed and not over and stores and reached and all(s.agrees for s in present)
    )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What there is to know of a meeting beside what people have said."""

    over: bool = True
    recorded: bool = True
    closed: bool = True
    intact: bool = True
    key: bool = True
    deletion: bool = False
    expired: bool = False
    revoked: bool = False


_OBJECTION = {
    Said.NOTHING: "not-answered",
    Said.RECORD: "not-answered",
    Said.NO: "refused",
    Said.RECORD_ONLY: "refused",
    Said.ONCE_WITHDREW: "withdrawn",
    Said.WITHDRAWN: "withdrawn",
}


def reasons(circumstances: Circumstances, let_in: Iterable[Said]) -> Counter[str]:
    """Return why a meeting must not be released, with how many people object; none if it may.

    ``let_in`` is what everyone who was ever let in has said, whether recorded or not.
    """
    found: Counter[str] = Counter()
    for said in let_in:
        if said is not Said.BOTH:
            found[_OBJECTION[said]] += 1
    for holds, code in (
        (circumstances.over, "not-over"),
        (circumstances.recorded and circumstances.closed, "nothing-recorded"),
        (circumstances.closed or not circumstances.recorded, "recording-open"),
        (circumstances.key, "vault-key-missing"),
        (not circumstances.deletion, "destroyed"),
        (not circumstances.expired, "retention-over"),
        (not circumstances.revoked, "revoked"),
        (
            # What was deleted because somebody took it back is no damage.
            circumstances.intact
            or circumstances.deletion
            or not (circumstances.recorded and circumstances.closed),
            "segments-damaged",
        ),
    ):
        if not holds:
            found[code] += 0
    return found
