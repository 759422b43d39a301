"""Signing in and out over HTTP."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher

from assent.web import Context, Passwords, known_browsers
from assent.web.auth import COOKIE
from assent.web.limits import RATES, Limit, Rate
from assent_vault.formats.suite import decode, encode
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


async def test_guessing_from_one_place_is_slowed(
    browser: Browser, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess = {"login": "ada", "password": "wrong"}
    monkeypatch.setitem(RATES, Limit.GUESS, RATES[Limit.SIGN_IN])  # type: ignore[index]
    for _ in range(RATES[Limit.SIGN_IN].burst):
        assert (await browser.post("/api/sign-in", guess)).code == "wrong-credentials"
    answer = await browser.post("/api/sign-in", guess)
    assert (answer.status, answer.code) == (429, "rate-limited")
    clock.pass_(int(answer.headers["Retry-After"]))
    assert (await browser.post("/api/sign-in", guess)).code == "wrong-credentials"


@pytest.fixture
async def proxied(parts: Context) -> AsyncIterator[Browser]:
    """Give a browser behind a proxy that is believed, so that a test can say where one is."""
    settings = dataclasses.replace(
        parts.settings, trusted_proxies=(ipaddress.ip_network("127.0.0.1"),)
    )
    async with Browser.of(dataclasses.replace(parts, settings=settings)) as browser:
        yield browser


async def sign_in(browser: Browser, where: str, login: str, password: str = "wrong") -> str | None:
    body = {"login": login, "password": password}
    return (await browser.post("/api/sign-in", body, X_Forwarded_For=where)).code


def lax(monkeypatch: pytest.MonkeyPatch, *limits: Limit) -> None:
    for limit in limits:
        monkeypatch.setitem(RATES, limit, Rate(10**6, 0.001))  # type: ignore[index]


async def test_whoever_guesses_keeps_nobody_out_but_themselves(
    proxied: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    lax(monkeypatch, Limit.SIGN_IN)
    await proxied.become("administrator", "ada")
    async with proxied.another() as stranger, proxied.another() as elsewhere:
        for _ in range(RATES[Limit.GUESS].burst):
            assert await sign_in(stranger, "198.51.100.7", "ada") == "wrong-credentials"
        assert await sign_in(stranger, "198.51.100.7", "ada") == "rate-limited"
        assert await sign_in(stranger, "198.51.100.7", "ada", PASSWORD) == "rate-limited"
        # Nobody else is held up, on a browser that was never here before, either.
        assert await sign_in(elsewhere, "198.51.100.8", "ada", PASSWORD) is None


async def test_ones_own_browser_is_never_locked_out_by_others(proxied: Browser) -> None:
    """Not by guesses from everywhere at once, and not by some from the same address."""
    await proxied.become("administrator", "ada")
    await proxied.post("/api/sign-out")
    async with proxied.another() as stranger:
        for number in range(RATES[Limit.LOGIN].burst // RATES[Limit.GUESS].burst):
            for _ in range(RATES[Limit.GUESS].burst):
                await sign_in(stranger, f"198.51.{number // 200}.{number % 200}", "ada")
        assert await sign_in(stranger, "203.0.113.9", "ada", PASSWORD) == "rate-limited"
        here = "203.0.113.5"
        for number in range(2 * RATES[Limit.SIGN_IN].burst):
            await sign_in(stranger, here, f"somebody{number}")
        assert await sign_in(stranger, here, "bob") == "rate-limited"
        assert await sign_in(proxied, here, "ada", PASSWORD) is None


async def test_a_flood_of_requests_holds_up_no_known_browser_of_the_same_address(
    proxied: Browser,
) -> None:
    await proxied.become("host", "ada")
    async with proxied.another() as stranger:
        for _ in range(RATES[Limit.REQUEST].burst):
            proxied.parts.limiter.take(Limit.REQUEST, "203.0.113.5")
        flooded = await stranger.get("/api/me", X_Forwarded_For="203.0.113.5")
        assert flooded.code == "rate-limited"
        assert (await proxied.get("/api/me", X_Forwarded_For="203.0.113.5")).status == 200


async def test_a_known_browser_does_not_guess_for_ever_either(
    proxied: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    lax(monkeypatch, Limit.SIGN_IN)
    await proxied.become("host", "ada")
    codes = [
        await sign_in(proxied, "203.0.113.5", "ada")
        for _ in range(RATES[Limit.KNOWN].burst + RATES[Limit.GUESS].burst + 1)
    ]
    assert codes[-2:] == ["wrong-credentials", "rate-limited"]


async def test_it_is_known_for_the_account_that_was_signed_in(proxied: Browser) -> None:
    await proxied.become("host", "bob")
    async with proxied.another() as other:
        await other.become("host", "ada")
        for _ in range(RATES[Limit.GUESS].burst):
            proxied.parts.limiter.take(Limit.GUESS, "203.0.113.5 ada")
        assert await sign_in(proxied, "203.0.113.5", "ada", PASSWORD) == "rate-limited"
        assert await sign_in(other, "203.0.113.5", "ada", PASSWORD) is None


async def test_a_browser_may_be_that_of_several_people(proxied: Browser) -> None:
    for login in ("ada", "bob", "eve"):
        await proxied.become("host", login)
    for login in ("ada", "bob", "eve"):
        for _ in range(RATES[Limit.GUESS].burst):
            proxied.parts.limiter.take(Limit.GUESS, f"203.0.113.5 {login}")
        assert await sign_in(proxied, "203.0.113.5", login, PASSWORD) is None


async def test_the_cookie_of_a_known_browser_signs_nobody_in_and_cannot_be_made(
    proxied: Browser,
) -> None:
    account = await proxied.become("host", "ada")
    jar = proxied.client.session.cookie_jar.filter_cookies(proxied.client.make_url("/"))
    value = jar[known_browsers.COOKIE].value
    token = decode(value)
    assert token[:16] == decode(account["id"])
    for _ in range(RATES[Limit.GUESS].burst):
        proxied.parts.limiter.take(Limit.GUESS, "127.0.0.1 ada")
    body = {"login": "ada", "password": PASSWORD}
    forged = [
        "", ".", "." * 400, "A" * 86, value[:-1], value + "A", "é", value.swapcase(),
        encode(token[:16] + bytes(48)), encode(bytes(16) + token[16:]),
        *(encode(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]) for at in range(64)),
    ]  # fmt: skip
    async with proxied.another() as thief:
        cookie = f"{known_browsers.COOKIE}={value}"
        answer = await thief.request("GET", "/api/me", headers={"Cookie": cookie})
        assert answer.json == {"account": None}
        for each in forged:
            answer = await thief.post(
                "/api/sign-in", body, Cookie=f"{known_browsers.COOKIE}={each}"
            )
            assert answer.code == "rate-limited", each
        answer = await thief.post("/api/sign-in", body, Cookie=cookie)
        assert answer.status == 200
        morsel = answer.cookies[known_browsers.COOKIE]
        assert (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["path"]) == (
            True, True, "Strict", "/",
        )  # fmt: skip
        assert morsel["domain"] == ""


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


async def test_a_clock_that_is_set_back_makes_no_session_last(
    browser: Browser, clock: ManualClock
) -> None:
    account = await browser.become("host")
    clock.unix_ms -= 10 * 365 * 24 * 3_600_000
    assert (await browser.get("/api/me")).json == {"account": None}
    clock.unix_ms += 10 * 365 * 24 * 3_600_000
    assert (await browser.get("/api/me")).json == {"account": account}  # and lost nothing


async def test_a_clock_in_doubt_forgets_no_session(browser: Browser, clock: ManualClock) -> None:
    account = await browser.become("host", "ada")
    async with browser.another() as other:
        await other.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        clock.unix_ms += 100 * 24 * 3_600_000
        clock.doubt = 100 * 24 * 3600
        async with browser.another() as third:
            await third.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        clock.unix_ms -= 100 * 24 * 3_600_000
        clock.doubt = 0
        assert (await other.get("/api/me")).json == {"account": account}
    assert (await browser.get("/api/me")).json == {"account": account}
