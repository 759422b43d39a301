"""What left for one subscriber, and when, so that feedback on it can be read.

Numbers every packet that carries a transport-wide number, and remembers the last few thousand.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from time import monotonic

from assent.media.congestion.bandwidth import Sent
from assent.media.rtp.twcc import LOST, TICK, Arrival

SIZE = 4096  # packets: four seconds of the fastest subscriber
_MASK = SIZE - 1

OVERHEAD = 12 + 12 + 16 + 28
"""Bytes that a packet has besides its payload: header, extensions, SRTP, UDP and IP."""


class SentPacketHistory:
    """The numbers of one connection. ``octets`` counts what they had, overhead included."""

    __slots__ = ("_next", "_numbers", "_sizes", "_ticks", "_times", "octets")

    def __init__(self) -> None:
        self._next = 1
        # 74 kB, whatever is sent; lists would grow to five times that.
        self._numbers = array("q", [-1]) * SIZE
        self._times = array("d", [0.0]) * SIZE
        self._sizes = array("H", [0]) * SIZE
        self._ticks: int | None = None
        self.octets = 0

    def twcc_sequence(self, size: int) -> int:
        """Give a packet with ``size`` bytes of payload its number, which is sent now."""
        number = self._next
        self._next = number + 1
        slot = number & _MASK
        self._numbers[slot] = number
        self._times[slot] = monotonic()
        self._sizes[slot] = size = size + OVERHEAD
        self.octets += size
        return number & 0xFFFF

    def match(self, arrivals: Sequence[Arrival]) -> list[Sent]:
        """Return the packets that feedback tells of, in the order they were sent.

        What is told twice counts once; that something came after all takes back nothing, for it
        was late enough to be called lost.
        """
        found = []
        newest = self._next - 1
        for sequence, ticks in arrivals:
            number = newest - ((newest - sequence) & 0xFFFF)
            slot = number & _MASK
            if self._numbers[slot] != number:
                continue
            self._numbers[slot] = -1
            arrived = None
            if ticks != LOST:
                if self._ticks is not None:
                    ticks = (
                        self._ticks + ((ticks - self._ticks + 0x80000000) & 0xFFFFFFFF) - 0x80000000
                    )
                self._ticks = ticks
                arrived = ticks * TICK
            found.append(Sent(self._times[slot], arrived, self._sizes[slot]))
        return found
