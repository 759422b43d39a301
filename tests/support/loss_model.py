"""What a bad line does to packets, one direction of it; pure, seeded, and clocked by its caller.

The kernels at hand have no ``netem``. :mod:`support.lossy_tun` puts this on a TUN device.
"""

from __future__ import annotations

import heapq
from dataclasses import asdict, dataclass
from itertools import count
from random import Random
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Impairment:
    """How bad a line is. Without arguments it is perfect. Fractions are 0 … 1.

    ``delay`` is one way, ``jitter`` comes on top of it, evenly from nothing to all of it and, but
    for what overtakes, without changing the order. ``reorder`` is the fraction of packets that
    overtake: they are not delayed. ``loss`` is the fraction lost, each for itself; at every packet
    a burst that loses ``burst_length`` of them begins with the chance ``burst_start``. ``rate`` is
    the bottleneck in bit/s, 0 for none, in front of which ``queue`` bytes may wait.
    """

    delay: float = 0.0
    jitter: float = 0.0
    reorder: float = 0.0
    loss: float = 0.0
    burst_start: float = 0.0
    burst_length: int = 0
    rate: float = 0.0
    queue: int = 48_000

    def to_wire(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def from_wire(cls, values: dict[str, Any]) -> Self:
        """Read what :meth:`to_wire` wrote."""
        return cls(**values)


class Shaper:
    """One direction of a line. Times are seconds of whatever clock the caller has."""

    def __init__(self, impairment: Impairment, seed: int) -> None:
        self.impairment = impairment
        self.lost = 0
        self.dropped = 0  # by the queue
        self._dice = Random(seed)
        self._waiting: list[tuple[float, int, bytes]] = []
        self._numbers = count()
        self._burst_left = 0
        self._idle_at = 0.0  # when the bottleneck has sent all that waits in front of it
        self._last_at = 0.0  # when the last packet that keeps its place comes out

    def push(self, packet: bytes, now: float) -> None:
        """Take a packet at one end."""
        bad = self.impairment
        # The dice fall as often whatever comes of it, so that one setting does not change another.
        burst, lost, overtakes, late = (self._dice.random() for _ in range(4))
        if self._burst_left == 0 and burst < bad.burst_start:
            self._burst_left = bad.burst_length
        if self._burst_left:
            self._burst_left -= 1
            self.lost += 1
            return
        if lost < bad.loss:
            self.lost += 1
            return
        at = now
        if bad.rate:
            start = max(now, self._idle_at)
            if (start - now) * bad.rate / 8 > bad.queue:
                self.dropped += 1
                return
            at = self._idle_at = start + len(packet) * 8 / bad.rate
        if overtakes >= bad.reorder:
            at = self._last_at = max(self._last_at, at + bad.delay + late * bad.jitter)
        heapq.heappush(self._waiting, (at, next(self._numbers), packet))

    def pop(self, now: float) -> list[bytes]:
        """Return what comes out at the other end by now, in order."""
        out = []
        while self._waiting and self._waiting[0][0] <= now:
            out.append(heapq.heappop(self._waiting)[2])
        return out

    @property
    def next_at(self) -> float | None:
        """When the next packet comes out; None while there is none."""
        return self._waiting[0][0] if self._waiting else None
