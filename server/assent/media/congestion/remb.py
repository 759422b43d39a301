"""What a publisher may send at most, told to it as REMB.

A browser that gets no transport-wide feedback estimates from loss alone and starts at 300 kbit/s;
it takes a REMB as its ceiling, and in its first two seconds jumps up to it. So the ceiling starts
generous, gives way to loss, and recovers: the same thresholds as the loss-based controller of
draft-ietf-rmcat-gcc-02 section 6, so that the two do not fight.
"""

from __future__ import annotations

PER_VIDEO = 3_000_000  # bit/s
PER_AUDIO = 128_000  # bit/s
FLOOR = 150_000  # bit/s


class RembLimit:
    """The bit rate to report for one publishing connection, updated once a second."""

    __slots__ = ("_limit", "_value")

    def __init__(self) -> None:
        self._limit = 0
        self._value = 0

    def update(self, videos: int, audios: int, fraction_lost: float) -> int:
        """Return the ceiling in bit/s, given the loss (0 … 1) of the last second."""
        limit = videos * PER_VIDEO + audios * PER_AUDIO
        if limit != self._limit:
            # Tracks came or went: what loss has taught is about the path and stays, as a share.
            self._value = int(self._value * limit / self._limit) if self._limit else limit
            self._limit = limit
        if fraction_lost > 0.10:
            self._value = int(self._value * (1 - 0.5 * fraction_lost))
        elif fraction_lost < 0.02:
            self._value = int(self._value * 1.08) + 1000
        self._value = max(min(self._value, limit), min(FLOOR, limit))
        return self._value
