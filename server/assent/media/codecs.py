"""Codecs: every codec that is forwarded, and what descriptions say of it. The one place for it.

:mod:`assent.signalling.typescript_tracks` writes the client's list from this one. What is recorded
is narrower: :data:`assent.recording.recorder.RECORDED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Codec = Literal["opus", "vp8", "h264", "vp9", "av1"]


@dataclass(frozen=True, slots=True)
class CodecTraits:
    """What a codec is. ``clock_rate`` is the rate of RTP timestamps, in Hz.

    ``encoding`` is its name in descriptions and media types, ``payload_type`` what it is called
    where we offer, and ``rtx`` what its retransmissions are; answers name them the same (RFC 8829
    section 5.3.1).
    """

    encoding: str
    video: bool
    clock_rate: int
    payload_type: int
    rtx: int = 0  # 0: sound is sent again as it was
    layered: bool = False  # taken in several encodings at once (simulcast)


SOUND: Final[Codec] = "opus"

CODECS: Final[Mapping[Codec, CodecTraits]] = {
    "opus": CodecTraits("opus", False, 48000, 111),
    "vp8": CodecTraits("VP8", True, 90000, 96, 97, layered=True),
    "h264": CodecTraits("H264", True, 90000, 98, 99, layered=True),
    "vp9": CodecTraits("VP9", True, 90000, 100, 101),
    "av1": CodecTraits("AV1", True, 90000, 102, 103),
}
"""Every codec there is, of pictures the preferred first: every browser has the first two."""

PICTURES: Final[tuple[Codec, ...]] = tuple(each for each in CODECS if CODECS[each].video)
"""Video codecs that are forwarded, the preferred first."""
