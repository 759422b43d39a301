"""A room in which everybody publishes as a browser does, and shows nine of the others.

Pictures come in three layers, those of the client; who watches reports what has arrived, so that
the SFU estimates each path, probes it, and chooses layers. Nobody answers a request for a key
frame: one comes whenever a loop begins anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from time import monotonic
from typing import Any

import numpy as np

from assent.media.sdp.subscription import PAYLOAD_TYPES, TRANSPORT_ID
from bench.load import Got, Load, Peer
from bench.scene import AT_ONCE, cpu_seconds
from bench.sfus import Assent
from bench.streams import Loop, sound_frames, sound_loop, video_frames, video_loop
from support.rtc_raw import RawTrack

NINE = 9
STAGE = 720  # lines of the page, in which they are three by three
LAYERS = (("q", 320, 180, 104_000), ("h", 640, 360, 415_000), ("f", 1280, 720, 1_660_000))
"""As the client asks its browser for: rid, width, height and bit rate."""
FPS, LOOP = 30, 4.0
PICTURE_REPORTS, SOUND_REPORTS = 1.0, 5.0
"""Seconds between two sender reports of a track, as Chromium sends them."""
SETTLING, GLANCE = 40.0, 2.0
VIDEO, SOUND = PAYLOAD_TYPES["vp8"][0], PAYLOAD_TYPES["opus"][0]
ENOUGH = 20  # packets a second: less is no picture that moves, and no voice


BEARABLE_LOSS, BEARABLE_DELAY = 0.001, 50.0  # of packets, milliseconds


def _alive(streams: Sequence[Got], payload_type: int, seconds: float) -> int:
    return sum(s.payload_type == payload_type and s.arrived >= ENOUGH * seconds for s in streams)


@dataclass(frozen=True, slots=True)
class Streams:
    """What one person sends: a voice, and a picture in layers, the lowest first."""

    sound: Loop
    layers: Sequence[Loop]


def streams(
    layers: Sequence[tuple[str, int, int, int]] = LAYERS, fps: int = FPS, seconds: float = LOOP
) -> Streams:
    """Encode what everybody sends."""
    return Streams(
        sound_loop(sound_frames(seconds), "0", numbered=True),
        [
            video_loop(
                video_frames(bitrate, seconds, width, height, fps), fps, "1", rid=rid, numbered=True
            )
            for rid, width, height, bitrate in layers
        ],
    )


@dataclass(frozen=True, slots=True)
class Held:
    """How such a room was. Rates are per second, of all together where nothing else is said."""

    people: int
    pictures_least: int  # that somebody got, of those they show
    voices_least: int  # that somebody got, of all others
    fitting: int  # pictures in the layer that fits, of those that are shown
    layers: dict[str, int]  # pictures sent, by layer
    kbit_per_person: float
    estimate_kbit_least: float
    packets_in: float
    packets_out: float
    cpu_percent: float  # of one core
    cpu_us_per_packet: float
    delay_ms_p50: float
    delay_ms_p99: float
    loss: float
    longest_stall_ms: float
    generator_late_ms: float
    send_errors: int
    forged: int
    settled: float  # seconds until everybody got the layer that fits

    def rounded(self) -> dict[str, Any]:
        """Return them with as many digits as mean something."""
        return {
            key: float(f"{value:.4g}") if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


class Crowd:
    """So many people on an SFU that has been started; each shows those who come next."""

    def __init__(self, sfu: Assent, people: int, streams: Streams) -> None:
        self._sfu = sfu
        self._names = [f"p{number}" for number in range(people)]
        self._streams = streams
        self._ssrcs = count(1000)
        self._publishing: dict[str, tuple[Peer, RawTrack, list[RawTrack]]] = {}
        self._watching: dict[str, tuple[Peer, int]] = {}
        self._load: Load | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)
        self.shown = min(NINE, people - 1)

    async def enter(self) -> None:
        """Connect everybody."""
        names, sent = self._names, self._streams
        await asyncio.gather(*(self._publish(name) for name in names))
        peers = await asyncio.gather(*(self._watch(place) for place in range(len(names))))
        load = self._load = Load(2 * len(names), len(names) * (1 + len(sent.layers)))
        for name, peer in zip(names, peers, strict=True):
            self._watching[name] = peer, load.add_peer(peer, TRANSPORT_ID)
        for place, (peer, sound, layers) in enumerate(self._publishing.values()):
            number = load.add_peer(peer, TRANSPORT_ID)
            phase = place / len(names)
            load.add_track(number, sound.ssrc, sent.sound, phase * 0.02, SOUND_REPORTS)
            for track, loop in zip(layers, sent.layers, strict=True):
                load.add_track(number, track.ssrc, loop, phase / FPS, PICTURE_REPORTS)

    async def _publish(self, name: str) -> None:
        async with self._gate:
            peer = Peer()
            sound = RawTrack("0", "microphone", next(self._ssrcs))
            layers = [
                RawTrack("1", "camera", next(self._ssrcs), rid=rid, named=False)
                for rid, *_ in LAYERS[: len(self._streams.layers)]
            ]
            self._publishing[name] = peer, sound, layers
            offer = peer.offer_text([sound, *layers], numbered=True)
            await peer.join(
                await self._sfu.publish(name, offer, {"0": "microphone", "1": "camera"})
            )

    async def _watch(self, place: int) -> Peer:
        async with self._gate:
            peer, name = Peer(), self._names[place]
            offer, answer = await self._sfu.subscribe(name, [])
            await answer(peer.answer_text(offer, reports=True))
            await peer.join(offer)
            following = (self._names * 2)[place + 1 : place + 1 + self.shown]
            shown = [(other, "camera") for other in following]
            await self._sfu.call("show", peer=name, what=shown, lines=STAGE // 3)
            return peer

    async def settle(self) -> float:
        """Run the load until everybody gets the layer that fits; returns the seconds it took."""
        load = self._load
        assert load is not None, "people have entered"
        begin = monotonic()
        while (elapsed := monotonic() - begin) < SETTLING:
            await load.run(GLANCE, drain=0.0)
            if self._fitting((await self._sfu.call("stats"))["layers"]) >= self.wanted:
                break
        return elapsed

    @property
    def wanted(self) -> int:
        """Pictures that all of them together show."""
        return len(self._names) * self.shown

    def _fitting(self, layers: Mapping[str, int]) -> int:
        return layers.get(str(min(1, len(self._streams.layers) - 1)), 0)

    def holds(self, held: Held) -> bool:
        """Tell whether everybody got all that they show and all that is said, in time."""
        return (
            held.pictures_least >= self.shown
            and held.voices_least >= len(self._names) - 1
            and held.fitting >= self.wanted
            and held.loss < BEARABLE_LOSS
            and held.delay_ms_p99 <= BEARABLE_DELAY
        )

    async def measure(self, seconds: float) -> Held:
        """Let people find their layers, and then measure for that long."""
        settled = await self.settle()
        load = self._load
        assert load is not None, "people have entered"
        await self._sfu.call("watch")
        load.reset()
        before, begin = cpu_seconds(self._sfu.pids()), monotonic()
        await load.run(seconds)
        after, elapsed = cpu_seconds(self._sfu.pids()), monotonic() - begin
        stats = await self._sfu.call("stats")
        cpu = sum(after) - sum(before)
        totals = load.totals()
        delays = totals.delays / 1000
        p50, p99 = np.percentile(delays, [50, 99]) if len(delays) else (float("nan"),) * 2
        got = [load.streams(number) for _, number in self._watching.values()]
        media = [one for streams in got for one in streams if one.payload_type in (VIDEO, SOUND)]
        arrived = sum(one.arrived for one in media)
        expected = sum(one.expected for one in media)
        return Held(
            people=len(self._names),
            pictures_least=min(_alive(streams, VIDEO, seconds) for streams in got),
            voices_least=min(_alive(streams, SOUND, seconds) for streams in got),
            fitting=self._fitting(stats["layers"]),
            layers=stats["layers"],
            kbit_per_person=totals.octets * 8 / seconds / 1000 / len(self._names),
            estimate_kbit_least=min(stats["estimates"], default=0) / 1000,
            packets_in=totals.sent / seconds,
            packets_out=arrived / seconds,
            cpu_percent=100 * cpu / elapsed,
            cpu_us_per_packet=cpu / arrived * 1e6 if arrived else float("nan"),
            delay_ms_p50=float(p50),
            delay_ms_p99=float(p99),
            loss=max(0.0, 1 - arrived / expected) if expected else float("nan"),
            longest_stall_ms=1000 * stats["stall"],
            generator_late_ms=totals.late,
            send_errors=totals.send_errors,
            forged=totals.forged,
            settled=settled,
        )

    async def leave(self) -> None:
        """Let everybody go."""
        if self._load is not None:
            self._load.free()
            self._load = None
        peers = [peer for peer, *_ in self._publishing.values()]
        for peer in (*peers, *(peer for peer, _ in self._watching.values())):
            await peer.end()
