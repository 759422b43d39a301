"""A room full of peers, on whichever SFU, under load."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from time import monotonic

import numpy as np

from bench.load import Load, Peer
from bench.sfus import Sfu
from bench.streams import Loop
from support.rtc_raw import RawTrack

CLOCK = os.sysconf("SC_CLK_TCK")
AT_ONCE = 8  # handshakes


@dataclass(frozen=True, slots=True)
class Size:
    """How many publish and how many watch; ``watchers`` 0: everybody watches everybody else."""

    name: str
    publishers: int
    watchers: int

    @property
    def copies(self) -> int:
        """How often each published packet is to arrive."""
        return self.watchers or self.publishers - 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What one SFU did under one load."""

    packets_per_second: float
    mbit_per_second: float
    cpu_us_per_packet: float
    cpu_system_share: float  # of that, what the kernel took
    cpu_percent: float  # of one core
    delay_ms_p50: float
    delay_ms_p99: float
    loss: float  # of what was to arrive
    sent_per_second: float
    generator_late_ms: float
    forged: int
    profile: str

    def rounded(self) -> dict[str, float | int | str]:
        """Return them with as many digits as mean something."""
        return {
            key: float(f"{value:.4g}") if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def cpu_seconds(pids: Sequence[int]) -> tuple[float, float]:
    """Return user and system time of processes with all their threads."""
    user = system = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        user += int(fields[11])
        system += int(fields[12])
    return user / CLOCK, system / CLOCK


class Scene:
    """Peers on an SFU that has been started. ``video`` and ``sound`` are what publishers send.

    ``names`` are those of the publishers, where they matter.
    """

    def __init__(
        self, sfu: Sfu, size: Size, video: Loop, sound: Loop, names: Sequence[str] = ()
    ) -> None:
        self.sfu = sfu
        self.size = size
        self._video = video
        self._sound = sound
        self._ssrcs = count(1000)
        self.publishing: dict[str, Peer] = {}
        self.watching: dict[str, Peer] = {}
        self._tracks: dict[str, tuple[RawTrack, RawTrack]] = {}
        self.load: Load | None = None
        self._names = names or [f"p{number}" for number in range(size.publishers)]
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def enter(self) -> None:
        """Connect everybody."""
        size, names = self.size, self._names
        await asyncio.gather(*(self._publish(name) for name in names))
        watchers = [f"w{number}" for number in range(size.watchers)] or names
        await asyncio.gather(
            *(self._watch(name, [other for other in names if other != name]) for name in watchers)
        )
        everybody = [*self.publishing.values(), *self.watching.values()]
        self.load = load = Load(len(everybody), 2 * len(names))
        for peer in self.watching.values():
            load.add_peer(peer)
        for place, (name, peer) in enumerate(self.publishing.items()):
            number = load.add_peer(peer)
            # People do not begin at the same instant: their frames are spread evenly.
            phase = place / len(names)
            sound, video = self._tracks[name]
            load.add_track(number, sound.ssrc, self._sound, phase * 0.02)
            load.add_track(number, video.ssrc, self._video, phase / 30)

    async def _publish(self, name: str) -> None:
        async with self._gate:
            peer = self.publishing[name] = Peer()
            sound = RawTrack("0", "microphone", next(self._ssrcs))
            video = RawTrack("1", "camera", next(self._ssrcs), next(self._ssrcs))
            self._tracks[name] = sound, video
            offer = peer.offer_text([sound, video])
            answer = await self.sfu.publish(name, offer, {"0": "microphone", "1": "camera"})
            await peer.join(answer)

    async def _watch(self, name: str, publishers: Sequence[str]) -> None:
        async with self._gate:
            peer = self.watching[name] = Peer()
            offer, answer = await self.sfu.subscribe(name, publishers)
            await answer(peer.answer_text(offer))
            await peer.join(offer)

    async def measure(self, seconds: float, warm_up: float) -> Figures:
        """Run the load and return what came of it."""
        load = self.load
        assert load is not None, "somebody has entered"
        await load.run(warm_up, drain=0.0)
        load.reset()
        before, begin = cpu_seconds(self.sfu.pids()), monotonic()
        await load.run(seconds)
        after, elapsed = cpu_seconds(self.sfu.pids()), monotonic() - begin
        cpu = sum(after) - sum(before)
        totals = load.totals()
        expected = totals.sent * self.size.copies
        delays = totals.delays / 1000
        p50, p99 = np.percentile(delays, [50, 99]) if len(delays) else (float("nan"),) * 2
        return Figures(
            packets_per_second=totals.arrived / seconds,
            mbit_per_second=totals.octets * 8 / seconds / 1e6,
            cpu_us_per_packet=cpu / totals.arrived * 1e6 if totals.arrived else float("nan"),
            cpu_system_share=(after[1] - before[1]) / cpu if cpu else float("nan"),
            cpu_percent=100 * cpu / elapsed,
            delay_ms_p50=float(p50),
            delay_ms_p99=float(p99),
            # What is under way at either end of the count makes this vary by a packet or two.
            loss=max(0.0, 1 - totals.arrived / expected) if expected else float("nan"),
            sent_per_second=totals.sent / seconds,
            generator_late_ms=totals.late,
            forged=totals.forged,
            profile=next(iter(self.watching.values())).profile,
        )

    async def leave(self) -> None:
        """Let everybody go."""
        if self.load is not None:
            self.load.free()
            self.load = None
        for peer in (*self.publishing.values(), *self.watching.values()):
            await peer.end()
