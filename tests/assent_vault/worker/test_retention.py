"""What was signed about how long something is kept is what happens, whatever is set now."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from assent_vault.formats import objects
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Destroyed
from assent_vault.store.models import LogEntryRow, MeetingRow, ReleaseRow
from assent_vault.worker.retention import AUDIT_MS
from support.sample_media import tone
from support.vault import HOUR, StagedMeeting, VaultScene

DAY = 24 * HOUR
SOUND = {"microphone": tone(440, 2000)}
FAR = 2**52


async def recorded(stage: VaultScene, **signed: int) -> StagedMeeting:
    """Return a meeting that is over, whose people have signed these numbers."""
    meeting = await stage.meeting(**signed)
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.record([(ada, SOUND)])
    await meeting.end()
    return meeting


async def is_gone(stage: VaultScene, meeting: StagedMeeting) -> bool:
    """Let the worker do its rounds; tell whether nothing is left, and the log says so."""
    await stage.worker.erase()
    await stage.worker.erase()
    prefix = objects.meeting_prefix(meeting.id)
    left = [key async for key, _ in stage.blobs.list(prefix)]
    async with stage.database.read() as session:
        logged = [
            row
            for row in await session.scalars(select(LogEntryRow))
            if (row.record or b"").startswith(b'{"type":"' + Destroyed.TYPE.encode())
            and row.meeting_id == meeting.id
        ]
        row = await session.get(MeetingRow, meeting.id)
    assert row is not None
    assert bool(logged) == (not left)
    assert left == [] or row.destroyed_at is None
    return not left


async def started_again(stage: VaultScene, **settings: int | None) -> None:
    """Have another worker take over, with other settings."""
    stage.settings = replace(stage.settings, **settings)  # type: ignore[arg-type]
    await stage.restart()


@pytest.mark.parametrize(
    "columns",
    [
        {"retain_until": FAR},
        {"retain_until": FAR, "ended_at": FAR},
        {"retain_until": FAR, "ended_at": None, "expires_at": FAR},
    ],
)
async def test_no_column_keeps_it_longer(stage: VaultScene, columns: dict[str, int | None]) -> None:
    meeting = await recorded(stage, retention_days=7)
    await meeting.change(**columns)
    stage.clock.pass_(7 * DAY - 1)
    assert not await is_gone(stage, meeting)
    # Where not even its end is believed it goes when it had to be over.
    stage.clock.pass_(12 * HOUR + AUDIT_MS)
    assert await is_gone(stage, meeting)


async def test_it_goes_within_the_time_of_an_audit(stage: VaultScene) -> None:
    meeting = await recorded(stage, retention_days=7)
    await meeting.change(retain_until=FAR)
    stage.clock.pass_(7 * DAY - 1)
    assert not await is_gone(stage, meeting)
    stage.clock.pass_(AUDIT_MS)
    assert await is_gone(stage, meeting)


async def test_said_to_be_destroyed_is_not_destroyed(stage: VaultScene) -> None:
    meeting = await recorded(stage, retention_days=7)
    await meeting.change(destroyed_at=5)
    stage.clock.pass_(7 * DAY)
    await stage.worker.erase()
    await stage.worker.erase()
    assert [key async for key, _ in stage.blobs.list(objects.meeting_prefix(meeting.id))] == []
    async with stage.database.read() as session:
        row = await session.get(MeetingRow, meeting.id)
    assert row is not None
    assert row.destroyed_at == stage.clock.now()


@pytest.mark.parametrize(("set_later", "days"), [(3650, 7), (None, 7), (7, 7), (3, 3)])
async def test_another_setting_can_only_shorten_it(
    stage: VaultScene, set_later: int | None, days: int
) -> None:
    meeting = await recorded(stage, retention_days=7)
    await started_again(stage, retention_days=set_later)
    stage.clock.pass_(days * DAY - 1)
    assert not await is_gone(stage, meeting)
    stage.clock.pass_(AUDIT_MS)
    assert await is_gone(stage, meeting)


async def test_one_that_goes_on_is_never_cut_short(stage: VaultScene) -> None:
    meeting = await stage.meeting(retention_days=1)
    ada = await meeting.comes()
    await meeting.record([(ada, SOUND)])
    await meeting.change(retain_until=1)
    await started_again(stage, retention_days=1)
    assert not await is_gone(stage, meeting)


async def test_destroyed_once(stage: VaultScene) -> None:
    meeting = await recorded(stage, retention_days=7)
    stage.clock.pass_(8 * DAY)
    assert await is_gone(stage, meeting)
    size = await stage.log_size()
    # Whatever is written down afterwards, and by another worker as well.
    await meeting.change(destroyed_at=None, retain_until=FAR)
    for _ in range(2):
        stage.clock.pass_(AUDIT_MS)
        await stage.worker.erase()
        await started_again(stage)
    assert await stage.log_size() == size


@pytest.mark.parametrize(("set_later", "waits"), [(0, 2), (7200, 2), (3 * 3600, 3)])
async def test_another_setting_can_only_lengthen_the_wait(
    stage: VaultScene, set_later: int, waits: int
) -> None:
    meeting = await recorded(stage, cooling_off_seconds=2 * 3600)
    await started_again(stage, cooling_off_seconds=set_later)
    await stage.worker.watch()
    stage.clock.pass_(waits * HOUR - 1)
    await stage.worker.watch()
    assert await stage.state(meeting) == "cooling"
    # A column does not make it ready either: it is asked for once more before it is claimed.
    async with stage.database.write() as session:
        await session.execute(update(ReleaseRow).values(ready_at=0))
    done = await stage.worker.export_to(stage.exports / "early", lambda *_: None)
    assert done.meetings == 0
    stage.clock.pass_(1)
    await stage.worker.watch()
    assert await stage.state(meeting) == "ready"
