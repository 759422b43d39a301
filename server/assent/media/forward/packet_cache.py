"""The last packets of a layer, kept once for everybody: what a subscriber misses is made of them.

A subscriber's packet can be made again from what was kept and from its
:class:`~assent.media.forward.down_track.DownTrack`, so that nothing is kept for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from assent.media.forward.down_track import DownTrack
from assent.media.transport.srtp import SrtpError
from assent.media.transport.udp import Udp

Kept = tuple[int, int, int, int, bytes, bytes, bytes | None]
"""Extended sequence number, first byte, marker bit, timestamp, audio level, padded payload, and the
redundant form of it where there is one."""


class PacketCache:
    """As many packets as ``size`` says, a power of two.

    The forwarding loop puts packets into ``slots`` itself, each at the place that its extended
    number has under ``mask``.
    """

    __slots__ = ("mask", "slots")

    def __init__(self, size: int) -> None:
        self.mask = size - 1
        self.slots: list[Kept | None] = [None] * size

    def clear(self) -> None:
        """Forget all of them: their numbers are about to mean something else."""
        self.slots[:] = [None] * len(self.slots)

    def get(self, extended: int) -> Kept | None:
        """Return the packet of that number, as far as it is still there."""
        kept = self.slots[extended & self.mask]
        return kept if kept is not None and kept[0] == extended else None

    def send_again(
        self, out: DownTrack, sequences: Sequence[int], top: int, udp: Udp, now: float
    ) -> None:
        """Answer a subscriber's NACK, as far as the packets go; ``top`` is the highest there was.

        In a stream of its own each gets another number (RFC 4588); without one it must be the same
        to the byte, for it has the same SRTP index (RFC 3711 section 9.1).
        """
        if out.base > top or not out.repeatable:
            return
        for sequence in sequences:
            if not out.rtx_window.spend(0, now):  # what is not there costs a look as well
                udp.counters["drop-repair"] += 1
                return
            extended = top - ((top + out.sequence_offset - sequence) & 0xFFFF)
            kept = self.get(extended)
            if kept is None or extended < out.base:
                udp.counters["nack-missed"] += 1
                continue
            _, first, marker, timestamp, level, payload, redundant = kept
            timestamp += out.timestamp_offset
            if out.shift is not None:
                payload = out.shift(payload)
            try:
                if out.rtx_payload_type:
                    payload = sequence.to_bytes(2, "big") + payload  # RFC 4588 section 4
                    datagram = out.retransmission(first, marker, timestamp, level, payload)
                else:
                    payload_type = out.payload_type
                    if redundant is not None and out.redundant:
                        payload_type, payload = out.redundant, redundant
                    index = extended + out.sequence_offset
                    header = out.header(
                        first, marker | payload_type, index, timestamp, out.ssrc, level, payload
                    )
                    datagram = out.protect(header, payload, index)
            except SrtpError:
                udp.counters["drop-protect"] += 1
                continue
            if not out.queue:
                udp.outgoing.append(out.connection)
            out.queue.append(datagram)
            udp.waiting += 1
            udp.counters["repaired"] += 1
