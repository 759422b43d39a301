"""One track on its way to one subscriber: what is rewritten, and by how much.

It has an SSRC of its own, drawn when it is made and never used for anything else. It is a
:class:`RtpMunger`: sequence numbers and timestamps are those of the publisher plus an offset, and
the sequence number of 16 bits is the end of an index that never wraps. The running numbers of VP8
go on in the same way, where the row was interrupted.

Everything that can be known before a packet comes is known here: what the loop in
:mod:`assent.media.forward.forwarding` does for each subscriber is what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Protocol

from assent.media.forward.rtp_munger import RtpMunger
from assent.media.rate_window import RateWindow
from assent.media.rtp import rtp
from assent.media.rtp.codecs import vp8
from assent.media.sdp.subscription import Accepted
from assent.media.transport.connection import Connection
from assent.media.transport.srtp import Protect, Srtp

PADDING = bytes(254) + b"\xff"
"""As much padding as one packet can have (RFC 3550 section 5.1)."""


class Forwarder(Protocol):
    """What a DownTrack gets its packets from: a layer of a source, as far as it matters to it."""

    def detach(self, out: DownTrack) -> None:
        """Send it nothing any more."""

    def send_again(self, out: DownTrack, sequences: Sequence[int], now: float) -> None:
        """Send it once more what it has lost."""

    def request_key_frame(self, now: float) -> None:
        """Have the publisher asked for a key frame."""


class DownTrack(RtpMunger):
    """The numbers of one forwarded track. The forwarding loop reads the attributes directly.

    ``forwarder`` is what it gets packets from, ``target`` what it is to get them from at the next
    key frame, None while it is paused; ``layer`` is the layer that was allocated to it.
    """

    __slots__ = (
        "_resume_picture_ids",
        "connection",
        "extension",
        "forwarder",
        "layer",
        "mid",
        "octets",
        "octets_before",
        "pack",
        "packets",
        "packets_before",
        "payload_type",
        "protect",
        "protect_rtx",
        "queue",
        "red_payload_type",
        "redundant",
        "rtx_index",
        "rtx_payload_type",
        "rtx_ssrc",
        "rtx_window",
        "shift",
        "ssrc",
        "target",
        "twcc_head",
        "twcc_sequence",
    )

    def __init__(
        self,
        connection: Connection,
        rtx_window: RateWindow,
        mid: str,
        ssrc: int,
        rtx_ssrc: int,
        start: int,
    ) -> None:
        """Make one that is not started.

        ``rtx_window`` is what the subscriber may have sent again; ``start`` is 64 random bits, from
        which the first numbers are taken (RFC 3550 section 5.1).
        """
        # Below 2**15, so that nothing wraps before the other end has seen it once.
        super().__init__(start & 0x7FFF, start >> 30 & 0xFFFFFFFF)
        # Who may write what. ``base`` is written by start() and pause(), and by set_red() of the
        # forwarder, which raises it; the offsets by start() alone.
        # Nobody, from here on:
        self.connection = connection
        self.queue = connection.queue
        self.rtx_window = rtx_window
        self.mid = mid
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        # accept(), once:
        self.payload_type = 0
        self.rtx_payload_type = 0
        self.red_payload_type = 0
        self.pack: Callable[..., bytes]
        self.extension = b""
        self.twcc_sequence: Callable[[int], int] | None = None
        self.twcc_head = 0
        # use():
        self.protect: Protect
        self.protect_rtx: Protect
        # keep_picture_ids() and continue_picture_ids():
        self.shift: vp8.Shift | None = None
        self._resume_picture_ids: vp8.PictureIds = (-1, -1)
        # retransmission(), and never back:
        self.rtx_index = start >> 15 & 0x7FFF
        # PublishedSource, which decides what it gets:
        self.target: Forwarder | None = None
        self.layer = 0
        # LayerForwarder, where it begins, pauses or changes its form:
        self.forwarder: Forwarder | None = None
        self.redundant = 0  # red_payload_type while it gets redundant audio, else 0
        self.packets = self.octets = 0  # sent before the row was last interrupted
        self.packets_before = self.octets_before = 0

    def accept(
        self,
        accepted: Accepted,
        payload_type: int,
        rtx_payload_type: int,
        twcc_id: int = 0,
        twcc_sequence: Callable[[int], int] | None = None,
    ) -> None:
        """Take the form that the browser has agreed to; only the first time counts.

        A packet may be sent again, and must then be the same to the byte. ``twcc_sequence`` is
        called for each packet with the length of its payload, and gives 16 bits for the extension
        ``twcc_id``: the transport-wide sequence number. What has a number can be repeated only in a
        stream of its own, where it gets another.
        """
        if self.payload_type:
            return
        self.payload_type = payload_type
        self.rtx_payload_type = rtx_payload_type if accepted.rtx else 0
        self.red_payload_type = accepted.red_payload_type
        elements = []
        if accepted.mid_id:
            elements.append((accepted.mid_id, self.mid.encode("ascii")))
        if accepted.level_id:
            elements.append((accepted.level_id, bytes(1)))
        # Written for each packet are the audio level and the number, which are the last elements.
        # "0s" takes a level and writes nothing, so that all forms are called alike.
        if twcc_sequence is not None:
            self.twcc_sequence = twcc_sequence
            self.twcc_head = twcc_id << 4 | 1
            block = rtp.extension_block([*elements, (twcc_id, bytes(2))], room=False)
            written, form = (4, "1sBH") if accepted.level_id else (3, "0sBH")
        elif accepted.level_id:
            block = rtp.extension_block(elements, room=False)
            written, form = 1, "1s"
        else:
            block = rtp.extension_block(elements, room=True)
            written, form = 1, "0sx"
        self.extension = block[:-written]
        self.pack = Struct(f"!BBHLL{len(self.extension)}s{form}").pack

    def use(self, srtp: Srtp) -> None:
        """Take the keys of the connection."""
        self.protect = srtp.protector(self.ssrc)
        self.protect_rtx = srtp.protector(self.rtx_ssrc)

    @property
    def repeatable(self) -> bool:
        """Whether what was lost may be sent again: in its own stream, or as it was to the byte."""
        return self.rtx_payload_type != 0 or self.twcc_sequence is None

    @property
    def accepted(self) -> bool:
        """Whether the browser has agreed to receive it."""
        return self.payload_type != 0

    def keep_picture_ids(self, payload: bytes) -> None:
        """Remember the running numbers of VP8 in the last payload sent."""
        if self.shift is not None:
            payload = self.shift(payload)
        self._resume_picture_ids = vp8.picture_ids(payload)

    def continue_picture_ids(self, payload: bytes) -> None:
        """Let the running numbers go on, beginning with this payload."""
        pictures, bases = self._resume_picture_ids
        first_picture, first_base = vp8.picture_ids(payload)
        pictures = pictures + 1 - first_picture if min(pictures, first_picture) >= 0 else 0
        bases = bases + 1 - first_base if min(bases, first_base) >= 0 else 0
        self.shift = vp8.shift(pictures, bases) if pictures or bases else None

    def padding(self) -> bytes:
        """Return a datagram of padding, which probes the path and means nothing.

        It goes with the retransmissions, whose sequence numbers need not be without gaps; and only
        a stream with transport-wide numbers tells what has become of it.
        """
        assert self.twcc_sequence is not None, "what is not told of probes nothing"
        assert self.rtx_payload_type, "what has a number has a stream of retransmissions"
        return self.retransmission(
            0x80 | rtp.EXTENSION | rtp.PADDING, 0, self._resume_timestamp, b"\0", PADDING
        )

    def retransmission(
        self, first: int, marker: int, timestamp: int, level: bytes, payload: bytes
    ) -> bytes:
        """Return the next datagram of the stream of retransmissions; raises SrtpError."""
        index = self.rtx_index = self.rtx_index + 1
        kind = marker | self.rtx_payload_type
        header = self.header(first, kind, index, timestamp, self.rtx_ssrc, level, payload)
        return self.protect_rtx(header, payload, index)

    def header(
        self,
        first: int,
        kind: int,
        index: int,
        timestamp: int,
        ssrc: int,
        level: bytes,
        payload: bytes,
    ) -> bytes:
        """Write the header of what is not sent in the forwarding loop, which writes its own.

        ``kind`` is the marker bit and the payload type, ``timestamp`` the subscriber's.
        """
        return self.pack(
            first,
            kind,
            index & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
            self.extension,
            level,
            *(
                (self.twcc_head, self.twcc_sequence(len(payload)))
                if self.twcc_sequence is not None
                else ()
            ),
        )
