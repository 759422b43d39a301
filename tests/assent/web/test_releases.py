"""The queue as the console shows it, and asking for what failed to be tried again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from assent.web import Context, meetings, releases
from assent_vault.store import models
from support.browser import Browser

PATH = "/api/admin/releases"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def add(parts: Context, *rows: models.Base) -> None:
    async with parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


def release(meeting: str, state: str, reason: str | None = None) -> models.ReleaseRow:
    return models.ReleaseRow(
        meeting_id=meeting,
        state=state,
        evidence=bytes(32),
        created_at=1,
        ready_at=2,
        reason=reason,
        lease_until=9 if state == "claimed" else None,
        updated_at=3,
    )


def report(meeting: str, code: str | None = None) -> models.GateReportRow:
    reasons = [] if code is None else [{"code": code, "count": 1}]
    return models.GateReportRow(
        meeting_id=meeting,
        decision="blocked" if reasons else "release",
        reasons=json.dumps(reasons),
        decided_at=7,
    )


async def made(browser: Browser) -> str:
    meeting: str = (await browser.create_meeting(recording=True))["meeting"]["id"]
    return meeting


async def listed(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    answer = await browser.get(PATH + query)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json["releases"]
    return found


async def staged(browser: Browser) -> dict[str, str]:
    """Make a meeting in each state there is; returns them by state."""
    rows: dict[str, tuple[str, str | None]] = {
        "cooling": ("cooling", None),
        "ready": ("ready", None),
        "claimed": ("claimed", None),
        "exported": ("exported", None),
        "dropped": ("dropped", "withdrawn"),
        "dead": ("dropped", "export-no-frames"),
    }
    found = {}
    for shown, (state, reason) in rows.items():
        found[shown] = await made(browser)
        await add(browser.parts, release(found[shown], state, reason), report(found[shown]))
    found["blocked"] = await made(browser)
    await add(browser.parts, report(found["blocked"], "refused"))
    await made(browser)  # nothing is known of it yet: it is in no queue
    return found


async def test_each_meeting_is_in_one_state(browser: Browser) -> None:
    await browser.become("administrator")
    there = await staged(browser)
    assert {row["state"]: row["meeting"] for row in await listed(browser)} == there
    assert (await browser.get(PATH)).json["counts"] == dict.fromkeys(there, 1)
    for state, meeting in there.items():
        [row] = await listed(browser, f"?state={state}")
        assert row["meeting"] == meeting
        assert await listed(browser, f"?meeting={meeting}") == [row]
        assert row["since"] == (7 if state == "blocked" else 3)
        assert row["lease_until"] == (9 if state == "claimed" else None)
        assert row["retry"] is None
    [dead] = await listed(browser, "?state=dead")
    assert dead["reason"] == "export-no-frames"
    [blocked] = await listed(browser, "?state=blocked")
    assert blocked["gate"]["reasons"] == [{"code": "refused", "count": 1}]


async def test_a_state_that_nobody_knows_is_as_good_as_dropped(browser: Browser) -> None:
    await browser.become("administrator")
    for state, reason in (("ready!", None), ("dropped", None), ("gone", "export-x")):
        meeting = await made(browser)
        await add(browser.parts, release(meeting, state, reason))
    assert [row["state"] for row in await listed(browser)] == ["dropped"] * 3
    assert len(await listed(browser, "?state=dropped")) == 3


async def test_it_comes_in_pages(browser: Browser) -> None:
    await browser.become("administrator")
    there = set((await staged(browser)).values())
    seen: list[str] = []
    after = ""
    while True:
        answer = (await browser.get(f"{PATH}?limit=2{after}")).json
        assert len(answer["releases"]) <= 2
        seen += [row["meeting"] for row in answer["releases"]]
        if answer["after"] is None:
            break
        after = f"&after={answer['after']}"
    assert (len(seen), set(seen)) == (len(there), there)


async def test_counting_ends_somewhere(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "COUNTED", 2)
    await browser.become("administrator")
    for _ in range(3):
        await add(browser.parts, release(await made(browser), "ready"))
    assert (await browser.get(PATH)).json["counts"]["ready"] == 2


@pytest.mark.parametrize(("query", "field"), [("state=gone", "state"), ("limit=0", "limit")])
async def test_what_is_asked_wrongly_is_named(browser: Browser, query: str, field: str) -> None:
    await browser.become("administrator")
    answer = await browser.get(f"{PATH}?{query}")
    assert (answer.code, answer.field) == ("bad-request", field)


async def test_a_dead_one_can_be_tried_again_once(browser: Browser) -> None:
    account = await browser.become("administrator")
    dead = (await staged(browser))["dead"]
    answer = await browser.post(f"{PATH}/{dead}/retry")
    now = browser.parts.clock.now()
    assert answer.json == {"retry": {"asked_at": now}}
    assert (await browser.post(f"{PATH}/{dead}/retry")).json == answer.json
    [row] = await listed(browser, "?state=dead")
    assert row["retry"] == {"asked_at": now}
    async with browser.parts.database.read() as session:
        [asked] = (await session.scalars(select(models.ReleaseRetryRow))).all()
        untouched = await session.get(models.ReleaseRow, dead)
    assert (asked.meeting_id, asked.account_id, asked.done_at) == (dead, account["id"], None)
    assert untouched is not None
    assert untouched.state == "dropped"  # asking decides nothing


async def test_nothing_else_can_be_tried_again(browser: Browser) -> None:
    await browser.become("administrator")
    for state, meeting in (await staged(browser)).items():
        if state != "dead":
            assert (await browser.post(f"{PATH}/{meeting}/retry")).code == "not-dead", state
    assert (await browser.post(f"{PATH}/{'A' * 22}/retry")).code == "meeting-not-found"
    async with browser.parts.database.read() as session:
        assert (await session.scalars(select(models.ReleaseRetryRow))).all() == []


async def test_it_is_for_administrators_whose_account_is_open(browser: Browser) -> None:
    async with browser.another() as admin, browser.another() as former:
        await admin.become("administrator")
        dead = (await staged(admin))["dead"]
        gone = await former.become("administrator", "gone")
        path = f"/api/admin/accounts/{gone['id']}/disabled"
        assert (await admin.post(path, {"disabled": True})).status == 200
        for who, code in ((browser, "not-signed-in"), (former, "not-signed-in")):
            assert (await who.get(PATH)).code == code
            assert (await who.post(f"{PATH}/{dead}/retry")).code == code
        await browser.become("host")
        assert (await browser.get(PATH)).code == "forbidden"
        assert (await browser.post(f"{PATH}/{dead}/retry")).code == "forbidden"
        [row] = await listed(admin, "?state=dead")
        assert row["retry"] is None
