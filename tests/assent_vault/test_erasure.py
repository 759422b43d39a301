"""What was withdrawn, or has outlived its time, goes, and is seen gone."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import select

from assent_vault import objects
from assent_vault.erasure import taken_back
from assent_vault.errors import BlobUnavailable
from assent_vault.evidence import load_people
from assent_vault.gate import AnswerEvidence, PersonEvidence
from assent_vault.models import Base, Deletion, GateReport, Meeting, Release, VaultKey
from assent_vault.statement import Will
from assent_vault.suite import encode
from assent_vault.track import Track
from support.people import Person
from support.takes import tone
from support.vault import HOUR, Stage, StagedMeeting

SOUND = {"microphone": tone(440, 3000)}


async def keys_under(stage: Stage, prefix: str) -> list[str]:
    return [key async for key, _ in stage.blobs.list(prefix)]


async def tracks_of(stage: Stage, meeting: StagedMeeting, person: Person, epoch: int) -> int:
    prefix = objects.track_prefix(meeting.id, epoch, Track(person.id, "microphone"))
    return len(await keys_under(stage, prefix))


async def deletions(stage: Stage) -> list[Deletion]:
    async with stage.database.read() as session:
        return list((await session.scalars(select(Deletion))).all())


async def destroyed_at(stage: Stage, meeting: StagedMeeting) -> int | None:
    async with stage.database.read() as session:
        key = await session.get(VaultKey, meeting.id)
        assert key is not None
        return key.destroyed_at


def held(stage: Stage, meeting: StagedMeeting) -> bool:
    return stage.worker._keyring.meeting_private(meeting.charter.meeting) is not None


async def test_withdrawing_training_destroys_the_key_and_drops_the_release(stage: Stage) -> None:
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    assert await stage.state(meeting) == "ready"
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    assert await stage.state(meeting) == "dropped"
    assert not held(stage, meeting)
    assert await destroyed_at(stage, meeting) == stage.clock.now()
    async with stage.database.read() as session:
        release = await session.get(Release, meeting.id)
        report = await session.get(GateReport, meeting.id)
    assert release is not None
    assert release.reason == "withdrawn"
    assert report is not None
    assert '"withdrawn", "count": 1' in report.reasons
    # Nobody's tracks go: only training was taken back.
    assert await deletions(stage) == []
    # Another meeting's key stays.
    other = await stage.meeting()
    assert held(stage, other)


async def test_the_key_goes_while_the_meeting_still_runs(stage: Stage) -> None:
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


async def test_withdrawing_recording_removes_that_persons_tracks_everywhere(stage: Stage) -> None:
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    for person in (ada, bo):
        await meeting.says(person, Will.YES, Will.YES)
    await meeting.record([(ada, SOUND), (bo, SOUND)])
    await meeting.record([(ada, SOUND), (bo, SOUND)], offset=20_000)
    await meeting.says(ada, Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    await stage.worker.erase()
    for epoch in (1, 2):
        assert await tracks_of(stage, meeting, ada, epoch) == 0
        assert await tracks_of(stage, meeting, bo, epoch) == 3
    (row,) = await deletions(stage)
    assert (row.person_id, row.through_epoch, row.confirmed_at) == (encode(ada.id), 2, None)
    # The absence is seen in the next round, and not before.
    await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at == stage.clock.now()
    assert not held(stage, meeting)


async def test_what_still_arrives_goes_as_well(stage: Stage) -> None:
    """While the epoch is open the recorder may still be storing what it had in its hands."""
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
    late = objects.segment_key(meeting.id, 1, Track(ada.id, "camera"), 7)
    await stage.blobs.put(late, b"late")
    await meeting.close_epoch(header, [])
    await stage.worker.erase()
    assert await keys_under(stage, objects.tracks_prefix(meeting.id, 1)) == []
    assert (await deletions(stage))[0].confirmed_at is None
    await stage.worker.erase()
    assert (await deletions(stage))[0].confirmed_at is not None


async def test_who_agrees_anew_keeps_what_comes_after(stage: Stage) -> None:
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
    assert [row.through_epoch for row in await deletions(stage)] in ([1, 2], [2, 1])


async def test_only_what_somebody_has_signed_takes_anything_away(stage: Stage) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND)])
    async with stage.database.write() as session:
        for number, person in enumerate((encode(ada.id), None)):
            session.add(
                Deletion(
                    id=f"by-hand-{number}",
                    meeting_id=meeting.id,
                    person_id=person,
                    through_epoch=9,
                    reason="withdrawn",
                    requested_at=1,
                )
            )
    await stage.worker.watch()
    await stage.worker.erase()
    assert await tracks_of(stage, meeting, ada, 1) == 3
    assert all(row.confirmed_at is None for row in await deletions(stage))


async def test_a_withdrawal_is_carried_out_after_a_restart(stage: Stage) -> None:
    meeting = await stage.released(1, **SOUND)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.eraser.heed(meeting.id)
    await stage.restart()
    await stage.worker.erase()
    assert await tracks_of(stage, meeting, meeting.people[0], 1) == 0
    await stage.worker.eraser.heed(meeting.id)
    assert len(await deletions(stage)) == 1


async def test_a_key_that_came_back_from_a_backup_is_destroyed_at_start(stage: Stage) -> None:
    meeting = await stage.meeting()
    folder = stage.settings.vault_dir / "meetings"
    (key,) = folder.iterdir()
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


async def test_a_meeting_whose_time_is_over_is_destroyed(stage: Stage) -> None:
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
        row = await session.get(Meeting, meeting.id)
    assert row is not None
    assert row.destroyed_at == stage.clock.now()
    await stage.worker.erase()
    (deletion,) = await deletions(stage)
    assert deletion.confirmed_at is not None
    assert await stage.state(other) == "ready"


async def everything(stage: Stage) -> bytes:
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
    stage: Stage, exported: bool
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
        row = await session.get(Meeting, meeting.id)
    assert row is not None
    assert row.charter == meeting.charter.body
    if exported:
        # The proof that everyone agreed: it verifies, and somebody can still take it back.
        assert taken_back(meeting.charter, people).answers == ()
        assert {len(person.answers) for person in people} == {1}
        assert {answer.sealed for person in people for answer in person.answers} == {None}
        await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
        async with stage.database.read() as session:
            people = await load_people(session, meeting.id)
        assert taken_back(meeting.charter, people).answers
    else:
        assert people == ()
    # Nothing begins anew with it, not even after a restart.
    await stage.restart()
    await stage.worker.watch()
    await stage.worker.erase()
    assert await stage.state(meeting) == ("exported" if exported else "dropped")


async def test_a_withdrawal_under_way_is_part_of_what_is_destroyed(stage: Stage) -> None:
    meeting = await stage.released(2, **SOUND)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    await meeting.change(retain_until=stage.clock.now())
    for _ in range(2):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.person_id is None
    assert row.confirmed_at is not None


async def test_an_epoch_that_is_still_being_closed_is_waited_for(stage: Stage) -> None:
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
    await meeting.close_epoch(header, [])  # stores its objects, late
    for _ in range(2):
        await stage.worker.erase()
    (row,) = await deletions(stage)
    assert row.confirmed_at is not None
    assert await keys_under(stage, objects.meeting_prefix(meeting.id)) == []


async def test_an_epoch_that_nobody_will_close_is_not_waited_for_for_ever(stage: Stage) -> None:
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
    stage: Stage, monkeypatch: pytest.MonkeyPatch
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


async def test_a_meeting_that_goes_on_is_not_destroyed(stage: Stage) -> None:
    meeting = await stage.meeting(retain_until=5)
    await stage.worker.erase()
    assert held(stage, meeting)
    stage.clock.pass_(13 * HOUR)  # it has expired
    await stage.worker.erase()
    assert not held(stage, meeting)


@pytest.mark.parametrize("breaks", ["body", "signature", "order"])
async def test_a_statement_that_does_not_verify_withdraws_nothing(
    stage: Stage, breaks: str
) -> None:
    meeting = await stage.meeting()
    person = Person(meeting.charter, meeting.vault_key)
    enrolment = person.enrol()
    answers = [person.answer(Will.YES), person.answer(Will.WITHDRAWN)]
    rows = [AnswerEvidence(each.body, each.signature, None, 1) for each in answers]

    def evidence(*rows: AnswerEvidence) -> PersonEvidence:
        return PersonEvidence(
            encode(person.id), enrolment.body, enrolment.signature, True, tuple(rows)
        )

    assert len(taken_back(meeting.charter, (evidence(*rows),)).recordings) == 1
    last = rows[1]
    if breaks == "body":
        last = AnswerEvidence(last.body.replace(b"en", b"de"), last.signature, None, 1)
    elif breaks == "signature":
        last = AnswerEvidence(last.body, bytes(64), None, 1)
    changed = (last, rows[0]) if breaks == "order" else (rows[0], last)
    found = taken_back(meeting.charter, (evidence(*changed),))
    assert found.answers == ()
    assert found.recordings == ()
