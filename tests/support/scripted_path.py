"""A path with a bottleneck, in no time at all: what is sent now arrives then, or never.

Scripted and deterministic: a queue that drains at a rate, a limit to how long it may get, a delay,
and a pattern of losses. :class:`Viewer` plays a server that sends simulcast layers and sound over
it, with the real estimator deciding what.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from assent.media.congestion.bandwidth import Bandwidth, Sent

TICK = 0.02
FEEDBACK = 0.1
LAYERS = (120_000, 450_000, 1_700_000)
SOUND = 100  # bytes every 20 ms: 40 kbit/s


class Link:
    """``capacity`` in bit/s at a time; ``queue`` in seconds of it; ``loss`` 0 … 1, scripted.

    ``stall`` is how much longer a packet sent at a time is held up, by whatever it may be.
    """

    def __init__(
        self,
        capacity: Callable[[float], float],
        queue: float = 0.3,
        delay: float = 0.03,
        loss: Callable[[float], float] = lambda now: 0.0,
        seed: int = 1,
        stall: Callable[[float], float] = lambda now: 0.0,
    ) -> None:
        self._capacity = capacity
        self._queue = queue
        self._delay = delay
        self._loss = loss
        self._stall = stall
        self._dice = Random(seed)
        self._free_at = 0.0

    def send(self, size: int, now: float) -> float | None:
        """Return when a packet that is sent now arrives."""
        start = max(now, self._free_at)
        if start - now > self._queue:
            return None
        self._free_at = start + size * 8 / self._capacity(now)
        if self._dice.random() < self._loss(now):
            return None
        return self._free_at + self._delay + self._stall(now)


@dataclass(slots=True)
class Moment:
    """How things were in one tick."""

    now: float
    layer: int  # -1: paused
    bitrate: int
    sound: float | None  # seconds that a packet of sound took; None if it was lost


@dataclass
class Viewer:
    """One subscriber at the end of a link, for as many seconds as :meth:`run` is told."""

    link: Link
    layers: tuple[int, ...] = LAYERS
    now: float = 0.0
    moments: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bandwidth = Bandwidth(self.now)
        self._reports: deque[tuple[float, list[Sent]]] = deque()
        self._flying: list[Sent] = []
        self._feedback_at = FEEDBACK
        self._frame_at = 0.0
        self._owed = 0.0  # bytes of padding

    def run(self, seconds: float) -> list[Moment]:
        """Let time pass; returns what it was like."""
        began = len(self.moments)
        end = self.now + seconds
        while self.now < end:
            self._step()
            self.now += TICK
        return self.moments[began:]

    def _step(self) -> None:
        now = self.now
        while self._reports and self._reports[0][0] <= now:
            self.bandwidth.feedback(self._reports.popleft()[1], now)
        fitting = [rate for rate in self.layers if rate <= self.bandwidth.bitrate]
        layer = max(len(fitting) - 1, -1 if self.bandwidth.congested(now) else 0)
        sound = self.link.send(SOUND, now)
        sent = 0
        while self._frame_at <= now:
            self._frame_at += 1 / 30
            if layer >= 0:
                left = self.layers[layer] // 8 // 30
                while left > 0:
                    self._send(min(left, 1200), now)
                    sent += min(left, 1200)
                    left -= 1200
        rate = self.bandwidth.probe(self.layers[-1], now)
        self._owed = self._owed + rate * TICK / 8 - sent if rate else 0.0
        while self._owed > 125:
            self._send(250, now)
            self._owed -= 250
        if now >= self._feedback_at:
            self._feedback_at = now + FEEDBACK
            arrived = [p for p in self._flying if p.arrived is None or p.arrived <= now]
            if arrived:
                # A receiver tells of everything up to the last that it has.
                self._reports.append((now + 0.03, arrived))
                self._flying = [p for p in self._flying if p not in arrived]
        self.moments.append(
            Moment(now, layer, self.bandwidth.bitrate, sound - now if sound is not None else None)
        )

    def _send(self, size: int, now: float) -> None:
        self._flying.append(Sent(now, self.link.send(size, now), size))
