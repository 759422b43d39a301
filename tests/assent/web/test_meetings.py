"""Meetings over HTTP: making, listing, a new link, the end; and taking a seat in them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete

from assent.web import Context, meetings
from assent.web.limits import RATES, Limit
from assent_vault.formats import charter as charters
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.store import models
from support.browser import Browser
from support.clock import ManualClock
from support.rooms import Link, compose, make_room

HOUR = 3600
TRAINING_ALONE = make_room(vault=bytes([2]) * 32, server=bytes([3]) * 32).body.replace(
    b'"recording":true', b'"recording":false'
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here; the test that is about waiting sets its own patience."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


def body_of(action: str, door: str = "A" * 43) -> dict[str, str]:
    return {"door": door} if action in ("link", "seat") else {}


async def row_of(parts: Context, meeting: str) -> models.MeetingRow:
    async with parts.database.read() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
        return row


async def test_a_meeting_is_made_with_its_charter(browser: Browser, clock: ManualClock) -> None:
    await browser.become("host")
    made = await browser.create_meeting(
        title="  Weekly   talk ", recording=True, training=True, waiting_room=True, lifetime_hours=3
    )
    meeting = made["meeting"]
    assert meeting == {
        "id": meeting["id"],
        "title": "Weekly talk",
        "created_at": clock.now(),
        "expires_at": clock.now() + 3 * HOUR * 1000,
        "started_at": None,
        "ended_at": None,
        "locked": False,
        "recording": True,
        "training": True,
        "waiting_room": True,
    }
    row = await row_of(browser.parts, meeting["id"])
    charter = charters.parse(row.charter)
    assert encode(charter.meeting) == meeting["id"]
    assert (charter.recording, charter.training, charter.waiting_room) == (True, True, True)
    assert charter.server == browser.parts.server_key
    assert dict(charter.notices) == dict(browser.parts.notices.current.texts)
    assert charter.notice_version == browser.parts.notices.current.version
    info = (await browser.get("/api/info")).json
    assert encode(charter.vault) == info["vault_identity"]
    assert encode(charter.server) == info["server_key"]
    assert row.retain_until == row.expires_at + 90 * 24 * HOUR * 1000


async def test_of_a_link_the_server_has_a_digest_of_what_opens_the_door(browser: Browser) -> None:
    await browser.become("host")
    made = await browser.create_meeting()
    link: Link = made["link"]
    row = await row_of(browser.parts, made["meeting"]["id"])
    assert (row.door_hash, row.link_ordinal) == (link.door_hash, 1)
    assert charters.parse(row.charter).room == link.room == digest(row.room)
    seat = await browser.post(f"/api/meetings/{row.id}/seat", {"door": link.door})
    assert (decode(seat.json["room"]), seat.json["ordinal"]) == (row.room, 1)
    for secret in (link.secret, link.brought, decode(link.door)):
        for value in vars(row).values():
            assert value not in (secret, encode(secret))
        for said in (seat.json, (await browser.get("/api/meetings")).json):
            assert encode(secret) not in str(said)


@pytest.mark.parametrize(
    "changes",
    [
        {"vault": bytes([2]) * 32},
        {"server": bytes([2]) * 32},
        {"retention_days": 89},
        {"cooling_off_seconds": 366 * 24 * 3600},
    ],
)
async def test_a_room_that_allows_less_than_the_server_would_do_is_refused(
    browser: Browser, changes: dict[str, Any]
) -> None:
    await browser.become("host")
    terms = (await browser.get("/api/meetings/terms")).json
    fits = {name: terms[name] for name in ("retention_days", "cooling_off_seconds")}
    fits |= {name: decode(terms[name]) for name in ("vault", "server")}
    for given, code in ((fits, None), (fits | changes, "other-terms")):
        body = {"title": "T", "lifetime_hours": 1, "door": "A" * 43}
        body["room"] = encode(make_room(**given).body)
        assert (await browser.post("/api/meetings", body)).code == code
    assert len((await browser.get("/api/meetings")).json["meetings"]) == 1


async def test_a_room_that_is_to_be_end_to_end_is_refused(browser: Browser) -> None:
    await browser.become("host")
    terms = (await browser.get("/api/meetings/terms")).json
    wish = {"title": "T", "lifetime_hours": 1, "recording": False, "training": False}
    body, _ = compose(terms | {"mode": "end-to-end"}, wish | {"waiting_room": False})
    answer = await browser.post("/api/meetings", body)
    assert (answer.status, answer.code, answer.field) == (400, "mode-not-offered", "room")
    assert (await browser.get("/api/meetings")).json == {"meetings": [], "after": None}


async def test_who_may_keep_for_longer_and_wait_for_less_is_promised_what_is_set(
    browser: Browser,
) -> None:
    """A room is a bound, and the charter is what is done."""
    await browser.become("host")
    terms = (await browser.get("/api/meetings/terms")).json
    wide = make_room(
        vault=decode(terms["vault"]), server=decode(terms["server"]), retention_days=36_500
    )
    body = {"title": "T", "lifetime_hours": 1, "door": "A" * 43, "room": encode(wide.body)}
    made = (await browser.post("/api/meetings", body)).json["meeting"]
    charter = charters.parse((await row_of(browser.parts, made["id"])).charter)
    assert charter.retention_days == terms["retention_days"] < wide.retention_days
    assert charter.cooling_off_seconds == terms["cooling_off_seconds"]


async def test_one_sees_ones_own_newest_first(browser: Browser, clock: ManualClock) -> None:
    await browser.become("host", "ada")
    first = await browser.create_meeting(title="First")
    clock.pass_(1)
    second = await browser.create_meeting(title="Second")
    assert (await browser.get("/api/meetings")).json == {
        "meetings": [second["meeting"], first["meeting"]],
        "after": None,
    }
    async with browser.another() as other:
        assert (await other.get("/api/meetings")).code == "not-signed-in"
        await other.become("administrator", "eve")
        assert (await other.get("/api/meetings")).json == {"meetings": [], "after": None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \u202e "}, "title"),
        ({"title": "x" * 65}, "title"),
        ({"title": 7}, "title"),
        ({"room": None}, "room"),
        ({"room": ""}, "room"),
        ({"room": "="}, "room"),
        ({"room": encode(b"{}")}, "room"),
        ({"room": encode(TRAINING_ALONE)}, "room"),
        ({"door": None}, "door"),
        ({"door": ""}, "door"),
        ({"door": "A" * 42}, "door"),
        ({"door": "A" * 42 + "="}, "door"),
        ({"recording": True}, None),
        ({"lifetime_hours": 0}, "lifetime_hours"),
        ({"lifetime_hours": 9000}, "lifetime_hours"),
        ({"lifetime_hours": "1"}, "lifetime_hours"),
        ({"secret": "mine"}, None),
    ],
)
async def test_what_is_wrong_is_named_and_makes_nothing(
    browser: Browser, changes: dict[str, Any], field: str | None
) -> None:
    await browser.become("host")
    body, _ = await browser.compose()
    answer = await browser.post("/api/meetings", {**body, **changes})
    assert (answer.status, answer.code, answer.field) == (400, "bad-request", field)
    assert (await browser.get("/api/meetings")).json == {"meetings": [], "after": None}


async def test_meetings_need_an_account(browser: Browser) -> None:
    assert (await browser.get("/api/meetings/terms")).code == "not-signed-in"
    for path in ("/api/meetings", "/api/meetings/x/link", "/api/meetings/x/end"):
        assert (await browser.post(path)).code == "not-signed-in"


async def test_without_a_vault_there_is_no_charter(browser: Browser) -> None:
    await browser.become("host")
    body, _ = await browser.compose()
    async with browser.parts.database.write() as session:
        await session.execute(delete(models.VaultIdentityRow))
    for answer in (
        await browser.post("/api/meetings", body),
        await browser.get("/api/meetings/terms"),
    ):
        assert (answer.status, answer.code) == (503, "vault-unavailable")
    assert (await browser.get("/api/meetings")).json == {"meetings": [], "after": None}


async def test_a_recordable_meeting_waits_for_its_key(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 60.0)
    await browser.become("host")
    making = asyncio.create_task(browser.create_meeting(recording=True))
    meeting = None
    async with asyncio.timeout(60):
        while meeting is None:
            listed = (await browser.get("/api/meetings")).json["meetings"]
            meeting = listed[0]["id"] if listed else None
    assert not making.done()
    async with browser.parts.database.write() as session:
        session.add(
            models.VaultKeyRow(
                meeting_id=meeting, certificate=b"c", signature=b"s" * 64, created_at=1
            )
        )
    assert (await making)["meeting"]["id"] == meeting


async def test_a_meeting_whose_key_does_not_come_is_made_all_the_same(browser: Browser) -> None:
    await browser.become("host")
    made = await browser.create_meeting(recording=True)
    assert made["meeting"]["recording"] is True


async def test_a_new_link_ends_the_old(browser: Browser) -> None:
    await browser.become("host")
    made = await browser.create_meeting()
    path = f"/api/meetings/{made['meeting']['id']}"
    old = made["link"]
    assert (await browser.post(f"{path}/seat", {"door": old.door})).status == 200
    new = Link(bytes(32), old.room)
    for wrong in ({}, {"door": ""}, {"door": "A"}, {"door": new.door + "="}):
        answer = await browser.post(f"{path}/link", wrong)
        assert (answer.code, answer.field) == ("bad-request", "door"), wrong
    body = {"door": encode(new.door_hash)}
    assert (await browser.post(f"{path}/link", body)).json == {"ordinal": 2}
    answer = await browser.post(f"{path}/seat", {"door": old.door})
    assert (answer.status, answer.code) == (403, "bad-token")
    seat = await browser.post(f"{path}/seat", {"door": new.door})
    assert (seat.status, seat.json["ordinal"]) == (200, 2)


async def test_nobody_but_the_host_may_end_it_or_renew_its_link(browser: Browser) -> None:
    await browser.become("host", "ada")
    path = f"/api/meetings/{(await browser.create_meeting())['meeting']['id']}"
    async with browser.another() as other:
        await other.become("host", "eve")
        for action in ("link", "end", "host-seat"):
            answer = await other.post(f"{path}/{action}", body_of(action))
            assert (answer.status, answer.code) == (403, "forbidden"), action
    assert (await browser.get("/api/meetings")).json["meetings"][0]["ended_at"] is None


async def test_an_administrator_can_end_any_meeting(browser: Browser) -> None:
    await browser.become("administrator")
    async with browser.another() as host, browser.another() as other:
        await host.become("host", "bo")
        await other.become("host", "cy")
        meeting = (await host.create_meeting())["meeting"]["id"]
        assert (await other.post(f"/api/meetings/{meeting}/end")).code == "forbidden"
        answer = await browser.post(f"/api/meetings/{meeting}/end")
        assert answer.status == 200
        assert answer.json["meeting"]["ended_at"] is not None
        # It is less that an administrator can do, and never more.
        for route in ("link", "host-seat"):
            meeting = (await host.create_meeting())["meeting"]["id"]
            assert (
                await browser.post(f"/api/meetings/{meeting}/{route}", body_of(route))
            ).code == "forbidden"
        assert (await host.post(f"/api/meetings/{meeting}/host-seat")).status == 200
    assert (await browser.post("/api/meetings/none/end")).code == "meeting-not-found"


async def test_a_meeting_that_is_over_is_over(browser: Browser, clock: ManualClock) -> None:
    await browser.become("host")
    made = await browser.create_meeting()
    path = f"/api/meetings/{made['meeting']['id']}"
    ended = (await browser.post(f"{path}/end")).json["meeting"]
    assert ended["ended_at"] == clock.now()
    clock.pass_(5)
    again = (await browser.post(f"{path}/end")).json["meeting"]
    assert again["ended_at"] == ended["ended_at"]
    for action in ("link", "seat", "host-seat"):
        answer = await browser.post(f"{path}/{action}", body_of(action, made["link"].door))
        assert (answer.status, answer.code) == (410, "meeting-over"), action


async def test_a_meeting_expires(browser: Browser, clock: ManualClock) -> None:
    await browser.become("host")
    made = await browser.create_meeting(lifetime_hours=1)
    path = f"/api/meetings/{made['meeting']['id']}"
    clock.pass_(HOUR)
    answer = await browser.post(f"{path}/seat", {"door": made["link"].door})
    assert answer.code == "meeting-over"
    assert (await browser.post(f"{path}/link", body_of("link"))).code == "meeting-over"


@pytest.mark.parametrize("action", ["link", "end", "seat", "host-seat"])
async def test_meetings_that_are_not(browser: Browser, action: str) -> None:
    await browser.become("host")
    body = body_of(action)
    answer = await browser.post(f"/api/meetings/{'A' * 22}/{action}", body)
    assert (answer.status, answer.code) == (404, "meeting-not-found")
    for strange in ("%00", "a%2Fb", "..%2F..", "A" * 65, "%F0%9F%98%80"):
        answer = await browser.post(f"/api/meetings/{strange}/{action}", body)
        assert (answer.status, answer.code) == (404, "not-found"), strange


@pytest.mark.parametrize("secret", ["AAAA", "A" * 43, "A", "A=", "é"])
async def test_a_seat_needs_what_opens_the_door(browser: Browser, secret: str) -> None:
    await browser.become("host")
    made = await browser.create_meeting()
    answer = await browser.post(f"/api/meetings/{made['meeting']['id']}/seat", {"door": secret})
    assert (answer.status, answer.code) == (403, "bad-token")


async def test_a_guest_takes_a_seat_without_an_account(browser: Browser) -> None:
    await browser.become("host")
    made = await browser.create_meeting()
    async with browser.another() as guest:
        path = f"/api/meetings/{made['meeting']['id']}/seat"
        seat = (await guest.post(path, {"door": made["link"].door})).json
        assert len(decode(seat["token"])) == 39
        assert seat["host"] is False
        assert seat["meeting"] == made["meeting"]
        assert charters.parse(decode(seat["charter"])).recording is False
        assert {notice["language"] for notice in seat["notices"]} == {"ar", "de", "en", "es", "fr"}
        second = (await guest.post(path, {"door": made["link"].door})).json
        assert second["token"] != seat["token"]
    host = (await browser.post(f"/api/meetings/{made['meeting']['id']}/host-seat")).json
    assert host["host"] is True


async def test_the_words_of_a_seat_can_be_fetched_by_digest(browser: Browser) -> None:
    await browser.become("host")
    made = await browser.create_meeting()
    path = f"/api/meetings/{made['meeting']['id']}/seat"
    seat = (await browser.post(path, {"door": made["link"].door})).json
    for notice in seat["notices"]:
        fetched = (await browser.get(f"/api/notices/{notice['digest']}")).json
        assert fetched["text"] == notice["text"]
        assert fetched["version"] == 1
    assert (await browser.get(f"/api/notices/{'A' * 43}")).code == "not-found"
    assert (await browser.get("/api/notices/A=")).code == "bad-request"


async def test_making_meetings_without_end_is_slowed(browser: Browser) -> None:
    await browser.become("host")
    for _ in range(RATES[Limit.CREATE].burst):
        await browser.create_meeting()
    assert (await browser.post("/api/meetings", {})).code == "rate-limited"
