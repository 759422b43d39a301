"""Counts over time: each row once, in the column of its day; kept for a moment; bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from assent.web import Context, meetings
from assent.web.figures import SERIES, counting, disks
from assent.web.kept_counts import DAY_MS, KEPT_MS, STEPS
from assent_vault.store import models
from support.browser import Browser
from support.clock import ManualClock

PATH = "/api/admin/figures"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def add(parts: Context, *rows: models.Base) -> None:
    async with parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def asked(browser: Browser, days: int = 30) -> dict[str, Any]:
    answer = await browser.get(f"{PATH}?days={days}")
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize("days", list(STEPS))
async def test_each_row_is_counted_in_its_column(
    browser: Browser, clock: ManualClock, days: int
) -> None:
    await browser.become("administrator")
    meeting = (await browser.create_meeting(recording=True))["meeting"]["id"]
    found = await asked(browser, days)
    begin, end, step = found["begin"], found["end"], found["step"]
    assert (end - begin, end % DAY_MS) == (days * DAY_MS, 0)
    assert begin <= browser.parts.clock.now() < end
    assert found["columns"] == list(range(begin, end, step))
    times = [begin - 1, begin, begin + step - 1, begin + step, end - 1, end]
    for number, time in enumerate(times):
        await add(
            browser.parts,
            models.GenerationRow(
                meeting_id=meeting, number=number + 1, header=b"h", signature=b"", boxes=b"",
                opened_at=time,
            ),
            models.StatementRow(
                meeting_id=meeting, person_id="p", sequence=number, body=b"", signature=b"",
                received_at=time,
            ),
            models.DeletionRow(
                id=f"d{number}", meeting_id=meeting, reason="deleted", requested_at=time
            ),
        )  # fmt: skip
    clock.pass_(KEPT_MS / 1000)
    series = (await asked(browser, days))["series"]
    expected = [0] * len(found["columns"])
    expected[0], expected[1] = 2, 1
    expected[-1] += 1
    for name in ("recordings", "answers", "deletions"):
        assert series[name] == expected, name
    assert series["meetings"][-1] == 1
    assert sum(series["releases"]) == sum(series["exports"]) == 0


async def test_they_are_kept_for_a_moment(browser: Browser, clock: ManualClock) -> None:
    await browser.become("administrator")
    before = await asked(browser)
    await browser.create_meeting()
    assert await asked(browser) == before
    assert sum((await asked(browser, 7))["series"]["meetings"]) == 1
    clock.pass_(KEPT_MS / 1000)
    assert sum((await asked(browser))["series"]["meetings"]) == 1


@pytest.mark.parametrize("days", ["0", "31", "x", "36500"])
async def test_it_is_of_some_lengths_only(browser: Browser, days: str) -> None:
    await browser.become("administrator")
    answer = await browser.get(f"{PATH}?days={days}")
    assert (answer.code, answer.field) == ("bad-request", "days")


async def test_it_is_for_administrators_whose_account_is_open(browser: Browser) -> None:
    async with browser.another() as admin, browser.another() as former:
        await admin.become("administrator")
        gone = await former.become("administrator", "gone")
        path = f"/api/admin/accounts/{gone['id']}/disabled"
        assert (await admin.post(path, {"disabled": True})).status == 200
        assert (await browser.get(PATH)).code == "not-signed-in"
        assert (await former.get(PATH)).code == "not-signed-in"
        await browser.become("host")
        assert (await browser.get(PATH)).code == "forbidden"


def test_a_disk_is_told_once_with_what_lies_on_it(tmp_path: Path) -> None:
    [disk] = disks({"objects": tmp_path / "not" / "yet", "database": tmp_path})
    assert disk["places"] == ["database", "objects"]
    assert 0 <= disk["free"] <= disk["total"]


@pytest.mark.parametrize("name", list(SERIES))
async def test_they_are_found_by_an_index(browser: Browser, name: str) -> None:
    if browser.parts.database.kind != "sqlite":
        pytest.skip("a planner of PostgreSQL reads small tables whole")
    query = counting(SERIES[name], 0, DAY_MS, DAY_MS)
    plan = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    async with browser.parts.database.read() as session:
        found = await session.execute(text(f"EXPLAIN QUERY PLAN {plan}"))
    steps = [str(row[3]) for row in found]
    assert any(" USING COVERING INDEX ix_" in step or " USING INDEX ix_" in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps), steps
