"""A live WebM file of one track, in two kinds of pieces: a header, and clusters.

Only what FORMAT.md section 9 names is written. Pieces in a row are one file: the Segment has an
unknown size, as a live one may (RFC 8794 section 6.2), so that nothing is ever gone back to.
Element identifiers are those of RFC 9559, sizes are written in as few bytes as they need.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

CODEC_DELAY = 312
"""Samples at 48 kHz by which libopus's decoder output lags behind what was put in: 6.5 ms."""

_SEEK_PRE_ROLL = 80_000_000
"""Nanoseconds: "SeekPreRoll ... SHOULD be set to 80000000" (RFC 9559, Opus mapping)."""

_APPLICATION = b"Assent"
_UNKNOWN_SIZE = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_BLOCK = Struct(">BhB")  # track number as a one-byte size, time in the cluster, flags
_OPUS_HEAD = Struct("<8sBBHIhB")
_DOUBLE = Struct(">d")
_TRACK = 1
_KEY = 0x80

MAX_RELATIVE = 0x7FFF
"""Milliseconds that a block can be after its cluster's beginning."""

Block = tuple[int, bool, bytes]
"""Milliseconds since the meeting began, whether it is a key frame, the frame."""


def opus_header() -> bytes:
    """Return the header of an Opus track.

    Always two channels: a packet can be mono or stereo, each anew, and a decoder that is told
    two loses nothing of either.
    """
    channels = 2
    head = _OPUS_HEAD.pack(b"OpusHead", 1, channels, CODEC_DELAY, 48000, 0, 0)
    return _file(
        _number(b"\x83", 2)
        + _element(b"\x86", b"A_OPUS")
        + _element(b"\x63\xa2", head)
        + _number(b"\x56\xaa", CODEC_DELAY * 1_000_000_000 // 48000)
        + _number(b"\x56\xbb", _SEEK_PRE_ROLL)
        + _element(b"\xe1", _element(b"\xb5", _DOUBLE.pack(48000.0)) + _number(b"\x9f", channels))
    )


def vp8_header(width: int, height: int) -> bytes:
    """Return the header of a VP8 track. Later key frames may be of another size."""
    return _file(
        _number(b"\x83", 1)
        + _element(b"\x86", b"V_VP8")
        + _element(b"\xe0", _number(b"\xb0", width) + _number(b"\xba", height))
    )


def cluster(blocks: Iterable[Block]) -> bytes:
    """Return one whole cluster; times must not go back, nor span more than MAX_RELATIVE."""
    parts = []
    begins = -1
    for time, key, data in blocks:
        if begins < 0:
            begins = time
            parts.append(_number(b"\xe7", time))
        parts.append(b"\xa3" + _size(4 + len(data)))
        parts.append(_BLOCK.pack(0x80 | _TRACK, time - begins, _KEY if key else 0))
        parts.append(data)
    return _element(b"\x1f\x43\xb6\x75", b"".join(parts))


def _file(track: bytes) -> bytes:
    """Return everything before the first cluster; ``track`` is what the codec adds."""
    ebml = _element(
        b"\x1a\x45\xdf\xa3",
        _number(b"\x42\x86", 1)  # EBMLVersion
        + _number(b"\x42\xf7", 1)  # EBMLReadVersion
        + _number(b"\x42\xf2", 4)  # EBMLMaxIDLength
        + _number(b"\x42\xf3", 8)  # EBMLMaxSizeLength
        + _element(b"\x42\x82", b"webm")
        + _number(b"\x42\x87", 4)  # DocTypeVersion: CodecDelay and SeekPreRoll are of version 4
        + _number(b"\x42\x85", 2),  # DocTypeReadVersion: SimpleBlock is of version 2
    )
    info = _element(
        b"\x15\x49\xa9\x66",
        _number(b"\x2a\xd7\xb1", 1_000_000)  # TimestampScale: 1 ms
        + _element(b"\x4d\x80", _APPLICATION)
        + _element(b"\x57\x41", _APPLICATION),
    )
    entry = _element(
        b"\xae",
        _number(b"\xd7", _TRACK)
        + _number(b"\x73\xc5", _TRACK)  # TrackUID
        + _number(b"\x9c", 0)  # FlagLacing
        + _element(b"\x22\xb5\x9c", b"und")  # Language
        + track,
    )
    return b"".join(
        (ebml, b"\x18\x53\x80\x67", _UNKNOWN_SIZE, info, _element(b"\x16\x54\xae\x6b", entry))
    )


def _element(identifier: bytes, content: bytes) -> bytes:
    return identifier + _size(len(content)) + content


def _number(identifier: bytes, value: int) -> bytes:
    return _element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _size(size: int) -> bytes:
    """Write an element's size. All ones would mean "unknown", hence the - 1."""
    for length in range(1, 9):
        if size < (1 << 7 * length) - 1:
            return (size | 1 << 7 * length).to_bytes(length, "big")
    raise ValueError("larger than an EBML element can be")
