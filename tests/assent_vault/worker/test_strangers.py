"""Whose rows go that the server has forgotten; and nobody's who was ever let in."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.database import Database
from assent_vault.store.models import GenerationRow, LogEntryRow, ParticipantRow, StatementRow
from assent_vault.worker.strangers import Strangers
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def forgets(database: Database, *people: str) -> None:
    """Have the server say of people that it has forgotten them, and never let them in."""
    async with database.write() as session:
        await session.execute(
            update(ParticipantRow)
            .where(ParticipantRow.person_id.in_(people))
            .values(admitted_at=None, forgotten_at=1)
        )


async def there(database: Database) -> set[str]:
    async with database.read() as session:
        return set(await session.scalars(select(ParticipantRow.person_id)))


async def answers(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(StatementRow)) or 0


async def recorded(stage: VaultScene) -> StagedMeeting:
    """A meeting with one person in its recording, and one who was let in after it."""
    meeting = await stage.meeting()
    inside = await meeting.comes()
    await meeting.says(inside, Will.YES, Will.YES)
    await meeting.record([(inside, SOUND)])
    await meeting.comes()
    return meeting


async def test_who_was_forgotten_goes_with_what_they_said(stage: VaultScene) -> None:
    meeting = await recorded(stage)
    for said in (True, False):
        stranger = await meeting.comes(admitted=False)
        if said:
            await meeting.says(stranger, Will.YES, Will.YES)
    inside, later, spoke, silent = (encode(person.id) for person in meeting.people)
    size = await stage.log_size()
    strangers = Strangers(stage.database)
    assert await strangers.take_away() == []  # nobody is forgotten yet
    assert await there(stage.database) == {inside, later, spoke, silent}
    await forgets(stage.database, spoke)
    assert await strangers.take_away() == [meeting.id]
    assert await there(stage.database) == {inside, later, silent}
    assert await answers(stage.database) == 1
    assert await stage.log_size() == size  # what was logged of them stays


@pytest.mark.parametrize("witness", ["log", "header"])
async def test_nobody_who_was_let_in_goes_whatever_the_rows_say(
    stage: VaultScene, witness: str
) -> None:
    """Either of the log and the headers is enough against the server's word."""
    meeting = await recorded(stage)
    inside, later = (encode(person.id) for person in meeting.people)
    async with stage.database.write() as session:
        if witness == "log":
            await session.execute(delete(GenerationRow))
        else:
            for row in await session.scalars(select(LogEntryRow)):
                if row.record is not None and b"/admitted/" in row.record:
                    row.record = row.salt = None
    await forgets(stage.database, inside, later)
    await Strangers(stage.database).take_away()
    assert inside in await there(stage.database)
    assert (later in await there(stage.database)) == (witness == "log")
    assert await answers(stage.database) == 1


async def test_one_who_stays_keeps_no_others(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent_vault.worker.strangers._BATCH", 2)
    meeting = await stage.meeting()
    people = [await meeting.comes(admitted=number < 3) for number in range(8)]
    await forgets(stage.database, *(encode(person.id) for person in people))
    strangers = Strangers(stage.database)
    for _ in range(5):
        await strangers.take_away()
    assert await there(stage.database) == {encode(person.id) for person in people[:3]}


async def test_a_withdrawal_is_seen_that_comes_as_a_stranger_goes(stage: VaultScene) -> None:
    """There are as many statements as before then."""
    meeting = await recorded(stage)
    stranger = await meeting.comes(admitted=False)
    await meeting.says(stranger, Will.YES, Will.YES)
    await stage.worker.watch()
    await forgets(stage.database, encode(stranger.id))
    await stage.worker.forget_strangers()
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    assert await answers(stage.database) == 2
    assert await stage.worker.watch() == 1
    assert stage.worker._keyring.meetings() == []
