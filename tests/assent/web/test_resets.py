"""Accounts that are shut out, and passwords that are set anew by a link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from sqlalchemy import func, select

from assent.web import Context
from assent.web.resets import RESET_MS
from assent_vault.formats import charter as charters
from assent_vault.formats.suite import decode, encode
from assent_vault.store import models
from support.browser import ORIGIN, PASSWORD, Answer, Browser
from support.clock import ManualClock
from support.people import Person

ANOTHER = "entirely different words"


async def hosted(browser: Browser) -> tuple[Browser, dict[str, Any]]:
    """Return the browser of a host who is signed in, and their account."""
    await browser.become("administrator")
    host = browser.another()
    await host.__aenter__()
    await host.become("host")
    return host, (await host.get("/api/me")).json["account"]


async def link(browser: Browser, account: str) -> str:
    answer = await browser.post(f"/api/admin/accounts/{account}/reset")
    assert answer.status == 200, answer.json
    url: str = answer.json["url"]
    assert url.startswith("http://localhost:8080/password#")
    return url.partition("#")[2]


async def sign_in(browser: Browser, login: str, password: str) -> int:
    answer = await browser.post("/api/sign-in", {"login": login, "password": password})
    return answer.status


async def test_a_link_sets_the_password_once(browser: Browser) -> None:
    host, account = await hosted(browser)
    token = await link(browser, account["id"])
    async with browser.another() as lost, browser.another() as thief:
        shown = await lost.post("/api/password/inspect", {"token": token})
        assert (shown.json["login"], shown.json["role"]) == (account["login"], "host")
        answer = await lost.post("/api/password", {"token": token, "password": ANOTHER})
        assert answer.json["account"]["id"] == account["id"]
        assert (await lost.get("/api/me")).json["account"]["id"] == account["id"]
        # Every other browser is signed out, and the link has had its day.
        assert (await host.get("/api/me")).json == {"account": None}
        answer = await thief.post("/api/password", {"token": token, "password": ANOTHER + "!"})
        assert (answer.status, answer.code) == (403, "bad-token")
        assert (await thief.post("/api/password/inspect", {"token": token})).code == "bad-token"
        assert await sign_in(thief, account["login"], PASSWORD) == 401
        assert await sign_in(thief, account["login"], ANOTHER) == 200
    await host.__aexit__(None, None, None)


async def test_a_link_ends_and_one_that_was_changed_is_none(
    browser: Browser, clock: ManualClock
) -> None:
    host, account = await hosted(browser)
    me = (await browser.get("/api/me")).json["account"]
    token = decode(await link(browser, account["id"]))
    forged = [
        token[:-1] + bytes([token[-1] ^ 1]),
        token[:-1],
        token + b"\0",
        decode(me["id"]) + token[16:],  # another's
        token[:16] + (2**60).to_bytes(8, "big") + token[24:],  # for ever
        bytes(56),
    ]
    for each in forged:
        answer = await host.post("/api/password", {"token": encode(each), "password": ANOTHER})
        assert (answer.status, answer.code) == (403, "bad-token")
        clock.pass_(60)
    clock.pass_(RESET_MS / 1000)
    answer = await host.post("/api/password", {"token": encode(token), "password": ANOTHER})
    assert answer.code == "bad-token"
    await host.__aexit__(None, None, None)


@pytest.mark.parametrize(
    ("password", "code"),
    [("short", "weak-password"), ("123456789012", "weak-password"), ("x" * 300, "bad-request")],
)
async def test_a_password_that_will_not_do_leaves_the_link_good(
    browser: Browser, password: str, code: str
) -> None:
    host, account = await hosted(browser)
    token = await link(browser, account["id"])
    answer = await host.post("/api/password", {"token": token, "password": password})
    assert (answer.code, answer.field) == (code, "password")
    assert (await host.get("/api/me")).json["account"] is not None
    answer = await host.post("/api/password", {"token": token, "password": ANOTHER})
    assert answer.status == 200
    await host.__aexit__(None, None, None)


async def test_who_is_shut_out_is_out_everywhere(browser: Browser, parts: Context) -> None:
    host, account = await hosted(browser)
    place = f"/api/admin/accounts/{account['id']}"
    token = await link(browser, account["id"])
    secret, _ = await parts.accounts.invite("host", account["id"])
    answer = await browser.post(f"{place}/disabled", {"disabled": True})
    assert answer.json["account"]["disabled"] is True
    assert (await host.get("/api/me")).json == {"account": None}
    assert await sign_in(host, account["login"], PASSWORD) == 401
    for path, body in (
        ("/api/password", {"token": token, "password": ANOTHER}),
        ("/api/invitations/inspect", {"token": encode(secret)}),
    ):
        assert (await host.post(path, body)).code == "bad-token"
    assert (await browser.post(f"{place}/reset")).code == "not-found"
    answer = await browser.post(f"{place}/disabled", {"disabled": False})
    assert answer.json["account"]["disabled"] is False
    assert (await host.get("/api/me")).json == {"account": None}
    assert await sign_in(host, account["login"], PASSWORD) == 200
    await host.__aexit__(None, None, None)


async def shut(browser: Browser, account: str, disabled: bool = True) -> None:
    path = f"/api/admin/accounts/{account}/disabled"
    assert (await browser.post(path, {"disabled": disabled})).status == 200


async def test_a_link_made_before_is_good_no_more_when_one_is_let_in_again(
    browser: Browser, clock: ManualClock
) -> None:
    host, account = await hosted(browser)
    token = await link(browser, account["id"])
    await shut(browser, account["id"])
    await shut(browser, account["id"], False)
    for path, body in (
        ("/api/password/inspect", {"token": token}),
        ("/api/password", {"token": token, "password": ANOTHER}),
    ):
        assert (await host.post(path, body)).code == "bad-token"
    token = await link(browser, account["id"])
    assert (await host.post("/api/password", {"token": token, "password": ANOTHER})).status == 200
    await host.__aexit__(None, None, None)


async def test_what_was_not_begun_of_ones_exports_is_not(browser: Browser, parts: Context) -> None:
    host, account = await hosted(browser)
    await host.__aexit__(None, None, None)
    other = (await browser.get("/api/me")).json["account"]["id"]
    async with parts.database.write() as session:
        for number, (who, state) in enumerate(
            [
                (account["id"], "requested"),
                (account["id"], "running"),
                (other, "requested"),
                (account["id"], "proposed"),
                (other, "requested"),
                (other, "running"),
            ]
        ):
            session.add(
                models.ExportRow(
                    id=encode(bytes([number]) * 16), state=state, requested_by=who, requested_at=1,
                    approved_by=account["id"] if number > 3 else None,
                    meetings_done=0, meetings_total=0,
                )
            )  # fmt: skip
    await shut(browser, account["id"])
    async with parts.database.read() as session:
        rows = await session.execute(
            select(models.ExportRow.state, models.ExportRow.error).order_by(models.ExportRow.id)
        )
        assert [tuple(row) for row in rows] == [
            ("failed", "account-disabled"), ("running", None), ("requested", None),
            ("failed", "account-disabled"), ("failed", "account-disabled"), ("running", None),
        ]  # fmt: skip


@pytest.fixture
async def media(parts: Context) -> AsyncIterator[None]:
    """Have somebody carry the media of meetings."""
    services = parts.hall._services
    await services.media.start()  # type: ignore[attr-defined]
    yield
    await parts.hall.stop()
    await services.media.stop()  # type: ignore[attr-defined]


async def converse(page: Browser, meeting: str, token: str) -> ClientWebSocketResponse:
    socket = await page.client.ws_connect(
        f"/api/meetings/{meeting}/socket", headers={"Origin": ORIGIN, "Host": "localhost:8080"}
    )
    await socket.send_json({"type": "hello", "protocol": 1, "token": token})
    return socket


async def heard(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while True:
                said: dict[str, Any] = await socket.receive_json()
                if said["type"] == kind:
                    return said
    raise AssertionError(f"{kind} was never said")


async def enter(page: Browser, meeting: str, seat: dict[str, Any]) -> ClientWebSocketResponse:
    """Enrol and ask to be let in."""
    socket = await converse(page, meeting, seat["token"])
    await heard(socket, "welcome")
    charter = charters.parse(decode(seat["charter"]))
    person = Person(charter, None)
    said = person.enrol(notice=encode(charter.notices["en"]))
    for number, message in enumerate(
        [
            {"type": "enrol", **person.enrolling(said)},
            {"type": "join"},
        ]
    ):
        await socket.send_json({**message, "id": number})
        await heard(socket, "ok")
    return socket


@pytest.mark.usefixtures("media")
async def test_meetings_of_who_is_shut_out_end_or_stay_closed(
    browser: Browser, parts: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.web.meetings.VAULT_SECONDS", 0.0)
    host, account = await hosted(browser)
    running, waiting, later = [await host.create_meeting() for _ in range(3)]
    ids = [each["meeting"]["id"] for each in (running, waiting, later)]
    guest = browser.another()
    await guest.__aenter__()

    async def seat(made: dict[str, Any]) -> Answer:
        path = f"/api/meetings/{made['meeting']['id']}/seat"
        return await guest.post(path, {"door": made["link"].door})

    hosts_seat = (await host.post(f"/api/meetings/{ids[0]}/host-seat")).json
    inside = [
        await enter(host, ids[0], hosts_seat),
        await enter(guest, ids[0], (await seat(running)).json),
    ]
    before = (await seat(waiting)).json
    door = await converse(guest, ids[1], before["token"])
    await heard(door, "welcome")

    await shut(browser, account["id"])
    for socket in inside:
        assert (await heard(socket, "goodbye"))["reason"] == "ended"
    # Who is at the door of one not begun comes back, and is told.
    assert (await heard(door, "goodbye"))["reason"] == "restarting"
    refused = await heard(await converse(guest, ids[1], before["token"]), "error")
    assert refused["error"]["code"] == "meeting-closed"
    assert (await seat(running)).code == "meeting-over"
    assert [(await seat(made)).code for made in (waiting, later)] == ["meeting-closed"] * 2
    assert (await host.post(f"/api/meetings/{ids[1]}/host-seat")).code == "not-signed-in"

    await shut(browser, account["id"], False)
    assert (await seat(running)).code == "meeting-over"  # for good
    await heard(await converse(guest, ids[1], before["token"]), "welcome")
    for socket in (*inside, door):
        await socket.close()
    await guest.__aexit__(None, None, None)
    await host.__aexit__(None, None, None)


@pytest.mark.usefixtures("media")
async def test_a_host_who_comes_in_at_that_moment_does_not(
    browser: Browser, parts: Context
) -> None:
    """The last look at the account is in the transaction that lets somebody in."""
    host, account = await hosted(browser)
    made = await host.create_meeting()
    meeting = made["meeting"]["id"]
    seat = (await host.post(f"/api/meetings/{meeting}/host-seat")).json
    socket = await converse(host, meeting, seat["token"])
    await heard(socket, "welcome")
    charter = charters.parse(decode(seat["charter"]))
    person = Person(charter, None)
    said = person.enrol(notice=encode(charter.notices["en"]))
    await socket.send_json({"type": "enrol", **person.enrolling(said)})
    await heard(socket, "ok")
    # The row alone, before anything that follows from it.
    assert await parts.accounts.set_disabled(account["id"], disabled=True) is not None
    await socket.send_json({"type": "join"})
    assert (await heard(socket, "error"))["error"]["code"] == "meeting-closed"
    await socket.close()
    await host.__aexit__(None, None, None)


async def test_what_is_over_is_forgotten(
    browser: Browser, parts: Context, clock: ManualClock
) -> None:
    """Invitations used and unused, and sessions of whoever does not come again."""
    await browser.become("administrator")
    assert (await browser.post("/api/invitations", {"role": "host"})).status == 200

    async def left() -> list[int]:
        async with parts.database.read() as session:
            return [
                await session.scalar(select(func.count()).select_from(table)) or 0
                for table in (models.InvitationRow, models.LoginSessionRow)
            ]

    await parts.accounts.forget_expired()
    assert await left() == [2, 1]
    clock.pass_(8 * 24 * 3600)
    await parts.accounts.forget_expired()
    assert await left() == [0, 0]


async def test_nobody_shuts_themselves_out(browser: Browser) -> None:
    """So there is always an administrator: whoever shuts out the others stays."""
    await browser.become("administrator")
    me = (await browser.get("/api/me")).json["account"]
    answer = await browser.post(f"/api/admin/accounts/{me['id']}/disabled", {"disabled": True})
    assert answer.code == "forbidden"
    assert (await browser.get("/api/me")).json["account"] == me


@pytest.mark.parametrize(("what", "body"), [("reset", None), ("disabled", {"disabled": True})])
async def test_only_administrators_may(
    browser: Browser, what: str, body: dict[str, object] | None
) -> None:
    host, account = await hosted(browser)
    path = f"/api/admin/accounts/{account['id']}/{what}"
    assert (await host.post(path, body)).code == "forbidden"
    async with browser.another() as stranger:
        assert (await stranger.post(path, body)).code == "not-signed-in"
    nobody = f"/api/admin/accounts/{'A' * 22}/{what}"
    assert (await browser.post(nobody, body)).code == "not-found"
    await host.__aexit__(None, None, None)


async def test_lists_come_in_pages(browser: Browser, parts: Context) -> None:
    await browser.become("administrator")
    me = (await browser.get("/api/me")).json["account"]["id"]
    async with parts.database.write() as session:
        for number in range(25):
            session.add(
                models.AccountRow(
                    id=encode(bytes([number]) * 16),
                    name=f"N{number}",
                    login=f"login{number}",
                    role="host",
                    password_hash="x",
                    created_at=1000 + number // 4,  # several at a time
                )
            )
    seen: list[str] = []
    after: str | None = None
    pages = 0
    while pages == 0 or after is not None:
        query = "?limit=7" + (f"&after={after}" if after else "")
        answer = await browser.get(f"/api/admin/accounts{query}")
        seen += [row["id"] for row in answer.json["accounts"]]
        after = answer.json["after"]
        pages += 1
        if pages == 2:  # one more comes in meanwhile, and nothing is shown twice or left out
            async with parts.database.write() as session:
                session.add(
                    models.AccountRow(
                        id="z" * 22,
                        name="Late",
                        login="late",
                        role="host",
                        password_hash="x",
                        created_at=10**15,
                    )
                )
    assert pages == 4
    assert sorted(seen) == sorted([me, *(encode(bytes([number]) * 16) for number in range(25))])


@pytest.mark.parametrize("path", ["admin/meetings", "admin/exports", "admin/accounts", "meetings"])
async def test_what_is_no_page_is_refused(browser: Browser, path: str) -> None:
    await browser.become("administrator")
    assert (await browser.get(f"/api/{path}")).json["after"] is None
    for query, field in (
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("limit=-1", "limit"),
        ("after=x", "after"),
        ("after=1.%27", "after"),
        ("after=" + "9" * 30 + ".a", "after"),
    ):
        answer = await browser.get(f"/api/{path}?{query}")
        assert (answer.code, answer.field) == ("bad-request", field)
