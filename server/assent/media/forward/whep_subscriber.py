"""A device that watches: it has offered so many sections, and we fill them with what there is.

There is no way to offer such a device anything later. So its sections stay, and what they carry
changes: a track that ends leaves its section to the next. Each time the section gets a new SSRC,
which the device learns from the mid on the packets or, where it did not offer mids, from the
payload type. What is shown on a screen comes first, then people as they came.

The path to a device is not estimated. It gets the middle one of three layers, and what has but one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from assent.media.forward.down_track import DownTrack
from assent.media.forward.source import PublishedSource
from assent.media.forward.subscriber import MAX_RTX
from assent.media.rate_window import RateWindow
from assent.media.room_events import State
from assent.media.rtp import rtcp
from assent.media.sdp.common import Local
from assent.media.sdp.whip_whep import MediaSlot, Viewing
from assent.media.sources import SOURCES
from assent.media.transport.connection import Connection
from assent.media.transport.dtls import DtlsCertificate
from assent.media.transport.owner import Route
from assent.media.transport.srtp import MAX_PACKET
from assent.media.transport.udp import Udp

LAYER = 1  # of up to three, counted from the lowest


class _Carrying:
    """A slot, and what it carries now."""

    __slots__ = ("attached", "down_track", "feed", "slot")

    def __init__(self, slot: MediaSlot) -> None:
        self.slot = slot
        self.feed: PublishedSource | None = None
        self.down_track: DownTrack | None = None
        self.attached = False


class WhepSubscriber:
    """The slots of one connection. ``wanted`` returns what there is to carry."""

    def __init__(
        self,
        udp: Udp,
        certificate: DtlsCertificate,
        candidates: tuple[str, ...],
        viewing: Viewing,
        wanted: Callable[[], Sequence[PublishedSource]],
        on_state: Callable[[State], None],
        now: float,
    ) -> None:
        self._viewing = viewing
        self._candidates = candidates
        self._connection = Connection(udp, certificate, secrets.randbits(62), self, now)
        self._wanted = wanted
        self._on_state = on_state
        self._rtx_window = RateWindow(MAX_RTX, MAX_RTX * MAX_PACKET)
        self._slots = [_Carrying(slot) for slot in viewing.slots]
        self._by_ssrc: dict[int, _Carrying] = {}
        self._tick_at = now
        self._connection.set_remote(viewing.remote)

    def answer(self) -> str:
        """Write the answer to the device's offer."""
        return self._viewing.answer(self._connection.local(self._candidates))

    @property
    def local(self) -> Local:
        """Our end of the connection."""
        return self._connection.local(self._candidates)

    def restart(self, ufrag: str) -> Local:
        """Let the other end choose its path anew (RFC 8445 section 9); returns our new end."""
        return self._connection.restart(ufrag, self._candidates)

    # -- what is carried ---------------------------------------------------------------------

    def update(self, now: float) -> None:
        """Carry what there is now."""
        wanted = sorted(self._wanted(), key=lambda one: not SOURCES[one.source].screen)
        still = set(wanted)
        for one in self._slots:
            if one.feed is not None and one.feed not in still:
                self._clear(one)
        carried = {one.feed for one in self._slots}
        for feed in wanted:
            if feed in carried:
                continue
            for one in self._slots:
                if one.feed is None and feed.codec in one.slot.forms:
                    self._carry(one, feed)
                    break
        self._attach(now)

    def _carry(self, one: _Carrying, feed: PublishedSource) -> None:
        slot = one.slot
        # Drawn anew each time: an SSRC carries one track, and its numbers begin once.
        used = {out.rtx_ssrc for other in self._slots if (out := other.down_track)}
        ssrc = rtx = 0
        while not ssrc or not rtx or ssrc == rtx or {ssrc, rtx} & (used | {*self._by_ssrc}):
            ssrc, rtx = secrets.randbits(32), secrets.randbits(32)
        out = DownTrack(
            self._connection, self._rtx_window, slot.mid, ssrc, rtx, secrets.randbits(64)
        )
        out.accept(slot.accepted, *slot.forms[feed.codec])
        one.feed, one.down_track, one.attached = feed, out, False
        self._by_ssrc[ssrc] = one

    def _clear(self, one: _Carrying) -> None:
        if one.feed is not None and one.down_track is not None:
            one.feed.detach(one.down_track)
            del self._by_ssrc[one.down_track.ssrc]
        one.feed = one.down_track = None

    def _attach(self, now: float) -> None:
        srtp = self._connection.srtp
        if srtp is None:
            return
        for one in self._slots:
            if one.feed is not None and one.down_track is not None and not one.attached:
                one.attached = True
                one.down_track.use(srtp)
                one.feed.attach(one.down_track, now)
                if one.feed.video:
                    one.feed.switch_to(one.down_track, LAYER, now)

    # -- what the connection tells -----------------------------------------------------------

    def connected(self, now: float) -> None:
        """Let media flow."""
        self._attach(now)
        self._on_state("connected")

    def ended(self, state: State) -> None:
        """The connection is gone by itself."""
        self._on_state(state)

    def learn(self, datagram: bytes) -> Route | None:  # noqa: ARG002
        """Who watches sends no media."""
        return None

    def feedback(self, events: list[rtcp.Event], now: float) -> None:
        """Take what the device misses."""
        for event in events:
            if isinstance(event, rtcp.Nack | rtcp.KeyFrameRequest):
                one = self._by_ssrc.get(event.media)
                if one is None or one.feed is None or one.down_track is None:
                    continue
                if isinstance(event, rtcp.Nack):
                    one.feed.send_again(one.down_track, event.sequences, now)
                else:
                    one.feed.request_key_frame(now, one.down_track)

    # -- time --------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Notice what is overdue; call as often as you like."""
        if now >= self._tick_at:
            self._tick_at = now + 1
            self._connection.tick(now)

    def close(self) -> None:
        """Drop the connection and everything it carries."""
        for one in self._slots:
            self._clear(one)
        self._slots = []
        self._connection.close()
