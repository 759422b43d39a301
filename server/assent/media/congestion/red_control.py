"""Whether a subscriber's path loses so much sound that each packet should carry the last as well.

That doubles what sound takes, for everybody who speaks, so it is done where it helps and nowhere
else. A path shows what it loses by what is asked for again, at once, and by the reports, later.
Pure; ``now`` is in seconds of any clock that does not go back.
"""

from __future__ import annotations

PERIOD = 5.0  # seconds
ENOUGH = 5
"""Packets of sound asked for again within a period: one in fifty of one voice."""

FRACTION = 5
"""Of 256 packets of one voice, lost between two reports: one in fifty as well."""

HOLD = 30.0
"""Seconds for which it goes on after it last was needed."""


class RedController:
    """What one path has shown."""

    __slots__ = ("_began", "_missed", "_until")

    def __init__(self) -> None:
        self._began = float("-inf")
        self._missed = 0
        self._until = float("-inf")

    def missed(self, packets: int, now: float) -> None:
        """Take note that so many packets were asked for again."""
        if now - self._began > PERIOD:
            self._began = now
            self._missed = 0
        self._missed += packets
        if self._missed >= ENOUGH:
            self._until = now + HOLD

    def report(self, fraction_lost: int, now: float) -> None:
        """Take note of a report: ``fraction_lost`` of 256 packets."""
        if fraction_lost >= FRACTION:
            self._until = now + HOLD

    def wanted(self, now: float) -> bool:
        """Tell whether sound should be sent redundantly."""
        return now < self._until
