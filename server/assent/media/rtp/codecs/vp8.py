"""The little of VP8 that forwarding needs (RFC 7741): key frames, their size, and running numbers.

Picture ids and TL0PICIDX of the payload descriptor count on from frame to frame, and each layer of
a simulcast counts for itself. Where a subscriber is moved from one layer to another they are
written anew, so that to the decoder it is one stream.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

_NUMBERS = Struct("!HB")
_pack, _unpack = _NUMBERS.pack, _NUMBERS.unpack_from

PictureIds = tuple[int, int]
"""Picture id and TL0PICIDX; either is -1 where the descriptor does not have it."""

Shift = Callable[[bytes], bytes]
"""Returns a payload with its running numbers written anew."""


def payload_header(payload: bytes) -> int:
    """Return where the payload descriptor ends (section 4.2), or -1 if it is cut off."""
    if not payload:
        return -1
    position = 1
    if payload[0] & 0x80:
        if len(payload) < 3:
            return -1
        extended = payload[1]
        position = 2
        if extended & 0x80:
            position += 2 if payload[2] & 0x80 else 1
        if extended & 0x40:
            position += 1
        if extended & 0x30:
            position += 1
    return position if position < len(payload) else -1


def starts_key_frame(payload: bytes) -> bool:
    """Tell whether this RTP payload is the first packet of a VP8 key frame.

    Reads the payload descriptor (RFC 7741 section 4.2) and the inverse key-frame flag of the
    payload header (section 4.3). What is truncated is no key frame.
    """
    # S set and partition index 0: the first packet of a frame.
    if not payload or not payload[0] & 0x10 or payload[0] & 0x07:
        return False
    position = payload_header(payload)
    return position > 0 and not payload[position] & 0x01


def height(payload: bytes) -> int:
    """Return the lines of the key frame that begins here (RFC 6386 section 9.1), 0 if it cannot."""
    position = payload_header(payload)
    if position < 0 or payload[position + 3 : position + 6] != b"\x9d\x01\x2a":
        return 0
    return int.from_bytes(payload[position + 8 : position + 10], "little") & 0x3FFF


def picture_ids(payload: bytes) -> PictureIds:
    """Return the running numbers of a payload."""
    if payload_header(payload) < 0 or not payload[0] & 0x80:
        return -1, -1
    extended = payload[1]
    picture = -1
    position = 2
    if extended & 0x80:
        if payload[2] & 0x80:
            picture = (payload[2] & 0x7F) << 8 | payload[3]
            position = 4
        else:
            picture = payload[2]
            position = 3
    return picture, payload[position] if extended & 0x40 else -1


def shift(pictures: int, bases: int) -> Shift:
    """Return what adds to picture ids (in their own 7 or 15 bits) and to TL0PICIDX."""

    def shifted(payload: bytes) -> bytes:
        if len(payload) < 6 or not payload[0] & 0x80:
            return payload
        extended = payload[1]
        if extended & 0xC0 == 0xC0:
            picture, base = _unpack(payload, 2)
            if picture & 0x8000:  # what browsers send: 15 bits of picture id, and TL0PICIDX
                middle = _pack(picture + pictures & 0x7FFF | 0x8000, base + bases & 0xFF)
                return b"".join((payload[:2], middle, payload[5:]))
        head = bytearray(payload[:5])
        position = 2
        if extended & 0x80:
            if head[2] & 0x80:
                written = (head[2] << 8 | head[3]) + pictures & 0x7FFF | 0x8000
                head[2:4] = written.to_bytes(2, "big")
                position = 4
            else:
                head[2] = head[2] + pictures & 0x7F
                position = 3
        if extended & 0x40:
            head[position] = head[position] + bases & 0xFF
        return bytes(head) + payload[5:]

    return shifted
