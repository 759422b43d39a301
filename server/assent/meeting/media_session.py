"""One meeting's way to its room in the media plane, and the room's way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog

from assent.clock import Clock
from assent.errors import BadRequest, BadSdp, NotAdmitted, Refusal
from assent.media import PICTURES, Forwarded, Media, MediaError, MediaRoom, Role, State
from assent.media.sources import Source
from assent.meeting.allowance import Allowances
from assent.meeting.device_tokens import Line
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.views import OfferedSdp
from assent.recording import PICTURES as PICTURES_RECORDED

log = structlog.get_logger(__name__)

KEY_FRAME_EVERY = 0.5  # seconds, for each source; what a frozen picture can wait
AGAIN = 1.0  # seconds until a subscribing connection that failed is offered again

# What is taken from a person's allowance.
PUBLISH_UNITS = 100_000  # a new offer beside its length: everybody else is offered what has changed
DESCRIBE_UNITS = 5_000
SUBSCRIBE_UNITS = 50_000  # a new connection, with a handshake
VIEW_UNITS = 1_000
SHOWN_UNITS = 50  # each place that is shown


class MediaSession:
    """Translates between people and peers; implements :class:`assent.media.RoomListener`."""

    def __init__(
        self,
        media: Media,
        meeting: str,
        roster: Roster,
        clock: Clock,
        changed: Callable[[], None],
        trouble: Callable[[str | None], None],
        device_gone: Callable[[str, Role], None],
        *,
        recordable: bool,
    ) -> None:
        """``trouble`` is told what keeps the room from being recorded, and None when it is over."""
        self._media = media
        self._meeting = meeting
        self._roster = roster
        self._clock = clock
        self._changed = changed
        self._trouble = trouble
        self._device_gone = device_gone
        self._key_frames: dict[tuple[str, str], float] = {}
        self._views: dict[str, Mapping[tuple[str, str], int]] = {}
        self._allowances = Allowances()
        # A codec that cannot be recorded is not negotiated where there may be a recording: what
        # somebody agreed to have recorded must not be missing in silence.
        self.room: MediaRoom = media.open_room(
            meeting, self, PICTURES_RECORDED if recordable else PICTURES
        )

    def close(self) -> None:
        """Close the room and every connection in it."""
        self._media.close_room(self._meeting)

    def connect(self, person: Person) -> None:
        """Begin anew with a browser that has just come (back): its connections are new as well."""
        self._views.pop(person.id, None)
        self._begin(person)

    def resume(self, person: Person) -> None:
        """Go on with a page that had lost its socket; what is gone of its media begins anew."""
        self.room.set_forwarding(person.id, True)
        self.room.resume(person.id)

    def subscribe(self, person: Person) -> None:
        """Begin the subscribing connection anew, for the page has lost the one there is."""
        _must_be_admitted(person)
        self._spend(person, SUBSCRIBE_UNITS)
        self.room.subscribe(person.id)

    def _begin(self, person: Person) -> None:
        self.room.renew(person.id)
        self.room.set_forwarding(person.id, True)
        if person.id in self._views:
            self.room.show(person.id, self._views[person.id])
        self.room.subscribe(person.id)

    def sources(self) -> dict[str, tuple[Source, ...]]:
        """Return what each person sends."""
        sources: dict[str, list[Source]] = {}
        for track in self.room.tracks():
            sources.setdefault(track.peer, []).append(track.source)
        return {person: tuple(sorted(sent)) for person, sent in sources.items()}

    async def publish(self, person: Person, sdp: str, sources: Mapping[str, Source]) -> str:
        """Take an offer for the publishing connection; returns the answer."""
        _must_be_admitted(person)
        if len(set(sources.values())) != len(sources):
            raise BadRequest("A source may be published once.", field="tracks")
        self._spend(person, PUBLISH_UNITS + len(sdp))
        with _refusing():
            return await self.room.publish(person.id, sdp, sources)

    async def describe(self, person: Person, generation: int, sdp: str) -> None:
        """Take the answer to an offer of the subscribing connection."""
        _must_be_admitted(person)
        self._spend(person, DESCRIBE_UNITS + len(sdp))
        with _refusing():
            await self.room.set_answer(person.id, generation, sdp)

    def view(self, person: Person, shown: Mapping[tuple[str, str], int]) -> None:
        """Learn what a person's page shows: person and source, and the height in pixels."""
        _must_be_admitted(person)
        self._spend(person, VIEW_UNITS + SHOWN_UNITS * len(shown))
        for gone in [one for one in self._views if not self._present(one)]:
            del self._views[gone]
        self._views[person.id] = shown
        self.room.show(person.id, shown)

    async def begin(self, person: Person, line: Line, sdp: str) -> str:
        """Take the offer of another device of a person; returns the answer."""
        _must_be_admitted(person)
        self._spend(person, PUBLISH_UNITS + len(sdp))
        with _refusing():
            return await self.room.begin(person.id, line, sdp)

    def key_frame(self, person: Person, publisher: str, source: Source) -> None:
        """A picture is missing; asked for at most twice a second per source."""
        _must_be_admitted(person)
        sender = self._roster.get(publisher)
        if sender is None or not sender.present:
            raise BadRequest("There is no such person.", field="person")
        now = self._clock.monotonic()
        if now - self._key_frames.get((publisher, source), float("-inf")) >= KEY_FRAME_EVERY:
            for asked, at in tuple(self._key_frames.items()):
                if now - at >= KEY_FRAME_EVERY:
                    del self._key_frames[asked]
            self._key_frames[publisher, source] = now
            self.room.request_key_frame(publisher, source)

    def _spend(self, person: Person, units: int) -> None:
        self._allowances.spend(person.id, units, self._clock.monotonic())

    def _present(self, identity: str) -> bool:
        person = self._roster.get(identity)
        return person is not None and person.present

    # ---- the room listener ------------------------------------------------------------------

    def on_offer(self, peer: str, generation: int, sdp: str, tracks: Sequence[Forwarded]) -> None:
        """The media plane has an offer for a subscriber."""
        person = self._reachable(peer)
        if person is not None and person.connection is not None:
            offered = [OfferedSdp(track.mid, track.peer, track.source) for track in tracks]
            person.connection.offer(generation, sdp, offered)

    def on_layers(self, peer: str, wanted: Mapping[Source, int]) -> None:
        """What a person sends is more, or less, than anybody needs."""
        person = self._reachable(peer)
        if person is not None and person.connection is not None:
            person.connection.layers(wanted)

    def on_tracks_changed(self) -> None:
        """Somebody began or ended to send something."""
        self._changed()

    def on_peer_state(self, peer: str, role: Role, state: State) -> None:
        """A transport has connected, failed or closed.

        For subscribing it is our turn to offer. For publishing a browser is told; it may have
        noticed by itself, but not before it has waited for what no longer comes.
        """
        log.debug("peer-state", role=role, state=state)
        if role == "publish" and state == "failed":
            self._publish_again(peer)
        elif role == "subscribe" and state != "connected":
            asyncio.get_running_loop().call_later(AGAIN, self._subscribe_again, peer)
        elif role in ("device", "view") and state != "connected":
            self._device_gone(peer, role)

    def _subscribe_again(self, peer: str) -> None:
        if self._reachable(peer) is not None:
            self.room.subscribe(peer)

    def on_speakers(self, peers: Sequence[str]) -> None:
        """Who speaks has changed."""
        for person in self._roster:
            if person.present and person.connection is not None:
                person.connection.speaking(peers)

    def _publish_again(self, peer: str) -> None:
        person = self._reachable(peer)
        if person is not None and person.connection is not None:
            person.connection.publish_again()

    def on_tap_lost(self) -> None:
        """What is recorded has a hole: it ends here, and goes on later as something new."""
        self._trouble("media-overloaded")

    def on_lost(self) -> None:
        """Everybody's connections are gone, and with them what was being recorded."""
        self._trouble("media-unavailable")
        self._changed()

    def on_back(self) -> None:
        """Begin anew with everybody who is here; a browser cannot know that it has to."""
        for person in self._roster:
            if self._reachable(person.id) is not None:
                self._begin(person)  # its page is as it was, and shows what it did
                self._publish_again(person.id)
        self._trouble(None)

    def _reachable(self, peer: str) -> Person | None:
        person = self._roster.get(peer)
        return person if person is not None and person.present and person.connection else None


@contextmanager
def _refusing() -> Iterator[None]:
    """Tell what the media plane does not take; what it says in its own words goes as it is."""
    try:
        yield
    except Refusal:
        raise
    except MediaError as error:
        raise BadSdp from error


def _must_be_admitted(person: Person) -> None:
    if not person.present:
        raise NotAdmitted
