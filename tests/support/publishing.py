"""A browser's media as RTP, made here: real Opus and VP8, in packets that a test can lose.

Nothing is random. A :class:`Source` gives packets with the time at which each would arrive over a
perfect network; the test does to that list what networks do.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np

from assent.media import TrackInfo
from support.media import COLOURS

FRAME_MS = 20  # of an Opus packet
FPS = 25
MTU = 1100
NTP_1900 = 2_208_988_800  # seconds from the epoch of NTP to that of Unix


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a tap is given, and when: a packet, or a sender report."""

    at: float  # seconds of the monotonic clock
    track: TrackInfo
    packet: bytes = b""
    report: tuple[int, int] | None = None

    def later(self, seconds: float) -> Arrival:
        """Return the same, delayed."""
        return replace(self, at=self.at + seconds)


def rtp(
    sequence: int,
    timestamp: int,
    payload: bytes,
    *,
    marker: bool = False,
    ssrc: int = 1,
    padding: int = 0,
    extension: bytes = b"",
    payload_type: int = 96,
) -> bytes:
    """Write an RTP packet; ``extension`` is whole words of a one-byte extension."""
    first = 0x80 | (0x20 if padding else 0) | (0x10 if extension else 0)
    head = struct.pack(
        "!BBHLL",
        first,
        payload_type | (0x80 if marker else 0),
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )
    if extension:
        head += struct.pack("!HH", 0xBEDE, len(extension) // 4) + extension
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return head + payload + tail


@cache
def opus(tone: int, seconds: float) -> tuple[bytes, ...]:
    """Encode a steady tone; packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = 48000
    encoder.format = "s16"
    encoder.layout = "mono"
    encoder.bit_rate = 32000
    encoder.options = {"application": "voip", "frame_duration": str(FRAME_MS)}
    step = 48 * FRAME_MS
    packets: list[bytes] = []
    count = round(seconds * 1000 / FRAME_MS)
    for number in range(count + 2):
        moment = (np.arange(step) + number * step) / 48000
        wave = (0.4 * 32767 * np.sin(2 * np.pi * tone * moment)).astype(np.int16)
        frame: Any = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48000
        frame.pts = number * step
        frame.time_base = Fraction(1, 48000)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(packets[:count])


@cache
def vp8(
    colour: str, seconds: float, width: int = 320, height: int = 240, every: int = 0
) -> tuple[bytes, ...]:
    """Encode a field of a colour with a square that moves; a key frame ``every`` so many frames."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, FPS)
    encoder.framerate = Fraction(FPS, 1)
    encoder.bit_rate = 600_000
    encoder.gop_size = every or 100_000
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    frames: list[bytes] = []
    for number in range(round(seconds * FPS)):
        pixels = np.empty((height, width, 3), np.uint8)
        pixels[:] = COLOURS[colour]
        left = number * 8 % (width - 48)
        pixels[height // 2 - 24 : height // 2 + 24, left : left + 48] = (10, 10, 10)
        frame: Any = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        frame.time_base = Fraction(1, FPS)
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(frames)


def packetise_vp8(frame: bytes, picture: int, mtu: int = MTU) -> Iterator[bytes]:
    """Yield the payloads of a frame, with descriptors as browsers write them."""
    for begin in range(0, len(frame), mtu):
        first = 0x90 if begin == 0 else 0x80
        yield (
            struct.pack("!BBH", first, 0x80, 0x8000 | picture & 0x7FFF) + frame[begin : begin + mtu]
        )


@dataclass
class Source:
    """One source of one person: their clock, their numbers, and what they send."""

    track: TrackInfo
    began: float = 1000.0  # seconds of our monotonic clock at which the first frame is sent
    sequence: int = 65_500  # wraps early
    timestamp: int = 2**32 - 96_000
    drift: float = 0.0  # how much faster the RTP clock runs than ours, as a fraction
    ntp: float = 3_900_000_000.0  # the publisher's own clock at ``began``, in seconds of NTP
    report_every: float = 1.0
    delay: float = 0.0  # from a frame's happening to its arrival
    mtu: int = MTU

    def sound(self, packets: Iterable[bytes]) -> list[Arrival]:
        """Return these Opus packets as they would arrive."""
        return self._send(((packet,) for packet in packets), FRAME_MS / 1000)

    def picture(self, frames: Iterable[bytes]) -> list[Arrival]:
        """Return these VP8 frames as they would arrive."""
        return self._send(
            (tuple(packetise_vp8(frame, number, self.mtu)) for number, frame in enumerate(frames)),
            1 / FPS,
        )

    def _send(self, frames: Iterable[tuple[bytes, ...]], step: float) -> list[Arrival]:
        sent: list[Arrival] = []
        next_report = 0.0
        sequence = self.sequence
        for number, payloads in enumerate(frames):
            moment = number * step
            if moment >= next_report:
                next_report = moment + self.report_every
                sent.append(self._report(moment))
            for index, payload in enumerate(payloads):
                last = index == len(payloads) - 1
                packet = rtp(
                    sequence,
                    self._stamp(moment),
                    payload,
                    marker=last and self.track.codec == "vp8",
                    ssrc=self.track.ssrc,
                )
                # Packets of a frame are paced, a millisecond apart.
                at = self.began + moment + self.delay + index / 1000
                sent.append(Arrival(at, self.track, packet))
                sequence += 1
        return sent

    def _report(self, moment: float) -> Arrival:
        at = self.began + moment + self.delay
        ntp = round((self.ntp + moment) * 2**32)
        return Arrival(at, self.track, report=(ntp, self._stamp(moment)))

    def _stamp(self, moment: float) -> int:
        elapsed = round(moment * self.track.clock_rate * (1 + self.drift))
        return (self.timestamp + elapsed) & 0xFFFFFFFF


def microphone(peer: str, ssrc: int = 11) -> TrackInfo:
    """Return a microphone's track."""
    return TrackInfo(peer, "microphone", "opus", 48000, ssrc)


def camera(peer: str, ssrc: int = 22) -> TrackInfo:
    """Return a camera's track."""
    return TrackInfo(peer, "camera", "vp8", 90000, ssrc)


def in_order(*arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Return everything in the order in which it arrives."""
    return sorted((one for some in arrivals for one in some), key=lambda one: one.at)


def only(arrivals: Iterable[Arrival], keep: Callable[[int], bool]) -> list[Arrival]:
    """Lose the packets whose place in the list ``keep`` does not want; reports arrive."""
    kept = []
    number = 0
    for one in arrivals:
        if one.report is None:
            number += 1
            if not keep(number - 1):
                continue
        kept.append(one)
    return kept
