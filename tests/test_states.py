"""Everybody who can be about a meeting, against each of its rules: one table, on the real server.

A real server with its worker, and one meeting for each state. What is found for a state is compared
with its row of the table; each cell is a test.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp
import pytest

from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats import statement
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, encode
from support.hosts import HostHand
from support.people import Person, Signed
from support.rooms import compose
from support.server import Server
from support.waiting import HANG, eventually

YES: Final = Will.YES
# present: counted in the room. asked: the gate wants their answer. heeded: what they take back
# destroys the key. answers: what an answer gets when it is over. receipt: what their page tells of
# the meeting. watches: generations they may fetch. counted: by the console. acted: what taking back
# for them gets. hosts: what a host's seat gets.
RULES: Final = (
    "present",
    "asked",
    "heeded",
    "answers",
    "receipt",
    "watches",
    "counted",
    "acted",
    "hosts",
)
_OUT = (False, False, False, "not-admitted", False, False, False, "not-found", "not-signed-in")
_IN = (True, True, True, "ok", True, True, True, "ok", "not-signed-in")
TABLE: Final = {
    "at the door": _OUT,
    "waiting": _OUT,
    "denied": _OUT,
    "let in": _IN,
    "gone": (False, *_IN[1:]),
    "removed": (False, *_IN[1:]),
    # The host, whose account is shut out: what they watch as a host ends with it, and what is
    # theirs as a person stays.
    "disabled": (*_IN[:5], False, *_IN[6:]),
}


class Seat:
    """Somebody's connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, person: Person) -> None:
        self.person = person
        self._socket = socket
        self._number = 0
        self.room: dict[str, Any] = {}
        self.hand: HostHand | None = None

    async def perform(self, what: str, **values: Any) -> None:
        """Have something done as a host."""
        assert self.hand is not None, "only a host's"
        told = await self.ask("perform", **self.hand.act(what, **values))
        assert told["type"] == "ok", told

    async def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Send a request; return what came of it."""
        self._number += 1
        await self._socket.send_str(json.dumps({"type": type_, "id": self._number, **fields}))
        while True:
            message = await self._hear()
            if message["type"] == "goodbye" or message.get("id") == self._number:
                return message

    async def _hear(self) -> dict[str, Any]:
        async with asyncio.timeout(HANG):
            message: dict[str, Any] = json.loads(await self._socket.receive_str())
        if message["type"] == "room":
            self.room = message
        return message

    async def sees(self, key: str, value: Any) -> None:
        """Wait until the room is so."""
        while self.room.get(key) != value:
            await self._hear()

    async def says(self, recording: Will, training: Will = Will.UNANSWERED) -> dict[str, Any]:
        """Answer."""
        said = self.person.answer(recording, training, notice=notice_of(self.person))
        sealed = None if said.sealed is None else encode(said.sealed)
        return await self.ask("answer", **wire(said), sealed=sealed)


def now() -> int:
    return time.time_ns() // 1_000_000


def notice_of(person: Person) -> bytes:
    return person.charter.notices["en"]


def wire(said: Signed) -> dict[str, str]:
    return {"document": encode(said.body), "signature": encode(said.signature)}


class Town:
    """A server, and an administrator and a host who are signed in."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http
        self.cookies: dict[str, str] = {}
        self.accounts: dict[str, str] = {}

    async def call(
        self, path: str, body: Any = None, who: str = "", method: str = "POST"
    ) -> tuple[str, Any]:
        """Ask over HTTP; return "ok" or the code, and the body."""
        headers = {"Origin": self.server.url}
        if who:
            headers["Cookie"] = self.cookies[who]
        url = f"{self.server.url}{path}"
        async with self.http.request(method, url, json=body or {}, headers=headers) as raw:
            content = await raw.json()
            if "Set-Cookie" in raw.headers:
                self.cookies[who or "new"] = raw.headers["Set-Cookie"].partition(";")[0]
        return content.get("error", {}).get("code", "ok"), content

    async def account(self, name: str, link: str) -> None:
        """Use an invitation."""
        form = {"name": name, "login": name, "password": secrets.token_urlsafe(24)}
        code, made = await self.call(
            "/api/invitations/accept", {"token": link.partition("#")[2], **form}
        )
        assert code == "ok", made
        self.cookies[name] = self.cookies.pop("new")
        self.accounts[name] = made["account"]["id"]

    @asynccontextmanager
    async def seat(self, seat: dict[str, Any]) -> AsyncIterator[Seat]:
        """Sit down: say hello and enrol."""
        charter = charters.parse(decode(seat["charter"]))
        key = None
        if seat["vault_key"] is not None:
            given = {name: decode(value) for name, value in seat["vault_key"].items()}
            key = vault_keys.verify(given["document"], given["signature"], charter.vault)
        person = Person(charter, key)
        path = f"{self.server.url}/api/meetings/{encode(charter.meeting)}/socket"
        headers = {"Origin": self.server.url}
        async with self.http.ws_connect(path, headers=headers) as socket:
            hello = {"type": "hello", "protocol": 1, "token": seat["token"]}
            await socket.send_str(json.dumps(hello))
            found = Seat(socket, person)
            said = person.enrol(notice=encode(notice_of(person)))
            person.enrolment = statement.parse_enrolment(said.body)
            assert (await found.ask("enrol", **person.enrolling(said)))["type"] == "ok"
            if seat["host"]:
                found.hand = HostHand(person, rooms.parse(decode(seat["room"])))
                told = await found.ask("certify", **found.hand.certificate())
                assert told["type"] == "ok", told
            yield found


async def _row(town: Town, state: str) -> tuple[Any, ...]:
    """Bring somebody into a state, and try each rule on them."""
    wish = {
        "title": state,
        "recording": True,
        "training": True,
        "waiting_room": True,
        "lifetime_hours": 1,
    }
    _, terms = await town.call("/api/meetings/terms", None, "host", "GET")
    body, link = compose(terms, wish)
    _, made = await town.call("/api/meetings", body, "host")
    meeting = made["meeting"]["id"]
    path = f"/api/meetings/{meeting}"
    subject: Seat
    async with AsyncExitStack() as stack:
        _, seat = await town.call(f"{path}/host-seat", {}, "host")
        host = await stack.enter_async_context(town.seat(seat))
        await host.ask("join")
        subject = host
        if state != "disabled":
            _, seat = await town.call(f"{path}/seat", {"door": link.door})
            subject = await stack.enter_async_context(town.seat(seat))
            await host.says(YES, YES)
        id_ = encode(subject.person.id)
        await subject.says(YES)
        await host.perform("arm", recording=True)
        if state not in ("at the door", "disabled"):
            await subject.ask("join")
        if state == "denied":
            await host.ask("deny", person=id_)
        elif state in ("let in", "gone", "removed"):
            assert subject.person.enrolment is not None
            let_in = {"person": subject.person.id, "enrolment": subject.person.enrolment.digest}
            await host.perform("admit", **let_in)
            await host.sees("present", 2)
        await host.sees("capture", "recording")
        if state == "removed":
            await host.perform("remove", person=subject.person.id)
        if state == "gone":
            await subject.ask("leave")
        if state in ("gone", "removed"):
            await host.sees("present", 1)
            await host.sees("capture", "recording")
        if TABLE[state] == _OUT:
            # Taken back at the door, while it runs: it is kept, and it counts for nothing.
            await _answer(town, subject.person, Will.WITHDRAWN, Will.UNANSWERED)
        others = 0 if state == "disabled" else 1
        present = host.room["present"] == others + 1
        await town.call(f"{path}/end", {}, "host")
    if state == "disabled":
        await town.call(
            f"/api/admin/accounts/{town.accounts['host']}/disabled", {"disabled": True}, "admin"
        )
    who = "host" if state == "disabled" else ""
    hosts, _ = await town.call(f"{path}/host-seat", {}, who)
    asked = await _reasons(town.server, meeting)
    code, record = await _receipt(town, subject.person)
    assert code == "ok", code
    request = subject.person.receipt_request(now())
    _, outline = await town.call(
        "/api/watch",
        {"request": encode(request.body), "signature": encode(request.signature)},
    )
    _, listed = await town.call("/api/admin/meetings", None, "admin", "GET")
    [console] = [each for each in listed["meetings"] if each["id"] == meeting]
    before = await _is_destroyed(town.server, meeting)
    answers = await _answer(town, subject.person, YES, Will.NO)
    await _answer(town, subject.person, Will.WITHDRAWN, Will.NO)
    heeded = before or (answers == "ok" and await _gone(town.server, meeting))
    acted, _ = await town.call(f"{path}/revoke", {"person": id_, "purpose": "training"}, "admin")
    return (
        present,
        asked.get("not-answered", 0) == 1,
        heeded,
        answers,
        record["admitted"] and record["generations"] > 0,
        bool(outline.get("generations")),
        console["people"] == others + 1,
        acted,
        hosts,
    )


async def _receipt(town: Town, person: Person) -> tuple[str, Any]:
    asked = person.receipt_request(now())
    body = {"request": encode(asked.body), "signature": encode(asked.signature)}
    return await town.call("/api/receipt", body)


async def _answer(town: Town, person: Person, recording: Will, training: Will) -> str:
    before = person.last
    said = person.answer(recording, training, notice=notice_of(person))
    body = {
        "statement": encode(said.body),
        "signature": encode(said.signature),
        "sealed": None,
    }
    code, _ = await town.call("/api/answers", body)
    if code != "ok":
        person.last = before
    return code


async def _reasons(server: Server, meeting: str) -> dict[str, int]:
    def judged() -> list[tuple[Any, ...]]:
        return server.query("SELECT reasons FROM gate_reports WHERE meeting_id = ?", meeting)

    [(reasons,)] = await eventually(judged, "the gate has decided")
    return {each["code"]: each["count"] for each in json.loads(reasons)}


async def _is_destroyed(server: Server, meeting: str) -> bool:
    [(at,)] = server.query("SELECT destroyed_at FROM vault_keys WHERE meeting_id = ?", meeting)
    return at is not None


async def _gone(server: Server, meeting: str) -> bool:
    def destroyed() -> bool:
        query = "SELECT destroyed_at FROM vault_keys WHERE meeting_id = ?"
        return server.query(query, meeting)[0][0] is not None

    await eventually(destroyed, "the key is destroyed")
    return True


async def _everything(folder: Path) -> dict[str, tuple[Any, ...]]:
    server = Server(folder)
    await server.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            town = Town(server, http)
            await town.account("admin", server.admin_link)
            _, invited = await town.call("/api/invitations", {"role": "host"}, "admin")
            await town.account("host", invited["url"])
            return {state: await _row(town, state) for state in TABLE}
    finally:
        await server.stop()


@pytest.fixture(scope="module")
def found() -> Iterator[dict[str, tuple[Any, ...]]]:
    """Try everything once."""
    with TemporaryDirectory() as folder:
        yield asyncio.run(_everything(Path(folder)))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("state", TABLE)
def test_each_rule_on_each_state(found: dict[str, tuple[Any, ...]], state: str, rule: str) -> None:
    at = RULES.index(rule)
    assert found[state][at] == TABLE[state][at]
