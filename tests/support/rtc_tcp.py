"""A raw peer that is on a TCP connection instead of a UDP socket (RFC 4571)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from support.rtc_raw import RawPeer


class TcpWire:
    """One TCP connection to the media server, with a peer at its end if a test wants one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.peer: RawPeer | None = None
        self.reading = asyncio.Event()
        self.reading.set()

    def send(self, datagram: bytes) -> None:
        """Send one datagram, framed."""
        if not self.writer.is_closing():
            self.writer.write(len(datagram).to_bytes(2, "big") + datagram)

    def attach(self, peer: RawPeer) -> None:
        """Put a peer at this end."""
        self.peer = peer
        peer.transmit = self.send

    async def closed(self) -> None:
        """Read until the server closes; what comes is thrown away."""
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    async def follow(self) -> None:
        """Hand what comes to the peer, while it is reading."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await self.reading.wait()
                size = int.from_bytes(await self.reader.readexactly(2), "big")
                datagram = await self.reader.readexactly(size)
                assert self.peer is not None, "somebody must be there to be told"
                self.peer.receive(datagram)


@asynccontextmanager
async def tcp_wire(port: int, peer: RawPeer | None = None) -> AsyncIterator[TcpWire]:
    """Connect to the media server's TCP port, as a peer or as nobody."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    wire = TcpWire(reader, writer)
    following = None
    if peer is not None:
        wire.attach(peer)
        following = asyncio.create_task(wire.follow())
    try:
        yield wire
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        if following is not None:
            following.cancel()
            await asyncio.wait([following])
