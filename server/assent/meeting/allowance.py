"""How much work of the media plane one person may ask for, by our own clock.

Descriptions are long and take milliseconds to read; a new one may have everybody else negotiate.
All of a media process's rooms wait meanwhile, and a process that is kept too long is taken for
stuck. So each person has an allowance, which is generous: what a page asks for in a meeting of a
hundred who all come at once is within it. What each thing costs stands where it is asked for, in
:mod:`assent.meeting.media_session`.
"""

from __future__ import annotations

from assent.errors import RateLimited

RATE = 250_000
"""Units a second; one is about what a character of a description costs to read, 0.15 µs."""

BURST = 5_000_000

MANY = 256  # people of whom it is remembered; those who have asked for nothing of late are not


class _Left:
    __slots__ = ("at", "units")

    def __init__(self, now: float) -> None:
        self.units = float(BURST)
        self.at = now

    def fill(self, now: float) -> None:
        self.units = min(BURST, self.units + (now - self.at) * RATE)
        self.at = now


class Allowances:
    """What is left to everybody of one meeting. ``now`` is monotonic, in seconds."""

    def __init__(self) -> None:
        self._left: dict[str, _Left] = {}

    def spend(self, person: str, units: int, now: float) -> None:
        """Take something away from what a person has left; raises RateLimited, taking nothing."""
        left = self._left.get(person)
        if left is None:
            if len(self._left) >= MANY:
                self._forget(now)
            left = self._left[person] = _Left(now)
        left.fill(now)
        if left.units < units:
            raise RateLimited
        left.units -= units

    def _forget(self, now: float) -> None:
        for person, left in tuple(self._left.items()):
            left.fill(now)
            if left.units >= BURST:
                del self._left[person]
