"""What holds for every route, whatever it does: headers, origin, form, limits, silence."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from assent.errors import refusals
from assent.web import Context, bodies, build
from assent.web.accounts import Accounts
from assent.web.headers import security_headers
from assent.web.limits import RATES, Limit
from assent.web.middleware import CROSS_ORIGIN
from assent.web.pages import PAGES
from support import migrated
from support.browser import ORIGIN, Answer, Browser

PROTOCOL = Path(__file__).parents[3] / "server" / "PROTOCOL.md"
EXAMPLES = {
    "{id}": "A" * 22,
    "{digest}": "A" * 43,
    "{meeting}": "A" * 22,
    "{path}": "nowhere",
    "{level}": "0",
    "{page}": "invitation",
    "{number}": "0",
    "{rest}": "%23AAAA",
    "{name}": "A" * 22,
}


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """What holds for routes does not depend on the database; one kind will do."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


def all_routes() -> list[tuple[str, str]]:
    """Return method and template of every route, from PROTOCOL.md."""
    found = re.findall(r"^\| `(GET|POST) (/\S+)` \|", PROTOCOL.read_text(), re.MULTILINE)
    pages = [("GET", re.sub(r":[^}]+(?=})", "", path)) for path in PAGES]
    return [*found, *pages, ("GET", "/api/meetings/{id}/socket"), ("GET", "/{path}")]


def example(template: str) -> str:
    for name, value in EXAMPLES.items():
        template = template.replace(name, value)
    return template


def addresses() -> list[tuple[str, frozenset[str]]]:
    """Return every address with the methods it takes."""
    taken: dict[str, set[str]] = {}
    for method, template in all_routes():
        if template != "/{path}":
            taken.setdefault(template, set()).add(method)
            if method == "GET" and not template.endswith("/socket"):
                taken[template].add("HEAD")
    return [(template, frozenset(methods)) for template, methods in taken.items()]


POSTS = [path for method, path in all_routes() if method == "POST"]


def test_the_protocol_and_the_routes_are_the_same(parts: Context) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in build(parts).router.routes()
        if route.resource is not None and route.method != "HEAD"
        # Devices have a section of their own, and rules of their own: test_devices.py.
        if route.handler not in CROSS_ORIGIN
    }
    served.remove(("*", "/{path}"))  # whatever no other route has taken, by any method
    assert served | {("GET", "/{path}")} == set(all_routes())


@pytest.mark.parametrize(("template", "taken"), addresses())
async def test_a_method_that_an_address_does_not_take_is_told_which_it_does(
    browser: Browser, template: str, taken: frozenset[str]
) -> None:
    everything = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}
    for method in sorted(everything - taken):
        for headers in ({}, {"Origin": ORIGIN}, {"Accept": "text/html"}):
            answer = await browser.request(method, example(template), headers=headers)
            assert answer.status == 405, (method, headers)
            assert {name.strip() for name in answer.headers["Allow"].split(",")} == taken
            if method != "HEAD":
                assert answer.code == "method-not-allowed"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
async def test_an_address_that_nobody_knows_is_unknown_by_any_method(
    browser: Browser, method: str
) -> None:
    answer = await browser.request(method, "/api/nowhere", headers={"Origin": ORIGIN})
    assert (answer.status, answer.code) == (404, "not-found")


async def send(browser: Browser, method: str, path: str, **headers: str) -> Answer:
    if method == "GET":
        return await browser.get(path, **headers)
    return await browser.post(path, **headers)


@pytest.mark.parametrize(("method", "template"), all_routes())
async def test_every_answer_has_the_headers(browser: Browser, method: str, template: str) -> None:
    expected = security_headers(browser.parts.settings)
    answers = [
        await send(browser, method, example(template)),
        await browser.request("PUT", example(template), headers={"Origin": ORIGIN}),
        await browser.request("DELETE", example(template)),
        await browser.request(
            "OPTIONS", example(template), headers={"Origin": "https://e.example"}
        ),
    ]
    for answer in answers:
        for name, value in expected.items():
            assert answer.headers[name] == value, name
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert "aiohttp" not in str(answer.headers)
        if answer.headers["Content-Type"] == "application/json":
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("template", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost:80800"},
        {"Referer": ORIGIN + "/"},
        {"Host": "localhost:8080", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_nothing_changes_without_our_own_origin(
    browser: Browser, template: str, headers: dict[str, str]
) -> None:
    answer = await browser.request("POST", example(template), json={}, headers=headers)
    assert (answer.status, answer.code) == (403, "bad-origin")


async def test_two_origins_are_none(browser: Browser) -> None:
    headers = [("Origin", ORIGIN), ("Origin", "https://evil.example")]
    answer = await browser.request("POST", "/api/sign-in", json={}, headers=headers)
    assert answer.code in ("bad-origin", None)
    assert answer.status in (400, 403)


@pytest.fixture
async def signed_in(browser: Browser) -> Browser:
    await browser.become("administrator")
    return browser


BAD_BODIES: list[tuple[bytes, str]] = [
    (b"nonsense", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b'{"a":1}', "application/json"),
    (b"[" * 60_000, "application/json"),
    (b"\xff\xfe\x00", "application/json"),
    (b"{}", "text/plain"),
    (b"a=1", "application/x-www-form-urlencoded"),
    (b"{}", "application/json; charset=utf-16"),
]


@pytest.mark.parametrize("template", POSTS)
async def test_every_form_that_is_none_is_refused_and_named(
    signed_in: Browser, template: str
) -> None:
    for body, kind in BAD_BODIES:
        answer = await signed_in.request(
            "POST",
            example(template),
            data=body,
            headers={"Origin": ORIGIN, "Content-Type": kind},
        )
        if body == b"{}" and "json" in kind:
            assert answer.status < 500
            continue
        assert (answer.status, answer.code) == (400, "bad-request"), (body[:20], kind)
        if "sign-out" in template:
            assert (await signed_in.get("/api/me")).json["account"] is not None


@pytest.mark.parametrize("template", POSTS)
async def test_every_body_has_a_limit(signed_in: Browser, template: str) -> None:
    answer = await signed_in.request(
        "POST",
        example(template),
        data=b'{"x":"' + b"x" * bodies.MAX_BODY + b'"}',
        headers={"Origin": ORIGIN, "Content-Type": "application/json"},
    )
    assert (answer.status, answer.code) == (413, "too-large")


async def test_a_body_without_an_announced_length_has_it_too(browser: Browser) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 16_384

    answer = await browser.request(
        "POST",
        "/api/sign-in",
        data=endless(),
        headers={"Origin": ORIGIN, "Content-Type": "application/json"},
    )
    assert (answer.status, answer.code) == (413, "too-large")


async def test_a_body_that_does_not_come_is_not_waited_for(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    hold = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await hold.wait()

    async with asyncio.timeout(60):
        answer = await browser.request(
            "POST",
            "/api/sign-in",
            data=slow(),
            headers={"Origin": ORIGIN, "Content-Type": "application/json"},
        )
    hold.set()
    assert (answer.status, answer.code) == (400, "bad-request")


@pytest.mark.parametrize(("method", "template"), all_routes())
async def test_every_error_is_one_of_the_protocol(
    browser: Browser, method: str, template: str
) -> None:
    answer = await send(browser, method, example(template))
    if answer.status >= 400 and answer.json is not None and "error" in answer.json:
        assert answer.code in refusals()
        assert refusals()[answer.code].status == answer.status
        assert answer.json["error"]["message"]


async def test_floods_are_told_to_wait(browser: Browser) -> None:
    for _ in range(RATES[Limit.REQUEST].burst):
        browser.parts.limiter.take(Limit.REQUEST, "127.0.0.1")
    answer = await browser.get("/healthz")
    assert (answer.status, answer.code) == (429, "rate-limited")
    assert answer.headers["Retry-After"] == "1"


class Broken(Accounts):
    """What no part of a server should do, with what must not come out."""

    async def of_session(self, secret: bytes) -> Any:
        raise RuntimeError("hunter2 " + secret.hex())


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    capture = LogCapture()
    structlog.configure(processors=[capture], cache_logger_on_first_use=False)
    yield capture.entries
    structlog.reset_defaults()


async def test_our_mistakes_are_logged_and_not_told(parts: Context, logged: list[Any]) -> None:
    broken = Broken(parts.database, parts.clock)
    async with Browser.of(dataclasses.replace(parts, accounts=broken)) as browser:
        answer = await browser.request(
            "GET", "/api/me", headers={"Cookie": f"__Host-assent={'A' * 43}"}
        )
    assert (answer.status, answer.code) == (500, "internal")
    assert b"hunter2" not in answer.body
    assert b"Error" not in answer.body
    assert "Content-Security-Policy" in answer.headers
    failed = [entry for entry in logged if entry["event"] == "request-failed"]
    assert [entry["route"] for entry in failed] == ["/api/me"]


async def test_the_log_names_routes_and_nothing_of_people(
    browser: Browser, logged: list[Any]
) -> None:
    await browser.become("administrator", "ada-lovelace")
    made = await browser.create_meeting(title="Secret plans")
    meeting, secret = made["meeting"]["id"], made["link"].door
    await browser.post(f"/api/meetings/{meeting}/seat", {"door": secret})
    await browser.get(f"/m/{meeting}?ref={secret}", User_Agent="spy/1.0")
    await browser.get("/secret-path/ada-lovelace")
    await browser.request("BREW", "/api/me", headers={"Origin": ORIGIN})
    text = str(logged)
    typed = ("ada", "Secret plans", "spy", "secret-path", "BREW")
    for private in (meeting, secret, "127.0.0.1", *typed):
        assert private not in text, private
    requests = [entry for entry in logged if entry["event"] == "request"]
    assert {"/api/meetings/{id}/seat", "/m/{meeting}"} <= {entry["route"] for entry in requests}
    assert all(entry["ms"] >= 0 and entry["status"] for entry in requests)
