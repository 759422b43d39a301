"""Exports that a second administrator has to approve: what the worker begins, and what it does not.

The rows here are what a server could write, the ones that ours never would as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assent_vault.export import new_id
from assent_vault.export.command_orders import CommandOrders
from assent_vault.export_request import ask
from assent_vault.formats.statement import Will
from assent_vault.store import approval, export_order
from assent_vault.store.export_order import ExportOrder, Options
from assent_vault.store.models import AccountRow, ExportItemRow, ExportRow
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

ORDER = ExportOrder("An Institute", "speech recognition")
HOUR = 3_600_000


async def prepare(stage: VaultScene, approvals: int = 1) -> StagedMeeting:
    """Have something to export, and two administrators, where exports are to be approved."""
    stage.settings = replace(stage.settings, export_approvals=approvals)
    await stage.restart()
    meeting = await stage.released(1, microphone=tone(440, 1000))
    await stage.cool_off()
    async with stage.database.write() as session:
        for login in ("ada", "ben"):
            session.add(
                AccountRow(
                    id=login, name=login, login=login, role="administrator", password_hash="",
                    created_at=1,
                )
            )  # fmt: skip
    return meeting


async def put(stage: VaultScene, **values: Any) -> str:
    """Write the row of an export that Ada asks for and Ben has approved, but for ``values``."""
    now = stage.clock.now()
    given: dict[str, Any] = {
        "state": "requested",
        "requested_by": "ada",
        "requested_at": now - 2 * HOUR,
        "approved_by": "ben",
        "approved_at": now - HOUR,
        "recipient": ORDER.recipient,
        "purpose": ORDER.purpose,
        **values,
    }
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export_id, **given))
    return export_id


async def outcome(stage: VaultScene, export_id: str) -> tuple[str, str | None]:
    """Have the worker look, and return what it has made of an export."""
    await stage.worker.export_requested()
    async with stage.database.read() as session:
        row = await session.get(ExportRow, export_id)
        written = (await session.scalars(select(ExportItemRow.meeting_id))).all()
    assert row is not None
    assert bool(written) == (row.state == "done")
    if row.state != "done":
        # Nothing was begun: there is no folder, with or without a name.
        assert not stage.exports.exists() or list(stage.exports.iterdir()) == []
    return row.state, row.error


async def test_what_a_second_administrator_has_approved_is_exported(stage: VaultScene) -> None:
    await prepare(stage)
    assert await outcome(stage, await put(stage)) == ("done", None)


async def test_no_approval_releases_what_is_not_agreed_to(stage: VaultScene) -> None:
    meeting = await prepare(stage)
    person = await meeting.comes()
    await meeting.says(person, Will.YES, Will.NO)
    assert await outcome(stage, await put(stage)) == ("failed", "nothing-to-export")


async def test_what_is_asked_for_goes_in(stage: VaultScene) -> None:
    """Recipient, purpose and choice are those of the row that was approved."""
    await prepare(stage)
    options = export_order.write(Options(audio_only=True, until=1))
    assert await outcome(stage, await put(stage, options=options)) == (
        "failed",
        "nothing-to-export",
    )


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"approved_by": None}, "not-approved"),
        ({"approved_at": None}, "not-approved"),
        ({"approved_by": None, "approved_at": None}, "not-approved"),
        ({"approved_by": None, "approved_at": None, "requested_by": None}, "not-approved"),
        ({"requested_by": None}, "not-approved"),
        ({"approved_by": "ada"}, "not-approved"),
        ({"closed_by": "ben", "closed_at": 5}, "not-approved"),
        ({"requested_at": 1}, "not-approved"),  # approved when it had lapsed
    ],
)
async def test_what_nobody_has_approved_who_may_is_not_begun(
    stage: VaultScene, values: Mapping[str, Any], code: str
) -> None:
    await prepare(stage)
    assert await outcome(stage, await put(stage, **values)) == ("failed", code)


@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize("change", [{"disabled_at": 5}, {"role": "host"}, {"role": "unknown"}])
async def test_both_are_administrators_when_it_begins(
    stage: VaultScene, who: str, change: Mapping[str, Any]
) -> None:
    await prepare(stage)
    export_id = await put(stage)
    async with stage.database.write() as session:
        await session.execute(update(AccountRow).where(AccountRow.id == who).values(**change))
    assert await outcome(stage, export_id) == ("failed", "approval-void")


async def test_both_are_there(stage: VaultScene) -> None:
    await prepare(stage)
    await put(stage)
    async with stage.database.read() as session:
        assert await approval.are_administrators(session, "ada", "ben")
        assert not await approval.are_administrators(session, "ada", "nobody")
    # And cannot be taken away, so that another could be made in their place.
    with pytest.raises(IntegrityError):
        async with stage.database.write() as session:
            await session.execute(delete(AccountRow).where(AccountRow.id == "ben"))


@pytest.mark.parametrize(
    ("hours", "found"),
    [(71.9, ("done", None)), (72, ("failed", "approval-lapsed")), (-1, ("failed", "not-approved"))],
)
async def test_an_approval_lapses(
    stage: VaultScene, hours: float, found: tuple[str, str | None]
) -> None:
    await prepare(stage)
    now = stage.clock.now()
    at = now - int(hours * HOUR)
    requested = at - HOUR if hours > 0 else now - 2 * HOUR
    code = found if hours > 0 else ("failed", "approval-lapsed")  # it is yet to happen
    assert await outcome(stage, await put(stage, requested_at=requested, approved_at=at)) == code


@pytest.mark.parametrize("state", ["proposed", "declined", "taken-back", "lapsed", "approved", "?"])
@pytest.mark.parametrize("approvals", [0, 1])
async def test_no_other_state_is_begun(stage: VaultScene, state: str, approvals: int) -> None:
    """Whatever the setting, and though it has been approved."""
    await prepare(stage, approvals)
    export_id = await put(stage, state=state)
    assert await outcome(stage, export_id) == (state, None)
    # Nor if it is pointed at.
    ran = await stage.worker.exports.run(export_id, stage.exports / export_id)
    assert (ran.folder, ran.error) == (None, "export-missing")
    assert await outcome(stage, export_id) == (state, None)


async def test_a_setting_that_nobody_knows_asks_for_approval(stage: VaultScene) -> None:
    await prepare(stage, approvals=-7)
    assert await outcome(stage, await put(stage, approved_by=None)) == ("failed", "not-approved")


async def test_without_the_setting_nobody_has_to_approve(stage: VaultScene) -> None:
    await prepare(stage, approvals=0)
    export_id = await put(stage, approved_by=None, approved_at=None)
    assert await outcome(stage, export_id) == ("done", None)


async def test_one_that_was_running_is_looked_at_again(stage: VaultScene) -> None:
    """Who writes that it runs already has not got past the check."""
    await prepare(stage)
    export_id = await put(stage, state="running", approved_by=None, lease_token="its own")
    await stage.restart()
    assert await outcome(stage, export_id) == ("failed", "not-approved")


async def test_a_proposal_lapses(stage: VaultScene) -> None:
    await prepare(stage)
    export_id = await put(
        stage,
        state="proposed", approved_by=None, approved_at=None, requested_at=stage.clock.now(),
    )  # fmt: skip
    stage.clock.pass_(approval.LAPSE_MS - HOUR)
    assert await outcome(stage, export_id) == ("proposed", None)
    stage.clock.pass_(2 * HOUR)
    assert await outcome(stage, export_id) == ("lapsed", None)


# The command line.


async def test_the_command_asks_nobody_where_the_keys_are(stage: VaultScene) -> None:
    await prepare(stage)
    found = await stage.worker.export_to(stage.exports / "data-set", None, ORDER)
    assert (found.meetings, found.error) == (1, None)


@pytest.mark.parametrize(
    ("has_folder", "error"), [(True, None), (False, "not-approved")], ids=["here", "elsewhere"]
)
async def test_the_command_that_asks_a_running_worker(
    stage: VaultScene, has_folder: bool, error: str | None
) -> None:
    """It counts as the vault's operator where it can write in the vault's folder."""
    await prepare(stage)
    await stage.worker.beat()
    orders = CommandOrders(stage.settings.vault_dir) if has_folder else None
    out = stage.settings.data_dir / "out"
    asking = asyncio.create_task(ask(stage.database, out, stage.clock.now, None, ORDER, orders))
    while not asking.done():
        await stage.worker.export_requested()
        await asyncio.sleep(0.01)
    found = await asking
    assert (found.error, found.folder) == (error, out if has_folder else None)
    assert not any((stage.settings.vault_dir / "orders").glob("*"))


async def test_an_order_of_the_command_orders_that_and_nothing_else(stage: VaultScene) -> None:
    await prepare(stage)
    orders = CommandOrders(stage.settings.vault_dir)
    nobody = {"requested_by": None, "approved_by": None, "approved_at": None}
    changed = await put(stage, recipient="Somebody else", **nobody)
    orders.give(changed, ORDER)
    assert await outcome(stage, changed) == ("failed", "not-approved")
    other = await put(stage, **nobody)
    orders.give(new_id(), ORDER)
    assert await outcome(stage, other) == ("failed", "not-approved")
    assert not orders.has("../identity.key", ORDER)
