"""Time as an input: everything that needs to know when it is asks a clock it was given."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the program knows of time; tests hand in one that they move by hand.

    ``now`` is for what is written down and shown, and may jump when somebody sets the machine's
    clock. ``surely`` is for what cannot be undone, such as the end of a meeting: it is earlier
    where ``now`` may be wrong (``reckoning.py``). ``monotonic`` is for time-outs and
    rates, and never goes back. No order of events is ever taken from any of them: order comes
    from sequence numbers.
    """

    def now(self) -> int:
        """Whole Unix milliseconds."""

    def surely(self) -> int:
        """Return the moment that has come for certain: whole Unix milliseconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, never going back."""


class SystemClock:
    """The machine's own clocks, believed whatever they say."""

    __slots__ = ()

    def now(self) -> int:
        """Whole Unix milliseconds."""
        return time.time_ns() // 1_000_000

    def surely(self) -> int:
        """Whole Unix milliseconds."""
        return self.now()

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, never going back."""
        return time.monotonic()
