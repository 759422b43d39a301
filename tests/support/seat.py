"""A participant without a browser, on the real server: a socket, a seed, and a device."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from assent_vault import charter as charters
from assent_vault import statement
from assent_vault.statement import Will
from assent_vault.suite import decode, encode
from support.people import Person, Signed
from support.server import Server, meeting_of
from support.waiting import HANG


class Participant:
    """Somebody in a meeting. Make one with :func:`participant`."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, person: Person, notice: bytes
    ) -> None:
        self._socket = socket
        self._person = person
        self._notice = notice
        self._number = 0
        self.heard: list[dict[str, Any]] = []

    async def ask(self, type_: str, **fields: Any) -> None:
        """Send a request, and wait until it was carried out."""
        self._number += 1
        await self._socket.send_str(json.dumps({"type": type_, "id": self._number, **fields}))
        answer = await self._until(
            lambda m: m["type"] in ("ok", "error") and m["id"] == self._number
        )
        assert answer["type"] == "ok", answer

    async def enter(self, name: str) -> None:
        """Enrol and ask to be let in."""
        said = self._person.enrol(notice=encode(self._notice))
        self._person.enrolment = statement.parse_enrolment(said.body)
        await self.ask("enrol", name=name, **_wire(said))
        await self.ask("join")

    async def answer(self, recording: Will) -> None:
        """Say whether one may be recorded."""
        said = self._person.answer(recording=recording, notice=self._notice)
        await self.ask("answer", **_wire(said), sealed=None)

    async def draw_device(self) -> dict[str, Any]:
        """Draw a token for another device."""
        await self.ask("draw_device")
        return next(one for one in reversed(self.heard) if one["type"] == "device")

    async def _until(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(HANG):
            while True:
                message: dict[str, Any] = json.loads(await self._socket.receive_str())
                self.heard.append(message)
                if wanted(message):
                    return message


def _wire(said: Signed) -> dict[str, str]:
    return {"document": encode(said.body), "signature": encode(said.signature)}


@asynccontextmanager
async def participant(
    http: aiohttp.ClientSession, server: Server, link: str
) -> AsyncIterator[Participant]:
    """Take a seat in the meeting of a link."""
    path = f"{server.url}/api/meetings/{meeting_of(link)}"
    headers = {"Origin": server.url}
    body = {"secret": link.partition("#")[2]}
    async with http.post(f"{path}/seat", json=body, headers=headers) as raw:
        seat = await raw.json()
    charter = charters.parse(decode(seat["charter"]))
    async with http.ws_connect(f"{path}/socket", headers=headers, heartbeat=5) as socket:
        hello = {"type": "hello", "protocol": 1, "token": seat["token"]}
        await socket.send_str(json.dumps(hello))
        yield Participant(socket, Person(charter, None), charter.notices["en"])
