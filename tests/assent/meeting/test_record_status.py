"""Where a person's part is: what the receipt page shows of deletions and exports."""

from __future__ import annotations

from typing import Any

from assent.meeting.record_status import whereabouts
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.models import ExportItemRow, ExportRow
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene


async def erase(stage: VaultScene) -> None:
    """Have the worker find what has to go, and see it gone."""
    await stage.worker.watch()
    for _ in range(2):
        await stage.worker.erase()


async def told(stage: VaultScene, meeting: StagedMeeting, who: int) -> dict[str, Any]:
    """Return what somebody who was let in is told."""
    person = encode(meeting.people[who].id)
    return await whereabouts(stage.database, meeting.id, person, 90, admitted=True)


async def test_a_recording_that_is_only_kept(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    where = await whereabouts(
        stage.database, meeting.id, encode(meeting.people[0].id), 90, admitted=True
    )
    assert where["deletions"] == []
    assert (where["destroyed_at"], where["exported"], where["dropped_because"]) == (None,) * 3


async def test_ones_own_deletion_is_shown_and_anothers_is_not(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    _, bo = meeting.people
    await stage.worker.watch()
    await meeting.says(bo, Will.WITHDRAWN, Will.WITHDRAWN)
    await erase(stage)
    where = await told(stage, meeting, 1)
    (deletion,) = where["deletions"]
    assert not deletion["whole"]
    assert deletion["confirmed_at"] == stage.clock.now()
    assert where["dropped_because"] == "withdrawn"
    assert (await told(stage, meeting, 0))["deletions"] == []


async def test_the_end_of_retention_is_shown_to_everyone(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    await meeting.change(retain_until=stage.clock.now())
    await erase(stage)
    for person in meeting.people:
        where = await told(stage, meeting, meeting.people.index(person))
        assert where["destroyed_at"] == stage.clock.now()
        assert [one["whole"] for one in where["deletions"]] == [True]


async def test_the_data_set_it_went_into_is_named(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    async with stage.database.write() as session:
        session.add(
            ExportRow(id="E" * 22, state="running", requested_at=1, manifest_digest=bytes(32))
        )
        await session.flush()
        session.add(ExportItemRow(export_id="E" * 22, meeting_id=meeting.id, committed_at=7))
    where = await whereabouts(
        stage.database, meeting.id, encode(meeting.people[0].id), 90, admitted=True
    )
    assert where["exported"] == {"data_set": "E" * 22, "at": 7, "manifest": encode(bytes(32))}


async def test_who_was_never_let_in_is_told_nothing_of_the_recording(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    stranger = await meeting.comes(admitted=False)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await meeting.change(retain_until=stage.clock.now())
    await erase(stage)
    where = await whereabouts(stage.database, meeting.id, encode(stranger.id), 90, admitted=False)
    assert where["deletions"] == []
    assert (where["dropped_because"], where["exported"]) == (None, None)
