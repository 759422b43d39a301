"""The recorder's way in: read-only copies of what is forwarded."""

from __future__ import annotations

from struct import Struct
from typing import Protocol

from assent.media.forward.rtp_munger import Report, RtpMunger
from assent.media.rtp.rtp import HEADER_SIZE
from assent.media.track import TrackInfo


class Tap(Protocol):
    """Receives every packet that a room forwards, set as ``room.tap``.

    Both methods are called on the event loop, between two packets: they must not block, await or
    raise. The moment ``room.tap`` is set to None not one more call is made. Packets of a peer that
    may not be forwarded are never tapped. Pictures begin with a key frame, which the room asks for;
    after a loss it is for the tap to ask (``room.request_key_frame``).
    """

    def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
        """Take one RTP packet in the clear, as the publisher wrote it.

        Of several layers of one picture it is the best that comes, always as one stream: where it
        changes, SSRC, sequence number and timestamp are written anew, and it does so on a key
        frame. Retransmissions are unwrapped (RFC 4588) and duplicates removed; what loss and the
        network did to the order is left as it was. ``arrival`` is in seconds of the monotonic
        clock.
        """

    def sender_report(self, track: TrackInfo, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        """Take a sender report: ``ntp``, 64 bits of the publisher's clock, is ``rtp_timestamp``."""


class Tapped(Protocol):
    """Whoever holds the tap: it is read anew for each packet, so that clearing it is instant.

    ``tapping`` changes whenever ``tapped`` is set, be it to the same tap.
    """

    tapped: Tap | None
    tapping: int


_NUMBERS = Struct("!HL")


class TapRow(RtpMunger):
    """The layers of one picture as the one stream that a tap gets, under the name of the first."""

    __slots__ = ("_ssrc", "info")

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.info: TrackInfo | None = None
        self._ssrc = b""

    def go_on(
        self,
        info: TrackInfo,
        extended: int,
        timestamp: int,
        now: float,
        report: Report | None,
    ) -> None:
        """Begin with this packet of that layer, or follow with it what was there before."""
        if self.info is None:
            self.info = info
            self._ssrc = info.ssrc.to_bytes(4, "big")
            self.base = extended
        else:
            self.start(extended, timestamp, now, info.clock_rate, report)

    def write(self, packet: bytes, extended: int, timestamp: int) -> bytes:
        """Return the packet with the numbers of the row."""
        if not self.sequence_offset and not self.timestamp_offset and packet[8:12] == self._ssrc:
            return packet
        return (
            packet[:2]
            + _NUMBERS.pack(
                (extended + self.sequence_offset) & 0xFFFF,
                (timestamp + self.timestamp_offset) & 0xFFFFFFFF,
            )
            + self._ssrc
            + packet[HEADER_SIZE:]
        )
