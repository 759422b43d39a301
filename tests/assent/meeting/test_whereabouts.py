"""Where a person's part is: what the receipt page shows of deletions and exports."""

from __future__ import annotations

from assent.meeting.whereabouts import whereabouts
from assent_vault.models import Export, ExportItem
from assent_vault.statement import Will
from assent_vault.suite import encode
from support.takes import tone
from support.vault import Stage


async def erase(stage: Stage) -> None:
    """Have the worker find what has to go, and see it gone."""
    await stage.worker.watch()
    for _ in range(2):
        await stage.worker.erase()


async def test_a_recording_that_is_only_kept(stage: Stage) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    where = await whereabouts(stage.database, meeting.id, encode(meeting.people[0].id))
    assert where["deletions"] == []
    assert (where["destroyed_at"], where["exported"], where["dropped_because"]) == (None,) * 3


async def test_ones_own_deletion_is_shown_and_anothers_is_not(stage: Stage) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    ada, bo = meeting.people
    await stage.worker.watch()
    await meeting.says(bo, Will.WITHDRAWN, Will.WITHDRAWN)
    await erase(stage)
    where = await whereabouts(stage.database, meeting.id, encode(bo.id))
    (deletion,) = where["deletions"]
    assert not deletion["whole"]
    assert deletion["confirmed_at"] == stage.clock.now()
    assert where["dropped_because"] == "withdrawn"
    assert (await whereabouts(stage.database, meeting.id, encode(ada.id)))["deletions"] == []


async def test_the_end_of_retention_is_shown_to_everyone(stage: Stage) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    await meeting.change(retain_until=stage.clock.now())
    await erase(stage)
    for person in meeting.people:
        where = await whereabouts(stage.database, meeting.id, encode(person.id))
        assert where["destroyed_at"] == stage.clock.now()
        assert [one["whole"] for one in where["deletions"]] == [True]


async def test_the_data_set_it_went_into_is_named(stage: Stage) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    async with stage.database.write() as session:
        session.add(Export(id="E" * 22, state="running", requested_at=1, manifest_digest=bytes(32)))
        await session.flush()
        session.add(ExportItem(export_id="E" * 22, meeting_id=meeting.id, committed_at=7))
    where = await whereabouts(stage.database, meeting.id, encode(meeting.people[0].id))
    assert where["exported"] == {"data_set": "E" * 22, "at": 7, "manifest": encode(bytes(32))}
