"""What is taken back after an export is in its feed, once, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from assent_vault.dataset import feed as feeds
from assent_vault.dataset.check import check
from assent_vault.dataset.feed import Feed
from assent_vault.files import small_file
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Purpose
from assent_vault.store.models import RecallFeedRow, RevocationRow, StatementRow
from support import migrated
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 1000)}


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """What is asked of the database here is asked of both kinds elsewhere; one will do."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


async def exported(stage: VaultScene, count: int = 1) -> list[StagedMeeting]:
    """Return meetings that are in one data set."""
    meetings = [await stage.released(2, **SOUND) for _ in range(count)]
    await stage.cool_off()
    outcome = await stage.worker.export_to(stage.exports / "set", None)
    assert outcome.meetings == count
    return meetings


async def rows(stage: VaultScene) -> list[RecallFeedRow]:
    async with stage.database.read() as session:
        return list((await session.scalars(select(RecallFeedRow))).all())


async def feed(stage: VaultScene) -> Feed:
    (row,) = await rows(stage)
    found = feeds.parse(row.body)
    assert row.entries == len(found.recalls)
    (kept,) = (stage.settings.vault_dir / "recalls").iterdir()
    assert kept.read_bytes() == row.body
    # A recipient takes it, for this very data set.
    identity = stage.worker._keyring.identity_public
    assert check(stage.exports / "set", [identity], row.body).feed_given
    said = json.loads((stage.exports / "set" / "MANIFEST.json").read_bytes())
    assert (said["export"], said["recalls"]) == (row.export_id, row.name)
    return found


async def test_an_export_has_a_feed_from_its_beginning(stage: VaultScene) -> None:
    await stage.worker.recalls.scan()
    assert await rows(stage) == []
    await exported(stage, 2)
    await stage.worker.recalls.scan()
    assert (await feed(stage)).recalls == ()
    before = await rows(stage)
    assert await stage.worker.recalls.scan() == 0, "nothing is new"
    await stage.restart()
    await stage.worker.recalls.scan()
    assert [row.body for row in await rows(stage)] == [row.body for row in before]


@pytest.mark.parametrize("how", ["withdrawn", "recording", "revoked", "deleted"])
async def test_what_is_taken_back_is_recalled_once(stage: VaultScene, how: str) -> None:
    meeting, other = await exported(stage, 2)
    await stage.worker.recalls.scan()
    person = meeting.people[1]
    if how in ("withdrawn", "recording"):
        await meeting.says(
            person, Will.YES if how == "withdrawn" else Will.WITHDRAWN, Will.WITHDRAWN
        )
    else:
        purpose: Purpose = "training" if how == "revoked" else "meeting"
        whose = person if how == "revoked" else None
        await meeting.is_acted_for(whose, purpose, by="operator")
    for _ in range(2):
        await stage.worker.recalls.scan()
        await stage.worker.watch()
        await stage.worker.erase()
    await stage.restart()
    await stage.worker.recalls.scan()
    (recall,) = (await feed(stage)).recalls
    assert recall.meeting == meeting.id
    assert recall.reason == ("withdrawn" if how == "recording" else how)
    await other.says(other.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    assert [each.meeting for each in (await feed(stage)).recalls] == [meeting.id, other.id]


async def test_it_can_be_taken_back_when_its_time_is_over(stage: VaultScene) -> None:
    """Of an exported meeting people can, years later; that it is destroyed recalls nothing."""
    (meeting,) = await exported(stage)
    await meeting.change(retain_until=stage.clock.now())
    for _ in range(2):
        await stage.worker.erase()
    await stage.worker.recalls.scan()
    assert (await feed(stage)).recalls == ()
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    assert [each.reason for each in (await feed(stage)).recalls] == ["withdrawn"]


async def test_who_was_never_let_in_recalls_nothing(stage: VaultScene) -> None:
    (meeting,) = await exported(stage)
    stranger = await meeting.comes(admitted=False)
    await meeting.says(stranger, Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    assert (await feed(stage)).recalls == ()


async def test_what_was_carried_out_is_recalled_though_its_rows_are_gone(
    stage: VaultScene,
) -> None:
    (meeting,) = await exported(stage)
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()  # and the worker ends before it has scanned
    async with stage.database.write() as session:
        await session.execute(delete(StatementRow).where(StatementRow.sequence > 1))
        await session.execute(delete(RevocationRow))
    await stage.restart()
    await stage.worker.recalls.scan()
    assert [each.reason for each in (await feed(stage)).recalls] == ["withdrawn"]


@pytest.mark.parametrize("at", ["folder", "database"])
async def test_what_cannot_be_written_is_written_later(
    stage: VaultScene, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, in either place; then the worker dies, too."""
    (meeting,) = await exported(stage)
    await stage.worker.recalls.scan()
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        if at == "folder":
            broken.setattr(small_file, "replace", full)
        else:
            broken.setattr(stage.database, "write", full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                await stage.worker.recalls.scan()
    (row,) = await rows(stage)
    assert row.entries == 0
    if at == "database":
        await stage.restart()
    await stage.worker.recalls.scan()
    assert [each.meeting for each in (await feed(stage)).recalls] == [meeting.id]


@pytest.mark.parametrize("lost", ["folder", "row", "shorter", "changed"])
async def test_nothing_that_was_published_is_ever_taken_back(stage: VaultScene, lost: str) -> None:
    """Of a folder from a backup, and of rows that somebody has changed, the feed goes on."""
    first, second = await exported(stage, 2)
    await stage.worker.recalls.scan()
    (begun,) = await rows(stage)
    await first.says(first.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    before = await feed(stage)
    (kept,) = (stage.settings.vault_dir / "recalls").iterdir()
    async with stage.database.write() as session:
        if lost == "folder":
            kept.write_bytes(begun.body)
        elif lost == "row":
            await session.execute(delete(RecallFeedRow))
        else:
            body = begun.body if lost == "shorter" else before.body.replace(b"A", b"B")
            await session.execute(update(RecallFeedRow).values(body=body))
    await stage.restart()
    await second.says(second.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    after = await feed(stage)
    feeds.must_extend(after, before)
    assert after.meetings == {first.id, second.id}


async def test_running_it_publishes_by_itself(stage: VaultScene) -> None:
    (meeting,) = await exported(stage)
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    stop = asyncio.Event()
    running = asyncio.create_task(stage.worker.run(stop))
    for _ in range(1000):
        if any(row.entries for row in await rows(stage)):
            break
        await asyncio.sleep(0.05)
    stop.set()
    await running
    assert (await feed(stage)).meetings == {meeting.id}
