"""How full the disks were: written down a few times a day, bounded, and told by column."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from assent.web import disk_samples
from assent.web.disk_samples import EVERY_MS, KEPT_DAYS
from assent.web.kept_counts import DAY_MS
from assent_vault.store.models import DiskSampleRow
from support.browser import Browser
from support.clock import ManualClock

PATH = "/api/admin/storage"
sample = disk_samples.sample


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server itself write down nothing meanwhile."""

    async def nothing(_: object) -> bool:
        return False

    monkeypatch.setattr(disk_samples, "sample", nothing)


async def rows(browser: Browser) -> list[DiskSampleRow]:
    async with browser.parts.database.read() as session:
        return list(await session.scalars(select(DiskSampleRow).order_by(DiskSampleRow.at)))


async def test_it_is_written_down_a_few_times_a_day(browser: Browser, clock: ManualClock) -> None:
    assert await sample(browser.parts)
    assert not await sample(browser.parts)
    (first,) = {each.at for each in await rows(browser)}
    assert all(0 < each.free <= each.total for each in await rows(browser))
    clock.pass_(EVERY_MS / 1000)
    assert await sample(browser.parts)
    assert {each.at for each in await rows(browser)} == {first, clock.now()}
    clock.pass_(KEPT_DAYS * DAY_MS / 1000)
    assert await sample(browser.parts)
    assert first not in {each.at for each in await rows(browser)}
    # A clock that was ahead keeps nothing from being written down.
    clock.pass_(-2 * EVERY_MS / 1000)
    assert await sample(browser.parts)
    assert max(each.at for each in await rows(browser)) == clock.now()


async def test_the_most_of_each_column_is_told(browser: Browser, clock: ManualClock) -> None:
    assert (await browser.get(PATH)).code == "not-signed-in"
    await browser.become("administrator")
    assert (await browser.get(f"{PATH}?days=8")).field == "days"
    told = (await browser.get(f"{PATH}?days=7")).json
    columns = told["columns"]
    assert (len(columns), told["disks"]) == (7, [])
    async with browser.parts.database.write() as session:
        await session.execute(delete(DiskSampleRow))
        for at, free in ((columns[0], 70), (columns[0] + EVERY_MS, 60), (columns[2], 90)):
            session.add(DiskSampleRow(at=at, place="database objects", total=100, free=free))
        session.add(DiskSampleRow(at=columns[0] - 1, place="server", total=5, free=1))
    (disk,) = (await browser.get(f"{PATH}?days=7")).json["disks"]
    assert disk == {
        "places": ["database", "objects"],
        "total": 100,
        "used": [40, None, 10, None, None, None, None],
    }
