"""What an export would be by length and language; what a sound is like is not known beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from assent.web import export_forecasts, meetings
from assent_vault.formats.statement import Will
from assent_vault.store import export_order, models
from support.browser import Browser
from support.people import Person, make_meeting

PATH = "/api/admin/exports"
ASKED = {"recipient": "An Institute", "purpose": "speech recognition"}


@pytest.fixture(autouse=True)
async def impatient(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)
    await browser.become("administrator")


async def ready(browser: Browser, *said: tuple[str, ...], duration: int | None = 1000) -> str:
    """Make a meeting that is ready; each in it has answered in these languages, one by one."""
    meeting: str = (await browser.create_meeting(recording=True))["meeting"]["id"]
    measured = {} if duration is None else {"duration": duration, "octets": 7}
    rows: list[models.Base] = [
        models.ReleaseRow(
            meeting_id=meeting,
            state="ready",
            evidence=bytes(32),
            created_at=1,
            ready_at=2,
            updated_at=3,
            **measured,
        )
    ]
    for number, languages in enumerate(said):
        name = f"person {number}"
        rows.append(
            models.ParticipantRow(
                meeting_id=meeting,
                person_id=name,
                name=name,
                token_hash=f"{meeting} {name}".encode().ljust(32),
                enrolment=b"",
                signature=b"",
                enrolled_at=1,
                admitted_at=2,
            )
        )
        rows += [
            models.StatementRow(
                meeting_id=meeting, person_id=name, sequence=sequence, body=answer(language),
                signature=b"", received_at=1,
            )
            for sequence, language in enumerate(languages, 1)
        ]  # fmt: skip
    async with browser.parts.database.write() as session:
        for row in rows:
            session.add(row)
            await session.flush()
    return meeting


def answer(language: str) -> bytes:
    place = make_meeting()
    person = Person(place.charter, place.vault_key, language=language)
    person.enrol()
    return person.answer(Will.YES, Will.NO).body


async def forecast(browser: Browser, query: str = "") -> dict[str, Any]:
    found = await browser.get(f"{PATH}/forecast?{query}")
    assert found.status == 200, found.json
    told: dict[str, Any] = found.json["forecast"]
    return told


async def test_those_that_are_too_short_are_not_counted(browser: Browser) -> None:
    for duration in (59_999, 60_000, None):
        await ready(browser, duration=duration)
    found = await forecast(browser, "least_seconds=60")
    # Of one it is not known yet, and that is told.
    assert (found["meetings"], found["duration"], found["unmeasured"]) == (2, 60_000, 1)
    assert (await forecast(browser, "least_seconds=61"))["meetings"] == 1
    assert (await forecast(browser))["meetings"] == 3


async def test_only_those_that_everybody_read_in_that_language(browser: Browser) -> None:
    await ready(browser, ("de",), ("de-CH",))
    await ready(browser, ("de",), ("fr",))
    await ready(browser, ("fr", "de"), duration=30)  # what they have said last
    await ready(browser, ("de", "fr"))
    await ready(browser, ("de",), ())  # one has said nothing
    found = await forecast(browser, "languages=DE")
    assert (found["meetings"], found["duration"], found["bytes"]) == (2, 1030, 14)
    assert (found["left"], found["unlooked"]) == (0, 0)
    assert (await forecast(browser, "languages=de,fr"))["meetings"] == 4
    assert (await forecast(browser, "languages=es"))["meetings"] == 0
    assert (await forecast(browser, "languages=de&least_seconds=1"))["meetings"] == 1
    assert (await forecast(browser))["meetings"] == 5


async def test_what_a_sound_is_like_is_not_known_beforehand(browser: Browser) -> None:
    await ready(browser)
    assert (await forecast(browser, "most_filled=0&most_clipped=0"))["meetings"] == 1


async def test_what_is_in_no_such_language_is_not_asked_for(browser: Browser) -> None:
    await ready(browser, ("de",))
    refused = await browser.post(PATH, {**ASKED, "languages": ["fr"]})
    assert (refused.status, refused.code) == (409, "nothing-to-export")
    assert (await browser.post(PATH, {**ASKED, "languages": ["de"]})).status == 200


async def test_there_is_an_end_to_looking(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not looked at is told, and is no reason to say that there is nothing."""
    monkeypatch.setattr(export_forecasts, "MOST_LOOKED", 2)
    monkeypatch.setattr(export_forecasts, "_AT_ONCE", 1)
    for _ in range(3):
        await ready(browser, ("fr",))
    found = await forecast(browser, "languages=de")
    assert (found["meetings"], found["unlooked"]) == (0, 1)
    assert (await browser.post(PATH, {**ASKED, "languages": ["de"]})).status == 200
    monkeypatch.setattr(export_order, "MOST_EXPORTED", 1)
    found = await forecast(browser, "languages=fr")
    assert (found["meetings"], found["left"], found["unlooked"]) == (1, 1, 1)
    # Without a language there is nothing to look for.
    assert (await forecast(browser))["unlooked"] == 0
