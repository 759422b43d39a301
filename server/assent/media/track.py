"""What is said about tracks outside the media plane: plain values that could cross a process."""

from __future__ import annotations

from dataclasses import dataclass

from assent.media.codecs import Codec
from assent.media.sources import Source


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """A published track whose packets can arrive.

    ``ssrc`` is the publisher's own. A peer that connects anew publishes the same source under
    another SSRC, with other sequence numbers and timestamps: for whoever reads packets that is a
    new stream of the same track. ``clock_rate`` is the rate of RTP timestamps, in Hz.
    """

    peer: str
    source: Source
    codec: Codec
    clock_rate: int
    ssrc: int


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Whose source a media section of a subscriber's description carries."""

    mid: str
    peer: str
    source: Source
