"""How often somebody may try: token buckets in a table of bounded size, and counted places.

Time is an input. A refused attempt takes nothing from the bucket, so someone who waits as long as
they are told always gets through.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from assent.clock import Clock
from assent.errors import RateLimited

# Of each kind; full, a table takes about 2 MB. Who can ask from more networks than this within
# minutes is not held back by counting addresses anyway.
MAX_BUCKETS = 8_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` attempts at once, then one each ``seconds``."""

    burst: int
    seconds: float


class Limit(Enum):
    """What is counted, and by what."""

    REQUEST = "any request, by client"
    SIGN_IN = "signing in, by client"
    GUESS = "signing in where nobody was signed in before, by client and login"
    LOGIN = "signing in where nobody was signed in before, by login from wherever"
    KNOWN = "signing in where somebody was signed in before, by browser"
    INVITE = "making invitations, by account"
    INVITATION = "using invitations, by client"
    CREATE = "making meetings and links, by account"
    SEAT = "taking seats, by client"
    SOCKET = "opening sockets, by client"
    ANSWER = "sending answers, by client"
    DEVICE = "connecting devices, by client"
    RECEIPT = "asking for receipts, by client"
    WATCH = "opening recordings, by client"
    FETCH = "fetching of recordings, by client"
    RECALLS = "asking for feeds of recalls, by client"


# Guessing passwords is slow; a whole office behind one address can join at once.
RATES: Mapping[Limit, Rate] = {
    Limit.REQUEST: Rate(600, 0.01),
    Limit.SIGN_IN: Rate(10, 6.0),
    Limit.GUESS: Rate(10, 60.0),
    # Takes many addresses at once to use up, and then holds up browsers that are new to the account
    # and no other: at this pace a password that is accepted lasts for decades.
    Limit.LOGIN: Rate(1000, 10.0),
    Limit.KNOWN: Rate(10, 60.0),
    Limit.INVITE: Rate(30, 20.0),
    Limit.INVITATION: Rate(10, 6.0),
    Limit.CREATE: Rate(30, 10.0),
    Limit.SEAT: Rate(200, 0.2),
    Limit.SOCKET: Rate(200, 0.2),
    Limit.ANSWER: Rate(200, 0.2),
    Limit.DEVICE: Rate(60, 1.0),
    Limit.RECEIPT: Rate(200, 0.2),
    Limit.WATCH: Rate(100, 0.5),
    # A page asks about once a second while it plays, and in bursts when one looks around.
    Limit.FETCH: Rate(400, 0.05),
    # Whoever holds a hundred data sets asks for all of them in a row, and then once in a while.
    Limit.RECALLS: Rate(200, 0.2),
}


class Limiter:
    """Counts attempts by kind and key. A flood of one kind makes no other forget."""

    def __init__(self, clock: Clock, most: int = MAX_BUCKETS) -> None:
        self._clock = clock
        self._most = most
        self._tables: dict[Limit, OrderedDict[str, tuple[float, float]]] = {
            limit: OrderedDict() for limit in Limit
        }

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def take(self, limit: Limit, key: str) -> None:
        """Count one attempt of ``key``; raises RateLimited when it is one too many."""
        rate, now, buckets = RATES[limit], self._clock.monotonic(), self._tables[limit]
        tokens, since = buckets.pop(key, (float(rate.burst), now))
        tokens = min(float(rate.burst), tokens + (now - since) / rate.seconds)
        allowed = tokens >= 1.0
        # The most recently used go last, so the first is the best to forget.
        buckets[key] = (tokens - 1.0 if allowed else tokens, now)
        while len(buckets) > self._most:
            buckets.popitem(last=False)
        if not allowed:
            raise RateLimited(retry_after=max(1, math.ceil((1.0 - tokens) * rate.seconds)))

    def forget(self, limit: Limit, key: str) -> None:
        """Begin anew for ``key``, which has shown that it means no harm."""
        self._tables[limit].pop(key, None)


class HeldPlaces:
    """Things that last, such as open sockets: so many in all, and so many for one key."""

    def __init__(self, most: int, most_each: int) -> None:
        self._most = most
        self._most_each = most_each
        self._taken: Counter[str] = Counter()
        self._total = 0

    @contextmanager
    def taken(self, key: str) -> Iterator[None]:
        """Hold a place of ``key`` while the block runs; raises RateLimited when none is free."""
        if self._total >= self._most or self._taken[key] >= self._most_each:
            if not self._taken[key]:
                del self._taken[key]
            raise RateLimited(retry_after=5)
        self._total += 1
        self._taken[key] += 1
        try:
            yield
        finally:
            self._total -= 1
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
