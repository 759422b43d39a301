"""The recorder's way in: read-only copies of what is forwarded."""

from __future__ import annotations

from typing import Protocol

from assent.media.track import TrackInfo


class Tap(Protocol):
    """Receives every packet that a room forwards, set as ``room.tap``.

    Both methods are called on the event loop, between two packets: they must not block, await or
    raise. The moment ``room.tap`` is set to None not one more call is made. Packets of a peer that
    may not be forwarded are never tapped.
    """

    def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
        """Take one RTP packet in the clear, as the publisher wrote it.

        Retransmissions are unwrapped (RFC 4588) and duplicates removed; what loss and the network
        did to the order is left as it was. ``arrival`` is in seconds of the monotonic clock.
        """

    def sender_report(self, track: TrackInfo, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        """Take a sender report: ``ntp``, 64 bits of the publisher's clock, is ``rtp_timestamp``."""
