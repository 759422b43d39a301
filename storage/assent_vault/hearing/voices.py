"""Tells voices from what is none, in one channel of 16 kHz: WebRTC's detector, over 30 ms.

Memory holds a second, whatever the length. Where there is nothing at all nobody is looked for.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import webrtcvad

from assent_vault.hearing.decoder import RATE
from assent_vault.hearing.wire import JOINED, QUIETEST, SHORTEST, Heard

FRAME_MS: Final = 30
"""Milliseconds that are told apart: the longest that the detector takes."""
FLOOR: Final = -60.0
"""dBFS: what is softer is nobody who speaks into this microphone."""

_FRAME: Final = RATE * FRAME_MS // 1000
_HELD: Final = RATE  # samples that are looked at together
_MODE: Final = 2  # of 0 to 3; 3 misses the most
_FULL: Final = 32_767
_STEPS: Final = 100  # of a dB: noise is told so finely
_LEVELS: Final = round(-QUIETEST) * _STEPS + 1


class Voices:
    """Listens to one track of ``duration`` milliseconds; hand it everything in order."""

    def __init__(self, duration: int) -> None:
        self._duration = duration
        self._detector = webrtcvad.Vad(_MODE)
        self._held = bytearray()
        self._frames = 0  # that were looked at
        self._samples = self._clipped = 0
        self._power, self._spoken = 0.0, 0  # of frames of speech
        self._noise = np.zeros(_LEVELS, np.int64)  # frames of each level, without speech
        self._turns: list[tuple[int, int]] = []

    def add(self, samples: bytes | memoryview) -> None:
        """Take samples of 16 bits, as the machine has them."""
        self._held += samples
        if len(self._held) >= 2 * _HELD:
            self._look()

    def add_silence(self, samples: int) -> None:
        """Take so many samples of nothing."""
        short = min(samples, -(len(self._held) // 2) % _FRAME)
        self._held += bytes(2 * short)
        self._look()
        whole, rest = divmod(samples - short, _FRAME)
        self._frames += whole
        self._samples += whole * _FRAME
        self._held += bytes(2 * rest)

    def finish(self) -> Heard:
        """Tell what was heard; what is left is too short for a frame."""
        self._look()
        cut = ((start, min(end, self._duration)) for start, end in self._turns)
        turns = tuple((start, end) for start, end in cut if end - start >= SHORTEST)
        return Heard(
            turns,
            round(10 * math.log10(self._power / self._spoken), 2) if self._spoken else None,
            self._median(),
            round(self._clipped / self._samples, 6) if self._samples else 0.0,
        )

    def _look(self) -> None:
        """Look at all whole frames that are held."""
        size = len(self._held) // (2 * _FRAME) * 2 * _FRAME
        if not size:
            return
        data = bytes(self._held[:size])
        del self._held[:size]
        frames = np.frombuffer(data, np.int16).reshape(-1, _FRAME)
        # -32768 has no counterpart: what is as loud as can be on either side is clipped.
        self._clipped += int(np.count_nonzero((frames >= _FULL) | (frames <= -_FULL)))
        self._samples += frames.size
        scaled = frames.astype(np.float32) / np.float32(_FULL)
        powers: list[float] = np.einsum("ij,ij->i", scaled, scaled, dtype=np.float64).tolist()
        for number, whole in enumerate(powers):
            power = whole / _FRAME
            level = 10 * math.log10(power) if power > 1e-12 else QUIETEST
            if level > FLOOR and self._detector.is_speech(
                data[number * 2 * _FRAME : (number + 1) * 2 * _FRAME], RATE
            ):
                self._power += power
                self._spoken += 1
                self._extend((self._frames + number) * FRAME_MS)
            elif level > QUIETEST:
                self._noise[min(_LEVELS - 1, round((level - QUIETEST) * _STEPS))] += 1
        self._frames += len(powers)

    def _extend(self, start: int) -> None:
        """Add a frame of speech to the turns."""
        end, turns = start + FRAME_MS, self._turns
        if turns and start - turns[-1][1] <= JOINED:
            turns[-1] = turns[-1][0], end
            return
        if turns and turns[-1][1] - turns[-1][0] < SHORTEST:
            turns.pop()
        turns.append((start, end))

    def _median(self) -> float | None:
        counted: Any = np.cumsum(self._noise)
        if not counted[-1]:
            return None
        middle = int(np.searchsorted(counted, counted[-1] // 2, side="right"))
        return round(middle / _STEPS + QUIETEST, 2)
