"""A peer's publishing connection: the browser offers, we answer, and media comes in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping

from assent.media.congestion.remb import RembLimit
from assent.media.forward.incoming_layer import nobody
from assent.media.forward.source import PublishedSource
from assent.media.forward.speaker import SpeakerDetector
from assent.media.forward.stream import ReceiveStream
from assent.media.room_events import State
from assent.media.rtp import rtcp, rtp
from assent.media.rtp.twcc import Arrivals
from assent.media.sdp.common import Local
from assent.media.sdp.publication import Publication
from assent.media.sources import Source
from assent.media.stats import MediaStats
from assent.media.transport.connection import Connection
from assent.media.transport.dtls import DtlsCertificate
from assent.media.transport.owner import Route
from assent.media.transport.udp import Udp

REPORT_INTERVAL = 1.0  # seconds
FEEDBACK_INTERVAL = 0.1
"""Seconds between two transport-wide feedbacks, of 50 to 250 ms that browsers send themselves."""
NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970


class Publisher:
    """The streams of one connection. ``on_state`` is told when it works, and when it is gone."""

    def __init__(
        self,
        udp: Udp,
        certificate: DtlsCertificate,
        candidates: tuple[str, ...],
        speakers: SpeakerDetector,
        on_state: Callable[[State], None],
        on_learned: Callable[[], None],
        now: float,
    ) -> None:
        self._udp = udp
        self._candidates = candidates
        self._speakers = speakers
        self._on_state = on_state
        self._on_learned = on_learned
        self._connection = Connection(udp, certificate, secrets.randbits(62), self, now)
        self._version = 0
        self._ssrc = secrets.randbits(32)
        self._reduced_size = True
        self._remb_limit = RembLimit()
        self._report_at = 0.0
        self._clock_offset: int | None = None
        self._streams: dict[tuple[str, str], ReceiveStream] = {}  # by source and rid
        self._arrivals = Arrivals()
        self._feedback_at = 0.0
        self._by_ssrc: dict[int, ReceiveStream] = {}

    def continues(self, publication: Publication) -> bool:
        """Tell whether the offer is for this connection, and not for a new one."""
        mine = self._connection.remote
        theirs = publication.remote
        return (
            mine is not None
            and mine.session == theirs.session
            and mine.fingerprints == theirs.fingerprints
        )

    def apply(
        self, publication: Publication, feeds: Mapping[Source, PublishedSource], now: float
    ) -> str:
        """Carry out a checked offer and return the answer; ``feeds`` has one for each plan."""
        connection = self._connection
        connection.set_remote(publication.remote)
        self._version += 1
        self._reduced_size = all(
            section.rtcp_reduced_size or section.rejected for section in publication.offer.sections
        )
        streams: dict[tuple[str, str], ReceiveStream] = {}
        for plan in publication.plans:
            feed = feeds[plan.source]
            rids = plan.rids or ("",)
            former = [self._streams.get((plan.source, rid)) for rid in rids]
            if all(stream is not None and stream.continues(plan) for stream in former):
                for stream in former:
                    assert stream is not None, "just looked"
                    stream.plan = plan
                    streams[plan.source, stream.rid] = stream
                continue
            feed.shape(len(rids), now)
            feed.renumber()
            for rid, layer in zip(rids, feed.layers, strict=True):
                streams[plan.source, rid] = ReceiveStream(
                    self._udp, plan, rid, layer, self._speakers, self._arrivals
                )
        self._streams = streams
        self._route()
        return publication.answer(connection.local(self._candidates), self._version)

    @property
    def local(self) -> Local:
        """Our end of the connection."""
        return self._connection.local(self._candidates)

    def restart(self, ufrag: str) -> Local:
        """Let the other end choose its path anew (RFC 8445 section 9); returns our new end."""
        return self._connection.restart(ufrag, self._candidates)

    def _route(self) -> None:
        """Make the tables of what is expected, from the streams."""
        former = set(self._connection.by_ssrc)
        by_ssrc: dict[bytes, Route] = {}
        self._by_ssrc = {}
        for stream in self._streams.values():
            if stream.ssrc is not None:
                by_ssrc[stream.ssrc.to_bytes(4, "big")] = stream.receive
                self._by_ssrc[stream.ssrc] = stream
            if stream.rtx_ssrc is not None:
                by_ssrc[stream.rtx_ssrc.to_bytes(4, "big")] = stream.receive_rtx
            stream.forwarder.info = stream.info
            stream.forwarder.ask = self._ask(stream)
        self._connection.by_ssrc = by_ssrc
        srtp = self._connection.srtp
        if srtp is not None:
            for ssrc in former - by_ssrc.keys():
                srtp.forget(int.from_bytes(ssrc, "big"))

    def _ask(self, stream: ReceiveStream) -> Callable[[], None]:
        def ask() -> None:
            if stream.ssrc is not None:
                self._udp.counters["key-frame-requests"] += 1
                self._send_feedback(rtcp.picture_loss(self._ssrc, stream.ssrc))

        return ask

    def _send_feedback(self, packet: bytes) -> None:
        if not self._reduced_size:
            # Who has not agreed to RFC 5506 wants every packet to begin with a report.
            packet = (
                rtcp.receiver_report(self._ssrc, [])
                + rtcp.canonical_name(self._ssrc, "assent")
                + packet
            )
        self._connection.send_rtcp(packet)

    # -- what the connection tells ---------------------------------------------------------------

    def connected(self, now: float) -> None:
        """Say so, and ask for what was asked for before it could be."""
        self._report_at = now
        for stream in self._streams.values():
            if stream.forwarder.key_frames.wanted:
                stream.forwarder.ask()
        self._on_state("connected")

    def ended(self, state: State) -> None:
        """The connection is gone by itself."""
        self._on_state(state)

    def learn(self, datagram: bytes) -> Route | None:
        """Find whose an SSRC is that the offer did not name, by mid and rid in the header.

        Each stream can learn one SSRC and one for retransmissions, and only from a packet that
        turns out to be authentic.
        """
        payload_type = datagram[1] & 0x7F
        for stream in self._streams.values():
            plan = stream.plan
            if payload_type == plan.payload_type:
                known = stream.ssrc
            elif payload_type == plan.rtx_payload_type and payload_type:
                known = stream.rtx_ssrc
            else:
                continue
            if known is not None or not plan.mid_id:
                continue
            start, end = rtp.find_extension(datagram, plan.mid_id)
            if datagram[start:end] != plan.mid.encode("ascii"):
                continue
            rtx = payload_type != plan.payload_type
            if stream.rid:
                rid_id = plan.repaired_id if rtx else plan.rid_id
                start, end = rtp.find_extension(datagram, rid_id) if rid_id else (0, 0)
                if datagram[start:end] != stream.rid.encode("ascii"):
                    continue
            return self._adopt(stream, rtx=rtx)
        return None

    def _adopt(self, stream: ReceiveStream, *, rtx: bool) -> Route:
        def adopt(packet: bytes, now: float) -> None:
            ssrc = int.from_bytes(packet[8:12], "big")
            if rtx:
                stream.rtx_ssrc = ssrc
            else:
                stream.ssrc = ssrc
            self._route()
            if not rtx:
                self._on_learned()
            (stream.receive_rtx if rtx else stream.receive)(packet, now)

        return adopt

    def feedback(self, events: list[rtcp.Event], now: float) -> None:
        """Take the publisher's sender reports; what else it says does not concern us."""
        for event in events:
            if isinstance(event, rtcp.SenderReport):
                stream = self._by_ssrc.get(event.ssrc)
                if stream is None:
                    continue
                if self._clock_offset is None:
                    # One offset for all streams of the connection and for good: they stay in step,
                    # and subscribers see our clock instead of the publisher's.
                    ours = int((time.time() + NTP_EPOCH) * (1 << 32))
                    self._clock_offset = ours - event.ntp
                stream.sender_report(event, self._clock_offset, now)

    # -- time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Ask for what is missing; call every 20 ms or so."""
        if self._connection.srtp is None:
            if now >= self._report_at:
                self._report_at = now + REPORT_INTERVAL
                self._connection.tick(now)
            return
        for stream in self._streams.values():
            if stream.reception.missing and stream.ssrc is not None:
                asked = stream.reception.due(now)
                if asked and stream.forwarder.open:
                    self._udp.counters["nacks-sent"] += 1
                    self._send_feedback(rtcp.nack(self._ssrc, stream.ssrc, asked))
            if stream.overrun():
                stream.forwarder.request_key_frame(now)
            if stream.forwarder.key_frames.due(now):
                stream.forwarder.ask()
        if now >= self._feedback_at:
            self._feedback_at = now + FEEDBACK_INTERVAL
            self._tell_arrivals()
        if now >= self._report_at:
            self._report_at = now + REPORT_INTERVAL
            self._report(now)
            self._connection.tick(now)

    def _tell_arrivals(self) -> None:
        media = next((stream.ssrc for stream in self._streams.values() if stream.ssrc), 0)
        for feedback in self._arrivals.feedback():
            self._send_feedback(rtcp.transport_feedback(self._ssrc, media, feedback))

    def _report(self, now: float) -> None:
        blocks = []
        videos = audios = 0
        ssrcs = []
        worst = 0
        for stream in self._streams.values():
            if stream.forwarder.video:
                videos += 1
            else:
                audios += 1
            if stream.ssrc is not None:
                ssrcs.append(stream.ssrc)
            block = stream.block(now)
            if block is not None:
                blocks.append(block)
                worst = max(worst, block.fraction_lost)
        packet = rtcp.receiver_report(self._ssrc, blocks)
        packet += rtcp.canonical_name(self._ssrc, "assent")
        # Who gets transport-wide feedback estimates better by itself.
        if ssrcs and not any(stream.plan.transport_id for stream in self._streams.values()):
            bitrate = self._remb_limit.update(videos, audios, worst / 256)
            packet += rtcp.maximum_bitrate(self._ssrc, bitrate, ssrcs)
        self._connection.send_rtcp(packet)

    def measure(self, figures: MediaStats) -> None:
        """Add this connection to the figures of the server."""
        if self._connection.srtp is not None:
            figures.publishers += 1
            figures.lost_up += [
                stream.reception.fraction_lost / 256
                for stream in self._streams.values()
                if stream.reception.highest >= 0
            ]

    def close(self) -> None:
        """Drop the connection; the forwarders are left to whoever comes next."""
        for stream in self._streams.values():
            stream.forwarder.interrupt()
            stream.forwarder.info = None
            stream.forwarder.ask = nobody
        self._streams = {}
        self._by_ssrc = {}
        self._connection.close()
