"""A room: its peers, and what may reach whom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from time import monotonic
from typing import Any

from assent.media.codecs import PICTURES, Codec
from assent.media.errors import Closed, UnknownPeer
from assent.media.forward.source import INTERVAL as REVIEW_INTERVAL
from assent.media.forward.source import PublishedSource
from assent.media.forward.speaker import INTERVAL, SpeakerDetector
from assent.media.forward.subscriber import Shown
from assent.media.forward.tap import Tap
from assent.media.peer import Peer, PeerContext
from assent.media.room_events import Role, RoomListener
from assent.media.sdp.publication import DEVICE_ROLES, plan_publication
from assent.media.sdp.whip_whep import device_sources, plan_viewing
from assent.media.sources import DEVICE, Source
from assent.media.stats import MediaStats
from assent.media.track import TrackInfo
from assent.media.transport.dtls import DtlsCertificate
from assent.media.transport.udp import Udp

_PEER = re.compile(r"[A-Za-z0-9_-]{1,48}")  # it becomes part of tokens in descriptions


class Room:
    """One meeting's media. Made by :meth:`MediaServer.open_room`, never directly.

    A peer is an opaque text of 1 to 48 characters out of ``A-Z a-z 0-9 _ -``. A source is one of
    :data:`assent.media.sources.SOURCES`.
    """

    def __init__(
        self,
        name: str,
        listener: RoomListener,
        udp: Udp,
        candidates: tuple[str, ...],
        pictures: Sequence[Codec] = PICTURES,
    ) -> None:
        self.name = name
        self.tapped: Tap | None = None
        self.tapping = 0
        self._listener = listener
        self._udp = udp
        self._pictures = tuple(pictures)
        self._speakers = SpeakerDetector()
        self._speakers_at = 0.0
        self._speaking: list[str] = []
        self._review_at = 0.0
        self._peers: dict[str, Peer] = {}
        self._told: list[TrackInfo] = []
        self._loop = asyncio.get_running_loop()
        self._refreshing = False
        self._stale: list[Peer] = []
        self._closed = False
        self._context: PeerContext | None = PeerContext(
            tapped=self,
            udp=udp,
            certificate=DtlsCertificate(),
            candidates=candidates,
            speakers=self._speakers,
            # One row for the whole room, so that an answer to what a peer was offered before it was
            # removed, or subscribed anew, never fits a later offer.
            generations=count(1),
            wanted=self._wanted,
            speaking=lambda: self._speaking,
            on_change=self._refresh_soon,
            on_offer=lambda *offer: self._tell(self._listener.on_offer, *offer),
            on_state=lambda *state: self._tell(self._listener.on_peer_state, *state),
        )

    # -- the face ----------------------------------------------------------------------------

    @property
    def tap(self) -> Tap | None:
        """Who gets copies. Set and cleared by plain assignment, effective between two packets.

        A tap gets what is sent after it was set: nothing that was lost before and came again. It
        counts as somebody who looks at everything: publishers are told at once to send what nobody
        else needs, and are asked for a key frame, again and again until it comes.
        """
        return self.tapped

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self.tapped = tap
        self.tapping += 1
        if tap is not None:
            now = monotonic()
            for peer in self._peers.values():
                self._tell_wanted(peer, [f for f in peer.feeds.values() if f.begin_tap(now)])

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, Source]) -> str:
        """Take a browser's offer and return our answer; ``sources`` maps mid to source.

        The first offer makes the peer's publishing connection. A further one of the same browser
        connection renegotiates it (tracks come and go, ICE restarts); one of a new connection
        replaces it, and for subscribers the tracks go on without a break.

        Raises BadSdp, and then nothing has changed.
        """
        assert not DEVICE & set(sources.values()), "browsers and devices have sources of their own"
        publication = plan_publication(sdp, sources, self._order(peer))
        return self._peer(peer).publish(publication)

    async def begin(self, peer: str, role: Role, sdp: str) -> str:
        """Take the offer of another device of the peer, and return our answer.

        It is the peer in everything but the connection: what holds for the peer's forwarding holds
        for it. ``"device"`` sends, as :data:`assent.media.sources.DEVICE`; ``"view"`` receives what
        others publish, as far as it has media sections. One that was there is replaced. Raises
        BadSdp, and then nothing has changed.
        """
        if role == "device":
            sources, order = device_sources(sdp), self._order(peer)
            publication = plan_publication(sdp, sources, order, DEVICE_ROLES)
            return self._peer(peer).begin_device(publication)
        assert role == "view", "a browser's connections begin otherwise"
        viewing = plan_viewing(sdp)
        return self._peer(peer).begin_view(viewing)

    async def restart(self, peer: str, role: Role, ufrag: str) -> str:
        """Restart ICE of a device's connection; returns our end as a fragment of SDP (RFC 8840).

        Raises UnknownPeer where there is no such connection.
        """
        found = self._peers.get(peer)
        if found is None:
            raise UnknownPeer
        return found.restart(role, ufrag)

    def release(self, peer: str, role: Role) -> None:
        """Close a device's connection; what is not there is ignored."""
        found = self._peers.get(peer)
        if found is not None:
            found.release(role)

    def subscribe(self, peer: str) -> None:
        """Start the peer's subscribing connection; offers follow through the listener.

        Called again, it drops the connection there was and starts a new one. Generations go on,
        also when the peer is removed in between.
        """
        self._peer(peer).subscribe()

    def resume(self, peer: str) -> None:
        """Tell again what may have been lost with the peer's signalling, and begin what is gone.

        Both connections of the peer's browser go on where they still stand. The listener gets an
        offer in any case, which layers are wanted, and that the publishing connection has failed
        where there is none.
        """
        found = self._peer(peer)
        found.resume()
        wanted = {feed.source: feed.wanted for feed in found.feeds.values() if feed.video}
        if wanted:
            self._tell(self._listener.on_layers, peer, wanted)

    def show(self, peer: str, shown: Shown) -> None:
        """Learn what the peer's page shows, and how large; what is not named is not sent to it.

        ``shown`` maps peer and source to the height of the place in pixels. Until the first call
        everything is taken to be shown. It holds for all subscribing connections of the peer.
        """
        found = self._peer(peer)
        found.view = shown
        if found.subscriber is not None:
            found.subscriber.show(shown)

    async def set_answer(self, peer: str, generation: int, sdp: str) -> None:
        """Take a browser's answer to the offer of that generation.

        Raises BadSdp, and then nothing has changed: the offer stays outstanding. An answer to an
        offer that is no longer outstanding is ignored. Raises UnknownPeer for a peer that does not
        subscribe.
        """
        found = self._peers.get(peer)
        if found is None or found.subscriber is None:
            raise UnknownPeer
        found.subscriber.set_answer(generation, sdp, monotonic())

    def set_forwarding(self, peer: str, allowed: bool) -> None:
        """Let the peer's media reach others and the tap, or stop it at this instant.

        Until the first True nobody learns that the peer publishes anything. It may be called
        before the peer publishes, and holds for all its connections until the peer is removed.
        """
        self._peer(peer).set_forwarding(allowed)

    def remove(self, peer: str) -> None:
        """Close both connections of the peer and forget it; unknown peers are ignored."""
        found = self._peers.pop(peer, None)
        if found is None:
            return
        found.close()
        if not self._closed:
            self._refresh_soon()

    def renew(self, peer: str) -> None:
        """Close the two connections of the peer's browser; those of another device go on."""
        found = self._peers.get(peer)
        if found is not None:
            found.renew()

    def request_key_frame(self, peer: str, source: Source) -> None:
        """Ask a publisher for a key frame, throttled; what is not video or unknown is ignored."""
        found = self._peers.get(peer)
        feed = found.feeds.get(source) if found is not None else None
        if feed is not None:
            feed.request_key_frame(monotonic())

    def request_key_frames_all(self) -> None:
        """Ask for a key frame of every video track that is forwarded, throttled."""
        now = monotonic()
        for peer in self._peers.values():
            for feed in peer.feeds.values():
                feed.request_key_frame(now)

    def tracks(self) -> list[TrackInfo]:
        """Return every published track, also of peers that may not be forwarded yet."""
        return [track for peer in self._peers.values() for track in peer.tracks()]

    # -- what the server calls ---------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Do what is due; the server calls this every 20 ms."""
        for peer in tuple(self._peers.values()):
            peer.tick(now)
        if now >= self._speakers_at:
            self._speakers_at = now + INTERVAL
            speakers = self._speakers.update()
            if speakers is not None:
                self._speaking = speakers
                self._tell(self._listener.on_speakers, speakers)
        if now >= self._review_at:
            self._review_at = now + REVIEW_INTERVAL
            self._review_layers(now)

    def _review_layers(self, now: float) -> None:
        """See which layers come, and tell publishers how many are needed."""
        for peer in self._peers.values():
            self._tell_wanted(peer, [feed for feed in peer.feeds.values() if feed.tick(now)])

    def _tell_wanted(self, peer: Peer, changed: Sequence[PublishedSource]) -> None:
        if changed:
            wanted = {feed.source: feed.wanted for feed in changed}
            self._tell(self._listener.on_layers, peer.name, wanted)

    def measure(self, figures: MediaStats) -> None:
        """Add what goes on here to the figures of the server."""
        for peer in self._peers.values():
            peer.measure(figures)

    def close(self) -> None:
        """Remove everybody; nothing is told any more."""
        self._closed = True
        self.tap = None
        for peer in tuple(self._peers):
            self.remove(peer)
        # It knows us: of what is over nothing is left that knows another (see Connection.close).
        self._context = None
        self._stale = []

    # -- inside ------------------------------------------------------------------------------

    def _peer(self, name: str) -> Peer:
        if self._closed or self._context is None:
            raise Closed
        found = self._peers.get(name)
        if found is None:
            assert _PEER.fullmatch(name), "peers are named by the server"
            found = self._peers[name] = Peer(name, self._context)
        return found

    def _order(self, publisher: str) -> list[Codec]:
        """Return the codecs for pictures, in order: first those that nobody is known to lack."""
        lacking = [
            peer.pictures
            for peer in self._peers.values()
            if peer.name != publisher and peer.pictures is not None
        ]
        return sorted(self._pictures, key=lambda codec: sum(codec not in has for has in lacking))

    def _wanted(self, subscriber: Peer) -> list[PublishedSource]:
        return [
            feed
            for peer in self._peers.values()
            if peer.shown and peer is not subscriber
            for feed in peer.feeds.values()
        ]

    def _refresh_soon(self) -> None:
        """Bring offers up to date, once for all that changes in this turn of the loop."""
        if not self._refreshing and not self._closed:
            self._refreshing = True
            self._loop.call_soon(self._refresh)

    def _refresh(self) -> None:
        self._refreshing = False
        if self._closed:
            return
        now = monotonic()
        for peer in self._peers.values():
            if peer.viewer is not None:
                peer.viewer.update(now)
        self._stale = [peer for peer in self._peers.values() if peer.subscriber is not None]
        self._refresh_next()
        tracks = self.tracks()
        if tracks != self._told:
            self._told = tracks
            self._tell(self._listener.on_tracks_changed)

    def _refresh_next(self) -> None:
        """Bring one subscriber up to date in each turn of the loop, so that media is not held up.

        An offer of a hundred sections takes a millisecond, and everybody needs another one.
        """
        if self._closed or not self._stale:
            return
        subscriber = self._stale.pop().subscriber
        if subscriber is not None:
            subscriber.update(monotonic())
        if self._stale:
            self._loop.call_soon(self._refresh_next)

    def _tell(self, method: Callable[..., None], *arguments: Any) -> None:
        """Call the listener later, so that a call into the room never calls back out of it."""
        self._loop.call_soon(self._deliver, method, arguments)

    def _deliver(self, method: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if self._closed:
            return
        try:
            method(*arguments)
        except Exception as error:
            self._udp.fault("a listener failed", error)
