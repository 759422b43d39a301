"""The little of H.264 that forwarding needs (RFC 6184): where can a decoder begin?"""

from __future__ import annotations

_SPS = 7
_STAP_A, _FU_A = 24, 28


def starts_key_frame(payload: bytes) -> bool:
    """Tell whether a decoder can begin with this RTP payload.

    That is where the sequence parameter set is, alone, in an aggregate (section 5.7.1) or as the
    first fragment (section 5.8): WebRTC senders put it before each IDR picture (RFC 7742 section
    6.2 asks for it), and an IDR picture without it cannot be decoded by somebody who comes late.
    """
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == _STAP_A:
        position = 1
        while position + 2 < len(payload):
            size = payload[position] << 8 | payload[position + 1]
            if payload[position + 2] & 0x1F == _SPS and 0 < size <= len(payload) - position - 2:
                return True
            position += 2 + size
        return False
    if kind == _FU_A:
        return payload[1] & 0x9F == 0x80 | _SPS
    return kind == _SPS
