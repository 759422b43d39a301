"""Feeds of recalls over HTTP: the vault's bytes, for whoever knows the name, when they are new."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from assent.web.limits import RATES, Limit
from assent.web.recalls import COARSE_MS
from assent_vault.dataset import feed as feeds
from assent_vault.store.models import RecallFeedRow, RecallFetchRow
from support import migrated
from support.browser import Browser
from support.clock import ManualClock

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
EXPORT = "A" * 22
NAME = feeds.name_of(KEY, EXPORT)
BEGUN = feeds.begin(KEY, EXPORT, bytes(32), 1)
LONGER = feeds.extend(KEY, feeds.parse(BEGUN), "B" * 21 + "A", "withdrawn", 2)


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """What depends on the database is tested with the vault's part; one kind will do here."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


@pytest.fixture
async def published(browser: Browser) -> Browser:
    """Give a browser, of a server whose vault has published a feed."""
    async with browser.parts.database.write() as session:
        session.add(RecallFeedRow(export_id=EXPORT, name=NAME, body=BEGUN, entries=0, updated_at=1))
    return browser


async def test_the_vaults_own_bytes(published: Browser) -> None:
    answer = await published.get(f"/recalls/{NAME}")
    assert (answer.status, answer.body) == (200, BEGUN)
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="revoked.jsonl"'
    assert answer.headers["Cache-Control"] == "private, no-cache"


async def test_who_knows_it_already_is_told_so_until_there_is_more(published: Browser) -> None:
    tag = (await published.get(f"/recalls/{NAME}")).headers["ETag"]
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        answer = await published.get(f"/recalls/{NAME}", If_None_Match=known)
        assert (answer.status, answer.body) == (304, b""), known
        assert answer.headers["ETag"] == tag
    assert (await published.get(f"/recalls/{NAME}", If_None_Match='"x"')).status == 200
    async with published.parts.database.write() as session:
        await session.execute(update(RecallFeedRow).values(body=LONGER, entries=1))
    answer = await published.get(f"/recalls/{NAME}", If_None_Match=tag)
    assert (answer.status, answer.body) == (200, LONGER)
    assert answer.headers["ETag"] != tag


@pytest.mark.parametrize("name", [EXPORT, NAME[:-1], NAME.swapcase(), f"{NAME}/x", "%2e%2e", ""])
async def test_whoever_does_not_know_the_name_learns_nothing(published: Browser, name: str) -> None:
    answer = await published.get(f"/recalls/{name}")
    assert (answer.status, answer.code) == (404, "not-found")


async def test_floods_are_told_to_wait(published: Browser) -> None:
    for _ in range(RATES[Limit.RECALLS].burst):
        published.parts.limiter.take(Limit.RECALLS, "127.0.0.1")
    for name in (NAME, EXPORT):
        answer = await published.get(f"/recalls/{name}")
        assert (answer.status, answer.code) == (429, "rate-limited")


async def test_the_server_has_no_way_to_publish(published: Browser) -> None:
    answer = await published.post(f"/recalls/{NAME}", {"body": "x"})
    assert (answer.status, answer.code) == (405, "method-not-allowed")


async def noted(browser: Browser) -> list[tuple[int, int, int]]:
    async with browser.parts.database.read() as session:
        rows = await session.scalars(select(RecallFetchRow).order_by(RecallFetchRow.entries))
        return [(row.entries, row.first_at, row.last_at) for row in rows if row.export_id == EXPORT]


async def grow(browser: Browser) -> None:
    async with browser.parts.database.write() as session:
        await session.execute(update(RecallFeedRow).values(body=LONGER, entries=1))


async def test_a_fetch_is_noted_with_what_was_in_the_feed(
    published: Browser, clock: ManualClock
) -> None:
    assert await noted(published) == []
    begun = clock.now()
    tag = (await published.get(f"/recalls/{NAME}")).headers["ETag"]
    assert await noted(published) == [(0, begun, begun)]
    clock.pass_(COARSE_MS / 1000 - 1)
    await published.get(f"/recalls/{NAME}")
    assert await noted(published) == [(0, begun, begun)], "to the hour, and no more"
    clock.pass_(1)
    # Who is told that nothing is new has it.
    assert (await published.get(f"/recalls/{NAME}", If_None_Match=tag)).status == 304
    assert await noted(published) == [(0, begun, begun + COARSE_MS)]
    await grow(published)
    assert (await published.get(f"/recalls/{NAME}", If_None_Match=tag)).status == 200
    assert await noted(published) == [
        (0, begun, begun + COARSE_MS),
        (1, begun + COARSE_MS, begun + COARSE_MS),
    ]


async def test_what_shows_nobody_the_feed_is_no_fetch(published: Browser) -> None:
    answer = await published.client.head(f"/recalls/{NAME}")
    assert answer.status == 200
    for name, known in ((EXPORT, '"x"'), (NAME[:-1], '"x"'), (NAME, "*")):
        await published.get(f"/recalls/{name}", If_None_Match=known)
    assert await noted(published) == []


async def test_the_feed_goes_out_though_nothing_can_be_noted(
    published: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("disk full", {}, Exception())

    monkeypatch.setattr(published.parts.database, "write", full)
    answer = await published.get(f"/recalls/{NAME}")
    assert (answer.status, answer.body) == (200, BEGUN)


async def test_nobodys_address_is_kept_of_it(published: Browser) -> None:
    await published.get(f"/recalls/{NAME}", User_Agent="a-recipient")
    columns = {column.name for column in RecallFetchRow.__table__.columns}
    assert columns == {"export_id", "entries", "first_at", "last_at"}
    async with published.parts.database.read() as session:
        (row,) = (await session.execute(select(RecallFetchRow.__table__))).all()
    assert set(map(type, row)) == {str, int}
    assert row.export_id == EXPORT
