"""Opus packets: how long they sound, and whether they can be decoded at all (RFC 6716, RFC 7587).

An RTP payload is exactly one Opus packet, so there is nothing to put together.
"""

from __future__ import annotations

MAX_DURATION = 120.0
"""Milliseconds: "the audio duration contained within a packet MUST NOT exceed 120 ms"."""

MAX_FRAME = 1275
"""Bytes: the longest a single frame may be (RFC 6716 section 3.4, R2)."""

# RFC 6716 table 2: the duration of a frame in milliseconds, by configuration.
_DURATIONS = (10.0, 20.0, 40.0, 60.0) * 3 + (10.0, 20.0) * 2 + (2.5, 5.0, 10.0, 20.0) * 4


def duration(packet: bytes) -> float:
    """Return how many milliseconds a packet sounds; 0 where it breaks RFC 6716 section 3.4."""
    if not packet:
        return 0.0
    toc = packet[0]
    one = _DURATIONS[toc >> 3]
    code = toc & 0x03
    if code == 0:
        return one if len(packet) - 1 <= MAX_FRAME else 0.0
    if code == 3:
        return _many(packet, one)
    if code == 1:
        # Two frames of one length: "the payload ... MUST be an even number of bytes" (R3).
        size = len(packet) - 1
        return 2 * one if size % 2 == 0 and size // 2 <= MAX_FRAME else 0.0
    first, position = _length(packet, 1)
    rest = len(packet) - position - first
    return 2 * one if first >= 0 and 0 <= rest <= MAX_FRAME else 0.0


def channels(packet: bytes) -> int:
    """Return how many channels a packet codes (RFC 6716 section 3.1: the bit labeled "s")."""
    return 2 if packet[:1] and packet[0] & 0x04 else 1


def _many(packet: bytes, one: float) -> float:
    """A signalled number of frames (section 3.2.5)."""
    if len(packet) < 2:
        return 0.0
    count = packet[1] & 0x3F
    total = count * one
    if count == 0 or total > MAX_DURATION:
        return 0.0
    position = 2
    padding = 0
    if packet[1] & 0x40:
        more = 255
        while more == 255:
            if position >= len(packet):
                return 0.0
            more = packet[position]
            position += 1
            padding += 254 if more == 255 else more
    if packet[1] & 0x80:
        frames = 0
        for _ in range(count - 1):
            length, position = _length(packet, position)
            if length < 0:
                return 0.0
            frames += length
        rest = len(packet) - position - padding - frames
        return total if 0 <= rest <= MAX_FRAME else 0.0
    rest = len(packet) - position - padding
    return total if rest >= 0 and rest % count == 0 and rest // count <= MAX_FRAME else 0.0


def _length(packet: bytes, position: int) -> tuple[int, int]:
    """Return a frame's length and what follows it; -1 where it is cut off (section 3.2.1)."""
    if position >= len(packet):
        return -1, position
    first = packet[position]
    if first < 252:
        return first, position + 1
    if position + 1 >= len(packet):
        return -1, position
    return packet[position + 1] * 4 + first, position + 2
