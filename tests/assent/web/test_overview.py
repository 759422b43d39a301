"""The overview: each number is of what there is, and what nobody can tell is null."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from assent.web import Context, meetings, overview
from assent.web.kept_counts import DAY_MS
from assent_vault.store import models
from assent_vault.store.heartbeat import SILENT_MS, WORKER
from support.browser import Browser

PATH = "/api/admin/overview"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def add(parts: Context, *rows: models.Base) -> None:
    async with parts.database.write() as session:
        for row in rows:
            await session.merge(row)
            await session.flush()


async def asked(browser: Browser) -> dict[str, Any]:
    answer = await browser.get(PATH)
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


async def made(browser: Browser, **columns: int) -> str:
    meeting: str = (await browser.create_meeting(recording=True))["meeting"]["id"]
    async with browser.parts.database.write() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
        for name, value in columns.items():
            setattr(row, name, value)
    return meeting


async def test_it_says_what_readyz_says(browser: Browser) -> None:
    await browser.become("administrator")
    found = await asked(browser)
    ready = (await browser.get("/readyz")).json
    assert (found["ready"], found["reasons"]) == (ready["ready"], ready["reasons"])
    assert "worker-silent" in found["reasons"]
    assert found["at"] == browser.parts.clock.now()
    assert found["disks"]
    assert all(disk["free"] > 0 for disk in found["disks"])
    assert found["floor"] == browser.parts.settings.vault.free_space_floor_mb * 1_000_000


async def test_what_nobody_can_tell_is_null(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> None:
        raise OSError

    await browser.become("administrator")
    monkeypatch.setattr("assent.web.figures.shutil.disk_usage", gone)
    found = await asked(browser)
    assert found["worker"] is None
    assert found["certificate"] is None
    assert {(disk["total"], disk["free"]) for disk in found["disks"]} == {(None, None)}
    assert found["meetings"] == {"running": 0, "people": 0}


async def test_the_workers_sign_of_life(browser: Browser) -> None:
    await browser.become("administrator")
    now = browser.parts.clock.now()
    for ago, silent in ((0, False), (SILENT_MS, False), (SILENT_MS + 1, True)):
        beat = models.WorkerHeartbeatRow(name=WORKER, started_at=5, beat_at=now - ago)
        await add(browser.parts, beat)
        assert (await asked(browser))["worker"] == {
            "started_at": 5,
            "beat_at": now - ago,
            "silent": silent,
            "problem": None,
        }


async def test_the_certificate_and_the_warnings(parts: Context) -> None:
    with_tls = dataclasses.replace(
        parts, certificate=lambda: 1234, warnings=lambda: ["certificate-expires-soon"]
    )
    async with Browser.of(with_tls) as browser:
        await browser.become("administrator")
        found = await asked(browser)
    assert found["certificate"] == {"expires_at": 1_234_000}
    assert found["warnings"] == ["certificate-expires-soon"]


async def test_the_next_destructions(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "SHOWN", 3)
    await browser.become("administrator")
    now = browser.parts.clock.now()
    horizon = now + overview.DAYS * DAY_MS
    keeps = browser.parts.settings.retention_days * DAY_MS
    late = await made(browser, ended_at=now, retain_until=horizon)
    soon = await made(browser, ended_at=now, retain_until=now + 1)
    due = await made(browser, ended_at=now, retain_until=now - 1)
    # The column was put off; what was signed counts.
    put_off = await made(browser, ended_at=now - keeps + 5, retain_until=horizon + keeps)
    await made(browser, ended_at=now, retain_until=horizon + 1)
    await made(browser, ended_at=now, retain_until=now, destroyed_at=now)
    await made(browser)  # to come
    found = (await asked(browser))["destructions"]
    assert (found["days"], found["count"]) == (overview.DAYS, 4)
    assert [(one["meeting"], one["at"]) for one in found["next"]] == [
        (due, now - 1),
        (soon, now + 1),
        (put_off, now + 5),
    ]
    assert late not in {one["meeting"] for one in found["next"]}


async def test_a_charter_that_nobody_can_read_hides_nothing(browser: Browser) -> None:
    await browser.become("administrator")
    now = browser.parts.clock.now()
    meeting = await made(browser, ended_at=now, retain_until=now + 9)
    async with browser.parts.database.write() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
        row.charter = b"no charter"
    [one] = (await asked(browser))["destructions"]["next"]
    assert (one["meeting"], one["at"]) == (meeting, now + 9)


async def test_what_is_to_be_done(browser: Browser) -> None:
    account = (await browser.become("administrator"))["id"]
    parts, now = browser.parts, browser.parts.clock.now()
    assert (await asked(browser))["recalls"] == {"data_sets": 0, "meetings": 0}
    meeting = await made(browser)
    for number, entries in enumerate((0, 2, 3)):
        await add(
            parts,
            models.RecallFeedRow(
                export_id=f"e{number}", name=f"n{number}", body=b"", entries=entries, updated_at=1
            ),
        )
    for number, confirmed in enumerate((None, None, now)):
        await add(
            parts,
            models.DeletionRow(
                id=f"d{number}",
                meeting_id=meeting,
                reason="withdrawn",
                requested_at=now,
                confirmed_at=confirmed,
            ),
        )
    for number, state in enumerate(("requested", "running", "done", "failed")):
        await add(
            parts,
            models.ExportRow(
                id=f"x{number}",
                state=state,
                requested_by=account,
                requested_at=now,
                meetings_done=number,
                meetings_total=4,
            ),
        )
    found = await asked(browser)
    assert found["recalls"] == {"data_sets": 2, "meetings": 5}
    assert found["deletions_owed"] == 2
    assert found["exports"] == {
        "requested": 1,
        "running": [{"id": "x1", "requested_at": now, "meetings_done": 1, "meetings_total": 4}],
    }


async def test_it_is_for_administrators(browser: Browser) -> None:
    assert (await browser.get(PATH)).code == "not-signed-in"
    await browser.become("host")
    assert (await browser.get(PATH)).code == "forbidden"
