"""Accounts that are shut out, and passwords that are set anew by a link."""

from __future__ import annotations

from typing import Any

import pytest

from assent.web import Context
from assent.web.resets import RESET_MS
from assent_vault import models
from assent_vault.suite import decode, encode
from support.browser import PASSWORD, Browser
from support.clock import ManualClock

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
    ("password", "code"), [("short", "weak-password"), ("x" * 300, "bad-request")]
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
                models.Account(
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
                    models.Account(
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
