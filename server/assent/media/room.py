"""A room: who publishes, who subscribes, and what may reach whom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import count
from time import monotonic
from typing import Any

from assent.media.errors import Closed, UnknownPeer
from assent.media.forward.publisher import Publisher
from assent.media.forward.source import INTERVAL as LOOK
from assent.media.forward.source import PublishedSource
from assent.media.forward.speaker import INTERVAL, SpeakerDetector
from assent.media.forward.subscriber import Shown, Subscriber
from assent.media.forward.tap import Tap
from assent.media.forward.whep_subscriber import WhepSubscriber
from assent.media.room_events import Role, RoomListener, State
from assent.media.sdp.publication import (
    DEVICE_ROLES,
    Publication,
    offered_pictures,
    plan_publication,
)
from assent.media.sdp.whip_whep import device_sources, fragment, plan_viewing
from assent.media.stats import MediaStats
from assent.media.track import DEVICE, PICTURES, VIDEO, VOICES, Codec, Forwarded, TrackInfo
from assent.media.transport.dtls import DtlsCertificate
from assent.media.transport.udp import Udp

_PEER = re.compile(r"[A-Za-z0-9_-]{1,48}")  # it becomes part of tokens in descriptions


class _Peer:
    """What a room knows of one peer."""

    __slots__ = (
        "allowed",
        "device",
        "feeds",
        "name",
        "pictures",
        "publisher",
        "shown",
        "subscriber",
        "view",
        "viewer",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.allowed = False
        self.shown = False  # others have been told of its tracks
        self.feeds: dict[str, PublishedSource] = {}
        self.pictures: frozenset[Codec] | None = None  # codecs that its browser is known to have
        self.view: Shown | None = None
        self.publisher: Publisher | None = None
        self.subscriber: Subscriber | None = None
        self.device: Publisher | None = None
        self.viewer: WhepSubscriber | None = None


class Room:
    """One meeting's media. Made by :meth:`MediaServer.open_room`, never directly.

    A peer is an opaque text of 1 to 48 characters out of ``A-Z a-z 0-9 _ -``. A source is one of
    :data:`assent.media.track.VIDEO`.
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
        self._candidates = candidates
        self._pictures = tuple(pictures)
        self._certificate = DtlsCertificate()
        self._speakers = SpeakerDetector()
        self._speakers_at = 0.0
        self._speaking: list[str] = []
        self._look_at = 0.0
        self._peers: dict[str, _Peer] = {}
        # One row for the whole room, so that an answer to what a peer was offered before it was
        # removed, or subscribed anew, never fits a later offer.
        self._generations = count(1)
        self._told: list[TrackInfo] = []
        self._loop = asyncio.get_running_loop()
        self._refreshing = False
        self._stale: list[_Peer] = []
        self._closed = False

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

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, str]) -> str:
        """Take a browser's offer and return our answer; ``sources`` maps mid to source.

        The first offer makes the peer's publishing connection. A further one of the same browser
        connection renegotiates it (tracks come and go, ICE restarts); one of a new connection
        replaces it, and for subscribers the tracks go on without a break.

        Raises BadSdp, and then nothing has changed.
        """
        assert not DEVICE & set(sources.values()), "browsers and devices have sources of their own"
        publication = plan_publication(sdp, sources, self._order(peer))
        found = self._peer(peer)
        found.pictures = offered_pictures(publication.offer) or found.pictures
        if found.publisher is None or not found.publisher.continues(publication):
            if found.publisher is not None:
                found.publisher.close()
            found.publisher = self._publisher(found, "publish")
        return self._apply(found, found.publisher, publication, VIDEO.keys() - DEVICE)

    async def begin(self, peer: str, role: Role, sdp: str) -> str:
        """Take the offer of another device of the peer, and return our answer.

        It is the peer in everything but the connection: what holds for the peer's forwarding holds
        for it. ``"device"`` sends, as :data:`assent.media.track.DEVICE`; ``"view"`` receives what
        others publish, as far as it has media sections. One that was there is replaced. Raises
        BadSdp, and then nothing has changed.
        """
        if role == "device":
            return self._begin_device(peer, sdp)
        assert role == "view", "a browser's connections begin otherwise"
        return self._begin_view(peer, sdp)

    def _begin_device(self, peer: str, sdp: str) -> str:
        publication = plan_publication(sdp, device_sources(sdp), self._order(peer), DEVICE_ROLES)
        found = self._peer(peer)
        if found.device is not None:
            found.device.close()
        found.device = self._publisher(found, "device")
        return self._apply(found, found.device, publication, DEVICE)

    def _begin_view(self, peer: str, sdp: str) -> str:
        viewing = plan_viewing(sdp)
        found = self._peer(peer)
        if found.viewer is not None:
            found.viewer.close()
        found.viewer = WhepSubscriber(
            self._udp,
            self._certificate,
            self._candidates,
            viewing,
            wanted=lambda: self._wanted(found),
            on_state=lambda state: self._viewer_state(found, state),
            now=monotonic(),
        )
        self._refresh_soon()
        return found.viewer.answer()

    async def restart(self, peer: str, role: Role, username: str) -> str:
        """Restart ICE of a device's connection; returns our end as a fragment of SDP (RFC 8840).

        Raises UnknownPeer where there is no such connection.
        """
        found = self._peers.get(peer)
        line = None if found is None else found.device if role == "device" else found.viewer
        if line is None:
            raise UnknownPeer
        return fragment(line.restart(username))

    def release(self, peer: str, role: Role) -> None:
        """Close a device's connection; what is not there is ignored."""
        found = self._peers.get(peer)
        if found is None:
            return
        if role == "device" and found.device is not None:
            found.device.close()
            found.device = None
            self._stop(found, DEVICE)
        elif role == "view" and found.viewer is not None:
            found.viewer.close()
            found.viewer = None
        self._refresh_soon()

    def _publisher(self, peer: _Peer, role: Role) -> Publisher:
        return Publisher(
            self._udp,
            self._certificate,
            self._candidates,
            self._speakers,
            on_state=lambda state: self._publisher_state(peer, role, state),
            on_learned=self._refresh_soon,
            now=monotonic(),
        )

    def _apply(
        self, found: _Peer, publisher: Publisher, publication: Publication, own: Set[str]
    ) -> str:
        """Carry out a plan; ``own`` are the sources that are this connection's to change."""
        now = monotonic()
        feeds = {}
        for plan in publication.plans:
            feed = found.feeds.get(plan.source)
            if feed is None or feed.codec != plan.codec:
                feed = PublishedSource(self._udp, self, found.name, plan.source, plan.codec, now)
                feed.set_open(found.allowed, now)
            feeds[plan.source] = feed
        for source in found.feeds.keys() & own:
            if feeds.get(source) is not found.feeds[source]:
                found.feeds.pop(source).set_open(False, now)
        found.feeds |= feeds
        answer = publisher.apply(publication, feeds, now)
        self._refresh_soon()
        return answer

    def subscribe(self, peer: str) -> None:
        """Start the peer's subscribing connection; offers follow through the listener.

        Called again, it drops the connection there was and starts a new one. Generations go on,
        also when the peer is removed in between.
        """
        found = self._peer(peer)
        now = monotonic()
        if found.subscriber is not None:
            found.subscriber.close()
        found.subscriber = Subscriber(
            self._udp,
            self._certificate,
            self._candidates,
            generations=self._generations,
            wanted=lambda: self._wanted(found),
            speaking=lambda: self._speaking,
            on_offer=lambda generation, text, tracks: self._offer(found, generation, text, tracks),
            on_state=lambda state: self._subscriber_state(found, state),
            now=now,
        )
        if found.view is not None:
            found.subscriber.show(found.view)
        self._refresh_soon()

    def resume(self, peer: str) -> None:
        """Tell again what may have been lost with the peer's signalling, and begin what is gone.

        Both connections of the peer's browser go on where they still stand. The listener gets an
        offer in any case, which layers are wanted, and that the publishing connection has failed
        where there is none.
        """
        found = self._peer(peer)
        if found.subscriber is None:
            self.subscribe(peer)
        else:
            found.subscriber.repeat(monotonic())
        if found.publisher is None:
            self._report(found, "publish", "failed")
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
        found.subscriber.describe(generation, sdp, monotonic())

    def set_forwarding(self, peer: str, allowed: bool) -> None:
        """Let the peer's media reach others and the tap, or stop it at this instant.

        Until the first True nobody learns that the peer publishes anything. It may be called
        before the peer publishes, and holds for all its connections until the peer is removed.
        """
        found = self._peer(peer)
        now = monotonic()
        found.allowed = allowed
        for feed in found.feeds.values():
            feed.set_open(allowed, now)
        if not allowed:
            self._speakers.forget(peer)
        if allowed and not found.shown:
            found.shown = True
            self._refresh_soon()

    def remove(self, peer: str) -> None:
        """Close both connections of the peer and forget it; unknown peers are ignored."""
        found = self._peers.pop(peer, None)
        if found is None:
            return
        if found.subscriber is not None:
            found.subscriber.close()
        for line in (found.publisher, found.device, found.viewer):
            if line is not None:
                line.close()
        found.subscriber = found.publisher = found.device = found.viewer = None
        self._stop(found, VIDEO.keys())
        if not self._closed:
            self._refresh_soon()

    def renew(self, peer: str) -> None:
        """Close the two connections of the peer's browser; those of another device go on."""
        found = self._peers.get(peer)
        if found is None:
            return
        for line in (found.publisher, found.subscriber):
            if line is not None:
                line.close()
        found.publisher = found.subscriber = None
        self._stop(found, VIDEO.keys() - DEVICE)
        self._refresh_soon()

    def request_key_frame(self, peer: str, source: str) -> None:
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
        return [
            feed.info
            for peer in self._peers.values()
            for feed in peer.feeds.values()
            if feed.info is not None
        ]

    # -- what the server calls ---------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Do what is due; the server calls this every 20 ms."""
        for peer in tuple(self._peers.values()):
            if peer.publisher is not None:
                peer.publisher.tick(now)
            if peer.subscriber is not None:
                peer.subscriber.tick(now)
            if peer.device is not None:
                peer.device.tick(now)
            if peer.viewer is not None:
                peer.viewer.tick(now)
        if now >= self._speakers_at:
            self._speakers_at = now + INTERVAL
            speakers = self._speakers.update()
            if speakers is not None:
                self._speaking = speakers
                self._tell(self._listener.on_speakers, speakers)

        if now >= self._look_at:
            self._look_at = now + LOOK
            self._look(now)

    def _look(self, now: float) -> None:
        """See which layers come, and tell publishers how many are needed."""
        for peer in self._peers.values():
            self._tell_wanted(peer, [feed for feed in peer.feeds.values() if feed.tick(now)])

    def _tell_wanted(self, peer: _Peer, changed: Sequence[PublishedSource]) -> None:
        if changed:
            wanted = {feed.source: feed.wanted for feed in changed}
            self._tell(self._listener.on_layers, peer.name, wanted)

    def measure(self, figures: MediaStats) -> None:
        """Add what goes on here to the figures of the server."""
        for peer in self._peers.values():
            if peer.publisher is not None:
                peer.publisher.measure(figures)
            if peer.subscriber is not None:
                peer.subscriber.measure(figures)

    def close(self) -> None:
        """Remove everybody; nothing is told any more."""
        self._closed = True
        self.tap = None
        for peer in tuple(self._peers):
            self.remove(peer)

    # -- inside ------------------------------------------------------------------------------

    def _peer(self, name: str) -> _Peer:
        if self._closed:
            raise Closed
        found = self._peers.get(name)
        if found is None:
            assert _PEER.fullmatch(name), "peers are named by the server"
            found = self._peers[name] = _Peer(name)
        return found

    def _stop(self, peer: _Peer, sources: Set[str]) -> None:
        now = monotonic()
        for source in peer.feeds.keys() & sources:
            peer.feeds.pop(source).set_open(False, now)
        if not VOICES & peer.feeds.keys():
            self._speakers.forget(peer.name)

    def _order(self, publisher: str) -> list[Codec]:
        """Return the codecs for pictures, in order: first those that nobody is known to lack."""
        lacking = [
            peer.pictures
            for peer in self._peers.values()
            if peer.name != publisher and peer.pictures is not None
        ]
        return sorted(self._pictures, key=lambda codec: sum(codec not in has for has in lacking))

    def _wanted(self, subscriber: _Peer) -> list[PublishedSource]:
        return [
            feed
            for peer in self._peers.values()
            if peer.shown and peer is not subscriber
            for feed in peer.feeds.values()
        ]

    def _offer(self, peer: _Peer, generation: int, text: str, tracks: Sequence[Forwarded]) -> None:
        self._tell(self._listener.on_offer, peer.name, generation, text, tracks)

    def _publisher_state(self, peer: _Peer, role: Role, state: State) -> None:
        if state != "connected" and role == "device":
            self.release(peer.name, role)
        elif state != "connected" and peer.publisher is not None:
            peer.publisher.close()
            peer.publisher = None
            self._stop(peer, VIDEO.keys() - DEVICE)
            self._refresh_soon()
        self._report(peer, role, state)

    def _viewer_state(self, peer: _Peer, state: State) -> None:
        if state != "connected":
            self.release(peer.name, "view")
        self._report(peer, "view", state)

    def _subscriber_state(self, peer: _Peer, state: State) -> None:
        if state != "connected" and peer.subscriber is not None:
            peer.subscriber.close()
            peer.subscriber = None
        self._report(peer, "subscribe", state)

    def _report(self, peer: _Peer, role: Role, state: State) -> None:
        self._tell(self._listener.on_peer_state, peer.name, role, state)

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
