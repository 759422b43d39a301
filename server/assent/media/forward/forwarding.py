"""One layer of a published track on its way to everybody: the per-packet path.

Per packet and subscriber there is one ``pack`` (0.2 µs with what goes into it), one ``protect``
(0.9 µs with AES-GCM, of which 0.7 are OpenSSL's) and one place in a queue (0.1 µs), out of which
the UDP socket sends: 1.3 µs of the kernel for a packet among equals, 3.3 for a lone one.
Per packet, whatever the number of subscribers, about 2 µs here. No task, log or object is made.
The loop, with its other half for redundant audio, is written out in full for its speed. All that is
sent out of its turn (again, or as padding) goes by ``DownTrack.header``.

Browsers cut a picture into packets that differ by one byte. Each is padded to a multiple of eight
(RFC 3550 section 5.1), 3.5 bytes in the mean, so that nearly all of a picture leaves in one call:
a quarter of what a packet of pictures costs.
"""

from __future__ import annotations

from collections.abc import Sequence

from assent.media.codecs import Codec
from assent.media.forward.down_track import DownTrack
from assent.media.forward.incoming_layer import IncomingLayer
from assent.media.forward.packet_cache import PacketCache
from assent.media.forward.rtp_munger import Report
from assent.media.forward.tap import Tapped
from assent.media.rtp import red, rtcp
from assent.media.rtp.rtp import EXTENSION, PADDING
from assent.media.transport.srtp import SrtpError
from assent.media.transport.udp import Udp

VIDEO_HISTORY = 512  # packets: two seconds at 2.5 Mbit/s
AUDIO_HISTORY = 64  # packets: 1.3 seconds
FIRST_BYTE = 0x80 | EXTENSION
ALIGNMENT = 8  # bytes; a power of two
PADS = tuple(bytes(size - 1) + bytes([size]) if size else b"" for size in range(ALIGNMENT))

_SINCE_THE_NEXT = -1


class LayerForwarder(IncomingLayer):
    """One layer of a source: who gets it, and what was sent. It outlives a publisher's connection.

    Most sources have one layer; ``PublishedSource`` has them all, and decides who gets which.
    """

    __slots__ = (
        "_cache",
        "_history",
        "_mask",
        "_packets",
        "_red_octets",
        "_since",
        "_udp",
        "_waiting",
        "live",
        "octets",
    )

    def __init__(self, udp: Udp, room: Tapped, peer: str, codec: Codec) -> None:
        super().__init__(room, peer, codec)
        self.live: list[DownTrack] = []
        self._waiting: list[DownTrack] = []
        self._udp = udp
        self._cache = PacketCache(VIDEO_HISTORY if self.video else AUDIO_HISTORY)
        self._history = self._cache.slots
        self._mask = self._cache.mask
        self._packets = 0
        self.octets = 0
        self._red_octets = 0  # octets by which what is redundant was longer
        self._since: int | None = _SINCE_THE_NEXT

    # -- the per-packet path -----------------------------------------------------------------

    def forward(
        self,
        extended: int,
        marker: int,
        timestamp: int,
        level: bytes,
        payload: bytes,
        packet: bytes,
        now: float,
        redundant: bytes | None = None,
    ) -> None:
        """Send one packet to everybody, and to the tap. ``packet`` is all of it, for the tap.

        ``redundant`` is another form of the payload, for those who take redundant audio. The caller
        has made sure that no extended number comes twice, and by :meth:`reaches` that nobody gets
        what was said before their time.
        """
        if extended < self.floor:
            return
        if extended > self._top:
            self._top = extended
            self._top_timestamp = timestamp
            self.top_at = now
        size = len(payload)
        first, padded = FIRST_BYTE, payload
        if self.video and (spare := -size & (ALIGNMENT - 1)):
            first, padded = FIRST_BYTE | PADDING, payload + PADS[spare]
        # What is repeated must be the same to the byte, so it is kept with its padding.
        kept = (extended, first, marker, timestamp, level, padded, redundant)
        self._history[extended & self._mask] = kept
        if self.video:
            if (self._waiting or self.key_frames.wanted) and self._starts(payload):
                self._key_frame(extended, timestamp, payload, now)
            elif self._waiting:
                self.request_key_frame(now)
        elif self._waiting:
            self._start(extended, timestamp, payload, now)
        self._packets += 1
        self.octets += size
        live = self.live
        if redundant is not None:
            live = self._send_redundant(extended, marker, timestamp, level, redundant, size)
        udp = self._udp
        outgoing = udp.outgoing
        for out in live:
            if extended < out.base:
                continue
            index = extended + out.sequence_offset
            if out.twcc_sequence is None:
                header = out.pack(
                    first,
                    marker | out.payload_type,
                    index & 0xFFFF,
                    (timestamp + out.timestamp_offset) & 0xFFFFFFFF,
                    out.ssrc,
                    out.extension,
                    level,
                )
            else:
                header = out.pack(
                    first,
                    marker | out.payload_type,
                    index & 0xFFFF,
                    (timestamp + out.timestamp_offset) & 0xFFFFFFFF,
                    out.ssrc,
                    out.extension,
                    level,
                    out.twcc_head,
                    out.twcc_sequence(size),
                )
            queue = out.queue
            if not queue:
                outgoing.append(out.connection)
            shift = out.shift
            body = padded if shift is None else shift(padded)
            try:
                queue.append(out.protect(header, body, index))
            except SrtpError:
                udp.counters["drop-protect"] += 1
        udp.waiting += len(live)
        udp.forwarded += len(live)
        udp.forwarded_octets += size * len(live)
        room = self._room
        tap = room.tapped
        if tap is not None and self.info is not None and self.tapped:
            if self._tapping != room.tapping:
                # What was lost before the tap was set may be recovered after it. It was said
                # before, and perhaps before somebody had agreed: the tap begins with what is new.
                if extended < self._top:
                    return
                self._tapping = room.tapping
                self._tap_base = extended
                if self.tap_row is not None and not self.tap_row.started:
                    self.tap_row.go_on(self.info, extended, timestamp, now, self._report)
            if extended >= self._tap_base:
                row = self.tap_row
                if row is None:
                    tap.packet(self.info, packet, now)
                elif extended >= row.base and row.info is not None:
                    tap.packet(row.info, row.write(packet, extended, timestamp), now)

    def reaches(self, extended: int, timestamp: int, offset: int) -> bool:
        """Tell whether all that a packet carries along was said since everybody began to get this.

        ``offset`` is how much older than the packet the oldest of it is. Call before the packet is
        forwarded: with that somebody may begin.
        """
        if extended < self.floor:
            return False
        since = self._since
        if since is None:
            return not self._waiting
        if since == _SINCE_THE_NEXT:
            self._since = timestamp
            return False
        age = (timestamp - since) & 0xFFFFFFFF
        if self._waiting or age >= 0x80000000:
            return False
        if age > red.MAX_OFFSET:
            self._since = None  # nothing reaches back so far, and timestamps wrap
        return offset <= age

    def _send_redundant(
        self,
        extended: int,
        marker: int,
        timestamp: int,
        level: bytes,
        redundant: bytes,
        size: int,
    ) -> list[DownTrack]:
        """Send the redundant form to those who are to get it; returns the others."""
        others: list[DownTrack] = []
        udp = self._udp
        longer = len(redundant) - size
        self._red_octets += longer
        for out in self.live:
            payload_type = out.redundant
            if not payload_type:
                others.append(out)
                continue
            if extended < out.base:
                continue
            index = extended + out.sequence_offset
            header = out.pack(
                FIRST_BYTE,
                marker | payload_type,
                index & 0xFFFF,
                (timestamp + out.timestamp_offset) & 0xFFFFFFFF,
                out.ssrc,
                out.extension,
                level,
            )
            queue = out.queue
            if not queue:
                udp.outgoing.append(out.connection)
            try:
                queue.append(out.protect(header, redundant, index))
            except SrtpError:
                udp.counters["drop-protect"] += 1
        sent = len(self.live) - len(others)
        udp.waiting += sent
        udp.forwarded += sent
        udp.forwarded_octets += len(redundant) * sent
        return others

    def set_red(self, out: DownTrack, on: bool) -> None:
        """Send somebody redundant audio from the next packet on, as far as they take it, or not.

        What was sent before is then not sent again: in the other form it would be another packet
        under the same SRTP index (RFC 3711 section 9.1).
        """
        redundant = out.red_payload_type if on else 0
        if out.redundant == redundant:
            return
        here = out.started and out.forwarder is self
        if here:
            self._count(out)
        out.redundant = redundant
        if here:
            self._count_from_here(out)
            out.base = max(out.base, self._top + 1)

    # -- who gets it -------------------------------------------------------------------------

    def attach(self, out: DownTrack, now: float) -> None:
        """Add a subscriber; video begins with a key frame, which is asked for.

        Until then it goes on getting what it has got from another layer.
        """
        if out in self.live or out in self._waiting:
            return
        self._waiting.append(out)
        if self.video:
            self.request_key_frame(now)

    def detach(self, out: DownTrack) -> None:
        """Take a subscriber away; what it gets next, from here or elsewhere, follows seamlessly."""
        if out in self.live:
            self._pause(out, self._report)
            self.live.remove(out)
        elif out in self._waiting:
            self._waiting.remove(out)

    def _pause(self, out: DownTrack, report: Report | None) -> None:
        last = self._history[self._top & self._mask]
        if self.codec == "vp8" and last is not None and out.started:
            out.keep_picture_ids(last[5])
        self._count(out)
        out.pause(self._top, self._top_timestamp, self.top_at, report)

    def _sent(self, out: DownTrack) -> int:
        """Return the octets that somebody in the same form would have got since the beginning."""
        return self.octets + self._red_octets if out.redundant else self.octets

    def _count(self, out: DownTrack) -> None:
        """Add to the counts of a subscriber what it has got from here."""
        out.packets += self._packets - out.packets_before
        out.octets += self._sent(out) - out.octets_before

    def _count_from_here(self, out: DownTrack) -> None:
        out.packets_before = self._packets
        out.octets_before = self._sent(out)

    def _key_frame(self, extended: int, timestamp: int, payload: bytes, now: float) -> None:
        self._key_frame_arrived(extended, timestamp, payload, now)
        self._start(extended, timestamp, payload, now)

    def _start(self, extended: int, timestamp: int, payload: bytes, now: float) -> None:
        for out in self._waiting:
            if out.forwarder is not None and out.forwarder is not self:
                out.forwarder.detach(out)
            out.forwarder = self
            self._count_from_here(out)
            out.start(extended, timestamp, now, self.clock_rate, self._report)
            if self.codec == "vp8":
                out.continue_picture_ids(payload)
        started, self._waiting = self._waiting, []
        self._since = timestamp
        self.live += started
        for out in started:
            self._send_report(out)

    def set_open(self, is_open: bool, now: float) -> None:
        """Let packets through, or stop them at this instant."""
        if self.open == is_open:
            return
        self.open = is_open
        if is_open:
            if self._waiting or (self.tapped and self._room.tapped is not None):
                self.request_key_frame(now)
        else:
            self.interrupt()

    def interrupt(self) -> None:
        """End the row of packets; the next one follows it seamlessly, whatever its numbers."""
        for out in self.live:
            # Another connection's clock may be another one: what follows goes by its arrival.
            self._pause(out, None)
        self._waiting += self.live
        self.live = []
        self._cache.clear()
        self._since = _SINCE_THE_NEXT
        self._end_row()

    def renumber(self) -> None:
        """Expect the packets of another stream, whose numbers have nothing to do with the last."""
        self.interrupt()
        self.floor = 0

    # -- feedback ----------------------------------------------------------------------------

    def send_again(self, out: DownTrack, sequences: Sequence[int], now: float) -> None:
        """Answer a subscriber's NACK from what was kept, as far as it goes."""
        self._cache.send_again(out, sequences, self._top, self._udp, now)

    def report(self, ntp: int, rtp_timestamp: int, written: int, now: float) -> None:
        """Pass a sender report on: everybody gets it in their own timestamps.

        ``ntp`` is the time by our clock, for subscribers; ``written`` by the publisher's, for the
        tap.
        """
        self._report = ntp, rtp_timestamp
        for out in self.live:
            self._send_report(out)
        self._tap_report(written, rtp_timestamp, now)

    def _send_report(self, out: DownTrack) -> None:
        # The relation of the last report holds until the next, so who comes later gets it at once:
        # a browser cannot play picture and sound in step before it has one for each.
        if self._report is None:
            return
        ntp, rtp_timestamp = self._report
        report = rtcp.SenderReport(
            out.ssrc,
            ntp,
            rtp_timestamp + out.timestamp_offset,
            out.packets + self._packets - out.packets_before,
            out.octets + self._sent(out) - out.octets_before,
        )
        out.connection.send_rtcp(
            rtcp.sender_report(report) + rtcp.canonical_name(out.ssrc, self.peer)
        )
