"""Exports in the console: for whom, for what, what goes in, and how much that is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from assent.web import exports, meetings
from assent_vault.formats.suite import decode
from assent_vault.store import export_order, given_meetings, models
from assent_vault.store.export_order import Options
from support.browser import Browser

PATH = "/api/admin/exports"
ASKED = {"recipient": "An Institute", "purpose": "speech recognition"}
NOTHING = {"exports": [], "after": None}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def add(browser: Browser, *rows: models.Base) -> None:
    async with browser.parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def released(browser: Browser, state: str = "ready", **values: Any) -> str:
    """Make a meeting whose release is in a state; returns its id."""
    meeting: str = (await browser.create_meeting(recording=True))["meeting"]["id"]
    row = models.ReleaseRow(
        meeting_id=meeting, state=state, evidence=bytes(32), created_at=1, ready_at=2,
        updated_at=3, **values,
    )  # fmt: skip
    await add(browser, row)
    return meeting


async def test_there_is_nothing_to_export_until_something_is_ready(browser: Browser) -> None:
    await browser.become("administrator")
    answer = await browser.post(PATH, ASKED)
    assert (answer.status, answer.code) == (409, "nothing-to-export")
    await released(browser, "cooling")
    assert (await browser.post(PATH, ASKED)).code == "nothing-to-export"
    assert (await browser.get(PATH)).json == NOTHING


async def test_an_export_is_asked_for_once(browser: Browser) -> None:
    me = await browser.become("administrator")
    meeting = await released(browser)
    export = (await browser.post(PATH, ASKED)).json["export"]
    assert export == {
        **ASKED,
        "id": export["id"],
        "state": "requested",
        "requested_at": browser.parts.clock.now(),
        "requested_by": {"id": me["id"], "name": "Some Body"},
        "approved_at": None,
        "approved_by": None,
        "closed_at": None,
        "closed_by": None,
        "lapses_at": None,
        "finished_at": None,
        "meetings_done": 0,
        "meetings_total": 0,
        "error": None,
        "folder": None,
        "since": None,
        "until": None,
        "audio_only": False,
        "again": None,
        "include_exported": False,
        "languages": [],
        "least_seconds": None,
        "most_filled": None,
        "most_clipped": None,
        "meetings_recalled": 0,
        "recalls_fetched_at": None,
        "downloads": [],
    }
    assert len(decode(export["id"])) == 16
    assert (await browser.post(PATH, ASKED)).json["export"] == export
    assert (await browser.get(PATH)).json == {**NOTHING, "exports": [export]}
    async with browser.parts.database.read() as session:
        untouched = await session.get(models.ReleaseRow, meeting)
    assert untouched is not None
    assert untouched.state == "ready"  # asking decides nothing
    # For somebody else it is another.
    other = (await browser.post(PATH, {**ASKED, "recipient": "Another"})).json["export"]
    assert other["id"] != export["id"]


async def test_the_row_says_what_the_worker_takes(browser: Browser) -> None:
    await browser.become("administrator")
    await released(browser)
    now = browser.parts.clock.now()
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    wish = {"since": "1969-01-01", "until": today.isoformat(), "audio_only": True}
    export = (await browser.post(PATH, {**ASKED, **wish})).json["export"]
    assert (export["since"], export["until"], export["audio_only"]) == (
        "1970-01-01", today.isoformat(), True,
    )  # fmt: skip
    async with browser.parts.database.read() as session:
        row = await session.get(models.ExportRow, export["id"])
    assert row is not None
    order = export_order.read(row.recipient, row.purpose, row.options)
    assert (order.recipient, order.purpose) == ("An Institute", "speech recognition")
    assert order.options == Options(
        since=0, until=export_order.midnight(today, after=True), audio_only=True
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient": None}, "recipient"),
        ({"purpose": None}, "purpose"),
        ({"recipient": ""}, "recipient"),
        ({"purpose": ""}, "purpose"),
        ({"recipient": "x\ny"}, "recipient"),
        ({"recipient": "x" * 201}, "recipient"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"purpose": "\x1b[2J"}, "purpose"),
        ({"since": "2026-02-30"}, "since"),
        ({"since": "20260201XX"}, "since"),
        ({"since": "2026-1-1"}, "since"),
        ({"until": 5}, "until"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ({"audio_only": 1}, "audio_only"),
        ({"include_exported": 1}, "include_exported"),
        ({"again": "x"}, "again"),
        ({"again": "A" * 21 + "B"}, "again"),
        ({"again": "A" * 22, "include_exported": True}, "again"),
        ({"folder": "/tmp"}, None),
    ],
)
async def test_what_is_not_said_as_on_the_command_line_is_refused(
    browser: Browser, change: dict[str, Any], field: str | None
) -> None:
    await browser.become("administrator")
    await released(browser)
    answer = await browser.post(PATH, {**ASKED, **change})
    assert (answer.status, answer.code) == (400, "bad-request")
    assert answer.field == field or field is None
    for missing in ASKED:
        answer = await browser.post(PATH, {missing: ASKED[missing]})
        assert (answer.code, answer.field) == ("bad-request", next(iter(ASKED.keys() - {missing})))
    assert (await browser.post(PATH)).code == "bad-request"
    assert (await browser.get(PATH)).json == NOTHING


async def test_the_last_day_there_is(browser: Browser) -> None:
    await browser.become("administrator")
    await released(browser)
    export = (await browser.post(PATH, {**ASKED, "until": "9999-12-31"})).json["export"]
    assert export["until"] == "9999-12-31"


async def test_so_many_wait_and_no_more(browser: Browser) -> None:
    await browser.become("administrator")
    await released(browser)
    for number in range(exports.MOST_WAITING):
        assert (await browser.post(PATH, {**ASKED, "recipient": f"No {number}"})).status == 200
    answer = await browser.post(PATH, ASKED)
    assert (answer.status, answer.code) == (409, "too-many-exports")
    # One of those is asked for again all the same.
    assert (await browser.post(PATH, {**ASKED, "recipient": "No 7"})).status == 200


# How much it would be.


async def forecast(browser: Browser, query: str = "") -> dict[str, Any]:
    answer = await browser.get(f"{PATH}/forecast{query}")
    assert answer.status == 200, answer.json
    assert answer.json["approvals"] == 0
    found: dict[str, Any] = answer.json["forecast"]
    return found


def told(meetings: int, duration: int, size: int, **others: Any) -> dict[str, Any]:
    return {
        "meetings": meetings, "duration": duration, "bytes": size, "unmeasured": 0, "left": 0,
        "unlooked": 0, "refused": {}, **others,
    }  # fmt: skip


async def test_how_much_it_would_be(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await browser.become("administrator")
    assert await forecast(browser) == told(0, 0, 0)
    early = await released(browser, duration=1000, octets=70, octets_of_sound=20)
    await released(browser, duration=500, octets=30, octets_of_sound=0)
    await released(browser, "cooling", duration=9, octets=9, octets_of_sound=9)
    async with browser.parts.database.write() as session:
        await session.execute(
            update(models.MeetingRow)
            .where(models.MeetingRow.id == early)
            .values(started_at=export_order.midnight(datetime(2020, 5, 5, tzinfo=UTC).date()))
        )
    assert await forecast(browser) == told(2, 1500, 100)
    assert await forecast(browser, "?audio_only=true") == told(1, 1000, 20)
    assert await forecast(browser, "?since=2020-05-05&until=2020-05-05") == told(1, 1000, 70)
    assert await forecast(browser, "?since=2020-05-06") == told(1, 500, 30)
    assert await forecast(browser, "?until=2020-05-04") == told(0, 0, 0)
    await released(browser)
    assert await forecast(browser) == told(3, 1500, 100, unmeasured=1)
    monkeypatch.setattr(export_order, "MOST_EXPORTED", 1)
    assert (await forecast(browser))["left"] == 2
    assert (await browser.get(PATH)).json == NOTHING  # looking asks for nothing


@pytest.mark.parametrize(
    "query",
    [
        "?since=x",
        "?until=2020-13-01",
        "?audio_only=1",
        "?since=2020-01-02&until=2020-01-01",
        "?again=x",
        "?include_exported=1",
        f"?again={'A' * 22}&include_exported=true",
    ],
)
async def test_a_forecast_of_what_nobody_can_ask_for(browser: Browser, query: str) -> None:
    assert (await browser.get(f"{PATH}/forecast{query}")).code == "not-signed-in"
    await browser.become("administrator")
    assert (await browser.get(f"{PATH}/forecast{query}")).code == "bad-request"


# What is in a data set already.

SET = "E" * 21 + "A"


async def given(browser: Browser, code: str | None = None, **values: Any) -> str:
    """Make a meeting that is in a data set, of which the gate said that last; returns its id."""
    meeting = await released(browser, "exported", duration=1000, octets=70, **values)
    key = {} if code != "vault-key-missing" else {"destroyed_at": 1}
    await add(
        browser,
        models.VaultKeyRow(meeting_id=meeting, certificate=b"", signature=b"", created_at=1, **key),
        models.ExportItemRow(export_id=SET, meeting_id=meeting, committed_at=1),
    )
    if code not in (None, "vault-key-missing"):
        reasons = json.dumps([{"code": "segments-damaged"}, {"code": code}])
        row = models.GateReportRow(
            meeting_id=meeting, decision="blocked", reasons=reasons, decided_at=1
        )
        await add(browser, row)
    return meeting


@pytest.fixture
async def a_set(browser: Browser) -> None:
    await browser.become("administrator")
    await add(browser, models.ExportRow(id=SET, state="done", requested_at=1))


@pytest.mark.usefixtures("a_set")
async def test_how_much_it_would_be_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what may not be once more, and why: what was taken back, and where the key is gone."""
    await given(browser)
    await released(browser, duration=5, octets=5)
    assert await forecast(browser) == told(1, 5, 5)
    assert await forecast(browser, f"?again={SET}") == told(1, 1000, 70)
    assert await forecast(browser, "?include_exported=true") == told(2, 1005, 75)
    for code in ("withdrawn", "withdrawn", "retention-over", "vault-key-missing"):
        await given(browser, code)
    refused = {"retention-over": 1, "vault-key-missing": 1, "withdrawn": 2}
    assert await forecast(browser, f"?again={SET}") == told(1, 1000, 70, refused=refused)
    assert await forecast(browser, "?include_exported=true") == told(2, 1005, 75, refused=refused)
    assert await forecast(browser, f"?again={'A' * 22}") == told(0, 0, 0)
    monkeypatch.setattr(given_meetings, "MOST_DATA_SETS", 1)
    refused["too-many-data-sets"] = 1
    assert await forecast(browser, f"?again={SET}") == told(0, 0, 0, refused=refused)


@pytest.mark.usefixtures("a_set")
async def test_the_next_version_is_asked_for(browser: Browser) -> None:
    await given(browser)
    assert (await browser.post(PATH, ASKED)).code == "nothing-to-export"
    export = (await browser.post(PATH, {**ASKED, "again": SET})).json["export"]
    assert (export["again"], export["include_exported"]) == (SET, False)
    other = (await browser.post(PATH, {**ASKED, "include_exported": True})).json["export"]
    assert (other["again"], other["include_exported"]) == (None, True)
    async with browser.parts.database.read() as session:
        row = await session.get(models.ExportRow, export["id"])
    assert row is not None
    assert export_order.read(row.recipient, row.purpose, row.options).options == Options(again=SET)
    unknown = {**ASKED, "again": "A" * 22}
    assert (await browser.post(PATH, unknown)).code == "nothing-to-export"


@pytest.mark.usefixtures("a_set")
async def test_all_of_it_has_room(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_order, "MOST_EXPORTED", 1)
    await given(browser)
    wish = {**ASKED, "include_exported": True}
    assert (await browser.post(PATH, wish)).status == 200
    await released(browser)
    answer = await browser.post(PATH, {**wish, "purpose": "more"})
    assert (answer.status, answer.code) == (409, "too-many-meetings")


async def test_a_host_is_told_nothing(browser: Browser) -> None:
    await browser.become("host")
    assert (await browser.get(f"{PATH}/forecast")).code == "forbidden"
    assert (await browser.post(PATH, ASKED)).code == "forbidden"


# The list.


async def test_what_was_recalled_of_an_export_is_counted(browser: Browser) -> None:
    account = await browser.become("administrator")
    ids = ["E" * 21 + "A", "F" * 21 + "A"]
    for number, id_ in enumerate(ids):
        row = models.ExportRow(
            id=id_, state="done", requested_by=account["id"], requested_at=number,
            recipient="An Institute", purpose="research",
        )  # fmt: skip
        await add(browser, row)
    feed = models.RecallFeedRow(export_id=ids[0], name="N" * 22, body=b"", entries=2, updated_at=5)
    await add(browser, feed)
    listed = (await browser.get(PATH)).json["exports"]
    found = [(each["id"], each["recipient"], each["meetings_recalled"]) for each in listed]
    assert found == [(ids[1], "An Institute", 0), (ids[0], "An Institute", 2)]


@pytest.mark.parametrize("options", ["x", '{"since":1e400}', '{"since":9007199254740991}', "[]"])
async def test_a_row_that_cannot_be_read_is_shown_without(browser: Browser, options: str) -> None:
    await browser.become("administrator")
    row = models.ExportRow(id="E" * 22, state="failed", requested_at=1, options=options)
    await add(browser, row)
    (listed,) = (await browser.get(PATH)).json["exports"]
    assert (listed["since"], listed["until"], listed["audio_only"]) == (None, None, None)


async def test_when_all_that_was_recalled_was_fetched(browser: Browser) -> None:
    account = await browser.become("administrator")
    ids = [letter * 21 + "A" for letter in "EFGH"]
    for number, id_ in enumerate(ids):
        row = models.ExportRow(
            id=id_, state="done", requested_by=account["id"], requested_at=number
        )
        await add(browser, row)
        recalls = 0 if number == 3 else 2
        await add(
            browser,
            models.RecallFeedRow(
                export_id=id_, name=id_[::-1], body=b"", entries=recalls, updated_at=5
            ),
        )
    # One as it is, one before the last recall, one never; and one of which nothing was recalled.
    for id_, entries, last in ((ids[0], 1, 6), (ids[0], 2, 8), (ids[1], 1, 9), (ids[3], 0, 9)):
        await add(
            browser,
            models.RecallFetchRow(export_id=id_, entries=entries, first_at=6, last_at=last),
        )
    listed = (await browser.get("/api/admin/exports")).json["exports"]
    assert {each["id"]: each["recalls_fetched_at"] for each in listed} == {
        ids[0]: 8,
        ids[1]: None,
        ids[2]: None,
        ids[3]: None,
    }
