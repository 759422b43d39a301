"""The console: what it shows, to whom, and that it cannot release anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assent.web import Context, meetings
from assent_vault.formats import charter as charters
from assent_vault.formats.suite import encode
from assent_vault.store import models
from support.browser import Browser
from support.people import Person, Signed

ROUTES = ("/api/admin/meetings", "/api/admin/exports", "/api/admin/accounts")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def add(parts: Context, *rows: models.Base) -> None:
    async with parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


@pytest.mark.parametrize("path", ROUTES)
async def test_it_is_for_administrators(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).code == "not-signed-in"
    await browser.become("host")
    assert (await browser.get(path)).code == "forbidden"
    assert (await browser.post("/api/admin/exports")).code == "forbidden"


async def listed(browser: Browser) -> list[dict[str, Any]]:
    answer = await browser.get("/api/admin/meetings")
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json["meetings"]
    return found


async def test_a_meeting_nothing_is_known_of_yet(browser: Browser) -> None:
    await browser.become("administrator")
    made = await browser.create_meeting()
    assert await listed(browser) == [
        {
            **made["meeting"],
            "gate": None,
            "release": None,
            "people": 0,
            "agreed_recording": 0,
            "agreed_training": 0,
            "generations": 0,
            "deleted": None,
        }
    ]


def release(meeting: str, state: str, reason: str | None = None) -> models.ReleaseRow:
    return models.ReleaseRow(
        meeting_id=meeting,
        state=state,
        evidence=bytes(32),
        created_at=1,
        ready_at=2,
        reason=reason,
        updated_at=3,
    )


def participant(
    meeting: str, person: Person, said: Signed, *, admitted: bool
) -> models.ParticipantRow:
    return models.ParticipantRow(
        meeting_id=meeting,
        person_id=encode(person.id),
        name="X",
        is_host=False,
        token_hash=person.id,
        enrolment=said.body,
        signature=said.signature,
        enrolled_at=1,
        admitted_at=1 if admitted else None,
    )


def statement(meeting: str, person: Person, said: Signed, sequence: int) -> models.StatementRow:
    return models.StatementRow(
        meeting_id=meeting,
        person_id=encode(person.id),
        sequence=sequence,
        body=said.body,
        signature=said.signature,
        received_at=1,
    )


async def test_people_are_counted_by_what_they_said_last(browser: Browser) -> None:
    await browser.become("administrator")
    meeting = (await browser.create_meeting(recording=True))["meeting"]["id"]
    async with browser.parts.database.read() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
    charter = charters.parse(row.charter)
    rows: list[models.Base] = []
    for wills, admitted in (
        (["yes"], True),
        (["yes", "withdrawn"], True),
        (["no"], True),
        ([], True),
        (["no", "yes"], True),
        (["yes"], False),  # never let in: not counted
    ):
        person = Person(charter, None)
        rows.append(participant(meeting, person, person.enrol(), admitted=admitted))
        for number, will in enumerate(wills, 1):
            rows.append(statement(meeting, person, person.answer(will), number))
    rows += [
        models.GenerationRow(
            meeting_id=meeting, number=1, header=b"h", signature=b"", boxes=b"", opened_at=1
        ),
        models.GenerationRow(
            meeting_id=meeting, number=2, header=b"h", signature=b"", boxes=b"", opened_at=2
        ),
        models.GateReportRow(
            meeting_id=meeting,
            decision="blocked",
            reasons=json.dumps([{"code": "withdrawn", "count": 1}]),
            decided_at=7,
        ),
        release(meeting, "dropped", "withdrawn"),
    ]
    await add(browser.parts, *rows)
    [found] = await listed(browser)
    assert (found["people"], found["agreed_recording"], found["agreed_training"]) == (5, 2, 0)
    assert found["generations"] == 2
    assert found["gate"] == {
        "decision": "blocked",
        "reasons": [{"code": "withdrawn", "count": 1}],
        "decided_at": 7,
    }
    assert found["release"] == {"state": "dropped", "ready_at": 2, "reason": "withdrawn"}
    for row_ in rows:
        if isinstance(row_, models.ParticipantRow):
            assert row_.person_id not in json.dumps(found)  # counted, not named


@pytest.mark.parametrize(
    ("decision", "reasons"),
    [
        ("release", "["),
        ("blocked", ""),
        ("release", "{}"),
        ("release", "[1]"),
        ("blocked", '[{"code":"withdrawn"}]'),
        ("blocked", '[{"code":1,"count":1}]'),
        ("blocked", '[{"code":"withdrawn","count":true}]'),
        ("release", '[{"code":"withdrawn","count":1}]'),
        ("release", "[" * 100_000),
        ("yes", "[]"),
    ],
)
async def test_a_report_that_cannot_be_read_is_shown_as_a_block(
    browser: Browser, decision: str, reasons: str
) -> None:
    await browser.become("administrator")
    meeting = (await browser.create_meeting(recording=True))["meeting"]["id"]
    await add(
        browser.parts,
        models.GateReportRow(meeting_id=meeting, decision=decision, reasons=reasons, decided_at=7),
    )
    [found] = await listed(browser)
    assert found["gate"] == {
        "decision": "blocked",
        "reasons": [{"code": "report-unreadable", "count": 0}],
        "decided_at": 7,
    }


async def test_accounts_are_listed_without_their_hashes(browser: Browser) -> None:
    account = await browser.become("administrator")
    answer = await browser.get("/api/admin/accounts")
    assert answer.json == {
        "accounts": [
            {**account, "created_at": browser.parts.clock.now(), "disabled": False},
        ],
        "after": None,
    }
    assert b"argon2" not in answer.body
