"""Who makes room where too many want to come in: pure.

Those who were not let in yet have room of their own, so much for a client and so much for a
meeting. Where it is used up, whoever has taken most of it gives way, and not whoever comes last: a
crowd from one place pushes out itself. A host is none of them, and always has a place.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

MOST: Final = 300
"""Not let in, in one meeting: sockets, and enrolments."""
MOST_EACH: Final = 60
"""Of these, from one client; a whole class may come from behind one address."""
HOST_PLACES: Final = 16
"""Browsers of one meeting's host, beyond what is allowed to others."""

ENROL_BURST: Final = 60.0
ENROL_SECONDS: Final = 20.0
"""Enrolments of one client in one meeting: so many at once, then one each so many seconds. What is
logged of them stays."""
FORGOTTEN_MOST: Final = 1000
"""Of those who made room in one meeting, rows that the vault worker has not taken away yet. While
there are so many, as where no worker runs, strangers cannot enrol there."""
_MOST_PACES: Final = 10_000

Who = TypeVar("Who", covariant=True)


@dataclass(frozen=True, slots=True)
class Newcomer(Generic[Who]):
    """One of those outside. ``settled`` says that more would be lost with them than a try."""

    who: Who
    client: str
    settled: bool
    can_go: bool = True


def room_for_one(
    outside: Sequence[Newcomer[Who]], client: str, *, most: int = MOST, most_each: int = MOST_EACH
) -> tuple[bool, Who | None]:
    """Return whether one more of ``client`` fits, and who has to go before, if anybody.

    ``outside`` are those there are, the oldest first.
    """
    mine = [one for one in outside if one.client == client]
    if len(mine) >= most_each:
        crowd = mine
    elif len(outside) >= most:
        (heaviest, _), *_ = Counter(one.client for one in outside).most_common(1)
        crowd = [one for one in outside if one.client == heaviest]
    else:
        return True, None
    going = sorted((one for one in crowd if one.can_go), key=lambda one: one.settled)
    return (True, going[0].who) if going else (False, None)


class Pace:
    """How fast clients may enrol in meetings; a token bucket for each client of each meeting.

    The server has one of these for all: a meeting that nobody is in is let go, and what had been
    counted with it. The longest unused is forgotten first.
    """

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, meeting: str, client: str, now: float) -> bool:
        """Count one of a client; False where it is one too many. ``now`` in monotonic seconds."""
        tokens, since = self._buckets.pop((meeting, client), (ENROL_BURST, now))
        tokens = min(ENROL_BURST, tokens + (now - since) / ENROL_SECONDS)
        self._buckets[meeting, client] = (tokens - 1 if tokens >= 1 else tokens, now)
        while len(self._buckets) > _MOST_PACES:
            self._buckets.popitem(last=False)
        return tokens >= 1
