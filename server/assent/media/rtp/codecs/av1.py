"""The little of AV1 that forwarding needs: does a coded video sequence begin here?

"RTP Payload Format For AV1", section 4.4 (the aggregation header). The dependency descriptor is not
negotiated, so that every decoder has to go by this as well.
"""

from __future__ import annotations

_NEW_SEQUENCE = 0x08  # N
_CONTINUES = 0x80  # Z


def starts_key_frame(payload: bytes) -> bool:
    """Tell whether this RTP payload is the first of a coded video sequence.

    N "MUST be set to 1 if the packet is the first packet of a coded video sequence", and a packet
    that begins with the rest of an OBU (Z) is never that.
    """
    return len(payload) > 1 and payload[0] & (_NEW_SEQUENCE | _CONTINUES) == _NEW_SEQUENCE
