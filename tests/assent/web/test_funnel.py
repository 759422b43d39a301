"""The funnel: how many came how far, counted from rows as they are."""

from __future__ import annotations

from typing import Any

import pytest

from assent.web import funnel, meetings
from assent.web.kept_counts import DAY_MS, KEPT_MS
from assent_vault.formats.statement import Will
from assent_vault.store import models
from support.browser import Browser
from support.clock import ManualClock
from support.people import Person, make_meeting

PATH = "/api/admin/funnel"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def counted(browser: Browser, days: int = 30) -> dict[str, int]:
    answer = await browser.get(f"{PATH}?days={days}")
    assert answer.status == 200, answer.json
    assert [each["stage"] for each in answer.json["stages"]] == list(funnel.STAGES)
    return {each["stage"]: each["people"] for each in answer.json["stages"]}


async def add(browser: Browser, *rows: models.Base) -> None:
    async with browser.parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()


def answer(meeting: str, name: str, recording: Will, training: Will) -> models.StatementRow:
    """Return an answer as a browser would have signed it, of some meeting."""
    place = make_meeting()
    person = Person(place.charter, place.vault_key)
    person.enrol()
    said = person.answer(recording, training)
    return models.StatementRow(
        meeting_id=meeting, person_id=name, sequence=1, body=said.body, signature=said.signature,
        received_at=1,
    )  # fmt: skip


def participant(meeting: str, name: str, **more: Any) -> models.ParticipantRow:
    return models.ParticipantRow(
        meeting_id=meeting, person_id=name, name=name, token_hash=name.encode().ljust(32),
        enrolment=b"", signature=b"", enrolled_at=1, **more,
    )  # fmt: skip


async def test_each_is_counted_as_far_as_they_came(browser: Browser, clock: ManualClock) -> None:
    await browser.become("administrator")
    assert set((await counted(browser)).values()) == {0}
    meeting = (await browser.create_meeting(recording=True, training=True))["meeting"]["id"]
    await add(
        browser,
        models.JoinTokenRow(
            token_hash=b"t" * 32, meeting_id=meeting, created_at=1, expires_at=2**50
        ),
        participant(meeting, "waits"),
        participant(meeting, "forgotten", forgotten_at=2),
        *(participant(meeting, each, admitted_at=2) for each in ("a", "b", "c", "d")),
        answer(meeting, "a", Will.YES, Will.YES),
        answer(meeting, "b", Will.YES, Will.NO),
        answer(meeting, "c", Will.NO, Will.NO),
        answer(meeting, "waits", Will.YES, Will.YES),
    )
    clock.pass_(KEPT_MS / 1000)
    told = await counted(browser)
    assert told == {
        "invited": 6, "joined": 4, "recording": 2, "training": 1,
        "released": 0, "exported": 0, "withdrawn": 0,
    }  # fmt: skip
    assert await counted(browser, 7) == told
    await add(
        browser,
        models.ReleaseRow(
            meeting_id=meeting, state="exported", evidence=bytes(32), created_at=1, ready_at=2,
            updated_at=3,
        ),
        models.ExportRow(id="X" * 22, state="done", requested_at=1),
        models.ExportItemRow(export_id="X" * 22, meeting_id=meeting, committed_at=1),
        models.RevocationRow(
            id="R", meeting_id=meeting, person_id="d", body=b"", signature=b"", at=1
        ),
    )  # fmt: skip
    assert await counted(browser) == told, "kept for a moment"
    clock.pass_(KEPT_MS / 1000)
    told = await counted(browser)
    assert (told["released"], told["exported"], told["withdrawn"]) == (4, 4, 1)
    clock.pass_(8 * DAY_MS / 1000)
    await browser.become("administrator", "again")
    assert (await counted(browser, 7))["joined"] == 0
    assert (await counted(browser, 30))["joined"] == 4


async def test_it_is_bounded_and_says_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await browser.become("administrator")
    monkeypatch.setattr(funnel, "MOST_MEETINGS", 1)
    for _ in range(2):
        await browser.create_meeting(recording=True)
    told = (await browser.get(PATH)).json
    assert (told["meetings"], told["whole"]) == (1, False)


async def test_what_is_asked_wrongly_is_named(browser: Browser) -> None:
    assert (await browser.get(PATH)).code == "not-signed-in"
    await browser.become("administrator")
    wrong = await browser.get(f"{PATH}?days=8")
    assert (wrong.code, wrong.field) == ("bad-request", "days")
