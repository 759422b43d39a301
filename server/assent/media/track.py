"""What is said about tracks outside the media plane: plain values that could cross a process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Codec = Literal["opus", "vp8", "h264", "vp9", "av1"]

VIDEO: dict[str, bool] = {
    "microphone": False,
    "camera": True,
    "screen": True,
    "screen-audio": False,
    "device-microphone": False,
    "device-camera": True,
}
"""Every source there is, and whether it is video. A peer has each of them at most once."""

DEVICE = frozenset({"device-microphone", "device-camera"})
"""Sources of a peer's second publishing connection: an encoder or a room system of theirs."""

VOICES = frozenset({"microphone", "device-microphone"})
"""Sources in which a peer may be heard speaking."""

CLOCK_RATES: dict[Codec, int] = {
    "opus": 48000,
    "vp8": 90000,
    "h264": 90000,
    "vp9": 90000,
    "av1": 90000,
}

PICTURES: tuple[Codec, ...] = ("vp8", "h264", "vp9", "av1")
"""Video codecs that are forwarded, the preferred first: every browser has the first two."""

LAYERED: frozenset[Codec] = frozenset({"vp8", "h264"})
"""Codecs taken in several encodings at once (simulcast)."""


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """A published track whose packets can arrive.

    ``ssrc`` is the publisher's own. A peer that connects anew publishes the same source under
    another SSRC, with other sequence numbers and timestamps: for whoever reads packets that is a
    new stream of the same track. ``clock_rate`` is the rate of RTP timestamps, in Hz.
    """

    peer: str
    source: str
    codec: Codec
    clock_rate: int
    ssrc: int


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Whose source a media section of a subscriber's description carries."""

    mid: str
    peer: str
    source: str
