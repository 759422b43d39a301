"""The frames that the player puts between slides: a decoder shows the same picture again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from assent_vault.formats.suite import decode

VECTORS = json.loads((Path(__file__).parent / "vectors" / "still-frames.json").read_text())
FRAMES = {(one["width"], one["height"]): one for one in VECTORS["frames"]}


def encoded(width: int, height: int) -> list[bytes]:
    """Encode a few pictures of which each needs the one before."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 10), Fraction(10)
    encoder.bit_rate, encoder.gop_size = 400_000, 10_000
    # As browsers send screens: still blocks are left out, and blocks are in segments.
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "error-resilient": "default",
        "static-thresh": "100",
    }
    grain = np.random.default_rng(1)
    frames: list[bytes] = []
    for number in range(6):
        pixels = np.full((height, width, 3), (90, 140, 60), np.int16)
        pixels += grain.integers(-12, 13, (height, width, 1), np.int16)
        pixels[: height // 2, number : number + 8] = 10
        image = pixels.clip(0, 255).astype(np.uint8)
        frame: Any = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 10)
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return frames


def decoded(frames: Iterable[bytes], decoder: str) -> list[Any]:
    context: Any = av.CodecContext.create(decoder, "r")
    context.thread_count = 1
    packets = [*map(av.Packet, frames), None]
    return [frame.to_ndarray() for packet in packets for frame in context.decode(packet)]


@pytest.mark.parametrize("decoder", ["vp8", "libvpx"])
@pytest.mark.parametrize("size", FRAMES, ids=lambda size: "x".join(map(str, size)))
def test_a_still_frame_shows_the_same_and_changes_nothing(
    size: tuple[int, int], decoder: str
) -> None:
    vector = FRAMES[size]
    frames = encoded(*size)
    assert {(frame[0] >> 1) & 7 for frame in frames} == {vector["version"]}
    still = decode(vector["frame"])
    plain = decoded(frames, decoder)
    filled = decoded([each for frame in frames for each in (frame, still, still)], decoder)
    assert len(filled) == 3 * len(plain) == 3 * len(frames)
    for number, picture in enumerate(plain):
        for same in filled[3 * number : 3 * number + 3]:
            assert np.array_equal(same, picture)
