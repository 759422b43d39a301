"""Connections that are counted: who gives way, and that a place is given back."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.listening import Connections, HeldConnection, Site
from support.certificates import write_certificate
from support.waiting import eventually

SOCKETS: list[socket.socket] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close what a test has made."""
    yield
    while SOCKETS:
        SOCKETS.pop().close()


def take(connections: Connections, client: str | None) -> HeldConnection | None:
    SOCKETS.append(socket.socket())
    one = HeldConnection(client, SOCKETS[-1])
    if connections.take(one):
        return one
    one.close()
    return None


def some(connections: Connections, *clients: str | None) -> list[HeldConnection]:
    found = [take(connections, client) for client in clients]
    assert None not in found
    return [one for one in found if one is not None]


def is_closed(one: HeldConnection) -> bool:
    return one._socket is None


# The rule.


def test_one_client_takes_from_itself() -> None:
    connections = Connections(10, 2)
    held = some(connections, "a", "a", "b", "a")
    assert [is_closed(one) for one in held] == [True, False, False, False]
    assert len(connections) == 3


def test_where_all_is_taken_whoever_has_most_gives_way() -> None:
    connections = Connections(4, 4)
    held = some(connections, "b", "a", "a", "a", "c")
    assert [is_closed(one) for one in held] == [False, True, False, False, False]


def test_whoever_is_being_answered_does_not_go() -> None:
    connections = Connections(2, 2)
    transport = asyncio.Transport()
    [busy] = some(connections, "a")
    connections.made(busy, transport)
    with connections.answering(transport):
        [idle, _] = some(connections, "a", "a")
        assert (is_closed(busy), is_closed(idle)) == (False, True)
        with connections.answering(transport):
            pass
        some(connections, "b")  # the other idle one went
        connections.lost(busy, transport)
        assert len(connections) == 1
    assert len(connections) == 1


def test_a_newcomer_is_sent_away_where_nobody_is_idle() -> None:
    connections = Connections(1, 1)
    transport = asyncio.Transport()
    [busy] = some(connections, "a")
    connections.made(busy, transport)
    with connections.answering(transport):
        assert take(connections, "a") is None
        assert take(connections, "b") is None
        assert not connections.make_room()
    assert take(connections, "b") is not None


def test_a_proxy_is_everybody() -> None:
    connections = Connections(5, 2)
    through = some(connections, None, None, None, None)
    [stranger, _] = some(connections, "a", None)
    assert is_closed(stranger)  # rather than whoever comes through it
    assert not any(map(is_closed, through))


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(["take", "busy", "free", "lost"]), st.sampled_from("abc")),
        max_size=80,
    )
)
def test_the_count_is_right_whatever_happens(steps: Sequence[tuple[str, str]]) -> None:
    connections = Connections(6, 3)
    standing: list[tuple[HeldConnection, asyncio.Transport]] = []
    for step, client in steps:
        mine = [pair for pair in standing if pair[0].client == client]
        if step == "take":
            one = take(connections, client)
            standing = [pair for pair in standing if not is_closed(pair[0])]
            if one is not None:
                transport = asyncio.Transport()
                connections._of[transport] = one
                standing.append((one, transport))
        elif step == "busy" and mine:
            connections._begin(mine[0][0])
        elif step == "free" and mine:
            connections._end(mine[0][0])
        elif step == "lost" and mine:
            connections.lost(*mine[0])
            mine[0][0].close()
            standing.remove(mine[0])
        assert len(connections) == len(standing) <= 6
        assert all(sum(one.client == each for one, _ in standing) <= 3 for each in "abc")
    for pair in standing:
        connections.lost(*pair)
        pair[0].close()
    assert len(connections) == 0
    assert not connections._each
    assert not connections._idle


# A server.


@asynccontextmanager
async def serving(
    connections: Connections, tls: ssl.SSLContext | None
) -> AsyncIterator[tuple[int, asyncio.Event]]:
    hold = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        with connections.answering(request.transport):
            if request.path == "/slow":
                await hold.wait()
            return web.Response(text="x")

    app = web.Application()
    app.router.add_get("/{any}", answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await Site(runner, "127.0.0.1", 0, connections, str, tls=tls).start()
    try:
        yield runner.addresses[0][1], hold
    finally:
        hold.set()
        await runner.cleanup()


def client(address: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(local_addr=(address, 0), ssl=False, force_close=True)
    return aiohttp.ClientSession(connector=connector)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
async def test_somebody_else_is_served_and_what_is_answered_goes_on(
    encrypted: bool, tmp_path: Path
) -> None:
    tls = None
    if encrypted:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*write_certificate(tmp_path))
    connections = Connections(20, 10)
    async with (
        serving(connections, tls) as (port, hold),
        client("127.0.0.3") as stranger,
        client("127.0.0.2") as other,
    ):
        url = f"{'https' if encrypted else 'http'}://127.0.0.1:{port}"

        async def get(who: aiohttp.ClientSession, path: str) -> int:
            async with who.get(url + path) as answer:
                return answer.status

        slow = asyncio.create_task(get(stranger, "/slow"))
        await eventually(lambda: len(connections._of) == 1, "it is being answered")
        idle = []
        for _ in range(100):
            one = socket.socket()
            one.setblocking(False)
            one.bind(("127.0.0.3", 0))
            await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
            idle.append(one)
        await eventually(lambda: len(connections) == 10, "the rest was closed")
        assert await get(other, "/quick") == 200
        hold.set()
        assert await slow == 200
        for one in idle:
            one.close()
        await eventually(lambda: len(connections) == 0, "every place is given back")
