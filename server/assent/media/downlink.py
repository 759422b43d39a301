"""One track on its way to one subscriber: what is rewritten, and by how much.

A downlink has an SSRC of its own, drawn when it is made and never used for anything else. Sequence
numbers and timestamps are those of the publisher plus an offset, and the sequence number of 16 bits
is the end of an index that never wraps. The offset changes only when the row of packets was
interrupted (a pause, another connection of the publisher), and then so that the
next packet follows the last one: to the subscriber nothing has happened.

That is also what keeps SRTP safe. An SRTP index must never protect two different packets (RFC 3711
section 9.1); a new offset starts above everything sent, and ``base`` keeps out what is older.

Everything that can be known before a packet comes is known here: what the loop in
:mod:`assent.media.forwarding` does for each subscriber is what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from assent.media import rtp
from assent.media.budget import Budget
from assent.media.connection import Connection
from assent.media.negotiation import Accepted
from assent.media.srtp import Protect, Srtp

NEVER = 1 << 62
"""A ``base`` that no packet reaches."""


class Downlink:
    """The numbers of one forwarded track. The forwarding loop reads the attributes directly."""

    __slots__ = (
        "_resume_at",
        "_resume_sequence",
        "_resume_timestamp",
        "base",
        "connection",
        "extension",
        "mid",
        "number",
        "number_head",
        "octets_before",
        "pack",
        "packets_before",
        "payload_type",
        "protect",
        "protect_repair",
        "queue",
        "repair_index",
        "repair_payload_type",
        "repair_ssrc",
        "repairs",
        "sequence_offset",
        "ssrc",
        "timestamp_offset",
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
        self.connection = connection
        self.queue = connection.queue
        self.repairs = repairs
        self.mid = mid
        self.ssrc = ssrc
        self.repair_ssrc = repair_ssrc
        self.base = NEVER
        self.sequence_offset = 0
        self.timestamp_offset = 0
        # Below 2**15, so that nothing wraps before the other end has seen it once.
        self._resume_sequence = start & 0x7FFF
        self.repair_index = start >> 15 & 0x7FFF
        self._resume_timestamp = start >> 30 & 0xFFFFFFFF
        self._resume_at = 0.0
        self.payload_type = 0
        self.repair_payload_type = 0
        self.protect: Protect
        self.protect_repair: Protect
        self.pack: Callable[..., bytes]
        self.extension = b""
        self.number: Callable[[int], int] | None = None
        self.number_head = 0
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

    @property
    def started(self) -> bool:
        """Whether packets flow."""
        return self.base != NEVER

    def start(self, extended: int, timestamp: int, now: float, clock_rate: int) -> None:
        """Let packets flow, from this one on."""
        self.base = extended
        self.sequence_offset = self._resume_sequence - extended
        elapsed = now - self._resume_at if self._resume_at else 0.0
        self.timestamp_offset = self._resume_timestamp + int(elapsed * clock_rate) - timestamp

    def pause(self, top: int, timestamp: int, now: float) -> None:
        """Stop after packet ``top``, the highest there was; a later start continues after it."""
        if not self.started:
            return
        # One tick of the clock at least, for no two frames have the same timestamp.
        self._resume_sequence = top + 1 + self.sequence_offset
        self._resume_timestamp = timestamp + 1 + self.timestamp_offset
        self._resume_at = now
        self.base = NEVER
