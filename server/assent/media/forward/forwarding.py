"""One layer of a published track on its way to everybody: the per-packet path.

Per packet and subscriber there is one ``pack`` (0.2 µs with what goes into it), one ``protect``
(0.9 µs with AES-GCM, of which 0.7 are OpenSSL's) and one place in a queue (0.1 µs), out of which
the UDP socket sends: 1.3 µs of the kernel for a packet among equals, 3.3 for a lone one.
Per packet, whatever the number of subscribers, about 2 µs here. No task, log or object is made.
What may be sent again is kept once for the track, not once for each subscriber, because a
subscriber's packet can be made again from it.

Browsers cut a picture into packets that differ by one byte. Each is padded to a multiple of eight
(RFC 3550 section 5.1), 3.5 bytes in the mean, so that nearly all of a picture leaves in one call:
a quarter of what a packet of pictures costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from assent.media.forward.down_track import DownTrack
from assent.media.forward.key_frames import KeyFrames
from assent.media.forward.rtp_munger import Report
from assent.media.forward.tap import Tap, TapRow
from assent.media.rtp import red, rtcp
from assent.media.rtp.codecs import av1, h264, vp8, vp9
from assent.media.rtp.rtp import EXTENSION, PADDING
from assent.media.track import CLOCK_RATES, Codec, TrackInfo
from assent.media.transport.srtp import SrtpError
from assent.media.transport.udp import Udp

VIDEO_HISTORY = 512  # packets: two seconds at 2.5 Mbit/s
AUDIO_HISTORY = 64  # packets: 1.3 seconds
FIRST_BYTE = 0x80 | EXTENSION
ALIGNMENT = 8  # bytes; a power of two
PADS = tuple(bytes(size - 1) + bytes([size]) if size else b"" for size in range(ALIGNMENT))

STARTS: dict[Codec, Callable[[bytes], bool]] = {
    "vp8": vp8.starts_key_frame,
    "h264": h264.starts_key_frame,
    "vp9": vp9.starts_key_frame,
    "av1": av1.starts_key_frame,
}

Kept = tuple[int, int, int, int, bytes, bytes, bytes | None]
"""Extended sequence number, first byte, marker bit, timestamp, audio level, padded payload, and the
redundant form of it where there is one."""

_SINCE_THE_NEXT = -1


class Tapped(Protocol):
    """Whoever holds the tap: it is read anew for each packet, so that clearing it is instant.

    ``tapping`` changes whenever ``tapped`` is set, be it to the same tap.
    """

    tapped: Tap | None
    tapping: int


class LayerForwarder:
    """One layer of a source: who gets it, and what was sent. It outlives a publisher's connection.

    Most sources have one layer; ``PublishedSource`` has them all, and decides who gets which.
    ``open`` says whether packets may reach anybody, ``floor`` the first that may: what was sent
    while it was closed, and is late or sent again, stays out. The publisher sets ``info`` and
    ``ask`` while it sends.

    Of several layers only one goes to the tap, as one row (``tap_row``): ``tapped`` says whether it
    is this one, ``tap_next`` takes the tap over at the next key frame.
    """

    __slots__ = (
        "_history",
        "_mask",
        "_octets",
        "_packets",
        "_redundancy",
        "_report",
        "_room",
        "_since",
        "_starts",
        "_tap_base",
        "_tapping",
        "_top",
        "_top_timestamp",
        "_udp",
        "_waiting",
        "ask",
        "clock_rate",
        "codec",
        "floor",
        "height",
        "info",
        "key_frames",
        "live",
        "octets",
        "open",
        "peer",
        "tap_next",
        "tap_row",
        "tapped",
        "top_at",
        "video",
    )

    def __init__(self, udp: Udp, room: Tapped, peer: str, codec: Codec) -> None:
        self.peer = peer
        self.codec = codec
        self.video = codec != "opus"
        self.clock_rate = CLOCK_RATES[codec]
        self._starts = STARTS.get(codec, _always)
        self.height = 0  # lines of the last key frame, where one could tell
        self.tapped = True
        self.tap_row: TapRow | None = None
        self.tap_next: Callable[[int, int, float], None] | None = None
        self.info: TrackInfo | None = None
        self.ask: Callable[[], None] = nobody
        self.open = False
        self.floor = 0
        self.key_frames = KeyFrames()
        self.live: list[DownTrack] = []
        self._waiting: list[DownTrack] = []
        self._udp = udp
        self._room = room
        size = VIDEO_HISTORY if self.video else AUDIO_HISTORY
        self._history: list[Kept | None] = [None] * size
        self._mask = size - 1
        self._tapping = -1
        self._tap_base = 0
        self._top = -1
        self._top_timestamp = 0
        self.top_at = 0.0  # when the last packet in order arrived
        self._packets = 0
        self.octets = 0
        self._redundancy = 0  # octets by which what is redundant was longer
        self._since: int | None = _SINCE_THE_NEXT
        self._report: Report | None = None

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
        self._redundancy += longer
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
            out.keep_numbers(last[5])
        self._count(out)
        out.pause(self._top, self._top_timestamp, self.top_at, report)

    def _sent(self, out: DownTrack) -> int:
        """Return the octets that somebody in the same form would have got since the beginning."""
        return self.octets + self._redundancy if out.redundant else self.octets

    def _count(self, out: DownTrack) -> None:
        """Add to the counts of a subscriber what it has got from here."""
        out.packets += self._packets - out.packets_before
        out.octets += self._sent(out) - out.octets_before

    def _count_from_here(self, out: DownTrack) -> None:
        out.packets_before = self._packets
        out.octets_before = self._sent(out)

    def _key_frame(self, extended: int, timestamp: int, payload: bytes, now: float) -> None:
        self.key_frames.arrived()
        if self.codec == "vp8":
            self.height = vp8.height(payload) or self.height
        if self.tap_next is not None:
            self.tap_next(extended, timestamp, now)
            self.tap_next = None
        self._start(extended, timestamp, payload, now)

    def begin_tap(self, now: float) -> None:
        """Have a tap that has just been set begin with a key frame, though one came a moment ago.

        It needs one as much as a subscriber does, and it is nobody's place to ask for it but ours.
        """
        self.tapped = True
        if self.video and self.open:
            self.key_frames.insist(now)
            self.ask()

    def start_tap(self, extended: int, timestamp: int, now: float) -> None:
        """Let the tap's row begin, or go on, with this packet."""
        if self.tap_row is not None and self.info is not None:
            self.tap_row.go_on(self.info, extended, timestamp, now, self._report)
        self.tapped = True

    def stop_tap(self) -> None:
        """Let the tap's row end here; another layer goes on with it."""
        self.tapped = False
        if self.tap_row is not None:
            self.tap_row.pause(self._top, self._top_timestamp, self.top_at, self._report)
            self._tapping = -1

    def _start(self, extended: int, timestamp: int, payload: bytes, now: float) -> None:
        for out in self._waiting:
            if out.forwarder is not None and out.forwarder is not self:
                out.forwarder.detach(out)
            out.forwarder = self
            self._count_from_here(out)
            out.start(extended, timestamp, now, self.clock_rate, self._report)
            if self.codec == "vp8":
                out.continue_numbers(payload)
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
        if self.tapped and self.tap_row is not None:
            self.tap_row.pause(self._top, self._top_timestamp, self.top_at, None)
        self._history = [None] * len(self._history)
        self._tapping = -1
        self.floor = max(self.floor, self._top + 1)
        self._top = -1
        self._since = _SINCE_THE_NEXT
        self._report = None

    def renumber(self) -> None:
        """Expect the packets of another stream, whose numbers have nothing to do with the last."""
        self.interrupt()
        self.floor = 0

    # -- feedback ----------------------------------------------------------------------------

    def request_key_frame(self, now: float) -> None:
        """Ask the publisher for a key frame, unless that has just been done."""
        if self.video and self.open and self.key_frames.request(now):
            self.ask()

    def send_again(self, out: DownTrack, sequences: Sequence[int], now: float) -> None:
        """Answer a subscriber's NACK from the history, as far as it goes."""
        if out.base > self._top or not out.repeatable:
            return
        udp = self._udp
        for sequence in sequences:
            if not out.rtx_window.spend(0, now):  # what is not there costs a look as well
                udp.counters["drop-repair"] += 1
                return
            extended = self._top - ((self._top + out.sequence_offset - sequence) & 0xFFFF)
            kept = self._history[extended & self._mask]
            if kept is None or kept[0] != extended or extended < out.base:
                udp.counters["nack-missed"] += 1
                continue
            _, first, marker, timestamp, level, payload, redundant = kept
            if out.shift is not None:
                payload = out.shift(payload)
            if out.rtx_payload_type:
                payload_type, ssrc, protect = (
                    out.rtx_payload_type,
                    out.rtx_ssrc,
                    out.protect_rtx,
                )
                index = out.rtx_index = out.rtx_index + 1
                payload = sequence.to_bytes(2, "big") + payload  # RFC 4588 section 4
            else:
                payload_type, ssrc, protect = out.payload_type, out.ssrc, out.protect
                index = extended + out.sequence_offset
                if redundant is not None and out.redundant:
                    payload_type, payload = out.redundant, redundant
            header = out.pack(
                first,
                marker | payload_type,
                index & 0xFFFF,
                (timestamp + out.timestamp_offset) & 0xFFFFFFFF,
                ssrc,
                out.extension,
                level,
                *(
                    (out.twcc_head, out.twcc_sequence(len(payload)))
                    if out.twcc_sequence is not None
                    else ()
                ),
            )
            try:
                datagram = protect(header, payload, index)
            except SrtpError:
                udp.counters["drop-protect"] += 1
                continue
            if not out.queue:
                udp.outgoing.append(out.connection)
            out.queue.append(datagram)
            udp.waiting += 1
            udp.counters["repaired"] += 1

    def report(self, ntp: int, rtp_timestamp: int, written: int, now: float) -> None:
        """Pass a sender report on: everybody gets it in their own timestamps.

        ``ntp`` is the time by our clock, for subscribers; ``written`` by the publisher's, for the
        tap.
        """
        self._report = ntp, rtp_timestamp
        for out in self.live:
            self._send_report(out)
        tap = self._room.tapped
        if tap is not None and self.info is not None and self.tapped:
            row = self.tap_row
            if row is None:
                tap.sender_report(self.info, written, rtp_timestamp, now)
            elif row.started and row.info is not None:
                tap.sender_report(
                    row.info, written, rtp_timestamp + row.timestamp_offset & 0xFFFFFFFF, now
                )

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


def _always(payload: bytes) -> bool:  # noqa: ARG001
    """Sound can begin with any packet."""
    return True


def nobody() -> None:
    """What is asked of a publisher that is not there is asked in vain."""
