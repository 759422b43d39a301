"""Real sound and real pictures, short and encoded, as a recorder would cut them into segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import numpy as np

from assent.recording import webm

_MILLISECONDS = Fraction(1, 1000)
SEGMENT_MS = 2000
RATE = 48_000
WIDTH, HEIGHT, FRAMES = 96, 64, 10  # pixels, and pictures in a second


@dataclass(frozen=True)
class Take:
    """Encoded packets of one track, from 0: milliseconds, key frame, bytes."""

    codec: str
    packets: tuple[tuple[int, bool, bytes], ...]


@lru_cache
def tone(frequency: int, milliseconds: int) -> Take:
    """Return a tone in Opus packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = RATE
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = 32_000
    encoder.time_base = Fraction(1, RATE)
    encoder.open()
    packets = []
    for number in range(milliseconds // 20):
        at = (np.arange(960) + 960 * number) / RATE
        wave = (np.sin(2 * np.pi * frequency * at) * 12_000).astype("int16")[None, :]
        frame: Any = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = 960 * number
        frame.time_base = Fraction(1, RATE)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return Take("opus", tuple((20 * n, True, data) for n, data in enumerate(packets)))


@lru_cache
def picture(grey: int, milliseconds: int) -> Take:
    """Return a plane of one grey that gets brighter by a step each second, in VP8."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base = _MILLISECONDS
    encoder.bit_rate = 200_000
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    encoder.gop_size = FRAMES
    encoder.open()
    packets = []
    for number in range(milliseconds * FRAMES // 1000):
        plane = np.full((HEIGHT * 3 // 2, WIDTH), 128, dtype="uint8")
        plane[:HEIGHT] = grey + 10 * (number // FRAMES)
        frame: Any = av.VideoFrame.from_ndarray(plane, format="yuv420p")
        frame.pts = number * 1000 // FRAMES
        frame.time_base = _MILLISECONDS
        packets += [
            (packet.pts, packet.is_keyframe, bytes(packet)) for packet in encoder.encode(frame)
        ]
    return Take("vp8", tuple(packets))


def plaintexts(
    take: Take, at: int, cluster: Callable[[Sequence[webm.Block]], bytes] = webm.cluster
) -> Iterator[tuple[int, int, bytes]]:
    """Yield start, end and plaintext of each segment of a take that begins at ``at``."""
    header = webm.opus_header(1) if take.codec == "opus" else webm.vp8_header(WIDTH, HEIGHT)
    yield at, at, header
    step = 20 if take.codec == "opus" else 1000 // FRAMES
    pending: list[webm.Block] = []
    for offset, key, data in take.packets:
        if pending and offset - (pending[0][0] - at) + step > SEGMENT_MS:
            yield pending[0][0], pending[-1][0] + step, cluster(pending)
            pending = []
        pending.append((at + offset, key, data, 0 if take.codec == "opus" else step))
    if pending:
        yield pending[0][0], pending[-1][0] + step, cluster(pending)
