"""Which meetings are looked at: by counts, and whatever a row says that the log does not."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.formats.statement import Will
from assent_vault.release.change_scan import ChangeScan
from assent_vault.store.models import MeetingRow
from support.sample_media import tone
from support.vault import VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def nothing_is(session: AsyncSession, meeting_id: str) -> bool:
    return False


async def test_rows_that_went_while_it_was_looked_at_have_it_looked_at_again(
    stage: VaultScene,
) -> None:
    await stage.released(1, **SOUND)
    changes = ChangeScan(stage.database, stage.clock.now, nothing_is)
    [change] = await changes.find()
    changes.forget([change.meeting_id])  # counted before that, or after: nobody knows
    changes.seen(change, again=False)
    [change] = await changes.find()
    changes.seen(change, again=False)
    assert await changes.find() == []
    changes.forget([change.meeting_id])
    assert await changes.find() == [change]


@pytest.mark.parametrize("restarted", [True, False])
async def test_a_row_that_says_destroyed_hides_no_withdrawal(
    stage: VaultScene, restarted: bool
) -> None:
    meeting = await stage.released(2, **SOUND)
    await stage.worker.watch()
    assert stage.worker._keyring.meetings()
    async with stage.database.write() as session:
        await session.execute(update(MeetingRow).values(destroyed_at=5))
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    if restarted:
        stage.worker._changes.__init__(  # type: ignore[misc]
            stage.database, stage.clock.now, stage.worker.eraser.is_destroyed
        )
    assert await stage.worker.watch() == 1
    assert stage.worker._keyring.meetings() == []


async def test_what_the_log_has_as_destroyed_is_looked_at_no_more(stage: VaultScene) -> None:
    await stage.released(1, **SOUND)
    async with stage.database.write() as session:
        await session.execute(update(MeetingRow).values(retain_until=1))
    await stage.worker.erase()
    for _ in range(2):
        assert await stage.worker.watch() == 0
