"""Downloads of data sets: who may ask, what is passed on to whom, and what is written down."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from assent.web import Context
from assent_vault.formats import suite
from assent_vault.formats.objects import chunk_key
from assent_vault.store import download, models
from assent_vault.store.database import Database
from support.browser import Browser, make_context, make_vault
from support.clock import ManualClock

EXPORT = suite.encode(bytes(range(16)))
ASK = f"/api/admin/exports/{EXPORT}/download"
PATH = "/api/admin/downloads"
KEY = suite.xwing_public(bytes(32))


class Page:
    """An administrator's page, and what the worker does for it."""

    def __init__(self, browser: Browser, id_: str) -> None:
        self.browser, self.account, self.id = browser, id_, ""

    @property
    def path(self) -> str:
        return f"{PATH}/{self.id}"

    async def ask(self) -> dict[str, Any]:
        answer = await self.browser.post(ASK, {"key": suite.encode(KEY)})
        assert answer.status == 200, answer.json
        told: dict[str, Any] = answer.json["download"]
        self.id = told["id"]
        return told

    async def change(self, **values: Any) -> None:
        async with self.browser.parts.database.write() as session:
            row = models.DownloadRow
            await session.execute(update(row).where(row.id == self.id).values(**values))

    async def row(self) -> models.DownloadRow:
        async with self.browser.parts.database.read() as session:
            row = await session.get(models.DownloadRow, self.id)
        assert row is not None
        return row

    async def sealed(self, count: int, chunks: int = 3) -> None:
        """Have the worker seal so many."""
        for number in range(count):
            await self.browser.parts.hall.blobs.put(
                chunk_key(self.id, number), f"chunk {number}".encode() * 100_000
            )
        await self.change(state="running", octets=100, chunks=chunks, sealed=count)

    async def objects(self) -> list[str]:
        blobs = self.browser.parts.hall.blobs
        return sorted([key async for key, _ in blobs.list("downloads/")])


@pytest.fixture
async def parts(
    database: Database, tmp_path: Path, clock: ManualClock, request: pytest.FixtureRequest
) -> Context:
    """Give a server that hands out two at a time, with approvals where a test says so."""
    await make_vault(database)
    approvals = getattr(request, "param", "0")
    return await make_context(
        database, tmp_path, clock, export_downloads="2", export_approvals=approvals
    )


@pytest.fixture
async def pages(browser: Browser) -> AsyncIterator[list[Page]]:
    """Give the pages of three administrators, and a data set."""
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(browser.another()) for _ in range(2)]
        found = [
            Page(each, (await each.become("administrator", login))["id"])
            for login, each in zip(("ada", "ben", "cleo"), (browser, *others), strict=True)
        ]
        async with browser.parts.database.write() as session:
            session.add(
                models.ExportRow(id=EXPORT, state="done", requested_at=1, manifest_digest=bytes(32))
            )
        yield found


async def test_who_asks_gets_it_chunk_by_chunk(pages: list[Page]) -> None:
    ada = pages[0]
    told = await ada.ask()
    assert (told["state"], told["bytes"], told["sealed"]) == ("requested", None, 0)
    assert (await ada.row()).public_key == KEY
    assert (await ada.browser.get(f"{ada.path}/chunks/0")).code == "download-over"
    await ada.sealed(2)
    told = (await ada.browser.get(ada.path)).json["download"]
    assert (told["bytes"], told["chunks"], told["sealed"], told["taken"]) == (100, 3, 2, 0)
    answer = await ada.browser.get(f"{ada.path}/chunks/1")
    assert (answer.status, answer.body) == (200, b"chunk 1" * 100_000)
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await ada.browser.get(f"{ada.path}/chunks/2")).code == "not-found"
    # One after the other: what was written down goes, and is told again where an answer was lost.
    assert (await ada.browser.post(f"{ada.path}/taken", {"number": 1})).code == "bad-request"
    for _ in range(2):
        answer = await ada.browser.post(f"{ada.path}/taken", {"number": 0})
        assert answer.json["download"]["taken"] == 1
        assert await ada.objects() == [chunk_key(ada.id, 1)]
    assert (await ada.browser.get(f"{ada.path}/chunks/0")).code == "not-found"
    await ada.browser.post(f"{ada.path}/taken", {"number": 1})
    assert (await ada.browser.post(f"{ada.path}/taken", {"number": 2})).code == "bad-request"
    await ada.change(sealed=3)
    for _ in range(2):
        answer = await ada.browser.post(f"{ada.path}/taken", {"number": 2})
        assert answer.json["download"]["state"] == "done"
    row = await ada.row()
    assert (row.taken, row.finished_at is None) == (3, False)
    trail = (await ada.browser.get("/api/admin/audit")).json["events"]
    told = {
        each["what"]: (each["account"]["login"], each["detail"])
        for each in trail
        if each["what"] in ("download-asked", "data-set-fetched")
    }
    assert told == {"download-asked": ("ada", EXPORT), "data-set-fetched": ("ada", EXPORT)}


async def test_nobody_else_gets_it(pages: list[Page]) -> None:
    ada, ben, _ = pages
    await ada.ask()
    await ada.sealed(1)
    assert (await ben.browser.get(ada.path)).code == "not-found"
    assert (await ben.browser.get(f"{ada.path}/chunks/0")).code == "not-found"
    assert (await ben.browser.post(f"{ada.path}/taken", {"number": 0})).code == "not-found"
    assert (await ben.browser.post(f"{ada.path}/cancel")).code == "forbidden"
    async with ada.browser.another() as stranger:
        assert (await stranger.get(f"{ada.path}/chunks/0")).code == "not-signed-in"
        await stranger.become("host", "hugh")
        assert (await stranger.post(ASK, {"key": suite.encode(KEY)})).code == "forbidden"
        assert (await stranger.get(f"{ada.path}/chunks/0")).code == "forbidden"
    listed = (await ben.browser.get("/api/admin/exports")).json["exports"][0]["downloads"]
    assert [(each["id"], each["requested_by"]["id"]) for each in listed] == [(ada.id, ada.account)]


@pytest.mark.parametrize(
    "key",
    ["", "A", suite.encode(bytes(32)), suite.encode(KEY[:-1]), suite.encode(b"\xff" * 1216)],
)
async def test_a_key_that_cannot_be_sealed_to_is_named(pages: list[Page], key: str) -> None:
    answer = await pages[0].browser.post(ASK, {"key": key})
    assert (answer.status, answer.code, answer.json["error"]["field"]) == (
        400,
        "bad-request",
        "key",
    )


async def test_what_is_no_data_set_is_not_handed_out(pages: list[Page]) -> None:
    browser, body = pages[0].browser, {"key": suite.encode(KEY)}
    other = suite.encode(secrets.token_bytes(16))
    assert (await browser.post(f"/api/admin/exports/{other}/download", body)).code == "not-found"
    for values in ({"state": "running"}, {"state": "done", "manifest_digest": None}):
        async with browser.parts.database.write() as session:
            await session.execute(update(models.ExportRow).values(**values))
        assert (await browser.post(ASK, body)).code == "not-exported"


async def test_who_asks_again_has_lost_the_key_of_before(pages: list[Page]) -> None:
    ada, ben, _ = pages
    await ada.ask()
    former = ada.path
    await ada.sealed(1)
    await ben.ask()
    await ada.ask()
    told = (await ada.browser.get(former)).json["download"]
    assert (told["state"], told["error"]) == ("failed", "replaced")
    assert (await ada.browser.get(f"{former}/chunks/0")).code == "download-over"
    assert (await ben.row()).state == "requested"


async def test_so_many_wait_and_no_more(pages: list[Page], clock: ManualClock) -> None:
    ada, ben, _ = pages
    now = clock.now()
    async with ada.browser.parts.database.write() as session:
        for number in range(download.MOST_OPEN):
            session.add(
                models.DownloadRow(
                    id=f"{number:022}", export_id=EXPORT, public_key=KEY, state="requested",
                    requested_by=ada.account, requested_at=now, seen_at=now,
                )
            )  # fmt: skip
    assert (await ben.browser.post(ASK, {"key": suite.encode(KEY)})).code == "too-many-downloads"
    clock.pass_(download.IDLE_MS / 1000)
    await ben.ask()


async def test_it_lives_as_long_as_its_page_is_heard_of(
    pages: list[Page], clock: ManualClock
) -> None:
    ada = pages[0]
    await ada.ask()
    await ada.sealed(1)
    for _ in range(3):
        clock.pass_(download.IDLE_MS / 1000 - 1)
        assert (await ada.browser.get(ada.path)).json["download"]["state"] == "running"
    clock.pass_(download.IDLE_MS / 1000)
    assert (await ada.browser.get(ada.path)).json["download"]["state"] == "lapsed"
    for answer in (
        await ada.browser.get(f"{ada.path}/chunks/0"),
        await ada.browser.post(f"{ada.path}/taken", {"number": 0}),
        await ada.browser.post(f"{ada.path}/cancel"),
    ):
        assert (answer.status, answer.code) == (410, "download-over")


async def test_it_is_cancelled_with_all_that_lies_of_it(pages: list[Page]) -> None:
    ada = pages[0]
    await ada.ask()
    await ada.sealed(2)
    assert (await ada.browser.post(f"{ada.path}/cancel")).json["download"]["state"] == "taken-back"
    assert await ada.objects() == []
    assert (await ada.browser.get(f"{ada.path}/chunks/0")).code == "download-over"
    events = (await ada.browser.get("/api/admin/audit?what=download-taken-back")).json["events"]
    assert [each["account"]["login"] for each in events] == ["ada"]


async def test_a_chunk_that_the_store_does_not_give_is_asked_for_again(pages: list[Page]) -> None:
    ada = pages[0]
    await ada.ask()
    await ada.sealed(1)
    await ada.browser.parts.hall.blobs.delete(chunk_key(ada.id, 0))
    answer = await ada.browser.get(f"{ada.path}/chunks/0")
    assert (answer.status, answer.code) == (503, "storage-unavailable")


@pytest.mark.parametrize("parts", ["1"], indirect=True)
async def test_where_exports_are_approved_so_is_each_download(pages: list[Page]) -> None:
    ada, ben, cleo = pages
    assert (await ada.ask())["state"] == "proposed"
    for act in ("approve", "decline"):
        assert (await ada.browser.post(f"{ada.path}/{act}")).code == "own-export"
    told = (await ben.browser.post(f"{ada.path}/approve")).json["download"]
    assert (told["state"], told["approved_by"]["id"]) == ("requested", ben.account)
    assert (await cleo.browser.post(f"{ada.path}/decline")).code == "download-over"
    assert (await cleo.ask())["state"] == "proposed"
    assert (await ben.browser.post(f"{cleo.path}/decline")).json["download"]["state"] == "declined"
    trail = (await ada.browser.get("/api/admin/audit")).json["events"]
    told = {(each["what"], each["account"]["login"]) for each in trail if each["account"]}
    assert {("download-approved", "ben"), ("download-declined", "ben")} <= told


@pytest.mark.parametrize("parts", ["1"], indirect=True)
@pytest.mark.parametrize("who", ["who asks", "who approves"])
async def test_of_an_account_that_is_shut_out_it_ends(pages: list[Page], who: str) -> None:
    ada, ben, cleo = pages
    await ada.ask()
    await ben.browser.post(f"{ada.path}/approve")
    await ada.change(state="running")
    gone = ada.account if who == "who asks" else ben.account
    await cleo.browser.post(f"/api/admin/accounts/{gone}/disabled", {"disabled": True})
    row = await ada.row()
    assert (row.state, row.error) == ("failed", "account-disabled")


async def test_switched_off_nobody_asks(database: Database, tmp_path: Path) -> None:
    await make_vault(database)
    parts = await make_context(database, tmp_path, ManualClock())
    async with Browser.of(parts) as browser:
        await browser.become("administrator", "ada")
        answer = await browser.post(ASK, {"key": suite.encode(KEY)})
        assert (answer.status, answer.code) == (409, "downloads-off")
