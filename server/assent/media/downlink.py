"""One track on its way to one subscriber: what is rewritten, and by how much.

A downlink has an SSRC of its own, drawn when it is made and never used for anything else. It is a
:class:`Row`: sequence numbers and timestamps are those of the publisher plus an offset, and the
sequence number of 16 bits is the end of an index that never wraps. The running numbers of VP8 go on
in the same way, where the row was interrupted.

Everything that can be known before a packet comes is known here: what the loop in
:mod:`assent.media.forwarding` does for each subscriber is what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING

from assent.media import rtp, vp8
from assent.media.budget import Budget
from assent.media.connection import Connection
from assent.media.negotiation import Accepted
from assent.media.row import Row
from assent.media.srtp import Protect, Srtp

if TYPE_CHECKING:
    from assent.media.forwarding import Fanout

PADDING = bytes(254) + b"\xff"
"""As much padding as one packet can have (RFC 3550 section 5.1)."""


class Downlink(Row):
    """The numbers of one forwarded track. The forwarding loop reads the attributes directly.

    ``fanout`` is what it gets packets from, ``aimed`` what it is to get them from at the next key
    frame, None while it is paused; ``layer`` is the layer that was allocated to it.
    """

    __slots__ = (
        "_resume_numbers",
        "aimed",
        "connection",
        "extension",
        "fanout",
        "layer",
        "mid",
        "number",
        "number_head",
        "octets",
        "octets_before",
        "pack",
        "packets",
        "packets_before",
        "payload_type",
        "protect",
        "protect_repair",
        "queue",
        "red_payload_type",
        "redundant",
        "repair_index",
        "repair_payload_type",
        "repair_ssrc",
        "repairs",
        "shift",
        "ssrc",
    )

    def __init__(
        self,
        connection: Connection,
        repairs: Budget,
        mid: str,
        ssrc: int,
        repair_ssrc: int,
        start: int,
    ) -> None:
        """Make one that is not started.

        ``repairs`` is what the subscriber may have sent again; ``start`` is 64 random bits, from
        which the first numbers are taken (RFC 3550 section 5.1).
        """
        # Below 2**15, so that nothing wraps before the other end has seen it once.
        super().__init__(start & 0x7FFF, start >> 30 & 0xFFFFFFFF)
        self.fanout: Fanout | None = None
        self.aimed: Fanout | None = None
        self.layer = 0
        self.connection = connection
        self.queue = connection.queue
        self.repairs = repairs
        self.mid = mid
        self.ssrc = ssrc
        self.repair_ssrc = repair_ssrc
        self.repair_index = start >> 15 & 0x7FFF
        self.payload_type = 0
        self.repair_payload_type = 0
        self.red_payload_type = 0
        self.redundant = 0  # that payload type while it gets redundant audio, else 0
        self.protect: Protect
        self.protect_repair: Protect
        self.pack: Callable[..., bytes]
        self.extension = b""
        self.number: Callable[[int], int] | None = None
        self.number_head = 0
        self.shift: vp8.Shift | None = None
        self._resume_numbers: vp8.Numbers = (-1, -1)
        self.packets = self.octets = 0  # sent before the row was last interrupted
        self.packets_before = self.octets_before = 0

    def accept(
        self,
        accepted: Accepted,
        payload_type: int,
        repair_payload_type: int,
        number_id: int = 0,
        number: Callable[[int], int] | None = None,
    ) -> None:
        """Take the form that the browser has agreed to; only the first time counts.

        A packet may be sent again, and must then be the same to the byte. ``number`` is called for
        each packet with the length of its payload, and gives 16 bits for the extension
        ``number_id``: the transport-wide sequence number. What has a number can be repeated only
        in a stream of its own, where it gets another.
        """
        if self.payload_type:
            return
        self.payload_type = payload_type
        self.repair_payload_type = repair_payload_type if accepted.repair else 0
        self.red_payload_type = accepted.red_payload_type
        elements = []
        if accepted.mid_id:
            elements.append((accepted.mid_id, self.mid.encode("ascii")))
        if accepted.level_id:
            elements.append((accepted.level_id, bytes(1)))
        # Written for each packet are the audio level and the number, which are the last elements.
        # "0s" takes a level and writes nothing, so that all forms are called alike.
        if number is not None:
            self.number = number
            self.number_head = number_id << 4 | 1
            block = rtp.extension_block([*elements, (number_id, bytes(2))], room=False)
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
        self.protect_repair = srtp.protector(self.repair_ssrc)

    @property
    def repeatable(self) -> bool:
        """Whether what was lost may be sent again: in its own stream, or as it was to the byte."""
        return self.repair_payload_type != 0 or self.number is None

    @property
    def accepted(self) -> bool:
        """Whether the browser has agreed to receive it."""
        return self.payload_type != 0

    def keep_numbers(self, payload: bytes) -> None:
        """Remember the running numbers of VP8 in the last payload sent."""
        if self.shift is not None:
            payload = self.shift(payload)
        self._resume_numbers = vp8.numbers(payload)

    def continue_numbers(self, payload: bytes) -> None:
        """Let the running numbers go on, beginning with this payload."""
        pictures, bases = self._resume_numbers
        first_picture, first_base = vp8.numbers(payload)
        pictures = pictures + 1 - first_picture if min(pictures, first_picture) >= 0 else 0
        bases = bases + 1 - first_base if min(bases, first_base) >= 0 else 0
        self.shift = vp8.shift(pictures, bases) if pictures or bases else None

    def padding(self) -> bytes:
        """Return a datagram of padding, which probes the path and means nothing.

        It goes with the retransmissions, whose sequence numbers need not be without gaps; and only
        a stream with transport-wide numbers tells what has become of it.
        """
        assert self.number is not None, "what is not told of probes nothing"
        assert self.repair_payload_type, "what has a number has a stream of retransmissions"
        index = self.repair_index = self.repair_index + 1
        header = self.pack(
            0x80 | rtp.EXTENSION | rtp.PADDING,
            self.repair_payload_type,
            index & 0xFFFF,
            self._resume_timestamp & 0xFFFFFFFF,
            self.repair_ssrc,
            self.extension,
            b"\0",
            self.number_head,
            self.number(len(PADDING)),
        )
        return self.protect_repair(header, PADDING, index)
