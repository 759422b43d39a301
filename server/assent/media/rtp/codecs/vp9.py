"""The little of VP9 that forwarding needs (RFC 9628): does a key frame begin here?"""

from __future__ import annotations


def starts_key_frame(payload: bytes) -> bool:
    """Tell whether this RTP payload is the first packet of a VP9 key frame.

    Reads the payload descriptor (section 4.2): a picture that is not inter-picture predicted (P),
    its frame begins here (B), and of its spatial layers it is the lowest (SID).
    """
    if not payload or payload[0] & 0x48 != 0x08:
        return False
    if not payload[0] & 0x20:  # no layer indices
        return len(payload) > 1
    position = 1
    if payload[0] & 0x80:  # I: a picture id of 7 or 15 bits
        if len(payload) < 2:
            return False
        position += 2 if payload[1] & 0x80 else 1
    return len(payload) > position + 1 and not payload[position] & 0x0E
