"""A participant without a browser, on the real server: a socket, a seed, and a device."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats import statement
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.room import Room
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, encode
from support.hosts import HostHand
from support.people import Person, Signed
from support.rooms import Link
from support.server import Server, meeting_of
from support.waiting import HANG


class Participant:
    """Somebody in a meeting. Make one with :func:`participant`."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        person: Person,
        notice: bytes,
        room: Room | None = None,
    ) -> None:
        """With ``room`` it is a host's, by the key that was drawn when the meeting was made."""
        self._hand = None if room is None else HostHand(person, room)
        self._socket = socket
        self._person = person
        self._notice = notice
        self._number = 0
        # Listened to all the time: a socket that nobody reads answers no ping either.
        self._coming: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen())
        self.id = encode(person.id)
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
        await self.enrol(name)
        await self.ask("join")

    async def enrol(self, name: str) -> None:
        """Say who one is, and hand over one's keys."""
        said = self._person.enrol(name, notice=encode(self._notice))
        self._person.enrolment = statement.parse_enrolment(said.body)
        await self.ask("enrol", **self._person.enrolling(said))
        if self._hand is not None:
            await self.ask("certify", **self._hand.certificate())

    async def answer(self, recording: Will, training: Will = Will.UNANSWERED) -> None:
        """Say whether one may be recorded, and whether machines may be trained with it."""
        said = self._person.answer(recording, training, notice=self._notice)
        sealed = None if said.sealed is None else encode(said.sealed)
        await self.ask("answer", **_wire(said), sealed=sealed)

    @property
    def hand(self) -> HostHand:
        """What a host signs with."""
        assert self._hand is not None, "only a host's"
        return self._hand

    async def arm(self, recording: bool = True) -> None:
        """Host: have it recorded as far as everyone agrees, or not."""
        await self.ask("perform", **self.hand.act("arm", recording=recording))

    async def admit(self, other: Participant) -> None:
        """Host: let somebody in who waits."""
        await self.ask("perform", **self.hand.admit(other._person))

    async def remove(self, other: Participant) -> None:
        """Host: remove somebody."""
        await self.ask("perform", **self.hand.act("remove", person=other._person.id))

    def answer_afterwards(self, recording: Will, training: Will) -> dict[str, Any]:
        """Return the body of ``POST /api/answers`` that says so."""
        said = self._person.answer(recording, training, notice=self._notice)
        return {
            "statement": encode(said.body),
            "signature": encode(said.signature),
            "sealed": None,
        }

    def receipt(self) -> dict[str, str]:
        """Return the body of ``POST /api/receipt``, as it is sent now."""
        said = self._person.receipt_request(time.time_ns() // 1_000_000)
        return {"request": encode(said.body), "signature": encode(said.signature)}

    @property
    def room(self) -> dict[str, Any]:
        """What the room looked like when something was last listened for."""
        return next((one for one in reversed(self.heard) if one["type"] == "room"), {})

    async def until_room(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the room looks so."""
        if not self.room or not wanted(self.room):
            await self._until(lambda m: m["type"] == "room" and wanted(m))
        return self.room

    async def until_capture(self, state: str) -> None:
        """Wait until the room says so of the recording."""
        await self.until_room(lambda room: room["capture"] == state)

    async def leave(self) -> None:
        """Leave; the goodbye is the answer."""
        await self._socket.send_str(json.dumps({"type": "leave"}))
        await self.goodbye()

    async def goodbye(self) -> str:
        """Wait for the end; return why it came."""
        return str((await self._until(lambda m: m["type"] == "goodbye"))["reason"])

    async def draw_device(self) -> dict[str, Any]:
        """Draw a token for another device."""
        await self.ask("draw_device")
        return next(one for one in reversed(self.heard) if one["type"] == "device")

    async def _listen(self) -> None:
        async for frame in self._socket:
            self._coming.put_nowait(json.loads(frame.data))
        self._coming.put_nowait(None)

    async def _until(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(HANG):
            while True:
                message = await self._coming.get()
                assert message is not None, f"closed with {self._socket.close_code}"
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
    body = {"door": Link.read(link).door}
    async with _seated(http, server, link, "seat", body, {}) as one:
        yield one


@asynccontextmanager
async def hosting(
    http: aiohttp.ClientSession, server: Server, link: str, cookie: str
) -> AsyncIterator[Participant]:
    """Take the host's seat in the meeting of a link, as the account of a session."""
    headers = {"Cookie": f"__Host-assent={cookie}"}
    async with _seated(http, server, link, "host-seat", {}, headers) as one:
        yield one


@asynccontextmanager
async def _seated(
    http: aiohttp.ClientSession,
    server: Server,
    link: str,
    seat_route: str,
    body: dict[str, str],
    more: dict[str, str],
) -> AsyncIterator[Participant]:
    path = f"{server.url}/api/meetings/{meeting_of(link)}"
    headers = {"Origin": server.url}
    async with http.post(f"{path}/{seat_route}", json=body, headers=headers | more) as raw:
        seat = await raw.json()
        assert raw.status == 200, seat
    charter = charters.parse(decode(seat["charter"]))
    given = seat["vault_key"]
    key = given and vault_keys.verify(
        decode(given["document"]), decode(given["signature"]), charter.vault
    )
    async with http.ws_connect(f"{path}/socket", headers=headers, heartbeat=5) as socket:
        hello = {"type": "hello", "protocol": 1, "token": seat["token"]}
        await socket.send_str(json.dumps(hello))
        person = Person(charter, key, link=Link.read(link))
        room = rooms.parse(decode(seat["room"])) if seat["host"] else None
        yield Participant(socket, person, charter.notices["en"], room)
