"""Signing in and out over HTTP."""

from __future__ import annotations

import dataclasses
import ipaddress

import pytest
from argon2 import PasswordHasher

from assent.web import Context, Passwords
from assent.web.auth import COOKIE
from assent.web.limits import RATES, Limit
from support.browser import ORIGIN, PASSWORD, Browser
from support.clock import ManualClock


async def test_nobody_is_signed_in_at_first(browser: Browser) -> None:
    answer = await browser.get("/api/me")
    assert (answer.status, answer.json) == (200, {"account": None})


async def test_signing_in_and_out(browser: Browser) -> None:
    account = await browser.become("host", "Ada")
    assert account["login"] == "ada"
    async with browser.another() as other:
        answer = await other.post("/api/sign-in", {"login": " ADA ", "password": PASSWORD})
        assert (answer.status, answer.json) == (200, {"account": account})
        assert (await other.get("/api/me")).json == {"account": account}
        assert (await other.post("/api/sign-out")).json == {}
        assert (await other.get("/api/me")).json == {"account": None}
        assert (await other.post("/api/sign-out")).code == "not-signed-in"
    assert (await browser.get("/api/me")).json == {"account": account}  # another session


async def test_a_session_that_was_closed_cannot_be_used_again(browser: Browser) -> None:
    await browser.become("host")
    stolen = browser.client.session.cookie_jar.filter_cookies(browser.client.make_url("/"))
    value = stolen[COOKIE].value
    await browser.post("/api/sign-out")
    answer = await browser.request("GET", "/api/me", headers={"Cookie": f"{COOKIE}={value}"})
    assert answer.json == {"account": None}


async def test_the_cookie_is_as_strict_as_cookies_can_be(browser: Browser) -> None:
    await browser.become("host", "ada")
    answer = await browser.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
    morsel = answer.cookies[COOKIE]
    assert morsel["secure"] is True
    assert morsel["httponly"] is True
    assert morsel["samesite"] == "Strict"
    assert morsel["path"] == "/"
    assert morsel["domain"] == ""


async def test_signing_in_again_is_a_new_session_and_ends_the_old(browser: Browser) -> None:
    await browser.become("host", "ada")
    url = browser.client.make_url("/")
    jar = browser.client.session.cookie_jar
    before = jar.filter_cookies(url)[COOKIE].value
    await browser.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
    after = jar.filter_cookies(url)[COOKIE].value
    assert before != after
    async with browser.another() as thief:
        answer = await thief.request("GET", "/api/me", headers={"Cookie": f"{COOKIE}={before}"})
        assert answer.json == {"account": None}


async def test_an_unknown_login_looks_like_a_wrong_password(browser: Browser) -> None:
    await browser.become("host", "ada")
    wrong = await browser.post("/api/sign-in", {"login": "ada", "password": "wrong"})
    unknown = await browser.post("/api/sign-in", {"login": "eve", "password": "wrong"})
    assert (wrong.status, wrong.code) == (401, "wrong-credentials")
    assert (unknown.status, unknown.json) == (wrong.status, wrong.json)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"login": "ada"}, "password"),
        ({"password": "x"}, "login"),
        ({"login": 1, "password": "x"}, "login"),
        ({"login": "a", "password": "x"}, "login"),
        ({"login": "ada", "password": None}, "password"),
    ],
)
async def test_a_wrong_form_is_blamed_on_its_field(
    browser: Browser, body: dict[str, object], field: str
) -> None:
    answer = await browser.post("/api/sign-in", body)
    assert (answer.status, answer.code, answer.field) == (400, "bad-request", field)


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 2000, "é"])
async def test_cookies_that_are_none_sign_nobody_in(browser: Browser, cookie: str) -> None:
    answer = await browser.request("GET", "/api/me", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert answer.json == {"account": None}


async def test_guessing_from_one_place_is_slowed(browser: Browser, clock: ManualClock) -> None:
    guess = {"login": "ada", "password": "wrong"}
    for _ in range(RATES[Limit.SIGN_IN].burst):
        assert (await browser.post("/api/sign-in", guess)).code == "wrong-credentials"
    answer = await browser.post("/api/sign-in", guess)
    assert (answer.status, answer.code) == (429, "rate-limited")
    clock.pass_(int(answer.headers["Retry-After"]))
    assert (await browser.post("/api/sign-in", guess)).code == "wrong-credentials"


async def test_guessing_one_login_from_many_places_is_slowed(
    parts: Context, clock: ManualClock
) -> None:
    settings = dataclasses.replace(
        parts.settings, trusted_proxies=(ipaddress.ip_network("127.0.0.1"),)
    )
    async with Browser.of(dataclasses.replace(parts, settings=settings)) as browser:
        await browser.become("host", "bob")

        async def guess(number: int, login: str, password: str = "wrong") -> str | None:
            answer = await browser.post(
                "/api/sign-in",
                {"login": login, "password": password},
                X_Forwarded_For=f"198.51.{number // 200}.{number % 200}",
            )
            return answer.code

        for number in range(RATES[Limit.LOGIN].burst):
            assert await guess(number, "ada") == "wrong-credentials"
        assert await guess(1000, "ada") == "rate-limited"
        assert await guess(1000, "bob", PASSWORD) is None  # nobody else is held up


async def test_a_hash_of_older_parameters_is_renewed(parts: Context) -> None:
    async with Browser.of(parts) as browser:
        account = await browser.become("host", "ada")
    newer = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    async with Browser.of(dataclasses.replace(parts, passwords=Passwords(newer))) as browser:
        before = await parts.accounts.credentials("ada")
        answer = await browser.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        assert answer.json == {"account": account}
        after = await parts.accounts.credentials("ada")
        assert before is not None
        assert after is not None
        assert before[1] != after[1]
        answer = await browser.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        assert answer.status == 200


async def test_nothing_of_a_request_names_our_origin_but_the_header(browser: Browser) -> None:
    answer = await browser.request(
        "POST", "/api/sign-in", json={"login": "ada", "password": "x"}, headers={"Referer": ORIGIN}
    )
    assert (answer.status, answer.code) == (403, "bad-origin")
