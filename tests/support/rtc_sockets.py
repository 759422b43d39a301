"""Raw peers on real UDP sockets, for a media plane whose port cannot be played in memory."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

from support.rtc_raw import RawPeer


class SocketNet:
    """Real sockets on the loopback, one for each peer; does for clients what a ``Wire`` does."""

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._sockets: dict[RawPeer, socket.socket] = {}
        self._loop = asyncio.get_running_loop()

    def peer(self, address: tuple[Any, ...]) -> RawPeer:
        """Make a peer with a socket; its address is whatever the system gives it."""
        peer = RawPeer()
        self.place(peer)
        return peer

    def place(self, peer: RawPeer) -> None:
        """Give a peer a new socket, and with it a new address; the old one is closed."""
        self.remove(peer)
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.setblocking(False)
        own.bind(("127.0.0.1", 0))
        self._sockets[peer] = own

        def readable() -> None:
            with suppress(BlockingIOError, ConnectionError):
                while True:
                    peer.receive(own.recv(2048))

        def transmit(datagram: bytes) -> None:
            with suppress(BlockingIOError, ConnectionError):
                own.sendto(datagram, self._server)

        self._loop.add_reader(own.fileno(), readable)
        peer.transmit = transmit

    def address(self, peer: RawPeer) -> tuple[str, int]:
        """Return where a peer sends from."""
        host, port = self._sockets[peer].getsockname()
        return host, port

    def remove(self, peer: RawPeer) -> None:
        """Close a peer's socket."""
        own = self._sockets.pop(peer, None)
        if own is not None:
            self._loop.remove_reader(own.fileno())
            own.close()

    def close(self) -> None:
        """Close every socket."""
        for peer in tuple(self._sockets):
            self.remove(peer)
