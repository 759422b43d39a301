"""The front of the port: strangers get nowhere, checks get to whoever gave out their name."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from assent.media.processes import port_dispatcher as fronts
from assent.media.processes.misrouted import Misrouted
from assent.media.processes.port_dispatcher import (
    MAX_CHECKS,
    PortDispatcher,
    TcpDispatcher,
    bind_dispatcher,
)
from assent.media.transport.ice import Address
from assent.media.transport.udp import bind
from support.ports import BOTH, free_port
from support.rtc import Stranger, until
from support.rtc_raw import RawPeer
from support.rtc_scene import server_section


class Owner:
    """A process's end of what was misrouted."""

    def __init__(self) -> None:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.got: list[tuple[bytes, Address]] = []
        self.connections: list[socket.socket] = []
        self.counters: Counter[str] = Counter()
        self.front = Misrouted(one, self.counters, lambda datagram, address, own: None)
        self.own = Misrouted(other, self.counters, self._take)

    def _take(self, datagram: bytes, address: Address, own: socket.socket | None) -> None:
        self.got.append((datagram, address))
        if own is not None:
            self.connections.append(own)

    def close(self) -> None:
        for connection in self.connections:
            connection.close()
        self.front.close()
        self.own.close()


@pytest.fixture
async def front() -> AsyncIterator[PortDispatcher]:
    front = PortDispatcher(await bind_dispatcher("127.0.0.1", free_port(*BOTH)), Counter())
    yield front
    front.close()


@pytest.fixture
async def owner() -> AsyncIterator[Owner]:
    owner = Owner()
    yield owner
    owner.close()


@pytest.fixture
async def stranger(front: PortDispatcher) -> AsyncIterator[Stranger]:
    stranger = Stranger(front.port)
    yield stranger
    stranger.close()


def check(ufrag: str) -> bytes:
    peer = RawPeer()
    peer.server = server_section(ufrag)
    return bytes(peer.check())


async def test_a_check_reaches_the_owner_of_its_name(
    front: PortDispatcher, owner: Owner, stranger: Stranger
) -> None:
    other = Owner()
    front.claim("mine", owner.front)
    front.claim("theirs", other.front)
    sent = check("mine")
    stranger.send(sent)
    await until(lambda: owner.got)
    assert owner.got == [(sent, ("127.0.0.1", stranger._socket.getsockname()[1]))]
    assert not other.got
    other.close()


async def test_nothing_else_is_passed_on(
    front: PortDispatcher, owner: Owner, stranger: Stranger
) -> None:
    front.claim("mine", owner.front)
    stranger.send(b"")
    stranger.send(check("unknown"))
    stranger.send(check("mine")[:-1])
    stranger.send(bytes([22]) + bytes(60))  # DTLS
    stranger.send(bytes([128]) + bytes(60))  # RTP
    await until(lambda: sum(front.counters.values()) == 5)
    assert front.counters == {"drop-empty": 1, "drop-stranger": 3, "drop-stun": 1}
    assert not owner.got
    assert not stranger.heard()


async def test_a_flood_for_one_name_is_cut(front: PortDispatcher, owner: Owner) -> None:
    front.claim("mine", owner.front)
    front.claim("other", owner.front)
    sent = check("mine")
    for _ in range(1000):
        front.take(sent, ("192.0.2.1", 1), 5.0)
    front.take(check("other"), ("192.0.2.1", 1), 5.0)
    await until(lambda: owner.got and b"other" in owner.got[-1][0])
    assert len(owner.got) <= MAX_CHECKS / 4 + 1
    assert front.counters["drop-flood"] >= 1000 - MAX_CHECKS / 4


async def test_a_full_owner_is_not_waited_for(front: PortDispatcher, owner: Owner) -> None:
    owner.own._loop.remove_reader(owner.own._socket.fileno())
    for _ in range(5000):
        owner.front.send(bytes(500), ("192.0.2.1", 1))
    assert owner.counters["drop-stray"] > 0


async def test_a_flood_of_strangers_pauses_the_front(
    front: PortDispatcher, owner: Owner, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    front._rate_window._packets = 100
    front.claim("mine", owner.front)
    for _ in range(150):
        stranger.send(b"x" * 50)
    await until(lambda: front.counters["front-paused"])
    assert front.counters["drop-stranger"] == 100
    stranger.send(check("mine"))
    await until(lambda: owner.got)  # after the pause it reads on
    assert front.counters["drop-stranger"] == 150


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", free_port(*BOTH)))
        yield taken


async def test_a_taken_port_is_an_error(
    taken: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fronts, "ATTEMPTS", 2)
    with pytest.raises(OSError, match="in use"):
        await bind_dispatcher("127.0.0.1", taken.getsockname()[1])


async def test_another_servers_front_is_never_shared(
    front: PortDispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fronts, "ATTEMPTS", 2)
    with pytest.raises(OSError, match="in use"):
        await bind_dispatcher("127.0.0.1", front.port)


async def test_a_port_that_is_given_up_meanwhile_is_had(
    taken: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = taken.getsockname()[1]

    async def give_up(seconds: float) -> None:
        taken.close()

    monkeypatch.setattr(fronts.asyncio, "sleep", give_up)
    bound = await bind_dispatcher("127.0.0.1", port)
    assert bound.getsockname()[1] == port
    bound.close()


@pytest.fixture
async def listening(front: PortDispatcher) -> AsyncIterator[TcpDispatcher]:
    listening = TcpDispatcher(front)
    await listening.start("127.0.0.1", front.port)
    yield listening
    await listening.close()


def framed(datagram: bytes) -> bytes:
    return len(datagram).to_bytes(2, "big") + datagram


async def connect(
    front: PortDispatcher, *pieces: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    return reader, writer


async def test_a_tcp_connection_is_given_to_the_owner_of_its_first_check(
    front: PortDispatcher, listening: TcpDispatcher, owner: Owner
) -> None:
    front.claim("mine", owner.front)
    sent = framed(check("mine"))
    reader, writer = await connect(front, sent[:1], sent[1:50], sent[50:])
    await until(lambda: owner.connections)
    ((read, address),) = owner.got
    assert read == sent
    assert address == (*writer.get_extra_info("sockname"), "tcp")
    # It is the connection itself, whole and open.
    owner.connections[0].send(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.write(b"world")
    await until(lambda: owner.connections[0].recv(5) == b"world")
    assert not listening._links
    writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        framed(check("unknown")),
        framed(b""),
        framed(bytes([128]) * 20),
        b"\xff\xff",
        b"GET / HTTP/1.1",
    ],
    ids=["unknown", "empty", "media", "too-long", "web"],
)
async def test_other_tcp_connections_are_ended(
    front: PortDispatcher, listening: TcpDispatcher, owner: Owner, sent: bytes
) -> None:
    front.claim("mine", owner.front)
    reader, writer = await connect(front, sent)
    with suppress(ConnectionError):
        assert await reader.read() == b""
    assert not owner.got
    writer.close()


async def test_more_than_a_first_check_is_no_browser(
    front: PortDispatcher, listening: TcpDispatcher, owner: Owner
) -> None:
    front.claim("mine", owner.front)
    reader, writer = await connect(front, framed(check("mine")) + bytes(5000))
    with suppress(ConnectionError):
        assert await reader.read() == b""
    assert owner.counters["drop-stray"] == 1
    writer.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_strangers_find_the_front_whoever_else_is_about_to_connect(host: str) -> None:
    """The gap between bind and connect: without the filter half of them would go astray."""
    try:
        bound = await bind_dispatcher(host, free_port(*BOTH))
    except OSError:
        pytest.skip("this machine has no IPv6")
    port = bound.getsockname()[1]
    gaps = [
        bind(host, port, lambda own: own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1))
        for _ in range(3)
    ]
    strangers = [Stranger(port) for _ in range(40)]
    for stranger in strangers:
        stranger.send(b"\0hello")
    for _ in strangers:
        assert bound.recv(100) == b"\0hello"
    for end in [bound, *gaps, *strangers]:
        end.close()
