"""Exports that a second administrator approves: who may do what, in every state there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from assent.web import Context, meetings
from assent_vault.store import approval, models
from assent_vault.store.database import Database
from support.browser import PASSWORD, Browser, make_context, make_vault
from support.clock import ManualClock

PATH = "/api/admin/exports"
ASKED = {"recipient": "An Institute", "purpose": "speech recognition"}
ACTS = ("approve", "decline", "take-back")


class Administrators:
    """Ada, who asks for an export, and Ben and Cleo, each in a browser of their own."""

    def __init__(self, ada: Browser, ben: Browser, cleo: Browser) -> None:
        self.ada, self.ben, self.cleo = ada, ben, cleo
        self.ids: dict[str, str] = {}

    async def propose(self) -> str:
        """Have Ada ask; returns the id of the export."""
        answer = await self.ada.post(PATH, ASKED)
        assert answer.status == 200, answer.json
        export: str = answer.json["export"]["id"]
        return export

    async def row(self, export: str) -> models.ExportRow:
        """Return what the worker will read."""
        async with self.ada.parts.database.read() as session:
            row = await session.get(models.ExportRow, export)
        assert row is not None
        return row

    async def change(self, table: type[models.Base], id_: str, **values: Any) -> None:
        """Change a row behind everybody's back."""
        async with self.ada.parts.database.write() as session:
            await session.execute(
                update(table).where(table.id == id_).values(**values)  # type: ignore[attr-defined]
            )


async def code(browser: Browser, export: str, act: str) -> str | None:
    return (await browser.post(f"{PATH}/{export}/{act}")).code


@pytest.fixture
async def parts(database: Database, tmp_path: Path, clock: ManualClock) -> Context:
    """Give a server whose exports are to be approved."""
    await make_vault(database)
    return await make_context(database, tmp_path, clock, export_approvals="1")


@pytest.fixture
async def people(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Administrators]:
    """Give three administrators, and something to export."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(browser.another()) for _ in range(2)]
        found = Administrators(browser, *others)
        for login, each in (("ada", found.ada), ("ben", found.ben), ("cleo", found.cleo)):
            found.ids[login] = (await each.become("administrator", login))["id"]
        meeting = (await browser.create_meeting(recording=True))["meeting"]["id"]
        async with browser.parts.database.write() as session:
            session.add(
                models.ReleaseRow(
                    meeting_id=meeting, state="ready", evidence=bytes(32), created_at=1,
                    ready_at=2, updated_at=3,
                )
            )  # fmt: skip
        yield found


async def test_what_is_asked_for_is_proposed_until_another_approves(
    people: Administrators, clock: ManualClock
) -> None:
    export = await people.propose()
    assert await people.propose() == export
    told = (await people.ben.get(PATH)).json
    assert (await people.ben.get(f"{PATH}/forecast")).json["approvals"] == 1
    assert told["exports"][0]["state"] == "proposed"
    assert told["exports"][0]["lapses_at"] == clock.now() + approval.LAPSE_MS
    asked_at = clock.now()
    clock.pass_(60)
    answer = await people.ben.post(f"{PATH}/{export}/approve")
    assert answer.status == 200
    listed = answer.json["export"]
    assert (listed["state"], listed["lapses_at"]) == ("requested", None)
    assert listed["requested_by"] == {"id": people.ids["ada"], "name": "Some Body"}
    assert listed["approved_by"] == {"id": people.ids["ben"], "name": "Some Body"}
    row = await people.row(export)
    assert (row.requested_by, row.requested_at) == (people.ids["ada"], asked_at)
    assert (row.approved_by, row.approved_at) == (people.ids["ben"], clock.now())
    async with people.ada.parts.database.read() as session:
        assert await approval.what_is_missing(session, row, clock.now()) is None


async def test_nobody_approves_what_they_have_asked_for(people: Administrators) -> None:
    """From another browser neither: they are one person."""
    export = await people.propose()
    async with people.ada.another() as elsewhere:
        signed_in = await elsewhere.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        assert signed_in.json["account"]["id"] == people.ids["ada"]
        for page in (people.ada, elsewhere):
            for act in ("approve", "decline"):
                answer = await page.post(f"{PATH}/{export}/{act}")
                assert (answer.status, answer.code) == (403, "own-export")
        row = await people.row(export)
        assert (row.state, row.approved_by) == ("proposed", None)
        # But it is theirs to take back from wherever.
        assert await code(elsewhere, export, "take-back") is None


async def test_two_approve_at_once(people: Administrators) -> None:
    export = await people.propose()
    codes = await asyncio.gather(
        *(code(page, export, "approve") for page in (people.ben, people.cleo, people.ben))
    )
    assert sorted(map(str, codes)) == ["None", "export-settled", "export-settled"]
    row = await people.row(export)
    assert row.approved_by in (people.ids["ben"], people.ids["cleo"])


async def test_an_approval_and_what_is_against_it_at_once(people: Administrators) -> None:
    """One of them happens; what is taken back or declined is not approved any more."""
    for against, page in (("decline", people.cleo), ("take-back", people.ada)):
        export = await people.propose()
        codes = list(
            await asyncio.gather(code(people.ben, export, "approve"), code(page, export, against))
        )
        row = await people.row(export)
        if codes == [None, None]:
            assert (against, row.state) == ("take-back", "taken-back")
        else:
            assert sorted(map(str, codes)) == ["None", "export-settled"]
            assert (row.state == "requested") == (codes[0] is None)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("proposed", {"approve", "decline", "take-back"}),
        ("requested", {"take-back"}),
        ("running", set()),
        ("done", set()),
        ("failed", set()),
        ("declined", set()),
        ("taken-back", set()),
        ("lapsed", set()),
        ("unknown", set()),
    ],
)
async def test_every_act_in_every_state(
    people: Administrators, state: str, allowed: set[str]
) -> None:
    for act in ACTS:
        export = await people.propose()
        await people.change(models.ExportRow, export, state=state)
        page = people.ada if act == "take-back" else people.ben
        answer = await page.post(f"{PATH}/{export}/{act}")
        if act in allowed:
            assert answer.status == 200, (act, answer.json)
        else:
            assert (answer.status, answer.code) == (409, "export-settled"), act
            row = await people.row(export)
            assert (row.state, row.approved_by, row.closed_by) == (state, None, None)
        await people.change(models.ExportRow, export, state="failed")


@pytest.mark.parametrize("first", ["decline", "take-back"])
async def test_nothing_is_approved_after_it_was_ended(people: Administrators, first: str) -> None:
    export = await people.propose()
    assert await code(people.ada if first == "take-back" else people.cleo, export, first) is None
    assert await code(people.ben, export, "approve") == "export-settled"
    row = await people.row(export)
    who = people.ids["ada" if first == "take-back" else "cleo"]
    assert (row.closed_by, row.closed_at) == (who, people.ada.parts.clock.now())
    # What is asked for again is another, which has to be approved itself.
    again = await people.propose()
    assert again != export
    assert (await people.row(again)).state == "proposed"


@pytest.mark.parametrize("ago", [approval.LAPSE_MS, approval.LAPSE_MS * 9, -approval.LAPSE_MS])
async def test_a_proposal_lapses(people: Administrators, ago: int) -> None:
    """Though the worker has not said so yet; and none is good before it was made."""
    export = await people.propose()
    at = people.ada.parts.clock.now() - ago
    await people.change(models.ExportRow, export, requested_at=at)
    (listed,) = (await people.ben.get(PATH)).json["exports"]
    assert (listed["state"], listed["lapses_at"]) == ("lapsed", None)
    for page, act in ((people.ben, "approve"), (people.ben, "decline"), (people.ada, "take-back")):
        assert await code(page, export, act) == "export-settled"
    assert (await people.row(export)).state == "proposed"
    assert await people.propose() != export


async def test_only_who_asked_takes_back(people: Administrators) -> None:
    export = await people.propose()
    assert await code(people.ben, export, "take-back") == "forbidden"
    assert await code(people.ben, export, "approve") is None
    assert await code(people.ben, export, "take-back") == "forbidden"
    assert await code(people.ada, export, "take-back") is None
    row = await people.row(export)
    assert (row.state, row.approved_by) == ("taken-back", people.ids["ben"])
    async with people.ada.parts.database.read() as session:
        missing = await approval.what_is_missing(session, row, people.ada.parts.clock.now())
    assert missing == "not-approved"


async def test_what_was_begun_once_is_not_taken_back(people: Administrators) -> None:
    """A run that was killed waits anew, and part of it is written."""
    export = await people.propose()
    await people.change(models.ExportRow, export, state="requested", meetings_total=2)
    assert await code(people.ada, export, "take-back") == "export-settled"


# The people meanwhile.


@pytest.mark.parametrize("change", [{"disabled_at": 5}, {"role": "host"}])
async def test_what_is_asked_by_nobody_who_may_is_not_approved(
    people: Administrators, change: Mapping[str, Any]
) -> None:
    export = await people.propose()
    await people.change(models.AccountRow, people.ids["ada"], **change)
    answer = await people.ben.post(f"{PATH}/{export}/approve")
    assert (answer.status, answer.code) == (409, "no-administrator-asks")
    row = await people.row(export)
    assert (row.state, row.approved_by) == ("proposed", None)
    assert await code(people.ben, export, "decline") is None


@pytest.mark.parametrize(
    ("change", "refused"),
    [({"disabled_at": 5}, "not-signed-in"), ({"role": "host"}, "forbidden")],
)
@pytest.mark.parametrize("act", ACTS)
async def test_who_is_no_administrator_any_more_does_nothing(
    people: Administrators, change: Mapping[str, Any], refused: str, act: str
) -> None:
    export = await people.propose()
    who, page = ("ada", people.ada) if act == "take-back" else ("ben", people.ben)
    await people.change(models.AccountRow, people.ids[who], **change)
    assert await code(page, export, act) == refused
    assert (await people.row(export)).state == "proposed"


async def test_who_is_shut_out_while_they_approve_does_not(
    people: Administrators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at in the transaction, not only when the request came."""
    export = await people.propose()
    real, ben = approval.are_administrators, people.ids["ben"]

    async def late(session: Any, *accounts: str) -> bool:
        await session.execute(
            update(models.AccountRow).where(models.AccountRow.id == ben).values(role="host")
        )
        return await real(session, *accounts)

    monkeypatch.setattr(approval, "are_administrators", late)
    assert await code(people.ben, export, "approve") == "forbidden"
    row = await people.row(export)
    assert (row.state, row.approved_by) == ("proposed", None)


@pytest.mark.parametrize("who", ["ada", "ben"])
async def test_disabling_either_ends_what_was_not_begun(people: Administrators, who: str) -> None:
    export = await people.propose()
    assert await code(people.ben, export, "approve") is None
    answer = await people.cleo.post(
        f"/api/admin/accounts/{people.ids[who]}/disabled", {"disabled": True}
    )
    assert answer.status == 200
    row = await people.row(export)
    assert (row.state, row.error) == ("failed", "account-disabled")


@pytest.mark.parametrize("act", ACTS)
async def test_it_is_for_administrators(people: Administrators, act: str) -> None:
    export = await people.propose()
    async with people.ada.another() as page:
        assert await code(page, export, act) == "not-signed-in"
        await page.become("host")
        assert await code(page, export, act) == "forbidden"
    assert await code(people.ben, "A" * 22, act) == "not-found"
    assert (await people.row(export)).state == "proposed"


async def test_what_was_proposed_stays_so_when_the_setting_goes(
    people: Administrators, database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    export = await people.propose()
    parts = await make_context(database, tmp_path, clock)
    async with Browser.of(parts) as page:
        await page.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        assert (await page.get(f"{PATH}/forecast")).json["approvals"] == 0
        # One that is asked for now waits for nobody, and leaves the other where it is.
        asked = await page.post(PATH, {**ASKED, "recipient": "Another"})
        assert asked.json["export"]["state"] == "requested"
        assert await code(page, export, "approve") == "own-export"
    assert (await people.row(export)).state == "proposed"
