"""What was withdrawn, or has outlived its time, goes, and is seen gone."""

from __future__ import annotations

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select, update

from assent_vault.errors import BlobUnavailable
from assent_vault.formats import objects
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import digest, encode
from assent_vault.formats.track import SOURCES, Track
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Admitted, Destroyed, Purpose, Withdrawn
from assent_vault.release.evidence_reader import load_people
from assent_vault.store import log_rows as log
from assent_vault.store.models import (
    Base,
    DeletionRow,
    GateReportRow,
    LogEntryRow,
    MeetingRow,
    ParticipantRow,
    ReleaseRow,
    RevocationRow,
    StatementRow,
    VaultKeyRow,
)
from assent_vault.worker.withdrawals import taken_back
from support.people import Person
from support.sample_media import tone
from support.vault import HOUR, StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def keys_under(stage: VaultScene, prefix: str) -> list[str]:
    return [key async for key, _ in stage.blobs.list(prefix)]


async def tracks_of(
    stage: VaultScene, meeting: StagedMeeting, person: Person, generation: int
) -> int:
    prefix = objects.generation_track_prefix(meeting.id, generation, Track(person.id, "microphone"))
    return len(await keys_under(stage, prefix))


async def deletions(stage: VaultScene) -> list[DeletionRow]:
    async with stage.database.read() as session:
        return list((await session.scalars(select(DeletionRow))).all())


async def destroyed_at(stage: VaultScene, meeting: StagedMeeting) -> int | None:
    async with stage.database.read() as session:
        key = await session.get(VaultKeyRow, meeting.id)
        assert key is not None
        return key.destroyed_at


def held(stage: VaultScene, meeting: StagedMeeting) -> bool:
    return stage.worker._keyring.meeting_private(meeting.charter.meeting) is not None


async def test_withdrawing_training_destroys_the_key_and_drops_the_release(
    stage: VaultScene,
) -> None:
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    assert await stage.state(meeting) == "ready"
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    assert await stage.state(meeting) == "dropped"
    assert not held(stage, meeting)
    assert await destroyed_at(stage, meeting) == stage.clock.now()
    async with stage.database.read() as session:
        release = await session.get(ReleaseRow, meeting.id)
        report = await session.get(GateReportRow, meeting.id)
    assert release is not None
    assert release.reason == "withdrawn"
    assert report is not None
    assert '"withdrawn", "count": 1' in report.reasons
    # Nobody's tracks go: only training was taken back.
    assert await deletions(stage) == []
    # Another meeting's key stays.
    other = await stage.meeting()
    assert held(stage, other)


async def test_the_key_goes_while_the_meeting_still_runs(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    person = await meeting.comes()
    await meeting.says(person, Will.YES, Will.YES)
    await stage.worker.watch()
    assert held(stage, meeting)
    await meeting.says(person, Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    assert not held(stage, meeting)
    # The worker does not make another one in its place.
    assert await stage.worker.make_keys() == 0
    assert not held(stage, meeting)


async def test_withdrawing_recording_removes_that_persons_tracks_everywhere(
    stage: VaultScene,
) -> None:
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    for person in (ada, bo):
        await meeting.says(person, Will.YES, Will.YES)
    await meeting.record([(ada, SOUND), (bo, SOUND)])
    await meeting.record([(ada, SOUND), (bo, SOUND)], offset=20_000)
    await meeting.says(ada, Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    await stage.worker.erase()
    for generation in (1, 2):
        assert await tracks_of(stage, meeting, ada, generation) == 0
        assert await tracks_of(stage, meeting, bo, generation) == 3
    (row,) = await deletions(stage)
    assert (row.person_id, row.through_generation, row.confirmed_at) == (encode(ada.id), 2, None)
    # The absence is seen in the next round, and not before.
    await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at == stage.clock.now()
    assert not held(stage, meeting)


@pytest.mark.parametrize("through", [2**31 - 1, None])
async def test_how_much_there_is_to_clear_is_not_a_columns_to_say(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, through: int | None
) -> None:
    """A number without end costs no more than what is stored."""
    meeting = await stage.released(2, **SOUND)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    async with stage.database.write() as session:
        await session.execute(update(DeletionRow).values(through_generation=through))
    asked = 0
    real = stage.blobs.delete_prefix

    async def delete_prefix(prefix: str) -> int:
        nonlocal asked
        asked += 1
        assert asked <= 2 * len(SOURCES), "two rounds over one generation"
        return await real(prefix)

    monkeypatch.setattr(stage.blobs, "delete_prefix", delete_prefix)
    for _ in range(2):
        await stage.worker.erase()
    left = [
        key async for key, _ in stage.blobs.list(objects.generation_tracks_prefix(meeting.id, 1))
    ]
    assert left
    assert not [key for key in left if encode(meeting.people[0].id) in key]
    async with stage.database.read() as session:
        assert None not in (await session.scalars(select(DeletionRow.confirmed_at))).all()


async def test_a_row_that_says_destroyed_takes_nothing_away(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    async with stage.database.write() as session:
        await session.execute(update(MeetingRow).values(destroyed_at=5))
        session.add(DeletionRow(id="x", meeting_id=meeting.id, reason="retention", requested_at=5))
    for _ in range(2):
        await stage.worker.eraser.sweep()
    assert [
        key async for key, _ in stage.blobs.list(objects.generation_tracks_prefix(meeting.id, 1))
    ]


async def test_what_still_arrives_goes_as_well(stage: VaultScene) -> None:
    """While the generation is open the recorder may still be storing what it had in its hands."""
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    header = await meeting.record([(ada, SOUND)], close=False)
    await meeting.says(ada, Will.WITHDRAWN, Will.UNANSWERED)
    await stage.worker.watch()
    for _ in range(3):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is None
    late = objects.generation_segment_key(meeting.id, 1, Track(ada.id, "camera"), 7)
    await stage.blobs.put(late, b"late")
    await meeting.close(header, [])
    await stage.worker.erase()
    assert await keys_under(stage, objects.generation_tracks_prefix(meeting.id, 1)) == []
    assert (await deletions(stage))[0].confirmed_at is None
    await stage.worker.erase()
    assert (await deletions(stage))[0].confirmed_at is not None


async def test_who_agrees_anew_keeps_what_comes_after(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND)])
    await meeting.says(ada, Will.WITHDRAWN, Will.UNANSWERED)
    await stage.worker.watch()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND)], offset=20_000)
    await stage.worker.watch()
    await stage.worker.erase()
    await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 1) == 0
    assert await tracks_of(stage, meeting, ada, 2) == 3
    # Withdrawing once more is another withdrawal.
    await meeting.says(ada, Will.WITHDRAWN, Will.UNANSWERED)
    await stage.worker.watch()
    await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 2) == 0
    assert [row.through_generation for row in await deletions(stage)] in ([1, 2], [2, 1])


async def test_only_what_somebody_has_signed_takes_anything_away(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND)])
    async with stage.database.write() as session:
        for number, person in enumerate((encode(ada.id), None)):
            session.add(
                DeletionRow(
                    id=f"by-hand-{number}",
                    meeting_id=meeting.id,
                    person_id=person,
                    through_generation=9,
                    reason="withdrawn",
                    requested_at=1,
                )
            )
    await stage.worker.watch()
    await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 1) == 3
    assert all(row.confirmed_at is None for row in await deletions(stage))


async def test_a_withdrawal_is_carried_out_after_a_restart(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.eraser.heed(meeting.id)
    await stage.restart()
    await stage.worker.erase()
    assert await tracks_of(stage, meeting, meeting.people[0], 1) == 0
    await stage.worker.eraser.heed(meeting.id)
    assert len(await deletions(stage)) == 1


async def test_a_key_that_came_back_from_a_backup_is_destroyed_at_start(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    folder = stage.settings.vault_dir / "meetings"
    (key,) = folder.glob("*.key")
    backup = key.read_bytes()
    person = await meeting.comes()
    await meeting.says(person, Will.YES, Will.YES)
    await meeting.says(person, Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    assert not key.exists()
    await stage.close()
    key.write_bytes(backup)
    await stage.open()
    assert not key.exists()


async def test_a_meeting_whose_time_is_over_is_destroyed(stage: VaultScene) -> None:
    meeting = await stage.released(2, **SOUND)
    other = await stage.released(1, **SOUND)
    await stage.cool_off()
    await meeting.change(retain_until=stage.clock.now())
    await stage.worker.erase()
    assert await keys_under(stage, objects.meeting_prefix(meeting.id)) == []
    assert await keys_under(stage, objects.meeting_prefix(other.id)) != []
    assert not held(stage, meeting)
    assert await stage.state(meeting) == "dropped"
    async with stage.database.read() as session:
        row = await session.get(MeetingRow, meeting.id)
    assert row is not None
    assert row.destroyed_at == stage.clock.now()
    await stage.worker.erase()
    (deletion,) = await deletions(stage)
    assert deletion.confirmed_at is not None
    assert await stage.state(other) == "ready"


async def everything(stage: VaultScene) -> bytes:
    """Return what stands in the database, table after table, as one text."""
    found = []
    async with stage.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                found += [
                    value if isinstance(value, bytes) else str(value).encode() for value in row
                ]
    return b"\0".join(found)


def traces(meeting: StagedMeeting, *, proof: bool = False) -> list[bytes]:
    """Return what tells who was in a meeting; with ``proof`` not that which shows they agreed."""
    found = [b"A meeting", b"Somebody"]
    for person in () if proof else meeting.people:
        assert person.enrolment is not None
        said = person.enrolment
        keys = (said.person, said.digest, said.sign, said.watch, said.train)
        found += [encode(key).encode() for key in keys]
    return found


@pytest.mark.parametrize("exported", [False, True])
async def test_nothing_that_tells_who_was_there_is_left_of_a_destroyed_meeting(
    stage: VaultScene, exported: bool
) -> None:
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    if exported:
        assert (await stage.worker.export_to(stage.exports / "x", lambda *_: None)).meetings == 1
    before = await everything(stage)
    assert all(trace in before for trace in traces(meeting))
    await meeting.change(retain_until=stage.clock.now())
    await stage.worker.erase()
    await stage.worker.erase()
    after = await everything(stage)
    assert [trace for trace in traces(meeting, proof=exported) if trace in after] == []
    async with stage.database.read() as session:
        people = await load_people(session, meeting.id)
        row = await session.get(MeetingRow, meeting.id)
    assert row is not None
    assert row.charter == meeting.charter.body
    if exported:
        # The proof that everyone agreed: it verifies, and somebody can still take it back.
        everyone = {encode(person.id) for person in meeting.people}
        assert taken_back(meeting.charter, people, everyone).answers == ()
        assert {len(person.answers) for person in people} == {1}
        assert {answer.sealed for person in people for answer in person.answers} == {None}
        await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
        async with stage.database.read() as session:
            people = await load_people(session, meeting.id)
        assert taken_back(meeting.charter, people, everyone).answers
    else:
        assert people == ()
    # Nothing begins anew with it, not even after a restart.
    await stage.restart()
    await stage.worker.watch()
    await stage.worker.erase()
    assert await stage.state(meeting) == ("exported" if exported else "dropped")


async def test_one_that_was_never_recorded_is_destroyed_as_well(stage: VaultScene) -> None:
    """Who was there is kept as long as of any other, and no longer."""
    meeting = await stage.meeting(recording=False, training=False)
    await meeting.comes()
    await meeting.end()
    for _ in range(2):
        await stage.worker.erase()
    before = await everything(stage)
    assert all(trace in before for trace in traces(meeting))
    await meeting.change(retain_until=stage.clock.now())
    for _ in range(2):
        await stage.worker.erase()
    after = await everything(stage)
    assert [trace for trace in traces(meeting) if trace in after] == []


async def test_a_withdrawal_under_way_is_part_of_what_is_destroyed(stage: VaultScene) -> None:
    meeting = await stage.released(2, **SOUND)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    await meeting.change(retain_until=stage.clock.now())
    for _ in range(2):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.person_id is None
    assert row.confirmed_at is not None


async def test_a_generation_that_is_still_being_closed_is_waited_for(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    header = await meeting.record([(ada, SOUND)], close=False)
    await meeting.end()
    await meeting.change(retain_until=stage.clock.now())
    for _ in range(3):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is None
    await meeting.close(header, [])  # stores its objects, late
    for _ in range(2):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is not None
    assert await keys_under(stage, objects.meeting_prefix(meeting.id)) == []


async def test_a_generation_that_nobody_will_close_is_not_waited_for_for_ever(
    stage: VaultScene,
) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.record([(ada, SOUND)], close=False)
    await meeting.end()
    await meeting.change(retain_until=stage.clock.now())
    await stage.worker.erase()
    stage.clock.pass_(25 * HOUR)
    await stage.worker.erase()
    await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is not None
    after = await everything(stage)
    assert [trace for trace in traces(meeting) if trace in after] == []


async def test_a_deletion_that_fails_is_tried_until_it_was_seen_done(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is away, and one that says it has deleted and has not."""
    meeting = await stage.released(1, **SOUND)
    await meeting.change(retain_until=stage.clock.now())
    real = stage.blobs.delete_prefix

    async def away(prefix: str) -> int:
        raise BlobUnavailable("The object store cannot be used (EIO).")

    async def forgetful(prefix: str) -> int:
        return len(await keys_under(stage, prefix))

    for broken in (away, forgetful):
        monkeypatch.setattr(stage.blobs, "delete_prefix", broken)
        for _ in range(3):
            with suppress(BlobUnavailable):
                await stage.worker.erase()
        (row,) = await deletions(stage)
        assert row.confirmed_at is None
    monkeypatch.setattr(stage.blobs, "delete_prefix", real)
    for _ in range(2):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is not None
    assert await keys_under(stage, objects.meeting_prefix(meeting.id)) == []


async def test_a_meeting_that_goes_on_is_not_destroyed(stage: VaultScene) -> None:
    meeting = await stage.meeting(retain_until=5)
    await stage.worker.erase()
    assert held(stage, meeting)
    stage.clock.pass_(13 * HOUR)  # it has expired
    await stage.worker.erase()
    assert not held(stage, meeting)


@pytest.mark.parametrize("wills", [(Will.YES, Will.WITHDRAWN), (Will.WITHDRAWN, Will.WITHDRAWN)])
async def test_who_was_never_let_in_takes_nothing_back(
    stage: VaultScene, wills: tuple[Will, Will]
) -> None:
    """Denied at the door; said yes and took it back, when the meeting was long over."""
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    stranger = await meeting.comes(admitted=False)
    await meeting.says(stranger, Will.YES, Will.YES)
    await meeting.says(stranger, *wills)
    await stage.worker.watch()
    await stage.worker.erase()
    assert held(stage, meeting)
    assert await destroyed_at(stage, meeting) is None
    assert await deletions(stage) == []
    assert await stage.state(meeting) == "ready"
    assert (await stage.worker.export_to(stage.exports / "x", lambda *_: None)).meetings == 1


@pytest.mark.parametrize("known_by", ["row", "header", "log"])
async def test_whoever_is_known_to_have_been_let_in_takes_it_back(
    stage: VaultScene, known_by: str
) -> None:
    """By any one of the three; and what they said at the door counts from then on."""
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    bo = await meeting.comes(admitted=False)
    await meeting.says(bo, Will.YES, Will.YES)
    await meeting.says(bo, Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    assert held(stage, meeting)
    if known_by == "header":
        await meeting.record([(ada, SOUND), (bo, SOUND)])
    async with stage.database.write() as session:
        row = await session.get(ParticipantRow, (meeting.id, encode(bo.id)))
        assert row is not None
        if known_by == "row":
            row.admitted_at = stage.clock.now()
        if known_by == "log":
            about = {"meeting": meeting.charter.meeting, "person": bo.id}
            admitted = Admitted(**about, enrolment=digest(row.enrolment), at=stage.clock.now())
            await log.append(session, admitted)
    await stage.worker.eraser.heed(meeting.id)
    assert not held(stage, meeting)


async def test_of_an_exported_meeting_nothing_stays_of_whoever_was_not_let_in(
    stage: VaultScene,
) -> None:
    """Those who agreed to what is in somebody's hands are proven; nobody else is kept for it."""
    meeting = await stage.released(1, **SOUND)
    stranger = await meeting.comes(admitted=False)
    await meeting.says(stranger, Will.YES, Will.YES)
    await stage.cool_off()
    assert (await stage.worker.export_to(stage.exports / "x", lambda *_: None)).meetings == 1
    await meeting.change(retain_until=stage.clock.now())
    await stage.worker.erase()
    async with stage.database.read() as session:
        people = await load_people(session, meeting.id)
        said = (await session.scalars(select(StatementRow.person_id))).all()
    assert [person.person_id for person in people] == [encode(meeting.people[0].id)]
    assert set(said) == {encode(meeting.people[0].id)}


# What is taken back for others.


async def test_taking_training_back_for_somebody_destroys_the_key(stage: VaultScene) -> None:
    meeting = await stage.released(2, **SOUND)
    other = await stage.released(1, **SOUND)
    await stage.cool_off()
    act = await meeting.is_acted_for(meeting.people[0], "training")
    for _ in range(2):
        await stage.worker.watch()
        await stage.worker.erase()
    assert not held(stage, meeting)
    assert await deletions(stage) == []
    assert await stage.state(meeting) == "dropped"
    assert await stage.state(other) == "ready"
    async with stage.database.read() as session:
        release = await session.get(ReleaseRow, meeting.id)
        report = await session.get(GateReportRow, meeting.id)
        done = await log.records_of_type(session, [meeting.id], Withdrawn.TYPE)
    assert release is not None
    assert release.reason == "revoked"
    assert report is not None
    assert '"revoked", "count": 1' in report.reasons
    (carried_out,) = map(entries.parse, done[meeting.id])
    assert isinstance(carried_out, Withdrawn)
    assert (carried_out.person, carried_out.answer) == (meeting.people[0].id, digest(act.body))


@pytest.mark.parametrize("after", ["training", "recording", None])
@pytest.mark.parametrize("restarts", [False, True])
async def test_deleting_somebodys_part_takes_their_tracks_and_no_others(
    stage: VaultScene, after: str | None, restarts: bool
) -> None:
    """Also where the training was taken back before, or part of it twice."""
    meeting = await stage.released(2, **SOUND)
    ada, bo = meeting.people
    if after == "training":
        await meeting.is_acted_for(ada, "training")
        await stage.worker.watch()
    if after == "recording":
        await meeting.says(ada, Will.WITHDRAWN, Will.WITHDRAWN)
    await meeting.is_acted_for(ada, "recording", by="administrator")
    await stage.worker.watch()
    if restarts:
        await stage.restart()
    for _ in range(2):
        await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 1) == 0
    assert await tracks_of(stage, meeting, bo, 1) == 3
    assert not held(stage, meeting)
    assert all(row.confirmed_at is not None for row in await deletions(stage))
    assert {row.person_id for row in await deletions(stage)} == {encode(ada.id)}


async def test_an_act_while_it_is_recorded_takes_what_still_arrives(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    header = await meeting.record([(ada, SOUND)], close=False)
    await meeting.is_acted_for(ada, "recording")
    await stage.worker.watch()
    await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is None
    await meeting.close(header, [])
    # Who says yes anew keeps what comes after.
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND)], offset=20_000)
    for _ in range(2):
        await stage.worker.watch()
        await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 1) == 0
    assert await tracks_of(stage, meeting, ada, 2) == 3
    # And it can be done once more.
    await meeting.is_acted_for(ada, "recording")
    for _ in range(2):
        await stage.worker.watch()
        await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 2) == 0


@pytest.mark.parametrize("state", ["planned", "running", "over", "cooling", "ready", "exported"])
async def test_deleting_a_meeting_leaves_nothing_that_tells_who_was_there(
    stage: VaultScene, state: str
) -> None:
    other = await stage.released(1, **SOUND)
    if state == "planned":
        meeting = await stage.meeting(started_at=None)
    elif state == "running":
        meeting = await stage.meeting()
        ada = await meeting.comes()
        await meeting.says(ada, Will.YES, Will.YES)
        await meeting.record([(ada, SOUND)])
    else:
        meeting = await stage.released(2, **SOUND)
    if state == "cooling":
        await stage.worker.watch()
    if state in ("ready", "exported"):
        await stage.cool_off()
    if state == "exported":
        assert (await stage.worker.export_to(stage.exports / "x", lambda *_: None)).meetings == 2
    if meeting.people:
        await meeting.is_acted_for(meeting.people[0], "training")
    await meeting.is_acted_for(None, "meeting", by="operator")
    for _ in range(2):
        await stage.worker.watch()
        await stage.worker.erase()
    assert not held(stage, meeting)
    assert await keys_under(stage, objects.meeting_prefix(meeting.id)) == []
    assert await keys_under(stage, objects.meeting_prefix(other.id)) != []
    after = await everything(stage)
    left = [trace for trace in traces(meeting, proof=state == "exported") if trace in after]
    assert left == [b"A meeting", b"Somebody"]  # the other one's
    async with stage.database.read() as session:
        row = await session.get(MeetingRow, meeting.id)
        acts = await log.records_of_type(session, [meeting.id], Destroyed.TYPE)
        kept = (await session.scalars(select(RevocationRow))).all()
    assert row is not None
    assert row.destroyed_at == stage.clock.now()
    (destroyed,) = map(entries.parse, acts[meeting.id])
    assert isinstance(destroyed, Destroyed)
    assert destroyed.reason == "deleted"
    # That it was deleted, and by whom, stays to be told.
    assert None in [each.person_id for each in kept]
    if state != "exported":
        assert {each.person_id for each in kept} == {None}
    assert await stage.state(meeting) in (None, "dropped", "exported")


@pytest.mark.parametrize("signer", ["vault", "stranger", "nobody"])
@pytest.mark.parametrize("purpose", ["training", "recording", "meeting"])
async def test_an_act_that_the_server_has_not_signed_takes_nothing_away(
    stage: VaultScene, purpose: Purpose, signer: str
) -> None:
    """It blocks the release, for that takes nothing from anybody."""
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    real = stage.server
    stage.server = {
        "vault": stage.worker._keyring.identity,
        "stranger": Ed25519PrivateKey.generate(),
        "nobody": real,
    }[signer]
    person = None if purpose == "meeting" else meeting.people[0]
    await meeting.is_acted_for(person, purpose)
    stage.server = real
    if signer == "nobody":
        async with stage.database.write() as session:
            await session.execute(update(RevocationRow).values(signature=bytes(64)))
            await session.execute(
                update(LogEntryRow).where(LogEntryRow.signature.is_not(None)).values(signature=None)
            )
    await stage.worker.watch()
    await stage.worker.erase()
    assert held(stage, meeting)
    assert await deletions(stage) == []
    assert await tracks_of(stage, meeting, meeting.people[0], 1) == 3
    assert await stage.state(meeting) == "dropped"


@pytest.mark.parametrize("left", ["row", "entry"])
async def test_an_act_is_carried_out_from_its_row_or_its_entry_alone(
    stage: VaultScene, left: str
) -> None:
    meeting = await stage.released(1, **SOUND)
    await meeting.is_acted_for(meeting.people[0], "recording")
    async with stage.database.write() as session:
        if left == "entry":
            await session.execute(delete(RevocationRow))
        else:
            await session.execute(update(LogEntryRow).values(record=None, salt=None))
    await stage.worker.eraser.heed(meeting.id)
    for _ in range(2):
        await stage.worker.eraser.sweep()
    assert not held(stage, meeting)
    assert await tracks_of(stage, meeting, meeting.people[0], 1) == 0
