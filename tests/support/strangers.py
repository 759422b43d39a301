"""Somebody who holds what others need: connections, places at a door, enrolments. Loopback only.

A stranger has an address of their own of 127.0.0.0/8, so that a server can tell them from others.
All that they do is bounded by the numbers that they are given.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aiohttp

from assent_vault.formats import charter as charters
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import decode, encode
from support.people import Person
from support.rooms import Link
from support.server import Server, meeting_of
from support.waiting import HANG


class Stranger:
    """Make one with :func:`stranger`."""

    def __init__(self, server: Server, http: aiohttp.ClientSession, address: str) -> None:
        self._server = server
        self._http = http
        self._address = address
        self._headers = {"Origin": server.url, "Host": f"localhost:{server.port}"}
        self._url = f"http://127.0.0.1:{server.port}"
        self._held: list[socket.socket] = []

    # Connections.

    async def connect(self, count: int, port: int | None = None) -> int:
        """Open connections that ask nothing; returns how many of all that are held still stand."""
        _allow(count + 512)
        loop = asyncio.get_running_loop()
        for number in range(count):
            one = socket.socket()
            one.setblocking(False)
            one.bind((self._address, 0))
            with suppress(OSError):
                async with asyncio.timeout(HANG):
                    await loop.sock_connect(one, ("127.0.0.1", port or self._server.port))
            self._held.append(one)
            if number % 50 == 49:
                await asyncio.sleep(0)
        return self.standing()

    def standing(self) -> int:
        """Return how many of the connections nobody has ended."""
        count = 0
        for one in self._held:
            try:
                count += one.recv(1) != b""
            except BlockingIOError:
                count += 1
            except OSError:
                continue
        return count

    def let_go(self) -> None:
        """Close what is held."""
        for one in self._held:
            one.close()
        self._held.clear()

    # Requests.

    async def get(self, path: str) -> int:
        """Ask for something as anybody may; returns the status."""
        async with self._http.get(self._url + path, headers=self._headers) as answer:
            await answer.read()
            return answer.status

    # A door.

    async def seat(self, link: str) -> dict[str, Any]:
        """Take a seat with a meeting's link; returns what the server answered."""
        async with self._http.post(
            f"{self._url}/api/meetings/{meeting_of(link)}/seat",
            json={"door": Link.read(link).door},
            headers=self._headers,
        ) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def knock(self, link: str) -> tuple[aiohttp.ClientWebSocketResponse, Charter] | None:
        """Open a socket at a meeting's door, and say hello; None where that is refused."""
        seat = await self.seat(link)
        if "token" not in seat:
            return None
        try:
            ws = await self._http.ws_connect(
                f"{self._url}/api/meetings/{meeting_of(link)}/socket", headers=self._headers
            )
        except aiohttp.WSServerHandshakeError:
            return None
        await ws.send_json({"type": "hello", "protocol": 1, "token": seat["token"]})
        return ws, charters.parse(decode(seat["charter"]))

    async def stand(self, link: str, count: int) -> list[aiohttp.ClientWebSocketResponse]:
        """Open so many sockets at the door, and leave them open."""
        found = [await self.knock(link) for _ in range(count)]
        return [each[0] for each in found if each is not None]

    async def enrol(self, link: str, count: int, *, stay: bool = False, join: bool = False) -> int:
        """Enrol so many times, and ask to be let in; returns how many enrolments were taken."""
        taken = 0
        for number in range(count):
            at_the_door = await self.knock(link)
            if at_the_door is None:
                continue
            ws, charter = at_the_door
            enrolled = await self._enrol(ws, charter, f"Stranger {number}")
            taken += enrolled
            if enrolled and join:
                await ws.send_json({"type": "join", "id": 2})
            if not stay:
                await ws.close()
        return taken

    async def _enrol(
        self, ws: aiohttp.ClientWebSocketResponse, charter: Charter, name: str
    ) -> bool:
        person = Person(charter, None)
        said = person.enrol(name, notice=encode(charter.notices["en"]))
        with suppress(ConnectionError, TypeError, aiohttp.WSMessageTypeError):
            await ws.send_json({"type": "enrol", "id": 1, **person.enrolling(said)})
            async with asyncio.timeout(HANG):
                while True:
                    answer = json.loads(await ws.receive_str())
                    if answer.get("id") == 1:
                        break
            return bool(answer["type"] == "ok")
        return False


@asynccontextmanager
async def stranger(server: Server, address: str) -> AsyncIterator[Stranger]:
    """Give somebody at an address of the loopback, gone when the block ends."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(local_addr=(address, 0), limit=0),
                timeout=aiohttp.ClientTimeout(total=HANG),
            )
        )
        who = Stranger(server, http, address)
        stack.callback(who.let_go)
        yield who


def _allow(count: int) -> None:
    """Let this process, too, have as many descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 1024, hard), hard))
