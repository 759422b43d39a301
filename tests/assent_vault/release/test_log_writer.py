"""What the vault has done is in the log, signed by the vault, once for each time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from assent_vault.errors import LogError
from assent_vault.export import new_id
from assent_vault.formats import suite
from assent_vault.formats.statement import Will
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Destroyed,
    Erased,
    ExportedFor,
    Record,
    Released,
    Withdrawn,
)
from assent_vault.release import queue
from assent_vault.store.models import ExportRow, LogEntryRow
from support.logs import cut_off, records
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 2000)}


async def of_vault(stage: VaultScene, meeting: StagedMeeting) -> list[Record]:
    """Return the vault's records of a meeting; every signature must be the vault's."""
    async with stage.database.read() as session:
        found = await session.scalars(
            select(LogEntryRow)
            .where(LogEntryRow.signature.is_not(None))
            .order_by(LogEntryRow.number)
        )
        for row in found:
            body = row.record or b""
            type_ = entries.type_of(body)
            suite.verify(meeting.charter.vault, type_, body, row.signature or b"")
    return [record for record in await records(stage.database, meeting.id) if record.OF_VAULT]


async def export(stage: VaultScene) -> bytes:
    """Export what is ready; returns the digest of the manifest."""
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(
            ExportRow(
                id=export_id, state="requested", requested_at=1,
                recipient="An Institute", purpose="speech",
            )
        )  # fmt: skip
    outcome = await stage.worker.exports.run(export_id, stage.exports / export_id)
    assert outcome.meetings == 1
    return suite.digest((stage.exports / export_id / "MANIFEST.json").read_bytes())


async def test_a_release_names_the_head_it_was_decided_at(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.worker.follower.follow()
    head = stage.worker.follower.head
    for _ in range(2):
        await stage.worker.watch()
    (record,) = await of_vault(stage, meeting)
    assert isinstance(record, Released)
    assert (record.size, record.root) == (head.size, head.root)
    assert record.ready_at > stage.clock.now()


async def test_an_export_names_the_data_set(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    manifest = await export(stage)
    released, exported = await of_vault(stage, meeting)
    assert isinstance(released, Released)
    assert isinstance(exported, ExportedFor)
    assert exported.manifest == manifest
    assert (exported.recipient, exported.purpose) == ("An Institute", "speech")
    assert exported.evidence == released.evidence
    # What the vault writes of a meeting is no new evidence: nothing begins to cool off anew.
    await stage.restart()
    await stage.worker.watch()
    assert await stage.state(meeting) == "exported"
    assert len(await of_vault(stage, meeting)) == 2


async def test_a_clock_that_is_set_back_at_the_commit_is_not_heeded(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had surely cooled off was not handed on before that, whatever the clock says then."""
    meeting = await stage.released(1, **SOUND)
    await stage.worker.watch()
    (released,) = await of_vault(stage, meeting)
    assert isinstance(released, Released)
    stage.clock.pass_(released.ready_at - stage.clock.now())
    await stage.worker.watch()
    real = queue.commit

    async def then_back(*arguments: Any) -> bool:
        done = await real(*arguments)
        stage.clock.jump(-60_000)
        return done

    monkeypatch.setattr(queue, "commit", then_back)
    await export(stage)
    *_, exported = await of_vault(stage, meeting)
    assert isinstance(exported, ExportedFor)
    assert exported.at == released.ready_at


async def test_a_withdrawal_is_logged_once_and_what_it_erased(stage: VaultScene) -> None:
    meeting = await stage.released(2, **SOUND)
    await stage.worker.watch()
    ada = meeting.people[0]
    await meeting.says(ada, Will.WITHDRAWN, Will.WITHDRAWN)
    assert ada.last is not None
    for _ in range(2):
        await stage.worker.watch()
        await stage.worker.erase()
        await stage.restart()
    _, withdrawn, erased = await of_vault(stage, meeting)
    assert isinstance(withdrawn, Withdrawn)
    assert (withdrawn.person, withdrawn.answer) == (ada.id, ada.last.digest)
    assert isinstance(erased, Erased)
    assert erased.person == ada.id


@pytest.mark.parametrize("exported", [False, True])
async def test_when_its_time_is_over_the_records_go_unless_they_are_proof(
    stage: VaultScene, exported: bool
) -> None:
    meeting = await stage.released(1, **SOUND)
    other = await stage.released(1, **SOUND)
    await stage.cool_off()
    if exported:
        await stage.worker.judge.judge(meeting.id)
        export_id = new_id()
        async with stage.database.write() as session:
            session.add(ExportRow(id=export_id, state="requested", requested_at=1))
        await stage.worker.exports.run(export_id, stage.exports / export_id)
    before = len(await records(stage.database, meeting.id))
    await meeting.change(retain_until=1)
    for _ in range(2):
        await stage.worker.erase()
    found = await records(stage.database, meeting.id)
    destroyed, erased = found[-2:]
    assert isinstance(destroyed, Destroyed)
    assert (destroyed.reason, destroyed.entries) == ("retention", before)
    assert erased == Erased(meeting=meeting.charter.meeting, person=None, at=erased.at)
    assert len(found) == (before + 2 if exported else 2)
    # The vault can tell what is missing, and goes on with the others.
    await stage.restart()
    assert stage.worker.follower.unopened == 0
    if not exported:
        await stage.worker.watch()
        assert await stage.state(other) == "ready"


async def test_the_worker_follows_though_there_is_nothing_to_decide(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await stage.worker.watch()
    size = stage.worker.follower.head.size
    assert size == await stage.log_size()
    # And carries out a withdrawal even when somebody has taken something out of the log.
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.says(ada, Will.YES, Will.WITHDRAWN)
    await cut_off(stage.database, size - 1)
    with pytest.raises(LogError):
        await stage.worker.watch()
    assert not list((stage.settings.vault_dir / "meetings").glob("*.key"))
