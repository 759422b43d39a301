"""WHIP and WHEP over real HTTP and real media, with a client that is no browser."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from assent.clock import SystemClock
from assent.errors import NotAdmitted
from assent.meeting.relay import Relay
from assent.web import build, devices
from assent.web.middleware import CROSS_ORIGIN
from assent_vault.formats.statement import Will
from assent_vault.store.database import Database
from support.browser import make_context
from support.clock import ManualClock
from support.meetings import Browser, Scene, hall_of, until, write_meeting
from support.migrated import copy_sqlite
from support.people import Person, make_meeting, person_in
from support.rtc import Picture, Tone
from support.whip import SDP, Device, device

FRAGMENT = "application/trickle-ice-sdpfrag"
TESTS = Path(__file__).parents[2]
OFFERS = TESTS / "assent" / "media" / "offers"


@dataclass
class Place:
    """A meeting with Ada, the host, and Bob, who has a device."""

    scene: Scene
    base: str
    http: aiohttp.ClientSession
    stack: AsyncExitStack
    ada: Person
    bob: Person
    adas: Browser
    bobs: Browser

    def draw(self, whose: Browser) -> str:
        return whose.live.devices.draw(whose.live.person(whose))[0]

    async def device(self, protocol: str, token: str) -> Device:
        path = f"/{protocol}/{self.scene.id}"
        return await self.stack.enter_async_context(device(self.http, self.base, path, token))


@pytest.fixture
async def place(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(migrated_file, tmp_path, recording=True) as place:
        yield place


@pytest.fixture
async def never_recorded(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(migrated_file, tmp_path, recording=False) as place:
        yield place


@asynccontextmanager
async def opened(migrated_file: Path, tmp_path: Path, *, recording: bool) -> AsyncIterator[Place]:
    database = Database(copy_sqlite(migrated_file, tmp_path / "assent.db"))
    meeting = make_meeting(recording=recording, training=recording)
    await write_meeting(database, meeting)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        scene = await stack.enter_async_context(hall_of(database, tmp_path / "objects", meeting))
        # The hall is the scene's; the rest of the program only has to be there.
        other = Database(copy_sqlite(migrated_file, tmp_path / "other.db"))
        stack.push_async_callback(other.close)
        parts = await make_context(other, tmp_path / "parts", ManualClock())
        server = TestServer(build(dataclasses.replace(parts, hall=scene.hall)))
        await server.start_server()
        stack.push_async_callback(server.close)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        ada, bob = person_in(meeting), person_in(meeting)
        adas, bobs = await scene.browser("ada", host=True), await scene.browser("bob")
        await adas.enter(ada, "Ada")
        await bobs.enter(bob, "Bob")
        base = str(server.make_url("")).rstrip("/")
        yield Place(scene, base, http, stack, ada, bob, adas, bobs)


async def test_a_device_is_seen_and_sees(place: Place) -> None:
    token, hosts = place.draw(place.bobs), place.draw(place.adas)
    encoder, screen = await place.device("whip", token), await place.device("whep", hosts)
    answer = await encoder.publish(Tone(), Picture())
    assert answer.status == 201
    assert answer.headers["Content-Type"].startswith(SDP)
    assert answer.headers["ETag"].strip('"') in answer.text
    assert encoder.session.startswith(f"/whip/{place.scene.id}/")
    assert (await screen.watch("audio", "video")).status == 201
    assert len(await screen.frames("video", 10)) == 10
    assert len(await screen.frames("audio", 10)) == 10
    sources = {track.source for track in place.bobs.live.media.room.tracks()}
    assert sources == {"device-microphone", "device-camera"}
    # Its owner is who it is, to everybody.
    people = {one.person: one.sources for one in place.adas.live.room_view().people}
    assert sorted(map(len, people.values())) == [0, 2]
    assert (await encoder.end()).status == 200
    assert (await encoder.end()).status == 404
    assert place.bobs.live.media.room.tracks() == []


@asynccontextmanager
async def ffmpeg(
    place: Place, profile: str, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Have Bob's encoder, which is FFmpeg, publish."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "support.ffmpeg_whip"),
        *(f"{place.base}/whip/{place.scene.id}/", place.draw(place.bobs), profile, folder),
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("profile", ["baseline", "main"])
async def test_ffmpeg_publishes_to_a_meeting_that_is_never_recorded(
    never_recorded: Place, profile: str, tmp_path: Path
) -> None:
    """By its own WHIP muxer: it is passive in DTLS, and the address ends with a slash."""
    place = never_recorded
    room = place.bobs.live.media.room
    async with ffmpeg(place, profile, tmp_path) as process:
        if profile == "main":
            # Not every browser decodes it: FFmpeg is told so, and its log says what it was told.
            said, _ = await process.communicate()
            assert b"4XX" in said
            assert room.tracks() == []
            return
        await until(lambda: len(room.tracks()) == 2)
        assert {(track.source, track.codec) for track in room.tracks()} == {
            ("device-microphone", "opus"),
            ("device-camera", "h264"),
        }
        screen = await place.device("whep", place.draw(place.adas))
        assert (await screen.watch("audio", "video")).status == 201
        pictures = await screen.frames("video", 10)
        assert {(frame.width, frame.height) for frame in pictures} == {(320, 240)}
        assert len(await screen.frames("audio", 10)) == 10


async def test_in_a_meeting_that_may_be_recorded_ffmpeg_is_told_why_not(place: Place) -> None:
    encoder = await place.device("whip", place.draw(place.bobs))
    offer = (OFFERS / "obs.sdp").read_text()
    answer = await encoder.ask("POST", encoder.path, offer, Content_Type=SDP)
    assert answer.status == 422
    assert "may be recorded" in answer.text
    assert "VP8" in answer.text


@pytest.mark.parametrize("name", ["obs", "gstreamer", "ffmpeg"])
async def test_offers_of_common_encoders_are_taken(never_recorded: Place, name: str) -> None:
    place = never_recorded
    encoder = await place.device("whip", place.draw(place.bobs))
    offer = (OFFERS / f"{name}.sdp").read_text()
    answer = await encoder.ask("POST", encoder.path + "/", offer, Content_Type=SDP)
    assert answer.status == 201, answer.text
    assert answer.text.count("a=recvonly") == 2
    assert ("a=setup:active" in answer.text) == (name == "ffmpeg")
    assert (await encoder.ask("DELETE", answer.headers["Location"] + "/")).status == 200


async def test_an_address_of_nothing_is_not_found(place: Place) -> None:
    """And nothing is said about origins, which an encoder has none of."""
    encoder = await place.device("whip", place.draw(place.bobs))
    for path in ("/whip/", "/whip//x", "/whip/a/b/c", "/whep/x y"):
        answer = await encoder.ask("POST", path, "v=0", Content_Type=SDP)
        assert (answer.status, '"not-found"' in answer.text) == (404, True), (path, answer.text)


async def test_its_owner_is_told_what_a_device_does(place: Place) -> None:
    def told() -> tuple[str, ...] | None:
        live = place.bobs.live
        return live.devices.doing(live.person(place.bobs).id)

    assert told() is None
    token = place.draw(place.bobs)
    assert told() == ()
    encoder, screen = await place.device("whip", token), await place.device("whep", token)
    await encoder.publish(Tone())
    assert told() == ("device",)
    await screen.watch("audio")
    assert told() == ("device", "view")
    await encoder.end()
    assert told() == ("view",)
    place.bobs.live.devices.end(place.bobs.live.person(place.bobs).id)
    assert told() is None


async def test_a_device_without_its_owners_yes_pauses_capture_like_its_owner(place: Place) -> None:
    await place.adas.says(place.ada.answer(recording=Will.YES))
    await place.adas.arms()
    assert place.adas.capture == "paused"
    encoder = await place.device("whip", place.draw(place.bobs))
    assert (await encoder.publish(Tone())).status == 201
    room = place.adas.live.media.room
    await until(lambda: any(track.source == "device-microphone" for track in room.tracks()))
    assert (place.adas.capture, room.tap) == ("paused", None)
    await place.bobs.says(place.bob.answer(recording=Will.YES))
    await until(lambda: place.adas.capture == "recording" and room.tap is not None)
    await place.bobs.says(place.bob.answer(recording=Will.WITHDRAWN))
    assert (place.adas.capture, room.tap) == ("paused", None)


async def test_a_device_ends_when_its_owner_leaves(place: Place) -> None:
    token = place.draw(place.bobs)
    encoder, screen = await place.device("whip", token), await place.device("whep", token)
    await encoder.publish(Tone())
    await screen.watch("audio")
    await place.bobs.live.admission.leave(place.bobs.live.person(place.bobs))
    assert place.adas.live.media.room.tracks() == []
    assert (await encoder.ask("DELETE", encoder.session)).status == 401
    again = await place.device("whip", token)
    assert (await again.publish(Tone())).status == 401


async def test_who_is_not_inside_draws_nothing(place: Place) -> None:
    live = place.bobs.live
    person = live.person(place.bobs)
    await live.admission.leave(person)
    with pytest.raises(NotAdmitted):
        live.devices.draw(person)


async def test_a_new_token_ends_the_old_device(place: Place) -> None:
    encoder = await place.device("whip", place.draw(place.bobs))
    await encoder.publish(Tone())
    place.draw(place.bobs)
    assert place.bobs.live.media.room.tracks() == []
    assert (await encoder.ask("PATCH", encoder.session)).status == 401


@pytest.mark.parametrize("protocol", ["whip", "whep"])
async def test_without_the_token_nothing_is_told(place: Place, protocol: str) -> None:
    place.draw(place.bobs)
    wrong = ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer " + "A" * 43, "Bearer " + "A" * 5000]
    for meeting, header in product((place.scene.id, "no-such-meeting"), wrong):
        async with place.http.post(
            f"{place.base}/{protocol}/{meeting}", data="v=0", headers={"Authorization": header}
        ) as raw:
            assert raw.status == 401, header
            assert raw.headers["WWW-Authenticate"].startswith("Bearer")
            assert (await raw.json())["error"]["code"] == "bad-token"


async def test_the_session_belongs_to_its_token(place: Place) -> None:
    encoder = await place.device("whip", place.draw(place.bobs))
    await encoder.publish(Tone())
    thief = await place.device("whip", place.draw(place.adas))
    assert (await thief.ask("DELETE", encoder.session)).status == 404
    as_viewer = encoder.session.replace("/whip/", "/whep/")
    assert (await encoder.ask("DELETE", as_viewer)).status == 404
    assert len(place.bobs.live.media.room.tracks()) == 1


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("v=0", "text/plain", 400, "bad-request"),
        ("v=0", SDP, 422, "bad-sdp"),
        ("x" * 70_000, SDP, 413, "too-large"),
        ("", SDP, 422, "bad-sdp"),
    ],
)
async def test_a_bad_offer_changes_nothing(
    place: Place, body: str, kind: str, status: int, code: str
) -> None:
    encoder = await place.device("whip", place.draw(place.bobs))
    await encoder.publish(Tone())
    answer = await encoder.ask("POST", encoder.path, body, Content_Type=kind)
    assert answer.status == status
    assert f'"{code}"' in answer.text
    assert len(place.bobs.live.media.room.tracks()) == 1


async def test_candidates_are_taken_and_ice_restarts(place: Place) -> None:
    encoder = await place.device("whip", place.draw(place.bobs))
    answer = await encoder.publish(Tone())
    fragment = f"a=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 24}\r\n"
    ask, kind, tag = encoder.ask, FRAGMENT, answer.headers["ETag"]
    path = encoder.session
    assert (await ask("PATCH", path, fragment, Content_Type=kind)).status == 428
    assert (await ask("PATCH", path, fragment, Content_Type=SDP, If_Match=tag)).status == 400
    assert (await ask("PATCH", path, "x", Content_Type=kind, If_Match=tag)).status == 400
    assert (await ask("PATCH", path, fragment, Content_Type=kind, If_Match='"old"')).status == 412
    assert (await ask("PATCH", path, fragment, Content_Type=kind, If_Match=tag)).status == 204
    again = await ask("PATCH", path, fragment, Content_Type=kind, If_Match="*")
    assert again.status == 200
    assert again.headers["ETag"] != tag
    assert "a=ice-ufrag:" in again.text
    assert "a=candidate:" in again.text
    assert (await ask("PATCH", path, fragment, Content_Type=kind, If_Match=tag)).status == 412


async def test_pages_from_elsewhere_may_ask(place: Place) -> None:
    path = f"/whip/{place.scene.id}"
    async with place.http.options(place.base + path, headers={"Origin": "https://x"}) as raw:
        assert raw.status == 204
        assert raw.headers["Access-Control-Allow-Origin"] == "*"
        assert "Authorization" in raw.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in raw.headers
        assert raw.headers["Accept-Post"] == SDP
    for method in ("GET", "PUT", "DELETE"):
        async with place.http.request(method, place.base + path) as raw:
            assert raw.status == 405
            assert raw.headers["Allow"] == "POST, OPTIONS"


async def test_the_operators_relays_are_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay(["turn:relay.example.org"], "s" * 32)
    services = dataclasses.replace(place.scene.hall._services, relay=relay)
    monkeypatch.setattr(place.scene.hall, "_services", services)
    encoder = await place.device("whip", place.draw(place.bobs))
    link = (await encoder.publish(Tone())).headers["Link"]
    assert link.startswith('<turn:relay.example.org>; rel="ice-server"; username="')
    assert 'credential-type="password"' in link


async def test_tokens_are_not_logged(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    token = place.draw(place.bobs)
    encoder = await place.device("whip", token)
    await encoder.publish(Tone())
    await encoder.end()
    said = capsys.readouterr()
    assert token not in said.out + said.err
    assert encoder.session.rpartition("/")[2] not in said.out + said.err


def test_only_these_routes_take_requests_from_elsewhere() -> None:
    routes = devices.routes()
    assert {route.handler for route in routes} == CROSS_ORIGIN
    assert {route.path.split("/")[1] for route in routes} == {"whip", "whep"}


def test_the_protocol_names_them() -> None:
    text = (Path(devices.__file__).parents[2] / "PROTOCOL.md").read_text()
    said = set(re.findall(r"^\| `(POST|PATCH|DELETE)` \| `(/wh[ie]p/\S+)` \|", text, re.MULTILINE))
    served = {
        (
            route.method,
            re.sub(r"\{(\w+):[^}]*\}\}", r"{\1}", route.path.removesuffix("{slash:/?}")),
        )
        for route in devices.routes()
        if route.method in ("POST", "PATCH", "DELETE")
    }
    assert said == served


async def test_a_token_is_of_no_use_while_its_owner_is_not_inside(place: Place) -> None:
    """However somebody may have come by it: leaving ends it, and this is the second lock."""
    live = place.bobs.live
    person = live.person(place.bobs)
    await live.admission.leave(person)
    token, _ = live.devices._passes.draw(person.id, SystemClock().now())
    encoder = await place.device("whip", token)
    answer = await encoder.publish(Tone())
    assert answer.status == 409
    assert '"not-admitted"' in answer.text
