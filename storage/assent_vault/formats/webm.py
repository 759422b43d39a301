"""How a track is written as WebM: its description, and clusters of it (FORMAT.md section 9).

Only what that section names is written. Element identifiers are those of RFC 9559, sizes are
written in as few bytes as they need.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import Final

CODEC_DELAY: Final = 312  # samples
"""Samples at 48 kHz by which libopus's decoder output lags behind what was put in: 6.5 ms."""

SEGMENT: Final = b"\x18\x53\x80\x67"
"""What all but the EBML header is in."""

MAX_RELATIVE: Final = 0x7FFF  # ms
"""Milliseconds that a block can be after its cluster's beginning."""

Block = tuple[int, bool, bytes, int]
"""Milliseconds since the meeting began, whether it is a key frame, the frame, and how many
milliseconds it lasts: 0 where that is not known, or where the frame says so itself, as sound's."""

_SEEK_PRE_ROLL = 80_000_000  # ns
"""Nanoseconds: "SeekPreRoll ... SHOULD be set to 80000000" (RFC 9559, Opus mapping)."""

_BLOCK = Struct(">BhB")  # track number as a one-byte size, time in the cluster, flags
_OPUS_HEAD = Struct("<8sBBHIhB")
_DOUBLE = Struct(">d")
_TRACK = 1
_APPLICATION = b"Assent"
_KEY = 0x80
_REFERENCE = b"\xfb\x81\xff"  # ReferenceBlock, -1
_SMPTE_170M = 6  # of ITU-T H.273: BT.601 with 525 lines, for matrix, transfer and primaries alike
_BROADCAST = 1  # black is 16 and white 235


def opus_track(channels: int) -> bytes:
    """Return the description of an Opus track.

    A packet can be mono or stereo, each anew; a decoder gives out as many channels as it is told
    here, whatever comes.
    """
    head = _OPUS_HEAD.pack(b"OpusHead", 1, channels, CODEC_DELAY, 48000, 0, 0)
    return _entry(
        number(b"\x83", 2)
        + element(b"\x86", b"A_OPUS")
        + element(b"\x63\xa2", head)
        + number(b"\x56\xaa", CODEC_DELAY * 1_000_000_000 // 48000)
        + number(b"\x56\xbb", _SEEK_PRE_ROLL)
        + element(b"\xe1", element(b"\xb5", _DOUBLE.pack(48000.0)) + number(b"\x9f", channels))
    )


def vp8_track(width: int, height: int) -> bytes:
    """Return the description of a VP8 track. Later key frames may be of another size.

    VP8 knows one kind of colours, "YUV color space similar to the YUV color space defined in
    [ITU_R_BT.601]" (RFC 6386 section 9.2), in the range of television, and browsers that get it
    live take it for that. Who plays a file guesses by its size where it is not told.
    """
    colour = (
        number(b"\x55\xb1", _SMPTE_170M)  # MatrixCoefficients
        + number(b"\x55\xb9", _BROADCAST)  # Range
        + number(b"\x55\xba", _SMPTE_170M)  # TransferCharacteristics
        + number(b"\x55\xbb", _SMPTE_170M)  # Primaries
    )
    return _entry(
        number(b"\x83", 1)
        + element(b"\x86", b"V_VP8")
        + element(
            b"\xe0",
            number(b"\xb0", width) + number(b"\xba", height) + element(b"\x55\xb0", colour),
        )
    )


def cluster(blocks: Iterable[Block]) -> bytes:
    """Return one whole cluster; times must not go back, nor span more than MAX_RELATIVE."""
    parts = []
    begins = -1
    for time, key, data, duration in blocks:
        if begins < 0:
            begins = time
            parts.append(number(b"\xe7", time))
        if duration:
            # Only a block in a group can say how long it lasts. There it is a key frame if it
            # refers to no other; to which one, no reader asks.
            head = _BLOCK.pack(0x80 | _TRACK, time - begins, 0)
            tail = number(b"\x9b", duration) + (b"" if key else _REFERENCE)
            block = b"\xa1" + size_of(len(head) + len(data))
            size = len(block) + len(head) + len(data) + len(tail)
            parts += (b"\xa0" + size_of(size), block, head, data, tail)
            continue
        parts.append(b"\xa3" + size_of(4 + len(data)))
        parts.append(_BLOCK.pack(0x80 | _TRACK, time - begins, _KEY if key else 0))
        parts.append(data)
    return element(b"\x1f\x43\xb6\x75", b"".join(parts))


def head() -> bytes:
    """Return the EBML header of a file."""
    return element(
        b"\x1a\x45\xdf\xa3",
        number(b"\x42\x86", 1)  # EBMLVersion
        + number(b"\x42\xf7", 1)  # EBMLReadVersion
        + number(b"\x42\xf2", 4)  # EBMLMaxIDLength
        + number(b"\x42\xf3", 8)  # EBMLMaxSizeLength
        + element(b"\x42\x82", b"webm")
        + number(b"\x42\x87", 4)  # DocTypeVersion: CodecDelay and SeekPreRoll are of version 4
        + number(b"\x42\x85", 2),  # DocTypeReadVersion: SimpleBlock is of version 2
    )


def info(duration: float | None = None) -> bytes:
    """Return the Info of a file; ``duration`` in milliseconds, where it is known."""
    return element(
        b"\x15\x49\xa9\x66",
        number(b"\x2a\xd7\xb1", 1_000_000)  # TimestampScale: 1 ms
        + (b"" if duration is None else element(b"\x44\x89", _DOUBLE.pack(duration)))
        + element(b"\x4d\x80", _APPLICATION)
        + element(b"\x57\x41", _APPLICATION),
    )


def _entry(track: bytes) -> bytes:
    """Return the Tracks of a file; ``track`` is what the codec adds."""
    entry = element(
        b"\xae",
        number(b"\xd7", _TRACK)
        + number(b"\x73\xc5", _TRACK)  # TrackUID
        + number(b"\x9c", 0)  # FlagLacing
        + element(b"\x22\xb5\x9c", b"und")  # Language
        + track,
    )
    return element(b"\x16\x54\xae\x6b", entry)


def element(identifier: bytes, content: bytes) -> bytes:
    """Return a whole element."""
    return identifier + size_of(len(content)) + content


def number(identifier: bytes, value: int) -> bytes:
    """Return an element that holds an unsigned integer."""
    return element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def size_of(size: int) -> bytes:
    """Write an element's size. All ones would mean "unknown", hence the - 1."""
    for length in range(1, 9):
        if size < (1 << 7 * length) - 1:
            return (size | 1 << 7 * length).to_bytes(length, "big")
    raise ValueError("larger than an EBML element can be")
