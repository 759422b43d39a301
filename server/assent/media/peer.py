"""One peer of a room: its connections, and the sources that it publishes over them.

A peer has up to four connections: its browser's two, one to publish and one to subscribe, and the
two of another device of its owner. Its sources outlive them: where a new connection sends the same,
subscribers notice nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from time import monotonic

from assent.media.codecs import Codec
from assent.media.errors import UnknownPeer
from assent.media.forward.publisher import Publisher
from assent.media.forward.source import PublishedSource
from assent.media.forward.speaker import SpeakerDetector
from assent.media.forward.subscriber import Shown, Subscriber
from assent.media.forward.tap import Tapped
from assent.media.forward.whep_subscriber import WhepSubscriber
from assent.media.room_events import Role, State
from assent.media.sdp.publication import Publication, offered_pictures
from assent.media.sdp.whip_whep import Viewing, fragment
from assent.media.sources import BROWSER, DEVICE, SOURCES, VOICES, Source
from assent.media.stats import MediaStats
from assent.media.track import Forwarded, TrackInfo
from assent.media.transport.dtls import DtlsCertificate
from assent.media.transport.udp import Udp


@dataclass(frozen=True, slots=True)
class PeerContext:
    """What a room lends to its peers, and what it is told by them.

    ``wanted`` returns what others publish for a peer; ``speaking`` who speaks, the loudest first.
    ``on_change`` is told when offers may have to change, ``on_offer`` gets a peer's name,
    generation, text and tracks, ``on_state`` its name and one of its connections.
    """

    tapped: Tapped
    udp: Udp
    certificate: DtlsCertificate
    candidates: tuple[str, ...]
    speakers: SpeakerDetector
    generations: Iterator[int]
    wanted: Callable[[Peer], list[PublishedSource]]
    speaking: Callable[[], Sequence[str]]
    on_change: Callable[[], None]
    on_offer: Callable[[str, int, str, Sequence[Forwarded]], None]
    on_state: Callable[[str, Role, State], None]


class Peer:
    """See the module."""

    __slots__ = (
        "_context",
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

    def __init__(self, name: str, context: PeerContext) -> None:
        self.name = name
        self.allowed = False
        self.shown = False  # others have been told of its tracks
        self.feeds: dict[Source, PublishedSource] = {}
        self.pictures: frozenset[Codec] | None = None  # codecs that its browser is known to have
        self.view: Shown | None = None
        self.publisher: Publisher | None = None
        self.subscriber: Subscriber | None = None
        self.device: Publisher | None = None
        self.viewer: WhepSubscriber | None = None
        self._context = context

    # -- what it publishes -------------------------------------------------------------------

    def publish(self, publication: Publication) -> str:
        """Carry out an offer of its browser; returns our answer."""
        self.pictures = offered_pictures(publication.offer) or self.pictures
        if self.publisher is None or not self.publisher.continues(publication):
            if self.publisher is not None:
                self.publisher.close()
            self.publisher = self._make_publisher("publish")
        return self._apply(self.publisher, publication, BROWSER)

    def begin_device(self, publication: Publication) -> str:
        """Carry out the offer of a device that sends; returns our answer."""
        if self.device is not None:
            self.device.close()
        self.device = self._make_publisher("device")
        return self._apply(self.device, publication, DEVICE)

    def _make_publisher(self, role: Role) -> Publisher:
        context = self._context
        return Publisher(
            context.udp,
            context.certificate,
            context.candidates,
            context.speakers,
            on_state=lambda state: self._publisher_state(role, state),
            on_learned=context.on_change,
            now=monotonic(),
        )

    def _apply(self, publisher: Publisher, publication: Publication, own: Set[str]) -> str:
        """Carry out a plan; ``own`` are the sources that are this connection's to change."""
        context = self._context
        now = monotonic()
        feeds = {}
        for plan in publication.plans:
            feed = self.feeds.get(plan.source)
            if feed is None or feed.codec != plan.codec:
                feed = PublishedSource(
                    context.udp, context.tapped, self.name, plan.source, plan.codec, now
                )
                feed.set_open(self.allowed, now)
            feeds[plan.source] = feed
        for source in self.feeds.keys() & own:
            if feeds.get(source) is not self.feeds[source]:
                self.feeds.pop(source).set_open(False, now)
        self.feeds |= feeds
        answer = publisher.apply(publication, feeds, now)
        context.on_change()
        return answer

    def set_forwarding(self, allowed: bool) -> None:
        """Let its media reach others and the tap, or stop it at this instant."""
        now = monotonic()
        self.allowed = allowed
        for feed in self.feeds.values():
            feed.set_open(allowed, now)
        if not allowed:
            self._context.speakers.forget(self.name)
        if allowed and not self.shown:
            self.shown = True
            self._context.on_change()

    def _stop(self, sources: Set[Source]) -> None:
        now = monotonic()
        for source in self.feeds.keys() & sources:
            self.feeds.pop(source).set_open(False, now)
        if not VOICES & self.feeds.keys():
            self._context.speakers.forget(self.name)

    def tracks(self) -> list[TrackInfo]:
        """Return what it publishes, whether or not it is forwarded."""
        return [feed.info for feed in self.feeds.values() if feed.info is not None]

    # -- what it receives --------------------------------------------------------------------

    def subscribe(self) -> None:
        """Start its subscribing connection, in place of the one there was."""
        context = self._context
        if self.subscriber is not None:
            self.subscriber.close()
        self.subscriber = Subscriber(
            context.udp,
            context.certificate,
            context.candidates,
            generations=context.generations,
            wanted=lambda: context.wanted(self),
            speaking=context.speaking,
            on_offer=lambda generation, text, tracks: context.on_offer(
                self.name, generation, text, tracks
            ),
            on_state=self._subscriber_state,
            now=monotonic(),
        )
        if self.view is not None:
            self.subscriber.show(self.view)
        context.on_change()

    def resume(self) -> None:
        """Offer once more what its browser receives, and say so where nothing is published."""
        if self.subscriber is None:
            self.subscribe()
        else:
            self.subscriber.offer_again(monotonic())
        if self.publisher is None:
            self._context.on_state(self.name, "publish", "failed")

    def begin_view(self, viewing: Viewing) -> str:
        """Carry out the offer of a device that watches; returns our answer."""
        context = self._context
        if self.viewer is not None:
            self.viewer.close()
        self.viewer = WhepSubscriber(
            context.udp,
            context.certificate,
            context.candidates,
            viewing,
            wanted=lambda: context.wanted(self),
            on_state=self._viewer_state,
            now=monotonic(),
        )
        context.on_change()
        return self.viewer.answer()

    # -- its connections ---------------------------------------------------------------------

    def restart(self, role: Role, ufrag: str) -> str:
        """Restart ICE of a device's connection; raises UnknownPeer where there is none."""
        connection = self.device if role == "device" else self.viewer
        if connection is None:
            raise UnknownPeer
        return fragment(connection.restart(ufrag))

    def release(self, role: Role) -> None:
        """Close a device's connection; what is not there is ignored."""
        if role == "device" and self.device is not None:
            self.device.close()
            self.device = None
            self._stop(DEVICE)
        elif role == "view" and self.viewer is not None:
            self.viewer.close()
            self.viewer = None
        self._context.on_change()

    def renew(self) -> None:
        """Close the two connections of its browser; those of another device go on."""
        for connection in (self.publisher, self.subscriber):
            if connection is not None:
                connection.close()
        self.publisher = self.subscriber = None
        self._stop(BROWSER)
        self._context.on_change()

    def close(self) -> None:
        """Close all of them, and stop what it publishes."""
        for connection in (self.subscriber, self.publisher, self.device, self.viewer):
            if connection is not None:
                connection.close()
        self.subscriber = self.publisher = self.device = self.viewer = None
        self._stop(SOURCES.keys())

    def _publisher_state(self, role: Role, state: State) -> None:
        if state != "connected" and role == "device":
            self.release(role)
        elif state != "connected" and self.publisher is not None:
            self.publisher.close()
            self.publisher = None
            self._stop(BROWSER)
            self._context.on_change()
        self._context.on_state(self.name, role, state)

    def _viewer_state(self, state: State) -> None:
        if state != "connected":
            self.release("view")
        self._context.on_state(self.name, "view", state)

    def _subscriber_state(self, state: State) -> None:
        if state != "connected" and self.subscriber is not None:
            self.subscriber.close()
            self.subscriber = None
        self._context.on_state(self.name, "subscribe", state)

    # -- time --------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Do what is due."""
        for connection in (self.publisher, self.subscriber, self.device, self.viewer):
            if connection is not None:
                connection.tick(now)

    def measure(self, figures: MediaStats) -> None:
        """Add the connections of its browser to the figures of the server."""
        if self.publisher is not None:
            self.publisher.measure(figures)
        if self.subscriber is not None:
            self.subscriber.measure(figures)
