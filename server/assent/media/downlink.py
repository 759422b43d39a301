"""One track on its way to one subscriber: what is rewritten, and by how much.

A downlink has an SSRC of its own, drawn when it is made and never used for anything else. Sequence
numbers and timestamps are those of the publisher plus an offset. The offset changes only when the
row of packets was interrupted (a pause, another connection of the publisher), and then so that the
next packet follows the last one: to the subscriber nothing has happened.

That is also what keeps SRTP safe. An SRTP index must never protect two different packets (RFC 3711
section 9.1); a new offset starts above everything sent, and ``base`` keeps out what is older.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from assent.media import rtp
from assent.media.budget import Budget
from assent.media.connection import Connection
from assent.media.negotiation import Accepted

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
        "octets_before",
        "pack",
        "packets_before",
        "payload_type",
        "protect",
        "repair_payload_type",
        "repair_sequence",
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
        self.repairs = repairs
        self.mid = mid
        self.ssrc = ssrc
        self.repair_ssrc = repair_ssrc
        self.base = NEVER
        self.sequence_offset = 0
        self.timestamp_offset = 0
        # Below 2**15, so that the sequence number cannot wrap before libsrtp has seen it once.
        self._resume_sequence = start & 0x7FFF
        self.repair_sequence = start >> 15 & 0x7FFF
        self._resume_timestamp = start >> 30 & 0xFFFFFFFF
        self._resume_at = 0.0
        self.payload_type = 0
        self.repair_payload_type = 0
        self.protect: Callable[[bytes], bytes]
        self.pack: Callable[..., bytes]
        self.extension = b""
        self.packets_before = self.octets_before = 0

    def accept(self, accepted: Accepted, payload_type: int, repair_payload_type: int) -> None:
        """Take the form that the browser has agreed to; only the first time counts.

        A packet may be sent again, and must then be the same to the byte.
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
        # The last byte is written for each packet: the audio level, or the padding that it was.
        self.extension = rtp.extension_block(elements, room=not accepted.level_id)[:-1]
        # "0sx" takes a level and writes padding, so that both forms are called alike.
        level = "1s" if accepted.level_id else "0sx"
        self.pack = Struct(f"!BBHLL{len(self.extension)}s{level}").pack

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
