"""Invitations over HTTP: who may make them, and that each is good once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assent.web.limits import RATES, Limit
from support.browser import PASSWORD, Browser


async def invited(browser: Browser, role: str = "host") -> str:
    answer = await browser.post("/api/invitations", {"role": role})
    assert answer.status == 200, answer.json
    url: str = answer.json["url"]
    assert url.startswith("http://localhost:8080/invitation#")
    return url.partition("#")[2]


def acceptance(token: str, changes: Mapping[str, object] | None = None) -> dict[str, object]:
    body = {"token": token, "name": "Bob", "login": "bob", "password": PASSWORD}
    return {**body, **(changes or {})}


async def test_an_administrator_invites_a_host(browser: Browser) -> None:
    await browser.become("administrator")
    token = await invited(browser)
    async with browser.another() as guest:
        answer = await guest.post("/api/invitations/inspect", {"token": token})
        assert answer.json["role"] == "host"
        answer = await guest.post("/api/invitations/accept", acceptance(token))
        assert answer.json["account"]["role"] == "host"
        assert (await guest.get("/api/me")).json == answer.json
        assert (await guest.post("/api/invitations", {"role": "host"})).code == "forbidden"


async def test_a_link_is_good_once(browser: Browser) -> None:
    await browser.become("administrator")
    token = await invited(browser)
    async with browser.another() as guest, browser.another() as late:
        await guest.post("/api/invitations/accept", acceptance(token))
        answer = await late.post("/api/invitations/accept", acceptance(token, {"login": "eve"}))
        assert (answer.status, answer.code) == (403, "bad-token")
        assert (await late.post("/api/invitations/inspect", {"token": token})).code == "bad-token"
        assert (await late.get("/api/me")).json == {"account": None}


async def test_only_administrators_invite(browser: Browser) -> None:
    answer = await browser.post("/api/invitations", {"role": "administrator"})
    assert (answer.status, answer.code) == (401, "not-signed-in")
    await browser.become("host")
    answer = await browser.post("/api/invitations", {"role": "administrator"})
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"name": ""}, 400, "bad-request", "name"),
        ({"name": "\u202e"}, 400, "bad-request", "name"),
        ({"name": "x" * 65}, 400, "bad-request", "name"),
        ({"login": "b"}, 400, "bad-request", "login"),
        ({"login": "b ob"}, 400, "bad-request", "login"),
        ({"login": "administrator"}, 409, "login-taken", "login"),
        ({"password": "short"}, 422, "weak-password", "password"),
        ({"password": "123456789012"}, 422, "weak-password", "password"),
        ({"password": "x" * 300}, 400, "bad-request", "password"),
        (
            {"login": "bob-the-tall", "password": "Bob-The-Tall"},
            422,
            "weak-password",
            "password",
        ),
        ({"token": "?"}, 400, "bad-request", "token"),
        ({"token": "AAAA"}, 403, "bad-token", None),
        ({"role": "administrator"}, 400, "bad-request", None),
    ],
)
async def test_what_is_wrong_is_named_and_the_link_stays_good(
    browser: Browser, changes: dict[str, object], status: int, code: str, field: str | None
) -> None:
    await browser.become("administrator")
    token = await invited(browser)
    async with browser.another() as guest:
        answer = await guest.post("/api/invitations/accept", acceptance(token, changes))
        assert (answer.status, answer.code, answer.field) == (status, code, field)
        assert (await guest.get("/api/me")).json == {"account": None}
        answer = await guest.post("/api/invitations/accept", acceptance(token))
        assert answer.status == 200


async def test_guessing_links_is_slowed(browser: Browser) -> None:
    for number in range(RATES[Limit.INVITATION].burst):
        route = ("inspect", "accept")[number % 2]
        body = acceptance("AAAA") if number % 2 else {"token": "AAAA"}
        answer = await browser.post(f"/api/invitations/{route}", body)
        assert answer.code == "bad-token"
    for route in ("inspect", "accept"):
        assert (await browser.post(f"/api/invitations/{route}", {})).code == "rate-limited"


async def test_an_administrator_cannot_flood_the_table(browser: Browser) -> None:
    await browser.become("administrator")
    for _ in range(RATES[Limit.INVITE].burst):
        await invited(browser)
    answer = await browser.post("/api/invitations", {"role": "host"})
    assert answer.code == "rate-limited"
