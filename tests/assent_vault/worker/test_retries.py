"""What could not be exported is tried once more when somebody asks, and not before."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from assent_vault.formats import objects
from assent_vault.formats.statement import Will
from assent_vault.formats.track import Track
from assent_vault.release.queue import RETRY_ASKED
from assent_vault.store.models import AccountRow, ReleaseRetryRow, ReleaseRow
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def release_of(stage: VaultScene, meeting: StagedMeeting) -> tuple[str, str | None]:
    async with stage.database.read() as session:
        row = await session.get(ReleaseRow, meeting.id)
    assert row is not None
    return row.state, row.reason


async def ask(stage: VaultScene, meeting: StagedMeeting) -> None:
    async with stage.database.write() as session:
        assert await session.get(AccountRow, "host") is not None
        session.add(
            ReleaseRetryRow(
                id=meeting.id, meeting_id=meeting.id, account_id="host", asked_at=stage.clock.now()
            )
        )


async def failed(stage: VaultScene) -> tuple[StagedMeeting, str, bytes]:
    """Return a meeting that could not be exported, for an object that was away."""
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    assert (await release_of(stage, meeting))[0] == "ready"
    place = objects.generation_segment_key(
        meeting.id, 1, Track(meeting.people[0].id, "microphone"), 1
    )
    content = await stage.blobs.get(place)
    await stage.blobs.delete(place)
    outcome = await stage.worker.export_to(stage.exports / "first", lambda *_: None)
    assert outcome.folder is None
    return meeting, place, content


async def test_it_is_exported_when_what_was_missing_is_back(stage: VaultScene) -> None:
    meeting, place, content = await failed(stage)
    assert await release_of(stage, meeting) == ("dropped", "export-segments-damaged")
    await stage.blobs.put(place, content)
    # By itself nothing happens: what failed would fail again.
    assert await stage.worker.retries.take_up() == 0
    await stage.worker.watch()
    assert await release_of(stage, meeting) == ("dropped", "export-segments-damaged")
    await ask(stage, meeting)
    assert await stage.worker.retries.take_up() == 1
    assert await release_of(stage, meeting) == ("dropped", RETRY_ASKED)
    assert await stage.worker.retries.take_up() == 0  # once for each time it is asked for
    await stage.worker.watch()
    assert (await release_of(stage, meeting))[0] == "ready"
    outcome = await stage.worker.export_to(stage.exports / "second", lambda *_: None)
    assert (outcome.meetings, outcome.error) == (1, None)
    async with stage.database.read() as session:
        [row] = (await session.scalars(select(ReleaseRetryRow))).all()
    assert row.done_at == stage.clock.now()


async def test_a_worker_that_dies_in_between_looks_when_it_starts(stage: VaultScene) -> None:
    meeting, place, content = await failed(stage)
    await stage.blobs.put(place, content)
    await ask(stage, meeting)
    await stage.worker.retries.take_up()
    await stage.restart()
    await stage.worker.watch()
    assert (await release_of(stage, meeting))[0] == "ready"


async def test_who_has_withdrawn_meanwhile_is_not_exported(stage: VaultScene) -> None:
    meeting, place, content = await failed(stage)
    await stage.blobs.put(place, content)
    await ask(stage, meeting)
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.retries.take_up()
    await stage.worker.watch()
    assert await release_of(stage, meeting) == ("dropped", "withdrawn")
    outcome = await stage.worker.export_to(stage.exports / "second", lambda *_: None)
    assert (outcome.meetings, outcome.error) == (0, "nothing-to-export")


@pytest.mark.parametrize("state", ["cooling", "ready", "claimed", "exported"])
async def test_what_has_not_failed_stays_as_it_is(stage: VaultScene, state: str) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.worker.watch()
    async with stage.database.write() as session:
        row = await session.get(ReleaseRow, meeting.id)
        assert row is not None
        row.state = state
    await ask(stage, meeting)
    assert await stage.worker.retries.take_up() == 0
    assert (await release_of(stage, meeting))[0] == state
    async with stage.database.read() as session:
        [retry] = (await session.scalars(select(ReleaseRetryRow))).all()
    assert retry.done_at is not None
