"""Acting for others over HTTP: who may, on what, and what is answered."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from assent.web import Context, meetings
from assent_vault.formats import charter as charters
from assent_vault.formats.suite import encode
from assent_vault.store import models
from support.browser import Browser
from support.people import Person

NOBODY = encode(bytes(32))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


async def with_people(browser: Browser) -> tuple[str, str, str]:
    """Make a meeting in which one was let in, and another was not."""
    meeting: str = (await browser.create_meeting(recording=True))["meeting"]["id"]
    found = []
    async with browser.parts.database.write() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
        for name, admitted_at in (("In", 1), ("Out", None)):
            person = Person(charters.parse(row.charter), None)
            said = person.enrol()
            session.add(
                models.ParticipantRow(
                    meeting_id=meeting,
                    person_id=encode(person.id),
                    name=name,
                    is_host=False,
                    token_hash=person.id,
                    enrolment=said.body,
                    signature=said.signature,
                    enrolled_at=1,
                    admitted_at=admitted_at,
                )
            )
            found.append(encode(person.id))
    return meeting, found[0], found[1]


async def revoke(browser: Browser, meeting: str, person: str | None, purpose: str) -> Any:
    return await browser.post(
        f"/api/meetings/{meeting}/revoke", {"person": person, "purpose": purpose}
    )


async def test_a_host_acts_in_their_own_meetings_only(parts: Context, browser: Browser) -> None:
    await browser.become("host")
    meeting, inside, _ = await with_people(browser)
    async with Browser.of(parts) as other:
        for purpose, person in (("training", inside), ("recording", inside), ("meeting", None)):
            assert (await revoke(other, meeting, person, purpose)).code == "not-signed-in"
        assert (await other.get(f"/api/meetings/{meeting}/people")).code == "not-signed-in"
        await other.become("host", "another")
        for purpose, person in (("training", inside), ("recording", inside), ("meeting", None)):
            assert (await revoke(other, meeting, person, purpose)).code == "forbidden"
        assert (await other.get(f"/api/meetings/{meeting}/people")).code == "forbidden"
    async with parts.database.read() as session:
        assert (await session.scalars(select(models.RevocationRow))).all() == []
    answer = await revoke(browser, meeting, inside, "training")
    assert answer.status == 200
    assert answer.json["revoked"]["by"] == "host"


async def test_an_administrator_acts_in_any(parts: Context, browser: Browser) -> None:
    await browser.become("host")
    meeting, inside, _ = await with_people(browser)
    async with Browser.of(parts) as other:
        account = await other.become("administrator")
        answer = await revoke(other, meeting, inside, "recording")
        assert answer.json["revoked"]["by"] == "administrator"
        async with parts.database.read() as session:
            [row] = (await session.scalars(select(models.RevocationRow))).all()
        assert row.account_id == account["id"]
        assert (await revoke(other, meeting, None, "meeting")).json["meeting"]["ended_at"]
        [listed] = (await other.get("/api/admin/meetings")).json["meetings"]
        assert listed["deleted"]["by"] == "administrator"


@pytest.mark.parametrize("role", ["host", "administrator"])
async def test_a_disabled_account_does_nothing(parts: Context, browser: Browser, role: str) -> None:
    account = await browser.become(role)
    meeting, inside, _ = await with_people(browser)
    async with parts.database.write() as session:
        await session.execute(
            update(models.AccountRow)
            .where(models.AccountRow.id == account["id"])
            .values(disabled_at=1)
        )
    assert (await revoke(browser, meeting, inside, "training")).code == "not-signed-in"
    assert (await revoke(browser, meeting, None, "meeting")).code == "not-signed-in"
    assert (await browser.get(f"/api/meetings/{meeting}/people")).code == "not-signed-in"


async def test_those_who_were_let_in_are_listed_by_name(browser: Browser) -> None:
    await browser.become("host")
    meeting, inside, _ = await with_people(browser)
    path = f"/api/meetings/{meeting}/people"
    assert (await browser.get(path)).json == {
        "people": [{"person": inside, "name": "In", "host": False, "revoked": []}],
        "deleted": None,
    }
    await revoke(browser, meeting, inside, "recording")
    [listed] = (await browser.get(path)).json["people"]
    assert [act["purpose"] for act in listed["revoked"]] == ["recording"]
    await revoke(browser, meeting, None, "meeting")
    assert (await browser.get(path)).json["deleted"]["by"] == "host"


@pytest.mark.parametrize(
    ("person", "purpose", "code"),
    [
        (NOBODY, "training", "not-found"),
        ("out", "recording", "not-found"),
        (None, "training", "bad-request"),
        ("in", "meeting", "bad-request"),
        ("in", "release", "bad-request"),
        ("x", "training", "bad-request"),
        ("!" * 43, "training", "not-found"),
        (7, "training", "bad-request"),
    ],
)
async def test_what_cannot_be_done(browser: Browser, person: Any, purpose: str, code: str) -> None:
    await browser.become("host")
    meeting, inside, outside = await with_people(browser)
    person = {"in": inside, "out": outside}.get(person, person)
    assert (await revoke(browser, meeting, person, purpose)).code == code
    assert (await revoke(browser, "A" * 22, inside, "training")).code == "meeting-not-found"
    async with browser.parts.database.read() as session:
        assert (await session.scalars(select(models.RevocationRow))).all() == []
