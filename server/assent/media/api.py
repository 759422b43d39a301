"""What the meeting may ask of the media plane, wherever it runs.

:class:`assent.media.MediaServer` and :class:`assent.media.Room` do it in this process,
:class:`assent.media.processes.MediaProcesses` in others; each method is documented at the former.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from assent.media.codecs import PICTURES, Codec
from assent.media.forward.subscriber import Shown
from assent.media.forward.tap import Tap
from assent.media.room_events import Role, RoomListener
from assent.media.sources import Source
from assent.media.track import TrackInfo


class MediaRoom(Protocol):
    """A room; see :class:`assent.media.Room`."""

    tap: Tap | None

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, Source]) -> str:
        """Take a browser's offer and return our answer; raises SdpError, Unavailable."""

    def subscribe(self, peer: str) -> None:
        """Start the peer's subscribing connection."""

    def resume(self, peer: str) -> None:
        """Tell again what may have been lost with the peer's signalling."""

    async def set_answer(self, peer: str, generation: int, sdp: str) -> None:
        """Take a browser's answer; raises SdpError, UnknownPeer, Unavailable."""

    def show(self, peer: str, shown: Shown) -> None:
        """Learn what the peer's page shows, and how large."""

    def set_forwarding(self, peer: str, allowed: bool) -> None:
        """Let the peer's media reach others and the tap, or stop it.

        Everything asked of a room is done in the order in which it was asked for: who is let in
        after the tap was cleared is never tapped.
        """

    async def begin(self, peer: str, role: Role, sdp: str) -> str:
        """Take another device's offer and return our answer; raises SdpError, Unavailable."""

    async def restart(self, peer: str, role: Role, ufrag: str) -> str:
        """Restart ICE of a device's connection; raises UnknownPeer, Unavailable."""

    def release(self, peer: str, role: Role) -> None:
        """Close a device's connection."""

    def renew(self, peer: str) -> None:
        """Close the two connections of the peer's browser; those of another device go on."""

    def remove(self, peer: str) -> None:
        """Close both connections of the peer and forget it."""

    def request_key_frame(self, peer: str, source: Source) -> None:
        """Ask a publisher for a key frame, throttled."""

    def request_key_frames_all(self) -> None:
        """Ask for a key frame of every video track that is forwarded, throttled."""

    def tracks(self) -> Sequence[TrackInfo]:
        """Return every published track, as of the last ``on_tracks_changed``."""


class Media(Protocol):
    """A media plane; see :class:`assent.media.MediaServer`."""

    def open_room(
        self, room: str, listener: RoomListener, pictures: Sequence[Codec] = PICTURES
    ) -> MediaRoom:
        """Make the room of that name; there must be none."""

    def close_room(self, room: str) -> None:
        """Remove all peers of a room and forget it; unknown rooms are ignored."""

    def counters(self) -> Mapping[str, int]:
        """Return what has been received, sent and dropped, by reason, since the start."""
