"""OWASP ASVS 5.0, section 17.3, signalling: one named test for each requirement.

Each has a whole server side, and somebody else in the meeting who must not notice.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer

from assent.clock import SystemClock
from assent.signalling import serve
from assent_vault.formats.suite import encode
from assent_vault.store.database import Database
from support.meetings import hall_of, write_meeting
from support.migrated import copy_sqlite
from support.people import Meeting, make_meeting


class Town:
    """A server with one meeting, and seats in it."""

    def __init__(self, session: ClientSession, url: str, hall: Any, meeting: Meeting) -> None:
        self._session = session
        self._url = url
        self._hall = hall
        self._meeting = encode(meeting.id)
        self._door = meeting.link.door

    async def seated(self) -> ClientWebSocketResponse:
        token = (await self._hall.seat(self._meeting, self._door))["token"]
        socket = await self._session.ws_connect(self._url)
        await socket.send_str(json.dumps({"type": "hello", "protocol": 1, "token": token}))
        return socket


@pytest.fixture
async def town(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Town]:
    database = Database(copy_sqlite(migrated_file, tmp_path / "assent.db"))
    meeting = make_meeting()
    await write_meeting(database, meeting)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        scene = await stack.enter_async_context(hall_of(database, tmp_path / "objects", meeting))
        clock = SystemClock()

        async def handle(request: web.Request) -> web.StreamResponse:
            return await serve(scene.hall, clock, request)

        app = web.Application()
        app.router.add_get("/{id}", handle)
        server = TestServer(app)
        await server.start_server()
        stack.push_async_callback(server.close)
        session = await stack.enter_async_context(ClientSession())
        yield Town(session, str(server.make_url(f"/{scene.id}")), scene.hall, meeting)


async def answered(socket: ClientWebSocketResponse, number: int) -> None:
    """Ask for what the server refuses, and wait for just that answer."""
    await socket.send_str(json.dumps({"type": "join", "id": number}))
    async with asyncio.timeout(30):
        while True:
            frame = await socket.receive()
            assert frame.type is WSMsgType.TEXT, "the conversation goes on"
            message = json.loads(frame.data)
            if message["type"] == "error" and message["id"] == number:
                assert message["error"]["code"] == "not-enrolled"
                return


async def test_17_3_1_a_flood_ends_the_one_who_floods_alone(town: Town) -> None:
    """Signalling goes on for others during a flood: messages are counted, and have a limit."""
    quiet, loud = await town.seated(), await town.seated()
    for number in range(20):
        for _ in range(100):
            if not loud.closed:
                await loud.send_str('{"type":"join"}')
        await answered(quiet, number)
    async with asyncio.timeout(30):
        while not loud.closed:
            await loud.receive()
    assert loud.close_code == 4429
    await answered(quiet, 99)


async def test_17_3_2_malformed_messages_change_nothing(town: Town) -> None:
    """Signalling goes on after malformed messages: numbers too large, nesting, lengths, bytes."""
    quiet, rude = await town.seated(), await town.seated()
    dice = random.Random(1)
    genuine = '{"type":"publish","id":1,"sdp":"v=0","tracks":[{"mid":"0","source":"camera"}]}'
    bad = [
        "",
        "[" * 60_000,
        '{"type":' * 1000,
        '{"type":"join","id":1e400}',
        '{"type":"join","id":99999999999999999999999999}',
        '{"type":"join","id":-1}',
        '{"type":"describe","generation":9223372036854775808,"sdp":""}',
        '{"type":"publish","sdp":"' + "v" * 125_000 + '","tracks":[]}',
        '{"type":"join","\\ud800":1}',
        "\u0000",
    ]
    for _ in range(100):
        place = dice.randrange(len(genuine))
        bad.append(genuine[:place] + chr(dice.randrange(1, 0x500)) + genuine[place + 1 :])
    for number, text in enumerate(bad):
        await rude.send_str(text)
        if number % 10 == 0:
            await answered(quiet, number)
            await asyncio.sleep(0.1)  # within what anybody may send
    await answered(rude, 1000)
    await answered(quiet, 1000)
