"""The audit trail: every act that a row tells of, once, in its order; to administrators alone."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from assent.web import Context, audit, audit_sources, meetings
from assent_vault.formats import suite
from assent_vault.ledger import entry
from assent_vault.ledger.entry import Revoked
from assent_vault.store import models
from support.browser import Browser

PATH = "/api/admin/audit"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def add(parts: Context, *rows: models.Base) -> None:
    async with parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def acted(browser: Browser, login: str = "ada") -> tuple[str, str]:
    """Have everything happen that can; returns the administrator and the meeting."""
    account = (await browser.become("administrator", login))["id"]
    meeting = (await browser.create_meeting(recording=True))["meeting"]["id"]
    await browser.post(f"/api/meetings/{meeting}/end")
    await browser.post("/api/invitations", {"role": "host"})
    other = await browser.parts.accounts.invite("host", None)
    assert other
    record = Revoked(
        meeting=suite.decode(meeting, suite.MEETING_BYTES),
        person=None,
        purpose="meeting",
        sequence=0,
        by="administrator",
        at=50,
    )
    body = entry.write(record)
    await add(
        browser.parts,
        models.RevocationRow(
            id="R", meeting_id=meeting, body=body, signature=b"s", account_id=account, at=50
        ),
        models.RevocationRow(
            id="S", meeting_id=meeting, body=b"?", signature=b"s", account_id=None, at=51
        ),
        models.ReleaseRow(
            meeting_id=meeting,
            state="dropped",
            evidence=bytes(32),
            created_at=60,
            ready_at=61,
            reason="withdrawn",
            updated_at=62,
        ),
        models.ReleaseRetryRow(id="T", meeting_id=meeting, account_id=account, asked_at=63),
        models.ExportRow(
            id="X",
            state="failed",
            requested_by=account,
            requested_at=70,
            finished_at=72,
            error="space-low",
            meetings_done=0,
            meetings_total=0,
        ),
        models.ExportRow(
            id="Y",
            state="done",
            requested_by=None,
            requested_at=71,
            finished_at=73,
            meetings_done=1,
            meetings_total=1,
        ),
        models.ExportRow(
            id="Z",
            state="taken-back",
            requested_by=account,
            requested_at=74,
            approved_by=account,
            approved_at=75,
            closed_by=account,
            closed_at=76,
        ),
        models.ExportRow(
            id="W",
            state="declined",
            requested_by=account,
            requested_at=77,
            closed_by=account,
            closed_at=78,
        ),
        *(
            models.DownloadRow(
                id=id_,
                export_id="Y",
                public_key=b"",
                requested_by=account,
                seen_at=83,
                requested_at=83,
                sealed=0,
                taken=0,
                **more,
            )
            for id_, more in {
                "L1": {
                    "state": "done",
                    "approved_by": account,
                    "approved_at": 84,
                    "finished_at": 85,
                },
                "L2": {
                    "state": "declined",
                    "closed_by": account,
                    "closed_at": 86,
                    "finished_at": 86,
                },
                "L3": {"state": "taken-back", "closed_by": account, "closed_at": 87},
                "L4": {"state": "failed", "error": "data-set-missing", "finished_at": 88},
            }.items()
        ),
        models.ExportItemRow(export_id="Y", meeting_id=meeting, committed_at=73),
        models.DeletionRow(
            id="D", meeting_id=meeting, reason="deleted", requested_at=80, confirmed_at=81
        ),
        models.ClockConfirmationRow(at=90),
    )
    async with browser.parts.database.write() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
        row.destroyed_at = 82
    return account, meeting


async def events(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    answer = await browser.get(PATH + query)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json["events"]
    return found


async def test_every_act_is_told_with_who_did_it(browser: Browser) -> None:
    account, meeting = await acted(browser)
    found = await events(browser)
    assert [event["at"] for event in found] == sorted((e["at"] for e in found), reverse=True)
    told = {
        (event["what"], event["by"], event["detail"])
        for event in found
        if event["what"] != "notice-published"
    }
    assert told == {
        ("account-made", "account", "administrator"),
        ("meeting-created", "account", None),
        ("meeting-ended", "unknown", None),
        ("meeting-destroyed", "vault", None),
        ("invitation-made", "account", "host"),
        ("invitation-made", "operator", "host"),
        ("invitation-made", "operator", "administrator"),
        ("taken-back", "account", "meeting by administrator"),
        ("taken-back", "operator", None),
        ("release-queued", "vault", None),
        ("release-dropped", "vault", "withdrawn"),
        ("retry-asked", "account", None),
        ("export-asked", "account", "X"),
        ("export-asked", "operator", "Y"),
        ("export-asked", "account", "Z"),
        ("export-asked", "account", "W"),
        ("export-approved", "account", "Z"),
        ("export-taken-back", "account", "Z"),
        ("export-declined", "account", "W"),
        ("export-ended", "vault", "space-low"),
        ("export-ended", "vault", "done"),
        ("download-asked", "account", "Y"),
        ("download-approved", "account", "Y"),
        ("download-declined", "account", "Y"),
        ("download-taken-back", "account", "Y"),
        ("data-set-fetched", "account", "Y"),
        ("download-ended", "vault", "data-set-missing"),
        ("meeting-exported", "vault", "Y"),
        ("deletion-ordered", "vault", "deleted"),
        ("deletion-seen", "vault", "deleted"),
        ("clock-confirmed", "operator", None),
    }
    assert {event["what"] for event in found if event["what"] == "notice-published"}
    [taken] = [e for e in found if e["what"] == "taken-back" and e["by"] == "account"]
    assert taken["account"] == {"id": account, "name": "Some Body", "login": "ada"}
    assert taken["meeting"] == {"id": meeting, "title": "Weekly"}
    everything = {source.what for source in audit_sources.SOURCES} - {"account-disabled"}
    assert {event["what"] for event in found} == everything


async def test_pages_leave_nothing_out_and_show_nothing_twice(browser: Browser) -> None:
    await acted(browser)
    # Many of one moment, of several kinds.
    async with browser.parts.database.write() as session:
        for number in range(7):
            for table in (models.ExportRow,):
                session.add(
                    table(
                        id=f"e{number}",
                        state="requested",
                        requested_at=73,
                        meetings_done=0,
                        meetings_total=0,
                    )
                )
    whole = await events(browser, "?limit=200")
    for limit in (1, 2, 3, 5):
        seen: list[dict[str, Any]] = []
        after = ""
        while True:
            answer = (await browser.get(f"{PATH}?limit={limit}{after}")).json
            seen += answer["events"]
            if answer["after"] is None:
                break
            after = f"&after={answer['after']}"
        assert seen == whole


async def test_filters_narrow_it(browser: Browser) -> None:
    account, meeting = await acted(browser)
    everything = await events(browser, "?limit=200")

    def of(**wanted: Any) -> list[dict[str, Any]]:
        return [e for e in everything if all(e[name] == value for name, value in wanted.items())]

    for source in audit_sources.SOURCES:
        assert await events(browser, f"?what={source.what}") == of(what=source.what)
    for by in ("operator", "vault", "unknown"):
        assert await events(browser, f"?who={by}") == of(by=by)
    assert await events(browser, f"?who={account}") == of(by="account")
    assert await events(browser, f"?meeting={meeting}") == of(
        meeting={"id": meeting, "title": "Weekly"}
    )
    assert await events(browser, "?from=70&until=73") == [
        e for e in everything if 70 <= e["at"] < 73
    ]
    assert await events(browser, f"?who=vault&meeting={meeting}&what=deletion-seen") == of(
        what="deletion-seen"
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("what=anything", "what"),
        ("who=a%20b", "who"),
        ("meeting=%2e%2e%2f", "meeting"),
        ("from=yesterday", "from"),
        ("until=-1", "until"),
        ("after=5.Zx", "after"),
        ("after=5.cx", "after"),
        ("after=5.a", "after"),
        ("after=5.v*", "after"),
        ("after=5.c99999999999999999999", "after"),
        ("after=x", "after"),
        ("limit=201", "limit"),
    ],
)
async def test_what_is_asked_wrongly_is_named(browser: Browser, query: str, field: str) -> None:
    await browser.become("administrator")
    answer = await browser.get(f"{PATH}?{query}")
    assert (answer.status, answer.code, answer.field) == (400, "bad-request", field)


async def test_a_file_has_what_the_pages_have(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST", 3)  # many pages
    account, _ = await acted(browser)
    everything = await events(browser, "?limit=200")
    answer = await browser.get(f"{PATH}/file?format=json")
    assert answer.json == {"events": everything, "whole": True}
    assert answer.headers["Content-Disposition"] == 'attachment; filename="assent-audit.json"'
    table = await browser.get(f"{PATH}/file?format=csv")
    rows = list(csv.DictReader(io.StringIO(table.body.decode())))
    assert [row["what"] for row in rows] == [*(e["what"] for e in everything), "end"]
    assert rows[0]["time"].endswith("Z")
    narrowed = await browser.get(f"{PATH}/file?format=csv&who={account}&what=export-asked")
    assert [row["detail"] for row in csv.DictReader(io.StringIO(narrowed.body.decode()))] == [
        "W",
        "Z",
        "X",
        "",
    ]
    head = await browser.request("HEAD", f"{PATH}/file?format=csv")
    assert (head.status, head.body) == (200, b"")


async def test_a_file_ends_somewhere_and_says_so(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST", 2)
    monkeypatch.setattr(audit, "MOST_EVENTS", 5)
    await acted(browser)
    found = json.loads((await browser.get(f"{PATH}/file?format=json")).body)
    assert (len(found["events"]), found["whole"]) == (5, False)
    table = (await browser.get(f"{PATH}/file?format=csv")).body.decode().splitlines()
    assert (len(table), table[-1].split(",")[1]) == (1 + 5 + 1, "more")


async def test_nobody_names_themselves_into_a_formula(browser: Browser) -> None:
    await browser.become("administrator")
    await browser.create_meeting(title='=HYPERLINK("https://x.example","y")')
    table = await browser.get(f"{PATH}/file?format=csv&what=meeting-created")
    [row, _] = csv.DictReader(io.StringIO(table.body.decode()))
    assert row["title"] == '\'=HYPERLINK("https://x.example","y")'


async def test_a_format_that_nobody_knows_is_refused(browser: Browser) -> None:
    await browser.become("administrator")
    for query in ("", "?format=xml", "?format=csv&what=x"):
        assert (await browser.get(f"{PATH}/file{query}")).code == "bad-request"


async def test_it_is_for_administrators_whose_account_is_open(browser: Browser) -> None:
    async with browser.another() as admin, browser.another() as former:
        await admin.become("administrator")
        gone = await former.become("administrator", "gone")
        path = f"/api/admin/accounts/{gone['id']}/disabled"
        assert (await admin.post(path, {"disabled": True})).status == 200
        for place in (PATH, f"{PATH}/file?format=csv"):
            assert (await browser.get(place)).code == "not-signed-in"
            assert (await former.get(place)).code == "not-signed-in"
        [disabled] = await events(admin, "?what=account-disabled")
        assert (disabled["by"], disabled["detail"]) == ("unknown", "gone")
        await browser.become("host")
        for place in (PATH, f"{PATH}/file?format=csv"):
            assert (await browser.get(place)).code == "forbidden"
