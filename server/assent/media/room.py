"""A room: who publishes, who subscribes, and what may reach whom."""

from __future__ import annotations

from collections.abc import Mapping

from assent.media.listener import RoomListener
from assent.media.tap import Tap
from assent.media.track import TrackInfo


class Room:
    """One meeting's media. Made by :meth:`MediaServer.open_room`, never directly.

    Peers are opaque texts of 1 to 60 characters out of ``A-Z a-z 0-9 _ -``, sources of 1 to 24.
    """

    tap: Tap | None
    """Who gets copies. Set and cleared by plain assignment, effective between two packets."""

    def __init__(self, name: str, listener: RoomListener) -> None:
        self.name = name
        self.tap = None
        self._listener = listener

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, str]) -> str:
        """Take a browser's offer and return our answer; ``sources`` maps mid to source.

        The first offer makes the peer's publishing connection. A further one of the same browser
        connection renegotiates it (tracks come and go, ICE restarts); one of a new connection
        replaces it, and for subscribers the tracks go on without a break.

        Raises BadSdp, and then nothing has changed.
        """
        raise NotImplementedError

    def subscribe(self, peer: str) -> None:
        """Start the peer's subscribing connection; offers follow through the listener.

        Called again, it drops the connection there was and starts a new one.
        """
        raise NotImplementedError

    async def describe(self, peer: str, generation: int, sdp: str) -> None:
        """Take a browser's answer to the offer of that generation.

        Raises BadSdp, and then nothing has changed: the offer stays outstanding. An answer to an
        offer that is no longer outstanding is ignored.
        """
        raise NotImplementedError

    def set_forwarding(self, peer: str, allowed: bool) -> None:
        """Let the peer's media reach others and the tap, or stop it at this instant.

        Until the first True nobody learns that the peer publishes anything. It may be called
        before the peer publishes, and holds for all its connections until the peer is removed.
        """
        raise NotImplementedError

    def remove(self, peer: str) -> None:
        """Close both connections of the peer and forget it; unknown peers are ignored."""
        raise NotImplementedError

    def request_key_frame(self, peer: str, source: str) -> None:
        """Ask a publisher for a key frame, throttled; what is not video or unknown is ignored."""
        raise NotImplementedError

    def request_key_frames_all(self) -> None:
        """Ask for a key frame of every video track that is forwarded, throttled."""
        raise NotImplementedError

    def tracks(self) -> list[TrackInfo]:
        """Return every published track, also of peers that may not be forwarded yet."""
        raise NotImplementedError
