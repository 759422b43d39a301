"""A track of sound once more as FLAC, 16 kHz and one channel, for who trains with nothing else.

It is decoded and encoded by the process that hears (``hearing``), while the track is written. What
that says is not believed: a file is as long as the timeline to the sample, of frames with the very
heads that these must have (RFC 9639 section 9.1), and of a bounded length. What is inside of them
nobody here looks at. Memory holds a frame.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from assent_vault.export.join import Sink
from assent_vault.hearing.wire import FLAC_FRAME, LARGEST_FLAC, MD5_BYTES, RECORD

RATE: Final = 16_000
"""Hz: what speech recognition is trained with."""
SUFFIX: Final = "flac"

_HEAD: Final = b"fLaC" + b"\x80\x00\x00\x22"
"""Section 8.1: a block of metadata that is the last one, STREAMINFO, of 34 bytes."""
_STREAMINFO: Final = 34
_SYNC: Final = b"\xff\xf8"  # section 9.1: a sync code, and that frames are of one length
_SIZES: Final = {192: 1, 576: 2, FLAC_FRAME: 3, 256: 8, 512: 9, 1024: 10}
"""Section 9.1.1: how a frame's samples are told; all others follow as a number."""
_BYTE, _TWO_BYTES = 0x6, 0x7  # of which it is one less
_RATE_CODE: Final = 0x5  # section 9.1.2: 16 kHz
_MONO_16_BITS: Final = 0x08  # sections 9.1.3 and 9.1.4
_LEAST_FRAME: Final = 2 + 2
"""Bytes after a frame's head, at least: a subframe's head, a sample, and the CRC."""


class PcmFile:
    """Writes ``out``, an empty file, of ``duration`` milliseconds, from what a process says."""

    def __init__(self, out: BinaryIO, duration: int) -> None:
        self._samples = duration * RATE // 1000
        self._sink = Sink(out)
        self._held = bytearray()
        self._frames = 0
        self._smallest, self._largest = 0, 0
        self._md5: bytes | None = None
        self._sink.write(_HEAD + bytes(_STREAMINFO))

    def take(self, data: bytes) -> bytes:
        """Take what comes next; return what is there after the sound, once that is whole.

        Raises ValueError for what is no such frame, ExportError ``cannot-write``.
        """
        if self._md5 is not None:
            return data
        held = self._held
        held += data
        while len(held) >= RECORD.size:
            length = RECORD.unpack_from(held)[0]
            if length == 0:
                return self._end()
            if length > LARGEST_FLAC:
                raise ValueError("larger than a frame is")
            if len(held) < RECORD.size + length:
                break
            self._write(bytes(held[RECORD.size : RECORD.size + length]))
            del held[: RECORD.size + length]
        return b""

    def _end(self) -> bytes:
        held = self._held
        if self._frames != -(-self._samples // FLAC_FRAME):
            raise ValueError("not as long as the timeline")
        if len(held) < RECORD.size + MD5_BYTES:
            return b""
        self._md5 = bytes(held[RECORD.size :][:MD5_BYTES])
        rest = bytes(held[RECORD.size + MD5_BYTES :])
        held.clear()
        return rest

    def _write(self, frame: bytes) -> None:
        left = self._samples - self._frames * FLAC_FRAME
        if left <= 0:
            raise ValueError("longer than the timeline")
        head = frame_head(self._frames, min(left, FLAC_FRAME))
        if not frame.startswith(head) or len(frame) < len(head) + _LEAST_FRAME:
            raise ValueError("not the frame that comes next")
        self._sink.write(frame)
        self._sink.check()
        self._frames += 1
        self._smallest = min(self._smallest or len(frame), len(frame))
        self._largest = max(self._largest, len(frame))

    def finish(self) -> None:
        """Write what is known only now; raises ExportError ``cannot-write``, ValueError."""
        if self._md5 is None:
            raise ValueError("not all of it came")
        # Section 8.2: sizes of blocks and of frames, rate, channels and bits, length, MD5. The last
        # frame does not count among the former.
        self._sink.seek(len(_HEAD))
        self._sink.write(
            FLAC_FRAME.to_bytes(2, "big") * 2
            + self._smallest.to_bytes(3, "big")
            + self._largest.to_bytes(3, "big")
            + (RATE << 44 | (1 - 1) << 41 | (16 - 1) << 36 | self._samples).to_bytes(8, "big")
            + self._md5
        )
        self._sink.check()


def frame_head(number: int, samples: int) -> bytes:
    """Return how a frame of so many samples begins, up to the CRC of its head (section 9.1)."""
    if samples in _SIZES:
        size, follows = _SIZES[samples], b""
    elif samples <= 256:
        size, follows = _BYTE, bytes([samples - 1])
    else:
        size, follows = _TWO_BYTES, (samples - 1).to_bytes(2, "big")
    head = _SYNC + bytes([size << 4 | _RATE_CODE, _MONO_16_BITS]) + _coded(number) + follows
    return head + bytes([_crc(head)])


def _coded(number: int) -> bytes:
    """Return a number as UTF-8 has characters, of up to 31 bits (section 9.1.5)."""
    if number < 0x80:
        return bytes([number])
    rest: list[int] = []
    while number >= 0x40 >> len(rest):
        rest.append(0x80 | number & 0x3F)
        number >>= 6
    first = 0xFF00 >> len(rest) + 1 & 0xFF | number
    return bytes([first, *reversed(rest)])


def _crc(data: bytes) -> int:
    """Return the CRC-8 of a head (section 9.1.8): polynomial x^8 + x^2 + x^1 + x^0, from 0."""
    found = 0
    for byte in data:
        found = _CRC[found ^ byte]
    return found


def _table() -> bytes:
    found = []
    for value in range(256):
        for _ in range(8):
            value = (value << 1 ^ (0x07 if value & 0x80 else 0)) & 0xFF
        found.append(value)
    return bytes(found)


_CRC: Final = _table()
