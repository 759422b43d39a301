"""Media over TCP: it works, and strangers and slow readers get little out of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from assent.media import MediaServer, Room, tcp
from support.ports import BOTH, free_port
from support.rtc import Listener, no_fault, until
from support.rtc_raw import RawPeer, RawTrack
from support.rtc_tcp import tcp_wire


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = MediaServer("127.0.0.1", free_port(*BOTH), [], no_fault, tcp=True)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def room(server: MediaServer, listener: Listener) -> Room:
    room = server.open_room("room", listener)
    room.set_forwarding("alice", True)
    return room


def microphone() -> RawTrack:
    return RawTrack("0", "microphone", 11)


async def publish(room: Room, peer: RawPeer, track: RawTrack) -> None:
    await peer.connect(await room.publish("alice", peer.offer([track]), {"0": "microphone"}))


async def subscribe(room: Room, listener: Listener, peer: RawPeer, name: str = "bob") -> None:
    room.subscribe(name)
    offer = await listener.offer(name)
    await room.describe(name, offer.generation, peer.answer(offer.sdp))
    await peer.connect(offer.sdp)
    await listener.state(name, "subscribe", "connected")


async def test_the_port_is_announced_below_udp(server: MediaServer, room: Room) -> None:
    answer = await room.publish("alice", RawPeer().offer([microphone()]), {"0": "microphone"})
    lines = [line for line in answer.splitlines() if line.startswith("a=candidate:")]
    udp, over_tcp = (line.removeprefix("a=candidate:").split() for line in lines)
    assert udp[2] == "udp"
    assert over_tcp[2:] == [
        "tcp",
        over_tcp[3],
        "127.0.0.1",
        str(server.port),
        *["typ", "host", "tcptype", "passive"],
    ]
    assert int(over_tcp[3]) < int(udp[3])
    assert over_tcp[0] != udp[0]


async def test_media_goes_both_ways(server: MediaServer, listener: Listener, room: Room) -> None:
    alice, bob, track = RawPeer(), RawPeer(), microphone()
    async with tcp_wire(server.port, alice), tcp_wire(server.port, bob):
        await publish(room, alice, track)
        await subscribe(room, listener, bob)
        await until(lambda: alice.send(track.packet(b"hello")) and bob.packets)
        assert bob.packets[0].endswith(b"hello")
        assert [host for host, _ in alice.mapped] == ["127.0.0.1"]


async def test_frames_may_come_in_pieces(server: MediaServer, room: Room) -> None:
    alice = RawPeer()
    async with tcp_wire(server.port, alice) as wire:
        pieces: list[bytes] = []

        def slowly(datagram: bytes) -> None:
            pieces.extend(bytes([byte]) for byte in len(datagram).to_bytes(2, "big") + datagram)

        alice.transmit = slowly

        async def drip() -> None:
            while True:
                if pieces:
                    wire.writer.write(pieces.pop(0))
                await asyncio.sleep(0)

        dripping = asyncio.create_task(drip())
        await publish(room, alice, microphone())
        dripping.cancel()
        assert alice.connected


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x04" + b"\x80" * 4,  # media of somebody unknown
        b"\x00\x14\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12),  # a check that names nobody
        b"\x00\x00",  # an empty datagram
        b"\xff\xff",  # longer than anything we take
        b"\x04\x00" + bytes(1024),  # longer than any check
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_a_stranger_has_one_try(server: MediaServer, sent: bytes) -> None:
    async with tcp_wire(server.port) as wire:
        wire.writer.write(sent)
        async with asyncio.timeout(10):
            await wire.closed()


async def test_a_stranger_who_says_nothing_is_sent_away(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "UNPROVED_SECONDS", 0.1)
    async with tcp_wire(server.port) as wire:
        wire.writer.write(b"\x00")
        async with asyncio.timeout(10):
            await wire.closed()
    await until(lambda: not server._udp.links)  # type: ignore[union-attr]


async def test_one_host_cannot_take_every_place(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch, room: Room
) -> None:
    monkeypatch.setattr(tcp, "MAX_UNPROVED_EACH", 5)
    connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(8)]
    await until(lambda: server.counters().get("drop-connection", 0) == 3)
    assert len(server._udp.links) == 5  # type: ignore[union-attr]
    for _, writer in connections:
        writer.close()
    await until(lambda: not server._udp.links)  # type: ignore[union-attr]
    alice = RawPeer()
    async with tcp_wire(server.port, alice):
        await publish(room, alice, microphone())


async def test_who_is_in_is_not_pushed_out_by_a_flood(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch, room: Room
) -> None:
    monkeypatch.setattr(tcp, "MAX_UNPROVED", 3)
    alice = RawPeer()
    async with tcp_wire(server.port, alice):
        await publish(room, alice, microphone())
        connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(9)]
        await until(lambda: server.counters().get("drop-connection", 0) == 6)
        assert len(server._udp.links) == 4  # type: ignore[union-attr]
        assert (await alice.prove()).message_class
        for _, writer in connections:
            writer.close()


async def test_who_does_not_read_costs_no_memory_and_is_cut_off(
    server: MediaServer, listener: Listener, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "STUCK_SECONDS", 0.5)
    alice, bob, carol, track = RawPeer(), RawPeer(), RawPeer(), microphone()
    async with (
        tcp_wire(server.port, alice),
        tcp_wire(server.port, carol),
        tcp_wire(server.port, bob) as wire,
    ):
        await publish(room, alice, track)
        await subscribe(room, listener, bob)
        await subscribe(room, listener, carol, "carol")
        await until(lambda: alice.send(track.packet(b"hello")) and bob.packets)
        wire.reading.clear()
        udp = server._udp
        assert udp is not None
        mine = wire.writer.get_extra_info("sockname")
        link = udp.links[(*mine[:2], "tcp")]
        most = 0
        sent = len(carol.packets)
        for _ in range(200):
            for _ in range(5):
                alice.send(track.packet(os.urandom(1000)))
            await asyncio.sleep(0.004)
            if link._transport is not None:
                most = max(most, link._transport.get_write_buffer_size())
        assert 0 < most <= tcp.MAX_WAITING + 65_536
        await until(lambda: link.address not in udp.links)
        # Nobody else has noticed.
        assert len(carol.packets) - sent > 900


async def test_a_lost_connection_is_replaced_at_the_next_check(
    server: MediaServer, listener: Listener, room: Room
) -> None:
    alice, bob, track = RawPeer(), RawPeer(), microphone()
    async with tcp_wire(server.port, alice):
        async with tcp_wire(server.port, bob):
            await publish(room, alice, track)
            await subscribe(room, listener, bob)
        await until(lambda: len(server._udp.links) == 1)  # type: ignore[union-attr]
        for _ in range(10):
            alice.send(track.packet(b"into the void"))
        await asyncio.sleep(0.05)
        async with tcp_wire(server.port, bob):
            await bob.prove(nominate=False)
            await until(lambda: alice.send(track.packet(b"again")) and bob.packets)
            assert bob.packets[-1].endswith(b"again")
