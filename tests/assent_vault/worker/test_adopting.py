"""Going on after a loss: of the vault's identity, of the log's head, of the newest database."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import select

from assent_vault.errors import AdoptError, KeyringError, LogError
from assent_vault.formats import suite
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Adopted, Destroyed, Erased, Withdrawn
from assent_vault.release.decision import Blocked, Code
from assent_vault.release.log_writer import LogWriter
from assent_vault.store.database import Database
from assent_vault.store.models import LogEntryRow, MeetingRow, VaultKeyRow, WorkerHeartbeatRow
from assent_vault.worker.adopting import Adoption, adopt
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


def yes(_found: Adoption) -> bool:
    return True


async def adopted(stage: VaultScene) -> Adoption:
    found = await adopt(stage.settings, stage.clock.now, yes)
    assert found is not None
    return found


async def records(stage: VaultScene, kind: type[entries.Record]) -> list[LogEntryRow]:
    async with stage.database.read() as session:
        rows = (await session.scalars(select(LogEntryRow).order_by(LogEntryRow.number))).all()
    return [row for row in rows if entries.type_of(row.record or b"") == kind.TYPE]


async def problem(stage: VaultScene) -> str | None:
    async with stage.database.read() as session:
        beat = await session.get(WorkerHeartbeatRow, "vault")
    return None if beat is None else beat.problem


async def refused(stage: VaultScene, code: str) -> None:
    """Check that no worker starts, and that whoever asks the database is told why."""
    with pytest.raises((KeyringError, LogError)) as caught:
        await stage.open()
    assert caught.value.code == code  # type: ignore[attr-defined]
    with pytest.raises((KeyringError, LogError)):
        await stage.open()


async def carries_out(stage: VaultScene, meeting: StagedMeeting, other: StagedMeeting) -> None:
    """Check that the worker takes away what is to be taken away, and releases nothing of it."""
    await stage.worker.beat()
    assert await problem(stage) is None
    for one in (meeting, other):
        decision = await stage.worker.judge.judge(one.id)
        assert isinstance(decision, Blocked)
        assert Code.VAULT_KEY_MISSING in {reason.code for reason in decision.reasons}
        assert await stage.state(one) == "dropped"
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    await stage.worker.erase()
    assert not [key async for key, _ in
    stage.blobs.list(f"meetings/{meeting.id}/generations/1/tracks/")
                if key.split("/")[4].startswith(encode(meeting.people[0].id))]  # fmt: skip
    [withdrawn] = await records(stage, Withdrawn)
    suite.verify(
        stage.worker._keyring.identity_public,
        Withdrawn.TYPE,
        withdrawn.record or b"",
        withdrawn.signature or b"",
    )
    async with stage.database.write() as session:
        row = await session.get(MeetingRow, other.id)
        assert row is not None
        row.retain_until = stage.clock.now()
    await stage.worker.erase()
    async with stage.database.read() as session:
        row = await session.get(MeetingRow, other.id)
        assert row is not None
        assert row.destroyed_at is not None
    # And what comes later is the vault's own, and can be released.
    fresh = await stage.released(microphone=tone(440, 3000))
    await stage.cool_off()
    assert await stage.state(fresh) == "ready"


async def staged(stage: VaultScene) -> tuple[StagedMeeting, StagedMeeting]:
    meeting = await stage.released(**SOUND)
    other = await stage.released(**SOUND)
    gone = await stage.released(**SOUND)
    await stage.cool_off()
    assert await stage.state(meeting) == "ready"
    # One that the lost vault has destroyed: its entries stay accounted for.
    async with stage.database.write() as session:
        row = await session.get(MeetingRow, gone.id)
        assert row is not None
        row.retain_until = stage.clock.now()
    for _ in range(2):
        await stage.worker.erase()
    assert len(await records(stage, Destroyed)) == 1
    return meeting, other


async def test_an_identity_that_is_lost(stage: VaultScene) -> None:
    meeting, other = await staged(stage)
    lost = stage.worker._keyring.identity_public
    await stage.close()
    shutil.rmtree(stage.settings.vault_dir)
    await refused(stage, "vault-other-identity")

    found = await adopted(stage)
    assert (found.reason, found.meetings, found.former) == ("vault-other-identity", 2, (lost,))
    await stage.open()
    assert stage.worker.follower.unopened == 0
    # What the lost one has destroyed is destroyed.
    await stage.worker.erase()
    assert len(await records(stage, Destroyed)) == 1
    mine = stage.worker._keyring.identity_public
    assert mine != lost
    for row in await records(stage, Adopted):
        record = entries.parse(row.record or b"")
        assert isinstance(record, Adopted)
        assert record.vault == mine
        suite.verify(mine, Adopted.TYPE, row.record or b"", row.signature or b"")
    await carries_out(stage, meeting, other)
    await stage.restart()
    assert stage.worker.follower.unopened == 0


async def test_what_is_left_of_a_destroyed_meeting_is_taken_over(stage: VaultScene) -> None:
    """Whoever writes that it is gone is known by the log, also where its vault was lost."""
    meeting = await stage.released(**SOUND)
    async with stage.database.write() as session:
        row = await session.get(MeetingRow, meeting.id)
        assert row is not None
        row.retain_until = stage.clock.now()
    await stage.worker.eraser.end_retention()
    await stage.close()
    shutil.rmtree(stage.settings.vault_dir)
    assert (await adopted(stage)).meetings == 1
    await stage.open()
    for _ in range(2):
        await stage.worker.erase()
    (destroyed,) = await records(stage, Destroyed)
    (taken_over,) = await records(stage, Adopted)
    (erased,) = await records(stage, Erased)
    assert destroyed.number < taken_over.number < erased.number
    mine = stage.worker._keyring.identity_public
    suite.verify(mine, Erased.TYPE, erased.record or b"", erased.signature or b"")


async def test_a_vault_that_was_taken_over_destroys_nothing_any_more(stage: VaultScene) -> None:
    """Whoever has the lost key cannot have the end of retention put off."""
    meeting = await stage.released(**SOUND)
    lost = stage.worker._keyring.identity
    await stage.close()
    shutil.rmtree(stage.settings.vault_dir)
    await adopted(stage)
    await stage.open()
    forger = LogWriter(lost, stage.clock.now)
    async with stage.database.write() as session:
        row = await session.get(MeetingRow, meeting.id)
        assert row is not None
        row.retain_until = row.destroyed_at = stage.clock.now()
        await forger.destroyed(
            session, meeting.id, "retention", stage.worker.follower, keep_records=True
        )
    await stage.worker.erase()
    _, destroyed = await records(stage, Destroyed)
    mine = stage.worker._keyring.identity_public
    suite.verify(mine, Destroyed.TYPE, destroyed.record or b"", destroyed.signature or b"")


async def test_an_identity_that_is_lost_and_keys_that_are_not(stage: VaultScene) -> None:
    meeting, other = await staged(stage)
    assert stage.worker._keyring.meetings()
    await stage.close()
    (stage.settings.vault_dir / "identity.key").unlink()
    await refused(stage, "vault-identity-missing")
    assert (await adopted(stage)).reason == "vault-identity-missing"
    await stage.open()
    assert stage.worker._keyring.meetings() == []
    await carries_out(stage, meeting, other)


async def test_a_head_that_is_lost(stage: VaultScene) -> None:
    meeting, other = await staged(stage)
    await stage.close()
    (stage.settings.vault_dir / "log.head").unlink()
    await refused(stage, "log-head-missing")
    assert (await adopted(stage)).reason == "log-head-missing"
    await stage.open()
    assert stage.worker._keyring.meetings() == []
    await carries_out(stage, meeting, other)


async def test_a_head_of_a_newer_database(stage: VaultScene) -> None:
    meeting, other = await staged(stage)
    head = stage.settings.vault_dir / "log.head"
    older = await stage.log_size()
    await meeting.says(meeting.people[0], Will.YES, Will.YES)
    await stage.worker.watch()
    newer = head.read_bytes()
    await stage.take_back_log(older)
    await stage.close()
    head.write_bytes(newer)
    await refused(stage, "log-rolled-back")
    assert (await adopted(stage)).reason == "log-rolled-back"
    assert len(list(head.parent.glob("log.head.before-*"))) == 1
    await stage.open()
    await stage.worker.beat()
    assert await problem(stage) is None
    decision = await stage.worker.judge.judge(other.id)
    assert isinstance(decision, Blocked)


async def test_its_keys_do_not_come_back_with_a_copy(stage: VaultScene) -> None:
    """The same vault, which had lost its head, and somebody who brings back keys and columns."""
    meeting, _ = await staged(stage)
    await stage.close()
    kept = stage.settings.vault_dir.parent / "kept"
    shutil.copytree(stage.settings.vault_dir / "meetings", kept)
    (stage.settings.vault_dir / "log.head").unlink()
    await adopted(stage)
    await stage.open()
    shutil.copytree(kept, stage.settings.vault_dir / "meetings", dirs_exist_ok=True)
    async with stage.database.write() as session:
        await session.execute(
            VaultKeyRow.__table__.update().values(destroyed_at=None)  # type: ignore[attr-defined]
        )
    decision = await stage.worker.judge.judge(meeting.id)
    assert isinstance(decision, Blocked)
    assert {reason.code for reason in decision.reasons} == {Code.VAULT_KEY_MISSING}


async def test_nothing_is_taken_over_that_is_not_lost(stage: VaultScene) -> None:
    await staged(stage)
    await stage.close()
    with pytest.raises(AdoptError) as caught:
        await adopt(stage.settings, stage.clock.now, yes)
    assert caught.value.code == "nothing-lost"
    (stage.settings.vault_dir / "log.head").unlink()
    assert await adopt(stage.settings, stage.clock.now, lambda _found: False) is None
    await refused(stage, "log-head-missing")


async def test_the_reason_is_left_where_the_server_finds_it(stage: VaultScene) -> None:
    await staged(stage)
    await stage.close()
    (stage.settings.vault_dir / "log.head").unlink()
    await refused(stage, "log-head-missing")
    database = Database(stage.settings.database_url)
    try:
        async with database.read() as session:
            beat = await session.get(WorkerHeartbeatRow, "vault")
            assert beat is not None
            assert beat.problem == "log-head-missing"
    finally:
        await database.close()
