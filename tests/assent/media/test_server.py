from __future__ import annotations

import asyncio
import socket

import pytest

from assent.media import Closed, MediaServer
from assent.media.server import announced
from support.rtc import Listener, no_fault
from support.rtc_raw import RawPeer, RawTrack


async def test_announces_the_addresses_it_was_given() -> None:
    server = MediaServer("127.0.0.1", 0, ["203.0.113.5", "2001:db8::5"], no_fault)
    await server.start()
    room = server.open_room("room", Listener())
    answer = await room.publish(
        "alice", RawPeer().offer([RawTrack("0", "microphone", 1)]), {"0": "microphone"}
    )
    assert f" 203.0.113.5 {server.port} typ host" in answer
    assert f" 2001:db8::5 {server.port} typ host" in answer
    await server.stop()


def test_a_wildcard_stands_for_every_address() -> None:
    assert announced("192.0.2.1") == ["192.0.2.1"]
    assert "127.0.0.1" in announced("0.0.0.0")
    assert not any(":" in address for address in announced("0.0.0.0"))
    assert {"127.0.0.1", "::1"} <= set(announced("::"))


async def test_a_taken_port_is_an_error_at_the_start() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match="in use"):
            await MediaServer("127.0.0.1", taken.getsockname()[1], [], no_fault).start()


async def test_rooms_are_apart_and_stop_with_the_server() -> None:
    server = MediaServer("127.0.0.1", 0, [], no_fault)
    with pytest.raises(Closed):
        server.open_room("early", Listener())
    await server.start()
    one, two = server.open_room("one", Listener()), server.open_room("two", Listener())
    offer = RawPeer().offer([RawTrack("0", "microphone", 1)])
    await one.publish("alice", offer, {"0": "microphone"})
    assert len(one.tracks()) == 1
    assert two.tracks() == []
    with pytest.raises(AssertionError):
        server.open_room("one", Listener())
    await server.stop()
    assert one.tracks() == []
    with pytest.raises(Closed):
        await two.publish("alice", offer, {"0": "microphone"})


async def test_one_socket_takes_both_families() -> None:
    server = MediaServer("::", 0, [], no_fault)
    try:
        await server.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    room = server.open_room("room", Listener())
    peer = RawPeer()
    peer.use(
        await room.publish(
            "alice", peer.offer([RawTrack("0", "microphone", 1)]), {"0": "microphone"}
        )
    )
    loop = asyncio.get_running_loop()
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.bind((host, 0))
            await loop.sock_sendto(sender, bytes(peer.check()), (host, server.port))
            async with asyncio.timeout(30):
                peer.receive(await loop.sock_recv(sender, 2048))
            assert peer.mapped[-1] == sender.getsockname()[:2]
    await server.stop()


async def test_a_failing_listener_is_reported_and_harms_nobody() -> None:
    class Broken(Listener):
        def on_tracks_changed(self) -> None:
            raise RuntimeError("broken")

    faults: list[str] = []
    server = MediaServer("127.0.0.1", 0, [], lambda text, error: faults.append(repr(error)))
    await server.start()
    room = server.open_room("room", listener := Broken())
    await room.publish(
        "alice", RawPeer().offer([RawTrack("0", "microphone", 1)]), {"0": "microphone"}
    )
    room.subscribe("bob")
    await listener.offer("bob")
    assert faults == ["RuntimeError('broken')"]
    await server.stop()
