"""The media server of this process: one UDP port for every room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assent.media.listener import RoomListener
from assent.media.room import Room

Fault = Callable[[str, BaseException | None], None]
"""Told of what should never happen: a text for the log, and the exception if there is one."""


class MediaServer:
    """Owns the socket, the rooms and the clock that drives them.

    ``host`` and ``port`` are where the socket is bound (port 0 takes a free one; host ``"::"``
    takes IPv4 as well). ``addresses`` are announced to browsers; empty means every address of this
    machine that the socket can be reached at, loopback included.
    """

    def __init__(self, host: str, port: int, addresses: Sequence[str], on_fault: Fault) -> None:
        self._host = host
        self._port = port
        self._addresses = tuple(addresses)
        self._on_fault = on_fault

    @property
    def port(self) -> int:
        """The UDP port that is bound; known after :meth:`start`."""
        return self._port

    async def start(self) -> None:
        """Bind the socket. Raises OSError where that cannot be done."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Close every room, tell the browsers, and release the port."""
        raise NotImplementedError

    def open_room(self, room: str, listener: RoomListener) -> Room:
        """Make the room of that name; there must be none."""
        raise NotImplementedError

    def close_room(self, room: str) -> None:
        """Remove all peers of a room and forget it; unknown rooms are ignored."""
        raise NotImplementedError

    def counters(self) -> Mapping[str, int]:
        """Return what has been received, sent and dropped, by reason, since the start."""
        raise NotImplementedError
