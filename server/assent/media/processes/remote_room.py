"""A room in another process, which looks like a room in this one.

Consent. Clearing a tap takes effect here at once: what is still on its way is dropped, because it
carries the number of a tap that is no longer set. Setting it again gives another number. Everything
that is asked of a room goes down one ordered channel, so that somebody who is let in after the tap
was cleared is let in after it was cleared over there as well. When the channel is gone, so is the
tap, and the listener knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from assent.media.codecs import Codec
from assent.media.errors import Closed, Unavailable
from assent.media.forward.subscriber import Shown
from assent.media.forward.tap import Tap
from assent.media.processes import messages as m
from assent.media.processes import room_methods
from assent.media.processes.child import Child
from assent.media.room_events import Role, RoomListener
from assent.media.sources import Source
from assent.media.track import TrackInfo

log = structlog.get_logger(__name__)


class RemoteRoom:
    """A room in a media process. Implements :class:`assent.media.MediaRoom`."""

    def __init__(self, listener: RoomListener, pictures: Sequence[Codec]) -> None:
        self._listener = listener
        self._pictures = list(pictures)
        self._loop = asyncio.get_running_loop()
        self._child: Child | None = None
        self._number = 0
        self._tap: Tap | None = None
        self._generation = 0
        self._tracks: list[TrackInfo] = []
        self._lost = False  # the listener has been told
        self._closed = False

    # -- the face ----------------------------------------------------------------------------

    @property
    def tap(self) -> Tap | None:
        """See ``Room.tap``; clearing it is effective at once."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        # The numbers go on over every process the room is ever in.
        self._generation += 1
        self._tap = tap
        if self._child is not None:
            self._child.send(m.SetTap(self._number, 0 if tap is None else self._generation))
        elif tap is not None:
            self._tap = None
            self._loop.call_soon(self._tell, self._listener.on_tap_lost)

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, Source]) -> str:
        """See ``Room.publish``."""
        return await self._ask_for_text("publish", peer, sdp, dict(sources))

    async def set_answer(self, peer: str, generation: int, sdp: str) -> None:
        """See ``Room.set_answer``."""
        await self._ask("set_answer", peer, generation, sdp)

    async def begin(self, peer: str, role: Role, sdp: str) -> str:
        """See ``Room.begin``."""
        return await self._ask_for_text("begin", peer, role, sdp)

    async def restart(self, peer: str, role: Role, ufrag: str) -> str:
        """See ``Room.restart``."""
        return await self._ask_for_text("restart", peer, role, ufrag)

    def subscribe(self, peer: str) -> None:
        """See ``Room.subscribe``."""
        self._call("subscribe", peer)

    def resume(self, peer: str) -> None:
        """See ``Room.resume``."""
        self._call("resume", peer)

    def show(self, peer: str, shown: Shown) -> None:
        """See ``Room.show``."""
        self._call("show", peer, dict(shown))

    def set_forwarding(self, peer: str, allowed: bool) -> None:
        """See ``Room.set_forwarding``."""
        self._call("set_forwarding", peer, allowed)

    def release(self, peer: str, role: Role) -> None:
        """See ``Room.release``."""
        self._call("release", peer, role)

    def renew(self, peer: str) -> None:
        """See ``Room.renew``."""
        self._call("renew", peer)

    def remove(self, peer: str) -> None:
        """See ``Room.remove``."""
        self._call("remove", peer)

    def request_key_frame(self, peer: str, source: Source) -> None:
        """See ``Room.request_key_frame``."""
        self._call("request_key_frame", peer, source)

    def request_key_frames_all(self) -> None:
        """See ``Room.request_key_frames_all``."""
        self._call("request_key_frames_all")

    def tracks(self) -> Sequence[TrackInfo]:
        """See ``Room.tracks``."""
        return list(self._tracks)

    async def _ask(self, method: str, *arguments: object) -> str | None:
        if self._closed:
            raise Closed
        if self._child is None:
            raise Unavailable
        return await self._child.ask(self._number, method, room_methods.write(*arguments))

    async def _ask_for_text(self, method: str, *arguments: object) -> str:
        answer = await self._ask(method, *arguments)
        assert answer is not None, "it has an answer"
        return answer

    def _call(self, method: str, *arguments: object) -> None:
        # What is asked of a lost room is not kept: it comes back empty, and says so.
        if self._child is not None:
            written = room_methods.write(*arguments)
            self._child.send(m.TellRoom(self._number, method, written))

    # -- what its process tells --------------------------------------------------------------

    def current(self, generation: int) -> Tap | None:
        """Return the tap if it is still the one of that generation."""
        return self._tap if generation == self._generation else None

    def told(self, message: m.FromProcess) -> None:
        """Pass on what the process says of the room."""
        listener = self._listener
        match message:
            case m.Offered(_, peer, generation, sdp, tracks):
                self._tell(listener.on_offer, peer, generation, sdp, tracks)
            case m.LayersChanged(_, peer, wanted):
                self._tell(listener.on_layers, peer, wanted)
            case m.TracksChanged(_, tracks):
                self._tracks = tracks
                self._tell(listener.on_tracks_changed)
            case m.PeerState(_, peer, role, state):
                self._tell(listener.on_peer_state, peer, role, state)
            case m.Speaking(_, peers):
                self._tell(listener.on_speakers, peers)
            case m.TapLost(_, generation):
                if self.current(generation) is not None:
                    self._tap = None
                    self._tell(listener.on_tap_lost)
            case _:
                raise AssertionError("of rooms nothing else is said")

    def _tell(self, method: Callable[..., None], *arguments: Any) -> None:
        if self._closed:
            return
        try:
            method(*arguments)
        except Exception:
            log.exception("media-listener-failed")

    # -- where it is -------------------------------------------------------------------------

    def enter(self, child: Child, number: int) -> None:
        """Open in a process, under a number that is never used again."""
        self._child = child
        self._number = number
        child.assign(number, self, self._pictures)
        if self._lost:
            self._lost = False
            self._loop.call_soon(self._tell, self._listener.on_back)

    def lose(self) -> None:
        """The process is gone, or there is none yet."""
        self._child = None
        self._tap = None
        self._tracks = []
        if not self._lost:
            self._lost = True
            self._loop.call_soon(self._tell, self._listener.on_lost)

    def close(self) -> None:
        """Close it wherever it is; nothing is told any more."""
        self._closed = True
        self._tap = None
        if self._child is not None:
            child, self._child = self._child, None
            child.unassign(self._number)
