"""A peer's subscribing connection: we offer, the browser answers, and media goes out.

At most one offer is outstanding. What changes meanwhile waits until it has been answered, and then
goes into the next one, all at once. A section whose track has ended is offered as inactive
(:mod:`assent.media.forward.sections`).

What the page shows, and how large, decides together with the estimate of the path which layer of
which picture it gets (:mod:`assent.media.congestion.allocation`); sound is always sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence

from assent.media.congestion.allocation import PAUSED, Wish, allocate
from assent.media.congestion.bandwidth import SPARED, Bandwidth
from assent.media.congestion.red_control import RedController
from assent.media.congestion.sent_packets import OVERHEAD, SentPacketHistory
from assent.media.errors import SdpError
from assent.media.forward.down_track import PADDING, DownTrack
from assent.media.forward.sections import SubscribedSection, SubscribedSections
from assent.media.forward.source import PublishedSource
from assent.media.rate_window import RateWindow
from assent.media.room_events import State
from assent.media.rtp import rtcp
from assent.media.sdp.subscription import (
    PAYLOAD_TYPES,
    TRANSPORT_ID,
    Slot,
    read_answer,
    write_offer,
)
from assent.media.sources import SOURCES
from assent.media.stats import MediaStats
from assent.media.track import Forwarded
from assent.media.transport.connection import Connection
from assent.media.transport.dtls import DtlsCertificate
from assent.media.transport.owner import Route
from assent.media.transport.srtp import MAX_PACKET, SrtpError
from assent.media.transport.udp import Udp

ANSWER_TIMEOUT = 30.0
"""Seconds an offer may stay unanswered; then the connection has failed."""

MAX_RTX = 1000  # packets a second that one subscriber may ask for again

ALLOCATION_INTERVAL = 0.2
"""Seconds between two divisions of what the path carries."""

UNSEEN = 720
"""Lines at which everything is shown to a page that does not say what it shows."""

MAX_PADDING = 40  # packets in one tick: 4 Mbit/s

Shown = Mapping[tuple[str, str], int]
"""What a page shows: peer and source, and the height of the place in pixels."""


class Subscriber:
    """The sections of one connection.

    ``wanted`` returns what it should carry now; ``speaking`` who speaks, the loudest first;
    ``on_offer`` gets generation, text and tracks.
    """

    def __init__(
        self,
        udp: Udp,
        certificate: DtlsCertificate,
        candidates: tuple[str, ...],
        generations: Iterator[int],
        wanted: Callable[[], Sequence[PublishedSource]],
        speaking: Callable[[], Sequence[str]],
        on_offer: Callable[[int, str, list[Forwarded]], None],
        on_state: Callable[[State], None],
        now: float,
    ) -> None:
        self._udp = udp
        self._candidates = candidates
        self._connection = Connection(udp, certificate, secrets.randbits(62), self, now)
        self._wanted = wanted
        self._speaking = speaking
        self._on_offer = on_offer
        self._on_state = on_state
        self._rtx_window = RateWindow(MAX_RTX, MAX_RTX * MAX_PACKET)
        self._sections = SubscribedSections(self._connection, self._rtx_window)
        self._generations = generations
        self._generation = 0
        self._version = 0
        self._offered: list[tuple[SubscribedSection, DownTrack | None, Slot]] | None = None
        self._offered_at = now
        self._tick_at = now
        self._sent_packets = SentPacketHistory()
        self._bandwidth = Bandwidth(now)
        self._red_controller = RedController()
        self._red = False
        self._shown: Shown | None = None
        self._allocated_at = now
        self._short = 0  # bit/s that would be sent if the path carried them; 0 if all is sent
        self._ticked_at = now
        self._octets = 0
        self._owed = 0.0
        # An audio section carries nothing at first, so that the connection stands before anybody
        # speaks.
        self._sections.add(video=False)

    # -- negotiation -------------------------------------------------------------------------

    def update(self, now: float) -> None:
        """Offer what has changed, now or once the outstanding offer has been answered."""
        wanted = self._wanted()
        cleared = self._sections.clear_all_but(set(wanted))
        changed = cleared or self._version == 0
        if self._offered is not None:
            return
        carried = {section.feed for section in self._sections}
        for feed in wanted:
            if feed in carried:
                continue
            section = self._sections.room_for(feed)
            if section is None:
                self._udp.counters["drop-track"] += 1
            else:
                self._sections.carry(section, feed)
                changed = True
        # A section that was cleared while an offer was outstanding has still to be said.
        if changed or any(section.feed is None and not section.free for section in self._sections):
            self._offer(now)

    def offer_again(self, now: float) -> None:
        """Offer once more: the last offer, or the answer to it, may have been lost on its way."""
        if self._version > 0:
            self._offer(now)

    def _offer(self, now: float) -> None:
        self._generation = next(self._generations)
        self._version += 1
        self._offered = [
            (section, section.down_track, section.slot()) for section in self._sections
        ]
        self._offered_at = now
        text = write_offer(
            self._connection.local(self._candidates),
            self._version,
            [slot for _, _, slot in self._offered],
        )
        tracks = [
            Forwarded(section.mid, section.feed.peer, section.feed.source)
            for section in self._sections
            if section.feed is not None
        ]
        self._on_offer(self._generation, text, tracks)

    def set_answer(self, generation: int, sdp: str, now: float) -> None:
        """Take the answer to the outstanding offer; raises BadSdp, and ignores any other."""
        if self._offered is None or generation != self._generation:
            self._udp.counters["drop-answer"] += 1
            return
        answer = read_answer(sdp, [slot for _, _, slot in self._offered])
        known = self._connection.remote
        if known is not None and known.fingerprints != answer.remote.fingerprints:
            raise SdpError("The answer comes from another connection.")
        offered, self._offered = self._offered, None
        for section, out, _ in offered:
            if out is None:
                section.free = section.down_track is None
                continue
            accepted = answer.accepted.get(section.mid)
            if accepted is not None and section.down_track is out and section.feed is not None:
                transport = accepted.transport_id != 0
                out.accept(
                    accepted,
                    *PAYLOAD_TYPES[section.feed.codec],
                    twcc_id=TRANSPORT_ID if transport else 0,
                    twcc_sequence=self._sent_packets.twcc_sequence if transport else None,
                )
        self._connection.set_remote(answer.remote)
        self._attach(now)
        self.update(now)

    def _attach(self, now: float) -> None:
        srtp = self._connection.srtp
        if srtp is None:
            return
        for section in self._sections:
            out, feed = section.down_track, section.feed
            if out is not None and feed is not None and out.accepted:
                out.use(srtp)
                feed.set_red(out, self._red)
                feed.attach(out, now)

    # -- what the connection tells ---------------------------------------------------------------

    def connected(self, now: float) -> None:
        """Let media flow."""
        self._attach(now)
        self._on_state("connected")

    def ended(self, state: State) -> None:
        """The connection is gone by itself."""
        self._on_state(state)

    def learn(self, datagram: bytes) -> Route | None:  # noqa: ARG002
        """Subscribers send no media."""
        return None

    def feedback(self, events: list[rtcp.Event], now: float) -> None:
        """Take what the browser misses, and how its path is."""
        for event in events:
            if isinstance(event, rtcp.Nack):
                section = self._sections.find(event.media)
                if section is not None and section.feed and section.down_track:
                    section.feed.send_again(section.down_track, event.sequences, now)
                    if not section.video:
                        self._red_controller.missed(len(event.sequences), now)
            elif isinstance(event, rtcp.KeyFrameRequest):
                section = self._sections.find(event.media)
                if section is not None and section.feed:
                    section.feed.request_key_frame(now, section.down_track)
            elif isinstance(event, rtcp.TransportFeedback):
                self._bandwidth.feedback(self._sent_packets.match(event.arrivals), now)
            elif isinstance(event, rtcp.ReceiverReport):
                for block in event.blocks:
                    section = self._sections.find(block.ssrc)
                    if section is not None and not section.video:
                        self._red_controller.report(block.fraction_lost, now)
                blocks = [block for block in event.blocks if self._sections.is_video(block.ssrc)]
                if blocks:
                    self._bandwidth.report(max(b.fraction_lost for b in blocks) / 256, now)
            elif isinstance(event, rtcp.MaximumBitrate):
                self._bandwidth.maximum(event.bitrate)

    # -- which layers ----------------------------------------------------------------------------

    def show(self, shown: Shown) -> None:
        """Learn what the page shows; what is not named is not shown."""
        self._shown = shown
        self._allocated_at = float("-inf")

    def _allocate(self, now: float) -> None:
        speaking = self._speaking()[:1]
        wishes = []
        carried: dict[str, tuple[PublishedSource, DownTrack]] = {}
        for section in self._sections:
            feed, out = section.feed, section.down_track
            if feed is None or out is None or not section.video or not out.accepted:
                continue
            height = UNSEEN
            if self._shown is not None:
                height = self._shown.get((feed.peer, feed.source), 0)
            if height <= 0:
                feed.switch_to(out, PAUSED, now)
                continue
            weight = 2 if SOURCES[feed.source].screen else 1 if feed.peer in speaking else 0
            carried[section.mid] = feed, out
            wishes.append(Wish(section.mid, feed.ladder(now), height, weight, feed.current(out)))
        bandwidth = self._bandwidth
        allocation = allocate(wishes, bandwidth.bitrate, pause=bandwidth.congested(now))
        for mid, (feed, out) in carried.items():
            feed.switch_to(out, allocation.layers[mid], now)
        self._short = allocation.wanted if allocation.short else 0

    def _probe(self, now: float) -> None:
        """Fill up with padding to what a probe asks for."""
        elapsed, self._ticked_at = min(now - self._ticked_at, 0.1), now
        octets, self._octets = self._sent_packets.octets - self._octets, self._sent_packets.octets
        rate = self._bandwidth.probe(self._short, now)
        if not rate:
            self._owed = 0.0
            return
        self._owed += rate * elapsed / 8 - octets
        carrier = next(
            (
                section.down_track
                for section in self._sections
                if section.down_track is not None and section.down_track.twcc_sequence is not None
            ),
            None,
        )
        size = len(PADDING) + OVERHEAD
        count = min(int(self._owed / size + 0.5), MAX_PADDING)
        if carrier is None or count <= 0:
            return
        self._owed -= count * size
        try:
            padding = [carrier.padding() for _ in range(count)]
        except SrtpError:
            self._udp.counters["drop-protect"] += 1
            return
        self._octets = self._sent_packets.octets
        self._udp.counters["padding-sent"] += count
        self._udp.send_all(padding, self._connection.address)

    def _set_red(self, now: float) -> None:
        """Let sound come redundantly while the path loses too much of it.

        Not on a path that carries hardly more than sound, as far as one can tell: there it would be
        lost because there is more of it. Pictures give way before that.
        """
        wanted = self._red_controller.wanted(now) and self._bandwidth.bitrate >= SPARED
        if wanted == self._red:
            return
        self._red = wanted
        for section in self._sections:
            if section.feed is not None and section.down_track is not None:
                section.feed.set_red(section.down_track, wanted)

    # -- time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Divide what the path carries, probe, and notice what is overdue; call every 20 ms."""
        if self._connection.srtp is not None:
            if now - self._allocated_at >= ALLOCATION_INTERVAL:
                self._allocated_at = now
                self._allocate(now)
                self._set_red(now)
            self._probe(now)
        if now < self._tick_at:
            return
        self._tick_at = now + 1
        self._connection.tick(now)
        if self._offered is not None and now - self._offered_at > ANSWER_TIMEOUT:
            self.close()
            self._on_state("failed")

    def measure(self, figures: MediaStats) -> None:
        """Add this connection to the figures of the server."""
        if self._connection.srtp is None:
            return
        figures.subscribers += 1
        figures.lost_down.append(self._bandwidth.lost)
        figures.estimates.append(self._bandwidth.bitrate)
        for section in self._sections:
            feed, out = section.feed, section.down_track
            if feed is not None and out is not None and section.video and out.accepted:
                layer = feed.current(out)
                name = "paused" if layer == PAUSED else str(layer)
                figures.layers[name] = figures.layers.get(name, 0) + 1

    def close(self) -> None:
        """Drop the connection and everything it carries."""
        self._sections.close()
        self._connection.close()
