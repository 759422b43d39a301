"""Encodes one channel of 16 kHz as FLAC, frame by frame (RFC 9639), by FFmpeg's encoder.

Nothing in it tells when or by what it was written: the same samples give the same frames with one
version of FFmpeg's libraries. Memory holds some frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import av
from av.codec.context import Flags

from assent_vault.hearing.decoder import RATE
from assent_vault.hearing.wire import FLAC_FRAME

_HELD: Final = 2 * 4 * FLAC_FRAME  # bytes that are handed over together


class FlacEncoder:
    """Encodes ``samples`` samples: hand it everything in order, and it calls ``frame`` with each.

    What is more is cut off, what is missing is silent.
    """

    def __init__(self, samples: int, frame: Callable[[bytes], None]) -> None:
        self._left = 2 * samples  # bytes
        self._frame = frame
        self._held = bytearray()
        self._heard = hashlib.md5(usedforsecurity=False)
        self._at = 0
        context: Any = av.CodecContext.create("flac", "w")
        context.sample_rate, context.layout, context.format = RATE, "mono", "s16"
        context.thread_count = 1
        context.flags |= Flags.bitexact
        context.open()
        if context.frame_size != FLAC_FRAME:
            raise RuntimeError("the encoder makes frames of another length")
        self._context = context

    def add(self, samples: bytes | memoryview) -> None:
        """Take samples of 16 bits, as the machine has them: least byte first, where this runs."""
        part = samples[: self._left - len(self._held)]
        self._held += part
        while len(self._held) >= _HELD:
            self._encode(bytes(self._held[:_HELD]))
            del self._held[:_HELD]

    def add_silence(self, samples: int) -> None:
        """Take so many samples of nothing."""
        left = min(2 * samples, self._left - len(self._held))
        while left > 0:
            part = min(left, _HELD)
            self.add(bytes(part))
            left -= part

    def finish(self) -> bytes:
        """Encode what is left and what is missing; return the MD5 of all samples."""
        self.add_silence(self._left)
        if self._held:
            self._encode(bytes(self._held))
        self._pass_on(None)
        return self._heard.digest()

    def _encode(self, data: bytes) -> None:
        self._left -= len(data)
        self._heard.update(data)
        frame: Any = av.AudioFrame(format="s16", layout="mono", samples=len(data) // 2)
        frame.sample_rate, frame.pts = RATE, self._at
        frame.planes[0].update(data + bytes(frame.planes[0].buffer_size - len(data)))
        self._at += len(data) // 2
        self._pass_on(frame)

    def _pass_on(self, frame: Any) -> None:
        for packet in self._context.encode(frame):
            if packet.size:  # what tells the MD5 once more has none
                self._frame(bytes(packet))
