"""What the network can do to a live call, over real sockets: nothing.

The first three are the ones that end a call where datagrams are handed on from any source: an
empty datagram, a foreign ClientHello, a flood before anybody has connected.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator

import pytest

from assent.media import MediaServer, Room
from support.rtc import Caller, Listener, Picture, Stranger, Tone, no_fault, until
from support.rtc_raw import RawPeer, RawTrack


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = MediaServer("127.0.0.1", 0, [], no_fault)
    await server.start()
    yield server
    await server.stop()


async def client_hello() -> bytes:
    """Return the first datagram of somebody's handshake."""
    peer = RawPeer()
    other = RawPeer()
    peer.use(other.offer([RawTrack("0", "microphone", 1)]))
    sent: list[bytes] = []
    peer.transmit = sent.append
    shaking = asyncio.create_task(peer.shake())
    await until(lambda: sent)
    peer._wire.waiting.put_nowait(b"")
    await shaking
    return sent[0]


async def call(server: MediaServer) -> tuple[Listener, Room, Caller, Caller]:
    listener = Listener()
    room = server.open_room("room", listener)
    alice, bob = Caller(room, listener, "alice"), Caller(room, listener, "bob")
    room.set_forwarding("alice", True)
    await alice.publish({"microphone": Tone(), "camera": Picture()})
    await bob.subscribe()
    return listener, room, alice, bob


async def test_a_live_call_is_undisturbed(server: MediaServer) -> None:
    hello = await client_hello()
    listener, _, alice, bob = await call(server)
    await bob.frames("alice.camera", 5)
    assert server._udp is not None
    by_address, names = dict(server._udp.by_address), dict(server._udp.names)
    strangers = [Stranger(server.port) for _ in range(3)]

    async def attack() -> None:
        while True:
            for stranger in strangers:
                stranger.send(b"")
                stranger.send(hello)
                stranger.send(os.urandom(200))
                stranger.send(b"\x80\x60" + os.urandom(100))
                stranger.send(b"\x00\x01" + os.urandom(100))
            await asyncio.sleep(0.002)

    attacking = asyncio.create_task(attack())
    pictures = await bob.frames("alice.camera", 40)
    sounds = await bob.frames("alice.microphone", 60)
    attacking.cancel()
    assert len(pictures) == 40
    # Decoded in order and without a gap: a picture every 33 ms, a sound every 20 ms.
    times = [frame.time for frame in pictures]
    assert max(b - a for a, b in itertools.pairwise(times)) < 0.2
    spans = [frame.pts for frame in sounds]
    assert all(b - a == 960 for a, b in itertools.pairwise(spans))
    assert all(state == "connected" for _, _, state in listener.states)
    assert [stranger.heard() for stranger in strangers] == [[], [], []]
    # Nothing is kept of them.
    assert server._udp.by_address == by_address
    assert server._udp.names == names
    counters = server.counters()
    assert counters["drop-empty"] > 100
    assert counters["drop-stranger"] > 100
    for stranger in strangers:
        stranger.close()
    await alice.close()
    await bob.close()


async def test_a_flood_before_anybody_has_connected_is_nothing(server: MediaServer) -> None:
    hello = await client_hello()
    stranger = Stranger(server.port)
    for _ in range(50):
        for _ in range(100):
            stranger.send(hello)
            stranger.send(os.urandom(100))
        await asyncio.sleep(0)
    _, _, alice, bob = await call(server)
    for _ in range(100):
        stranger.send(hello)
    assert len(await bob.frames("alice.camera", 5)) == 5
    assert stranger.heard() == []
    stranger.close()
    await alice.close()
    await bob.close()


async def test_the_second_of_two_handshakes_does_not_win(server: MediaServer) -> None:
    """Somebody who has seen the description, and even its password's user name, comes first."""
    hello = await client_hello()
    listener = Listener()
    room = server.open_room("room", listener)
    alice = Caller(room, listener, "alice")
    stranger = Stranger(server.port)
    stopped = asyncio.Event()

    async def attack() -> None:
        while not stopped.is_set():
            stranger.send(hello)
            await asyncio.sleep(0.001)

    attacking = asyncio.create_task(attack())
    await alice.publish({"microphone": Tone()})
    await listener.state("alice", "publish", "connected")
    stopped.set()
    await attacking
    assert stranger.heard() == []
    stranger.close()
    await alice.close()
