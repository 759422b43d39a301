"""What people do over HTTP: refusals of the hall come through, and sockets are guarded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp import WSServerHandshakeError

from assent.web.limits import RATES, Limit
from assent_vault.formats.suite import encode
from support import migrated
from support.browser import ORIGIN, Browser
from support.people import Person, make_meeting, person_in


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """Nothing here depends on the database; one kind will do."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


def someone() -> Person:
    return person_in(make_meeting())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"signature": "AA", "sealed": None}, "statement"),
        ({"statement": "AA", "sealed": None}, "signature"),
        ({"statement": "AA", "signature": "AA"}, "sealed"),
        ({"statement": "A", "signature": "AA", "sealed": None}, "statement"),
        ({"statement": "AA", "signature": "A=", "sealed": None}, "signature"),
        ({"statement": "AA", "signature": "AA", "sealed": "A"}, "sealed"),
        ({"statement": "AA", "signature": "AA", "sealed": 5}, "sealed"),
    ],
)
async def test_an_answer_of_the_wrong_form(
    browser: Browser, body: dict[str, object], field: str
) -> None:
    answer = await browser.post("/api/answers", body)
    assert (answer.status, answer.code, answer.field) == (400, "bad-request", field)


async def test_an_answer_that_is_no_statement(browser: Browser) -> None:
    body = {"statement": encode(b"{}"), "signature": encode(bytes(64)), "sealed": None}
    answer = await browser.post("/api/answers", body)
    assert (answer.status, answer.code) == (422, "bad-statement")


async def test_an_answer_to_no_meeting_of_ours(browser: Browser) -> None:
    person = someone()
    person.enrol()
    said = person.answer("no")
    answer = await browser.post(
        "/api/answers",
        {"statement": encode(said.body), "signature": encode(said.signature), "sealed": None},
    )
    assert (answer.status, answer.code) == (404, "meeting-not-found")


async def test_a_receipt_that_is_no_request(browser: Browser) -> None:
    answer = await browser.post("/api/receipt", {"request": "AA", "signature": "AA"})
    assert (answer.status, answer.code) == (422, "bad-statement")
    answer = await browser.post("/api/receipt", {"request": "AA"})
    assert (answer.status, answer.field) == (400, "signature")


async def test_a_receipt_of_a_long_time_ago(browser: Browser) -> None:
    request = someone().receipt_request(at=1)
    answer = await browser.post(
        "/api/receipt", {"request": encode(request.body), "signature": encode(request.signature)}
    )
    assert (answer.status, answer.code, answer.field) == (422, "bad-statement", "at")


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/answers", Limit.ANSWER),
        ("/api/receipt", Limit.RECEIPT),
        (f"/api/meetings/{'A' * 22}/seat", Limit.SEAT),
    ],
)
async def test_each_has_its_limit(browser: Browser, path: str, limit: Limit) -> None:
    for _ in range(RATES[limit].burst):
        browser.parts.limiter.take(limit, "127.0.0.1")
    answer = await browser.post(path)
    assert (answer.status, answer.code) == (429, "rate-limited")
    assert int(answer.headers["Retry-After"]) >= 1


async def a_meeting(browser: Browser) -> str:
    await browser.become("host")
    made = await browser.create_meeting()
    return f"/api/meetings/{made['meeting']['id']}/socket"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8081"},
        {"Origin": "https://localhost:8080"},
        {"Origin": ORIGIN + ".evil.example"},
        {"Origin": ORIGIN + "/"},
        {"Origin": ORIGIN.upper()},
    ],
)
async def test_a_socket_from_elsewhere_is_refused(
    browser: Browser, headers: dict[str, str]
) -> None:
    path = await a_meeting(browser)
    with pytest.raises(WSServerHandshakeError) as caught:
        async with browser.client.ws_connect(path, headers=headers):
            pass
    assert caught.value.status == 403


async def test_a_socket_of_ours_is_opened_and_its_first_word_checked(browser: Browser) -> None:
    path = await a_meeting(browser)
    async with browser.client.ws_connect(path, headers={"Origin": ORIGIN}) as socket:
        await socket.send_str("nonsense")
        async with asyncio.timeout(60):
            while not socket.closed:
                frame = await socket.receive()
                if frame.type is aiohttp.WSMsgType.CLOSE:
                    break
        assert socket.close_code == 4400


async def test_a_socket_with_a_seat_nobody_has(browser: Browser) -> None:
    path = await a_meeting(browser)
    async with browser.client.ws_connect(path, headers={"Origin": ORIGIN}) as socket:
        await socket.send_json({"type": "hello", "protocol": 1, "token": "A" * 43})
        async with asyncio.timeout(60):
            frame = await socket.receive()
            assert frame.type is aiohttp.WSMsgType.TEXT
            assert '"bad-token"' in frame.data
            await socket.receive()
        assert socket.close_code == 4403


async def test_open_sockets_of_one_client_are_bounded(browser: Browser) -> None:
    path = await a_meeting(browser)
    open_ones = []
    for _ in range(5):
        open_ones.append(await browser.client.ws_connect(path, headers={"Origin": ORIGIN}))
    with pytest.raises(WSServerHandshakeError) as caught:
        await browser.client.ws_connect(path, headers={"Origin": ORIGIN})
    assert caught.value.status == 429
    for socket in open_ones:
        await socket.close()


async def test_the_socket_is_no_page(browser: Browser) -> None:
    path = await a_meeting(browser)
    answer = await browser.get(path, Origin=ORIGIN)
    assert (answer.status, answer.code) == (400, "bad-request")
