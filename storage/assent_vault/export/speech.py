"""Who speaks when: heard in a track that was written, by WebRTC's voice detector.

The vault may decode what it has opened, and this is where it does. What is heard is written beside
the sound and decides about nothing; a track that cannot be decoded has no annotation. Memory holds
a second, and a few bytes for each frame.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import av
import av.error
import numpy as np
import webrtcvad

from assent_vault.export.description import Speech

ANNOTATION: Final = "webrtcvad"

RATE: Final = 48_000
"""Hz: what Opus is decoded to, and the detector takes; it makes 8,000 of them."""
FRAME_MS: Final = 30
"""Milliseconds that are told apart: the longest that the detector takes."""
FLOOR: Final = -60.0
"""dBFS: what is softer is nobody who speaks into this microphone."""
JOINED: Final = 300
"""Milliseconds between two stretches of speech that are one turn, as in the DIHARD annotations."""
SHORTEST: Final = 90
"""Milliseconds of a turn, at least."""

_FRAME: Final = RATE * FRAME_MS // 1000
_HELD: Final = 50  # packets of 20 ms that are looked at together
_MODE: Final = 2  # of 0 to 3; 3 misses the most
_FULL: Final = 32_767
_NOTHING: Final = -120.0


def listen(path: Path, duration: int) -> Speech | None:
    """Decode a file of sound and tell what is heard in its ``duration``, in milliseconds."""
    try:
        return hear(_samples(path), duration)
    except (av.error.FFmpegError, ValueError):
        return None


def hear(parts: Iterable[Any], duration: int) -> Speech:
    """Tell what is heard in samples of RATE: arrays of 16 bits, each as long as it is."""
    detector = webrtcvad.Vad(_MODE)
    levels, spoken = array("f"), bytearray()
    clipped = heard = 0
    for frames in _frames(parts):
        clipped += int(np.count_nonzero(np.abs(frames.astype(np.int32)) >= _FULL))
        heard += frames.size
        powers = np.mean(np.square(frames.astype(np.float64) / _FULL), axis=1)
        for frame, power in zip(frames, powers.tolist(), strict=True):
            level = 10 * math.log10(power) if power > 1e-12 else _NOTHING
            levels.append(level)
            spoken.append(level > FLOOR and detector.is_speech(frame.tobytes(), RATE))
    turns = _turns(spoken, duration)
    every = np.frombuffer(levels, np.float32)
    is_speech = np.frombuffer(spoken, np.uint8) != 0
    loud = every[is_speech]
    soft = np.sort(every[~is_speech & (every > _NOTHING)])
    return Speech(
        ANNOTATION,
        tuple(turns),
        round(_mean(loud), 2) if loud.size else None,
        round(float(soft[soft.size // 2]), 2) if soft.size else None,
        round(clipped / heard, 6) if heard else 0.0,
    )


def _turns(spoken: bytearray, duration: int) -> list[tuple[int, int]]:
    """Join frames of speech into turns."""
    found: list[tuple[int, int]] = []
    for number, is_speech in enumerate(spoken):
        if not is_speech:
            continue
        start, end = number * FRAME_MS, (number + 1) * FRAME_MS
        if found and start - found[-1][1] <= JOINED:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    cut = ((start, min(end, duration)) for start, end in found)
    return [(start, end) for start, end in cut if end - start >= SHORTEST]


def _mean(levels: Any) -> float:
    """Return the level of the mean power."""
    return 10 * math.log10(float(np.mean(np.power(10, levels.astype(np.float64) / 10))))


def _frames(parts: Iterable[Any]) -> Iterator[Any]:
    """Cut samples into whole frames, a row each; what is left at the end is too short for one."""
    rest = np.zeros(0, dtype=np.int16)
    for part in parts:
        rest = np.concatenate((rest, part))
        whole = len(rest) - len(rest) % _FRAME
        if whole:
            yield rest[:whole].reshape(-1, _FRAME)
            rest = rest[whole:]


def _samples(path: Path) -> Iterator[Any]:
    """Decode a file to one channel, about a second at a time."""
    container: Any = av.open(str(path), "r", format="ogg")
    held = []
    with container:
        for frame in container.decode(container.streams.audio[0]):
            data = frame.to_ndarray()
            if not frame.format.is_planar:
                data = data.reshape(-1, frame.layout.nb_channels).T
            if data.dtype == np.int16:
                data = data / np.float32(_FULL)
            held.append(data.mean(axis=0))
            if len(held) == _HELD:
                yield _whole_numbers(held)
                held = []
    if held:
        yield _whole_numbers(held)


def _whole_numbers(parts: list[Any]) -> Any:
    return (np.concatenate(parts).clip(-1, 1) * _FULL).astype(np.int16)
