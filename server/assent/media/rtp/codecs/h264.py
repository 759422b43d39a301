"""The little of H.264 that forwarding needs (RFC 6184): its profiles, and where decoding begins."""

from __future__ import annotations

import re
from enum import StrEnum

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


class Profile(StrEnum):
    """What has to be able to decode a stream; every browser decodes these, and no other for sure.

    Nobody writes what plain baseline has besides (RFC 6184 section 8.1 allows slices in any order),
    and some encoders, FFmpeg's among them, call constrained baseline so.
    """

    CONSTRAINED_BASELINE = "constrained baseline"
    BASELINE = "baseline"


INFERRED = "42000a"
"""Where nothing is said: "the Baseline profile, without additional constraints at Level 1"."""

# RFC 6184 table 5: profile_idc, and of profile-iop which bits count and what they must be.
_TABLE = (
    (0x42, 0b0100_1111, 0b0100_0000, Profile.CONSTRAINED_BASELINE),
    (0x4D, 0b1000_1111, 0b1000_0000, Profile.CONSTRAINED_BASELINE),
    (0x58, 0b1100_1111, 0b1100_0000, Profile.CONSTRAINED_BASELINE),
    (0x42, 0b0100_1111, 0b0000_0000, Profile.BASELINE),
    (0x58, 0b1100_1111, 0b1000_0000, Profile.BASELINE),
)
_PROFILE_LEVEL = re.compile(r"[0-9A-Fa-f]{6}")
_LEVEL_3_1 = 0x1F


def profile(profile_level_id: str) -> Profile | None:
    """Return the profile that a ``profile-level-id`` names; None for any other, or none at all."""
    if not _PROFILE_LEVEL.fullmatch(profile_level_id):
        return None
    idc, iop, _level = bytes.fromhex(profile_level_id)
    for number, mask, bits, found in _TABLE:
        if idc == number and iop & mask == bits:
            return found
    return None


def answered(profile_level_id: str, *, asymmetric: bool) -> str:
    """Return the ``profile-level-id`` to answer with: the same profile, and a level for 720p.

    Where both ends need not have the same level ours is higher if theirs is lower (section 8.2.2).
    """
    level = int(profile_level_id[4:], 16)
    if asymmetric:
        level = max(level, _LEVEL_3_1)
    return f"{profile_level_id[:4].lower()}{level:02x}"
