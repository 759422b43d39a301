"""One layer of a published track on its way in: its SSRC and that of its retransmissions."""

from __future__ import annotations

from assent.media.forward.forwarding import LayerForwarder
from assent.media.forward.speaker import SpeakerDetector
from assent.media.rtp import red, rtp
from assent.media.rtp.reception import Reception
from assent.media.rtp.rtcp import Block, SenderReport
from assent.media.rtp.twcc import Arrivals
from assent.media.sdp.publication import Plan
from assent.media.sdp.subscription import PAYLOAD_TYPES
from assent.media.sources import VOICES
from assent.media.track import TrackInfo
from assent.media.transport.udp import Udp

VIDEO_PATIENCE = 256  # packets missing at once; more is a matter for a key frame
AUDIO_PATIENCE = 48  # packets: about a second

REPORT_EVERY = 0.2
"""Seconds between two sender reports that are passed on. Browsers send one each second; everybody
who gets the stream is sent one for each, so that a publisher must not decide how many there are."""

_NO_LEVEL = b"\0"
_OPUS = PAYLOAD_TYPES["opus"][0]  # the name of what redundant blocks hold, toward everybody
_NOBODY = (-1, 0)


class ReceiveStream:
    """What a publisher sends for one plan and rid, handed to the forwarder of that layer.

    ``arrivals`` takes the transport-wide numbers, for feedback on the whole connection.
    """

    __slots__ = (
        "_arrivals",
        "_last_redundant",
        "_last_report",
        "_overruns",
        "_reported_at",
        "_speakers",
        "_udp",
        "forwarder",
        "plan",
        "reception",
        "rid",
        "rtx_ssrc",
        "ssrc",
    )

    def __init__(
        self,
        udp: Udp,
        plan: Plan,
        rid: str,
        forwarder: LayerForwarder,
        speakers: SpeakerDetector,
        arrivals: Arrivals,
    ) -> None:
        self.plan = plan
        self.rid = rid
        self._arrivals = arrivals
        self.forwarder = forwarder
        self.ssrc = plan.ssrc
        self.rtx_ssrc = plan.rtx_ssrc
        patience = VIDEO_PATIENCE if forwarder.video else AUDIO_PATIENCE
        self.reception = Reception(plan.clock_rate, patience)
        self._udp = udp
        self._speakers = speakers
        self._last_report = 0
        self._reported_at = float("-inf")
        self._overruns = 0
        self._last_redundant = _NOBODY

    @property
    def info(self) -> TrackInfo | None:
        """The track as others know it; None before its SSRC is known."""
        if self.ssrc is None:
            return None
        plan = self.plan
        return TrackInfo(self.forwarder.peer, plan.source, plan.codec, plan.clock_rate, self.ssrc)

    def continues(self, plan: Plan) -> bool:
        """Tell whether that plan describes this very stream."""
        mine = self.plan
        return (
            (mine.mid, mine.source, mine.codec, mine.rids)
            == (plan.mid, plan.source, plan.codec, plan.rids)
            and plan.ssrc in (None, self.ssrc)
            and (plan.rtx_ssrc in (None, self.rtx_ssrc) or self.rtx_ssrc is None)
        )

    def receive(self, packet: bytes, now: float) -> None:
        """Take an unprotected packet of the track's own SSRC."""
        plan = self.plan
        if plan.transport_id:
            self._arrived(packet, now)
        kind = packet[1]
        if kind & 0x7F != plan.payload_type:
            if kind & 0x7F == plan.red_payload_type != 0:
                self._receive_redundant(packet, now)
            else:
                self._udp.counters["drop-payload-type"] += 1
            return
        start = rtp.payload_start(packet)
        end = rtp.payload_end(packet, start) if start > 0 else -1
        if end < 0:
            self._udp.counters["drop-rtp"] += 1
            return
        sequence, timestamp = rtp.SEQUENCE_AND_TIMESTAMP.unpack_from(packet, 2)
        extended = self.reception.receive(sequence, timestamp, now)
        if extended < 0:
            self._udp.counters["drop-duplicate"] += 1
            return
        forwarder = self.forwarder
        if not forwarder.open:
            forwarder.floor = self.reception.highest + 1
            return
        if forwarder.video:
            level = _NO_LEVEL
        else:
            level = rtp.audio_level(packet, plan.level_id)
            if plan.source in VOICES:
                self._speakers.observe(forwarder.peer, level[0])
        forwarder.forward(
            extended, kind & rtp.MARKER, timestamp, level, packet[start:end], packet, now
        )

    def _receive_redundant(self, packet: bytes, now: float) -> None:
        """Take a packet of redundant audio: the new sound, and what was sent before once more."""
        plan = self.plan
        counters = self._udp.counters
        start = rtp.payload_start(packet)
        end = rtp.payload_end(packet, start) if start > 0 else -1
        if end < 0:
            counters["drop-rtp"] += 1
            return
        payload = packet[start:end]
        blocks = red.split(payload, plan.payload_type)
        if not blocks:
            counters["drop-redundant"] += 1
            return
        sequence, timestamp = rtp.SEQUENCE_AND_TIMESTAMP.unpack_from(packet, 2)
        extended = self.reception.receive(sequence, timestamp, now)
        if extended < 0:
            counters["drop-duplicate"] += 1
            return
        forwarder = self.forwarder
        if not forwarder.open:
            forwarder.floor = self.reception.highest + 1
            return
        level = rtp.audio_level(packet, plan.level_id)
        if plan.source in VOICES:
            self._speakers.observe(forwarder.peer, level[0])
        primary = payload[blocks[-1][1] :]
        marker = packet[1] & rtp.MARKER
        plain = rtp.with_payload(packet, start, plan.payload_type, primary)
        # What it carries along may have been said before it was to be heard by whoever gets it.
        allowed = forwarder.reaches(extended, timestamp, blocks[0][0])
        if not allowed or len(blocks) == 1:
            forwarder.forward(extended, marker, timestamp, level, primary, plain, now)
        else:
            if plan.payload_type != _OPUS:
                payload = red.renamed(payload, len(blocks) - 1, _OPUS)
            forwarder.forward(extended, marker, timestamp, level, primary, plain, now, payload)
            # Later than what follows it, as if it had been sent again: a tap that has just begun
            # knows by that what was said before.
            self._restore(extended, timestamp, level, plain, packet[start:end], blocks[-2], now)
        if extended > self._last_redundant[0]:
            self._last_redundant = extended, timestamp

    def _restore(
        self,
        extended: int,
        timestamp: int,
        level: bytes,
        plain: bytes,
        payload: bytes,
        block: red.Block,
        now: float,
    ) -> None:
        """Bring the packet before this one back, if it was lost and this one holds it for certain.

        That is so where it alone is missing between two packets, and the block is of a time
        between theirs: no other packet can have had that time.
        """
        last, last_timestamp = self._last_redundant
        offset, start, end = block
        lost = extended - 1
        if last != extended - 2 or start == end or lost not in self.reception.missing:
            return
        if not offset < (timestamp - last_timestamp) & 0xFFFFFFFF < 0x80000000:
            return
        if self.reception.recover(lost & 0xFFFF) != lost:
            return
        self._udp.counters["restored"] += 1
        earlier = (timestamp - offset) & 0xFFFFFFFF
        sound = payload[start:end]
        head = bytes((0x80, self.plan.payload_type))
        head += rtp.SEQUENCE_AND_TIMESTAMP.pack(lost & 0xFFFF, earlier) + plain[8:12]
        self.forwarder.forward(lost, 0, earlier, level, sound, head + sound, now)

    def receive_rtx(self, packet: bytes, now: float) -> None:
        """Take an unprotected packet of the SSRC of retransmissions."""
        plan = self.plan
        if plan.transport_id:
            self._arrived(packet, now)
        if packet[1] & 0x7F != plan.rtx_payload_type or self.ssrc is None:
            self._udp.counters["drop-payload-type"] += 1
            return
        start = rtp.payload_start(packet)
        end = rtp.payload_end(packet, start) if start > 0 else -1
        if end < start + 2:
            # Senders probe the path with padding here; that is no fault of theirs.
            self._udp.counters["drop-rtp" if end < 0 else "drop-padding"] += 1
            return
        sequence = int.from_bytes(packet[start : start + 2], "big")
        extended = self.reception.recover(sequence)
        if extended < 0:
            self._udp.counters["drop-duplicate"] += 1
            return
        forwarder = self.forwarder
        if not forwarder.open:
            return
        original = rtp.unwrap_retransmission(
            packet, start, end, plan.payload_type, self.ssrc.to_bytes(4, "big")
        )
        forwarder.forward(
            extended,
            packet[1] & rtp.MARKER,
            int.from_bytes(packet[4:8], "big"),
            _NO_LEVEL if forwarder.video else rtp.audio_level(packet, plan.level_id),
            packet[start + 2 : end],
            original,
            now,
        )

    def _arrived(self, packet: bytes, now: float) -> None:
        start, end = rtp.find_extension(packet, self.plan.transport_id)
        if end - start == 2:
            self._arrivals.receive(packet[start] << 8 | packet[start + 1], now)

    def sender_report(self, report: SenderReport, offset: int, now: float) -> None:
        """Take a sender report; ``offset`` takes the publisher's NTP time to ours."""
        if now - self._reported_at < REPORT_EVERY:
            self._udp.counters["drop-report"] += 1
            return
        self._last_report = report.ntp >> 16 & 0xFFFFFFFF
        self._reported_at = now
        if self.forwarder.open:
            self.forwarder.report(report.ntp + offset, report.rtp_timestamp, report.ntp, now)

    def block(self, now: float) -> Block | None:
        """Return the report block for the interval since the last one."""
        if self.ssrc is None:
            return None
        delay = int((now - self._reported_at) * 65536) if self._last_report else 0
        return self.reception.block(self.ssrc, self._last_report, min(delay, 0xFFFFFFFF))

    def overrun(self) -> bool:
        """Tell, once for each time, that more was lost than can be asked for again."""
        seen, self._overruns = self._overruns, self.reception.overruns
        return seen != self._overruns
