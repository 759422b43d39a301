"""The socket, from the side of a client that need not be a browser, nor honest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer

from assent.signalling import messages as m
from assent.signalling import serve, websocket
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.store.database import Database
from support.hosts import HostHand
from support.meetings import HOST_ACCOUNT, Scene, hall_of, write_meeting
from support.people import Meeting, Person, Signed, make_meeting, person_in


@dataclass
class Client:
    """One socket; ``room`` is the last state it was told."""

    ws: ClientWebSocketResponse
    room: dict[str, Any] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    last_id: int = 0
    hand: HostHand | None = None

    async def performs(self, what: str, **values: Any) -> dict[str, Any]:
        """Have something done as a host; returns its ``ok`` or ``error``."""
        assert self.hand is not None, "only a host's"
        return await self.ask("perform", **self.hand.act(what, **values))

    async def send(self, type_: str, **fields: Any) -> None:
        await self.ws.send_str(json.dumps({"type": type_, **fields}))

    async def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Send a request; returns its ``ok`` or ``error``."""
        self.last_id += 1
        wanted = self.last_id
        await self.send(type_, id=wanted, **fields)
        return await self.until(lambda m: m["type"] in {"ok", "error"} and m.get("id") == wanted)

    async def until(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                frame = await self.ws.receive()
                assert frame.type is WSMsgType.TEXT, f"closed with {self.ws.close_code}"
                message: dict[str, Any] = json.loads(frame.data)
                self.heard.append(message)
                if message["type"] == "room":
                    self.room = message
                if wanted(message):
                    return message

    async def kind(self, type_: str) -> dict[str, Any]:
        return await self.until(lambda message: message["type"] == type_)

    async def room_where(self, wanted: Any) -> dict[str, Any]:
        if self.room and wanted(self.room):
            return self.room
        return await self.until(lambda m: m["type"] == "room" and wanted(m))

    async def closed(self) -> int | None:
        async with asyncio.timeout(30):
            while not self.ws.closed:
                await self.ws.receive()
        return self.ws.close_code


@dataclass
class Place:
    scene: Scene
    session: ClientSession
    url: str

    async def socket(self) -> Client:
        return Client(await self.session.ws_connect(self.url))

    async def seated(self, *, host: bool = False, token: str | None = None) -> Client:
        if token is None:
            token = await self.token(host=host)
        client = await self.socket()
        await client.send("hello", protocol=1, token=token)
        return client

    async def token(self, *, host: bool = False) -> str:
        hall = self.scene.hall
        if host:
            return str((await hall.host_seat(self.scene.id, HOST_ACCOUNT))["token"])
        return str((await hall.seat(self.scene.id, self.scene.meeting.link.door))["token"])

    async def inside(self, person: Person, name: str, *, host: bool = False) -> Client:
        client = await self.seated(host=host)
        assert (await client.ask("enrol", **person.enrolling(person.enrol(name))))["type"] == "ok"
        if host:
            client.hand = HostHand(person, self.scene.meeting.room, self.scene.meeting.host_key)
            assert (await client.ask("certify", **client.hand.certificate()))["type"] == "ok"
        assert (await client.ask("join"))["type"] == "ok"
        return client


def wire(said: Signed, *, answer: bool = False) -> dict[str, Any]:
    fields: dict[str, Any] = {"document": encode(said.body), "signature": encode(said.signature)}
    if answer:
        fields["sealed"] = None if said.sealed is None else encode(said.sealed)
    return fields


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting()


@pytest.fixture
async def place(database: Database, tmp_path: Path, meeting: Meeting) -> AsyncIterator[Place]:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:

        async def handle(request: web.Request) -> web.WebSocketResponse:
            return await serve(scene.hall, scene.services.clock, request)

        app = web.Application()
        app.router.add_get("/api/meetings/{id}/socket", handle)
        async with TestServer(app) as server, ClientSession() as session:
            yield Place(scene, session, str(server.make_url(f"/api/meetings/{scene.id}/socket")))


async def test_people_are_introduced_before_they_are_seen(place: Place, meeting: Meeting) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    ben.link = None  # by whatever way
    host = await place.inside(ada, "Ada", host=True)
    guest = await place.inside(ben, "Ben")
    for client in (host, guest):
        await client.room_where(lambda m: len(m["people"]) == 2)
        known: dict[str, dict[str, Any]] = {}
        for message in client.heard:
            if message["type"] == "introductions":
                for one in message["people"]:
                    assert one["person"] not in known, "each once"
                    known[one["person"]] = one
            elif message["type"] == "room":
                assert {one["person"] for one in message["people"]} <= known.keys()
        assert {one["name"] for one in known.values()} == {"Ada", "Ben"}
        of_ada, of_ben = known[encode(ada.id)], known[encode(ben.id)]
        assert ada.enrolment is not None
        assert decode(of_ada["document"]) == ada.enrolment.body
        assert decode(of_ada["salt"]) == ada.salt
        mac = meeting.link.mac(meeting.id, 1, ada.enrolment.digest)
        assert of_ada["brought"] == {"ordinal": 1, "mac": encode(mac)}
        assert of_ben["brought"] is None


async def test_a_whole_conversation(place: Place, meeting: Meeting) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    host = await place.seated(host=True)
    welcome = await host.kind("welcome")
    assert (welcome["person"], welcome["enrolled"], welcome["host"]) == (None, False, True)
    assert (await host.ask("join"))["error"]["code"] == "not-enrolled"
    assert (await host.ask("enrol", **ada.enrolling(ada.enrol("Ada"))))["type"] == "ok"
    assert (await host.ask("publish", sdp="v=0", tracks=[]))["error"]["code"] == "not-admitted"
    assert (await host.ask("answer", **wire(ada.answer(Will.YES), answer=True)))["type"] == "ok"
    assert (await host.ask("join"))["type"] == "ok"
    room = await host.room_where(lambda room: room["you"]["state"] == "admitted")
    assert room["you"]["recording"] == "yes"
    assert [person["name"] for person in room["people"]] == ["Ada"]
    assert "agreed" not in room["people"][0]

    guest = await place.inside(ben, "Ben")
    hand = HostHand(ada, meeting.room, meeting.host_key)
    arm = hand.act("arm", recording=True)
    assert (await guest.ask("perform", **arm))["error"]["code"] == "forbidden"
    assert (await host.ask("perform", **arm))["error"]["code"] == "not-a-host"
    assert (await host.ask("certify", **hand.certificate()))["type"] == "ok"
    assert (await host.ask("perform", **arm))["type"] == "ok"
    await guest.room_where(lambda room: room["capture"] == "paused" and room["present"] == 2)
    # An answer of somebody else is refused before its signature matters.
    stolen = wire(ada.answer(Will.YES), answer=True)
    assert (await guest.ask("answer", **stolen))["error"]["code"] == "bad-request"
    assert (await guest.ask("answer", **wire(ben.answer(Will.YES), answer=True)))["type"] == "ok"
    await guest.room_where(lambda room: room["capture"] == "recording")
    if not any(message["type"] == "generation" for message in guest.heard):
        await guest.kind("generation")
    assert (await guest.ask("publish", sdp="nonsense", tracks=[]))["error"]["code"] == "bad-sdp"
    await host.send("end", id=99)
    assert (await guest.kind("goodbye"))["reason"] == "ended"
    assert await guest.closed() == 1000


async def test_the_end_says_goodbye(place: Place, meeting: Meeting) -> None:
    host = await place.inside(person_in(meeting), "Ada", host=True)
    await host.send("end", id=99)
    assert (await host.kind("goodbye"))["reason"] == "ended"
    assert await host.closed() == 1000
    late = await place.socket()
    await late.send("hello", protocol=1, token="A" * 43)
    assert (await late.kind("goodbye"))["reason"] == "ended"


async def test_the_same_token_gives_the_same_person_back(place: Place, meeting: Meeting) -> None:
    ada = person_in(meeting)
    token = await place.token()
    first = await place.seated(token=token)
    said = ada.enrol("Ada")
    await first.ask("enrol", **ada.enrolling(said))
    await first.ask("join")
    second = await place.seated(token=token)
    assert (await first.kind("goodbye"))["reason"] == "replaced"
    assert await first.closed() == 1000
    welcome = await second.kind("welcome")
    assert welcome["person"] == encode(ada.id)
    await second.room_where(lambda room: room["you"]["state"] == "admitted")
    assert (await second.ask("enrol", **ada.enrolling(said)))["type"] == "ok"
    other = person_in(meeting)
    refused = await second.ask("enrol", **other.enrolling(other.enrol("Ada")))
    assert refused["error"]["code"] == "already-enrolled"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4400),
        ('{"type":"join"}', 4400),
        ('{"type":"hello","protocol":2,"token":"' + "A" * 43 + '"}', 4400),
        ('{"type":"hello","protocol":1,"token":"' + "A" * 43 + '"}', 4403),
        ('{"type":"hello","protocol":1,"token":"' + "!" * 43 + '"}', 4403),
    ],
)
async def test_a_bad_greeting_ends_it(place: Place, text: str, code: int) -> None:
    client = await place.socket()
    await client.ws.send_str(text)
    assert (await client.kind("error"))["error"]["code"]
    assert await client.closed() == code


async def test_silence_ends_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "HELLO_SECONDS", 0.05)
    assert await (await place.socket()).closed() == 4408


async def test_bytes_end_it(place: Place) -> None:
    client = await place.seated()
    await client.kind("welcome")
    await client.ws.send_bytes(b"\x00")
    assert await client.closed() == 4400


async def test_a_bad_message_is_refused_and_nothing_else(place: Place) -> None:
    client = await place.seated()
    await client.ws.send_str('{"type":"lock","id":5,"locked":"yes"}')
    refused = await client.kind("error")
    assert (refused["id"], refused["error"]["code"]) == (5, "bad-request")
    assert refused["error"]["field"] == "locked"
    assert (await client.ask("join"))["error"]["code"] == "not-enrolled"


async def test_a_flood_ends_it(place: Place) -> None:
    client = await place.seated()
    for _ in range(300):
        await client.send("join")
    assert await client.closed() == 4429


async def test_everybody_inside_hears_how_many_dispute_a_generation(
    place: Place, meeting: Meeting
) -> None:
    host = await place.inside(ada := person_in(meeting), "Ada", host=True)
    guest = await place.inside(ben := person_in(meeting), "Ben")
    for client, person in ((host, ada), (guest, ben)):
        said = wire(person.answer(Will.YES), answer=True)
        assert (await client.ask("answer", **said))["type"] == "ok"
    assert (await host.performs("arm", recording=True))["type"] == "ok"
    shown = await guest.kind("generation")
    header = encode(digest(decode(shown["header"])))
    seen = {"number": shown["number"], "header": header, "problem": "stranger"}
    for wrong, blamed in (
        ({"number": shown["number"] + 1}, "number"),
        ({"header": "A" * 43}, "header"),
        ({"header": header[:-1]}, None),
        ({"problem": "another"}, None),
    ):
        refused = await guest.ask("generation_seen", **(seen | wrong))
        assert refused["error"]["code"] == "bad-request"
        assert blamed is None or refused["error"]["field"] == blamed
    assert (await guest.ask("generation_seen", **seen))["type"] == "ok"
    # Nothing that was refused before was counted.
    assert (await host.room_where(lambda room: room["disputed_by"]))["disputed_by"] == 1
    assert [m["disputed_by"] for m in host.heard if m["type"] == "room"][-2:] == [0, 1]
    assert (await host.performs("arm", recording=False))["type"] == "ok"
    room = await host.room_where(lambda room: room["capture"] == "off")
    assert room["disputed_by"] == 0


async def test_every_message_is_carried_out_or_refused_for_a_reason(
    place: Place, meeting: Meeting
) -> None:
    host = await place.inside(ada := person_in(meeting), "Ada", host=True)
    for message in (
        m.Enrol("Ada", "A" * 43, "AA", "A" * 86, None),
        m.Answer("AA", "A" * 86),
        m.Join(),
        m.Publish("v=0", []),
        m.Describe(1, "v=0"),
        m.SubscribeAgain(),
        m.Muted("microphone", True),
        m.KeyFrame(encode(ada.id), "camera"),
        m.View([m.Shown(encode(ada.id), "camera", 180)]),
        m.GenerationSeen(1, "A" * 43, None),
        m.DrawDevice(),
        m.EndDevice(),
        m.Certify("AA", "A" * 86),
        m.Perform("AA", "A" * 86),
        m.Deny(encode(ada.id)),
        m.Lock(True),
        m.Disarm(),
        m.AskAgain(),
    ):
        said = msgspec.to_builtins(message)
        del said["id"]
        told = await host.ask(said.pop("type"), **said)
        assert told["type"] == "ok" or told["error"]["code"] in {
            "bad-request",
            "bad-sdp",
            "bad-statement",
            "already-enrolled",
        }, said
