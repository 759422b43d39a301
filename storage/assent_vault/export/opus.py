"""Opus packets and the headers of an Ogg Opus file (RFC 6716 section 3, RFC 7845 section 5).

How long a packet lasts, and whether it is mono or stereo, is in the packet; what a container says
about it is never asked. Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

RATE: Final = 48_000
"""Samples in a second: what positions in Ogg Opus are counted in, whatever the codec uses."""
MS: Final = RATE // 1000
LONGEST: Final = 120 * MS
"""RFC 6716 section 3.2.5: "the audio duration contained within a packet MUST NOT exceed 120 ms"."""
STEP: Final = 120
"""Samples of the shortest packet there is, 2.5 ms: the finest that silence can be laid in."""
LARGEST: Final = 65_535
"""Bytes of a packet, at most: 48 frames of 1,275 bytes, and some padding, which has no bound."""

# Samples of a frame by configuration: SILK, hybrid and CELT (RFC 6716 section 3.1, table 2).
_FRAMES: Final = (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4
_LARGEST_FRAME: Final = 1275

_SILENCE: Final = {
    samples: bytes([config << 3, 0xFF, 0xFE])
    for config, samples in ((31, 960), (30, 480), (29, 240), (28, 120))
}
"""Packets of nothing but silence: CELT, fullband, mono, one frame whose first symbol, the silence
flag (RFC 6716 section 4.3), is set. A stereo decoder gives it out on both sides."""

_HEAD: Final = Struct("<8sBBHIhB")
_VENDOR: Final = b"Assent"


@dataclass(frozen=True, slots=True)
class OpusPacket:
    """What a packet says of itself: samples at 48 kHz, stereo, and whether there is sound in it.

    In an ``empty`` one no frame has more than a byte: what an encoder in DTX sends, from which a
    decoder makes up something as it does for a lost one.
    """

    samples: int
    stereo: bool
    empty: bool


_ALONE: Final = tuple(
    tuple(OpusPacket(_FRAMES[kind >> 1], bool(kind & 1), empty) for kind in range(64))
    for empty in (False, True)
)
"""What packets of one frame say, by whether they are empty, and by their configuration and the bit
for stereo: they are made once, for making one takes longer than all else that is read of it."""


def parse(packet: bytes) -> OpusPacket | None:
    """Read a packet's table of contents and lengths of frames; None for what is no Opus packet.

    The requirements R1 to R7 of RFC 6716 section 3.4 are what makes it one.
    """
    if not 1 <= len(packet) <= LARGEST:
        return None  # R1: at least one byte
    if not packet[0] & 3 and len(packet) - 1 <= _LARGEST_FRAME:
        # Nearly all are so: one frame, which is all the rest.
        return _ALONE[len(packet) <= 2][packet[0] >> 2]
    frame = _FRAMES[packet[0] >> 3]
    sizes = _sizes(packet, LONGEST // frame)
    if sizes is None or max(sizes) > _LARGEST_FRAME:
        return None  # R2: no frame is larger than 1275 bytes
    return OpusPacket(frame * len(sizes), bool(packet[0] & 4), max(sizes) <= 1)


def _sizes(packet: bytes, most: int) -> list[int] | None:
    """Return the length of each frame, of at most ``most``, or None where they do not fit."""
    rest = len(packet) - 1
    code = packet[0] & 3
    if code == 0:
        return [rest]
    if code == 1:
        return [rest // 2] * 2 if rest % 2 == 0 else None  # R3
    if code == 2:
        first, used = _length(packet, 1)
        last = rest - used - first
        return [first, last] if used and last >= 0 else None  # R4
    if rest < 1:
        return None  # R6, R7: the count of frames must be there
    count = packet[1] & 0x3F
    if not 1 <= count <= most:
        return None  # R5
    at, end = 2, len(packet)
    if packet[1] & 0x40:
        while True:
            if at >= end:
                return None
            padding = packet[at]
            at += 1
            end -= min(padding, 254)
            if padding < 255:
                break
    if end < at:
        return None
    if not packet[1] & 0x80:
        size, odd = divmod(end - at, count)
        return None if odd else [size] * count  # R6
    sizes = []
    for _ in range(count - 1):
        size, used = _length(packet[:end], at)
        if not used:
            return None
        sizes.append(size)
        at += used
    last = end - at - sum(sizes)
    return [*sizes, last] if last >= 0 else None  # R7


def _length(packet: bytes, at: int) -> tuple[int, int]:
    """Return a frame's length and in how many bytes it is written: RFC 6716 section 3.2.1.

    None are used where it is not there.
    """
    if at >= len(packet):
        return 0, 0
    if packet[at] < 252:
        return packet[at], 1
    if at + 1 >= len(packet):
        return 0, 0
    return packet[at + 1] * 4 + packet[at], 2


def silence(steps: int) -> Iterator[tuple[bytes, int]]:
    """Yield packets of silence, each with its samples, ``steps`` times STEP in all."""
    left = steps * STEP
    for samples, packet in _SILENCE.items():
        while left >= samples:
            left -= samples
            yield packet, samples


def opus_head(channels: int, pre_skip: int) -> bytes:
    """Return the identification header (RFC 7845 section 5.1), of channel mapping family 0."""
    return _HEAD.pack(b"OpusHead", 1, channels, pre_skip, RATE, 0, 0)


def opus_tags() -> bytes:
    """Return the comment header (RFC 7845 section 5.2): by whom it was written, and no comment."""
    vendor = len(_VENDOR).to_bytes(4, "little") + _VENDOR
    return b"OpusTags" + vendor + (0).to_bytes(4, "little")
