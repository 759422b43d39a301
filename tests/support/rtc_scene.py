"""A media server on a wire in memory, with one room and peers by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from assent.media import MediaServer, Room
from assent.media.rtp import rtp
from assent.media.sdp import sdp
from assent.media.transport.udp import Udp
from support.rtc import Listener, no_fault
from support.rtc_raw import RawClient, RawTrack, Wire


@dataclass
class MediaScene:
    """A server on a wire, with one room."""

    server: MediaServer
    wire: Wire
    listener: Listener
    room: Room
    clients: list[RawClient] = field(default_factory=list)

    def client(self, name: str) -> RawClient:
        """Make a participant with an address of its own; it does nothing yet."""
        host = f"192.0.2.{len(self.clients) + 10}"
        client = RawClient(self.room, self.listener, self.wire, name, host)
        self.clients.append(client)
        return client

    @property
    def udp(self) -> Udp:
        """The server's socket code, which the wire is connected to."""
        assert self.server._udp is not None, "the server runs"
        return self.server._udp

    async def settle(self) -> None:
        """Let everything that is on the wire arrive."""
        for _ in range(6):
            await asyncio.sleep(0)

    async def pair(self) -> tuple[RawClient, RawClient, RawTrack, RawTrack]:
        """Return a publisher of microphone and camera, and a subscriber of both."""
        alice, bob = self.client("alice"), self.client("bob")
        audio, video = RawTrack("0", "microphone", 11), RawTrack("1", "camera", 22, 23)
        self.room.set_forwarding("alice", True)
        await alice.publish(audio, video)
        await self.listener.state("alice", "publish", "connected")
        await bob.subscribe()
        return alice, bob, audio, video

    def media(self) -> list[tuple[bytes, Any]]:
        """Return the RTP datagrams that the server has sent, with where to."""
        return [
            (datagram, address)
            for datagram, address in self.wire.down
            if datagram[0] >= 128 and not rtp.is_rtcp(datagram)
        ]

    def counted(self, name: str) -> int:
        """Return one of the server's counters."""
        return self.server.counters().get(name, 0)


@asynccontextmanager
async def staged() -> AsyncIterator[MediaScene]:
    """Set the stage, and clear it."""
    server = MediaServer("127.0.0.1", 0, ["192.0.2.1"], no_fault)
    await server.start()
    listener = Listener()
    try:
        yield MediaScene(server, Wire(server), listener, server.open_room("room", listener))
    finally:
        await server.stop()


def server_section(ufrag: str, password: str = "p" * 32) -> sdp.Section:
    """Return a server's end as a peer knows it, without a server."""
    return sdp.Section("audio", 9, "UDP/TLS/RTP/SAVPF", (), ufrag=ufrag, password=password)


def numbers(packets: list[bytes]) -> list[int]:
    """Return the packets' sequence numbers."""
    return [int.from_bytes(packet[2:4], "big") for packet in packets]


def timestamps(packets: list[bytes]) -> list[int]:
    """Return the packets' RTP timestamps."""
    return [int.from_bytes(packet[4:8], "big") for packet in packets]


def payloads(packets: list[bytes]) -> list[bytes]:
    """Return what the packets carry."""
    return [packet[rtp.payload_start(packet) :] for packet in packets]
