"""Media over TCP: it works, and strangers and slow readers get little out of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

import pytest

from assent.media import MediaServer, Room
from assent.media.transport import ice, tcp
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
    await room.set_answer(name, offer.generation, peer.answer(offer.sdp))
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


@contextlib.asynccontextmanager
async def proved(server: MediaServer, peer: RawPeer, count: int) -> AsyncIterator[None]:
    """Open so many links, one after the other, each with a valid check of that peer."""
    async with contextlib.AsyncExitStack() as stack:
        wires = []
        for _ in range(count):
            wire = await stack.enter_async_context(tcp_wire(server.port))
            wire.send(bytes(peer.check(nominate=False)))
            wires.append(wire)
        async with asyncio.timeout(10):
            for wire in wires:
                with contextlib.suppress(ConnectionError):
                    await wire.reader.read(1)  # an answer, or its end
        yield


async def test_two_connections_cannot_take_every_place(
    server: MediaServer, listener: Listener, room: Room
) -> None:
    """Links are counted for the connection that they are proved for."""
    alice, bob = RawPeer(), RawPeer()
    async with tcp_wire(server.port, alice), tcp_wire(server.port, bob):
        await publish(room, alice, microphone())
        await subscribe(room, listener, bob)
        links = server._udp.links  # type: ignore[union-attr]
        async with proved(server, alice, 20), proved(server, bob, 20):
            for _ in range(500):  # those that went are told on a later turn
                if len(links) <= 2 * tcp.MAX_EACH:
                    break
                await asyncio.sleep(0.01)
            assert len(links) <= 2 * tcp.MAX_EACH
            assert server.counters()["drop-spare"] > 0
            # What is in use was not among those that went.
            assert (await alice.prove()).message_class
            assert (await bob.prove()).message_class


async def test_links_end_with_the_connection_that_they_were_proved_for(
    server: MediaServer, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "SWEEP_SECONDS", 0.05)
    alice = RawPeer()
    async with tcp_wire(server.port, alice):
        await publish(room, alice, microphone())
        async with proved(server, alice, 5):
            room.remove("alice")
            await until(lambda: not server._udp.links)  # type: ignore[union-attr]
    assert server._tcp is not None
    assert not server._tcp._owned
    assert not server._tcp._proved_each


async def test_strangers_take_none_of_the_places_of_those_who_are_in(
    server: MediaServer, listener: Listener, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "MAX_LINKS", 2)
    monkeypatch.setattr(tcp, "MAX_UNPROVED_EACH", 5)
    strangers = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(9)]
    alice, bob = RawPeer(), RawPeer()
    async with tcp_wire(server.port, alice), tcp_wire(server.port, bob):
        await publish(room, alice, microphone())
        await subscribe(room, listener, bob)
        assert alice.connected
        # And a third finds none: neither those who say nothing nor those who are in make room.
        carol = RawPeer()
        room.set_forwarding("carol", True)
        answer = await room.publish("carol", carol.offer([microphone()]), {"0": "microphone"})
        carol.use(answer)
        async with proved(server, carol, 1):
            assert len([1 for link in server._udp.links.values() if link.proved_at]) == 2  # type: ignore[union-attr]
    for _, writer in strangers:
        writer.close()


async def test_a_host_has_not_all_the_places(
    server: MediaServer, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "MAX_HOST", 3)
    alice = RawPeer()
    async with tcp_wire(server.port, alice):
        await publish(room, alice, microphone())
        async with proved(server, alice, 6):
            links = server._udp.links  # type: ignore[union-attr]
            await until(lambda: len(links) <= 3)
            assert (await alice.prove()).message_class


async def test_frames_by_the_thousand_wait(server: MediaServer, room: Room) -> None:
    """Two bytes make a frame; a link is read as fast as a connection may send, and no faster."""
    alice = RawPeer()
    async with tcp_wire(server.port, alice) as wire:
        await publish(room, alice, microphone())
        before = server.counters().get("drop-empty", 0)
        wire.writer.write(bytes(2 * 100_000))
        await until(lambda: server.counters().get("link-paused", 0))
        assert server.counters()["drop-empty"] - before <= tcp.MAX_FRAMES
        # Others are heard meanwhile, and it goes on by itself.
        await until(lambda: server.counters()["drop-empty"] - before > tcp.MAX_FRAMES / 2)


def test_hosts_of_ipv6_are_counted_by_network() -> None:
    assert ice.network("192.0.2.1") == "192.0.2.1"
    assert ice.network("2001:db8::1") == ice.network("2001:db8::ffff:1") == "2001:db8::/64"
    assert ice.network("2001:db8:0:1::1") != ice.network("2001:db8::1")
