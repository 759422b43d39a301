"""The little of VP8 that forwarding needs: does a key frame begin here? (RFC 7741)"""

from __future__ import annotations


def starts_key_frame(payload: bytes) -> bool:
    """Tell whether this RTP payload is the first packet of a VP8 key frame.

    Reads the payload descriptor (RFC 7741 section 4.2) and the inverse key-frame flag of the
    payload header (section 4.3). What is truncated is no key frame.
    """
    if not payload:
        return False
    first = payload[0]
    # S set and partition index 0: the first packet of a frame.
    if not first & 0x10 or first & 0x07:
        return False
    position = 1
    if first & 0x80:
        if len(payload) < 3:
            return False
        extended = payload[1]
        position = 2
        if extended & 0x80:
            position += 2 if payload[2] & 0x80 else 1
        if extended & 0x40:
            position += 1
        if extended & 0x30:
            position += 1
    return len(payload) > position and not payload[position] & 0x01
