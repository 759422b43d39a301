"""What the gate is shown: rows as they are, objects as they were found."""

from __future__ import annotations

from dataclasses import replace

from assent_vault import evidence, gate, objects, suite
from assent_vault.epoch import parse_closing
from assent_vault.gate import Blocked, Code, Evidence, Release
from assent_vault.ledger.checkpoint import EMPTY
from assent_vault.models import Epoch, VaultKey
from assent_vault.statement import Will
from assent_vault.suite import encode
from support.people import Person
from support.takes import tone
from support.vault import COOLING_OFF_SECONDS, Stage, StagedMeeting


async def load(stage: Stage, meeting: StagedMeeting) -> Evidence:
    checks = await stage.worker.judge.prepare(meeting.id)
    async with stage.database.read() as session:
        found = await evidence.load(
            session,
            meeting.id,
            private=stage.worker._keyring.meeting_private(meeting.charter.meeting),
            checks=checks,
            follower=stage.worker.follower,
            cooling_off_ms=COOLING_OFF_SECONDS * 1000,
            now=stage.clock.now(),
        )
    assert found is not None
    return found


def codes(decision: Release | Blocked) -> set[str]:
    return set() if isinstance(decision, Release) else {str(each.code) for each in decision.reasons}


async def test_a_released_meeting_shows_all_that_the_gate_asks_for(stage: Stage) -> None:
    meeting = await stage.released(2, microphone=tone(440, 3000))
    found = await load(stage, meeting)
    decision = gate.decide(found)
    assert isinstance(decision, Release)
    assert decision.ready_at >= stage.clock.now() + COOLING_OFF_SECONDS * 1000
    assert found.key_present
    assert {person.person_id for person in found.people} == {
        encode(person.id) for person in meeting.people
    }
    # Looking again shows the same.
    assert gate.evidence_digest(await load(stage, meeting)) == decision.evidence_digest


async def test_there_is_no_evidence_of_what_there_is_not(stage: Stage) -> None:
    async with stage.database.read() as session:
        found = await evidence.load(
            session,
            "A" * 22,
            private=None,
            checks={},
            follower=stage.worker.follower,
            cooling_off_ms=0,
            now=0,
        )
    assert found is None
    assert await stage.worker.judge.judge("A" * 22) is None
    assert await stage.worker.judge.judge("not the id of a meeting") is None


async def test_answers_come_in_order_with_their_boxes(stage: Stage) -> None:
    meeting = await stage.meeting()
    person: Person = await meeting.comes()
    await meeting.says(person, Will.YES, Will.UNANSWERED)
    await meeting.says(person, Will.YES, Will.NO)
    await meeting.says(person, Will.YES, Will.YES)
    (found,) = (await load(stage, meeting)).people
    assert [answer.sealed is not None for answer in found.answers] == [False, False, True]
    assert found.admitted


async def test_who_was_not_let_in_is_not_counted_as_let_in(stage: Stage) -> None:
    meeting = await stage.meeting()
    await meeting.comes(admitted=False)
    (found,) = (await load(stage, meeting)).people
    assert not found.admitted


async def test_the_key_must_be_the_very_one(stage: Stage) -> None:
    meeting = await stage.released(1, microphone=tone(440, 1000))
    other = await stage.meeting()
    keyring = stage.worker._keyring
    foreign = keyring.meeting_private(other.charter.meeting)
    for private, changes in (
        (None, {}),
        (foreign, {}),
        (keyring.meeting_private(meeting.charter.meeting), {"destroyed_at": 5}),
        (keyring.meeting_private(meeting.charter.meeting), {"signature": bytes(64)}),
        (keyring.meeting_private(meeting.charter.meeting), {"certificate": b"{}"}),
    ):
        async with stage.database.write() as session:
            key = await session.get(VaultKey, meeting.id)
            assert key is not None
            for name, value in changes.items():
                setattr(key, name, value)
            await session.flush()
            found = await evidence.load(
                session,
                meeting.id,
                private=private,
                checks={},
                follower=stage.worker.follower,
                cooling_off_ms=0,
                now=0,
            )
            assert found is not None
            assert not found.key_present
            await session.rollback()


async def test_objects_that_are_missing_or_changed_are_counted(stage: Stage) -> None:
    meeting = await stage.released(1, microphone=tone(440, 5000))
    judge = stage.worker.judge
    track = (await load(stage, meeting)).epochs[0]
    assert track.closing is not None
    entries = parse_closing(track.closing).segments
    assert len(entries) == 4
    assert isinstance(await judge.judge(meeting.id), Release)
    key = objects.segment_key(meeting.id, 1, entries[1].track, 1)
    data = await stage.blobs.get(key)
    await stage.blobs.delete(key)
    await stage.restart()
    decision = await stage.worker.judge.judge(meeting.id)
    assert isinstance(decision, Blocked)
    assert [(each.code, each.count) for each in decision.reasons] == [(Code.SEGMENTS_DAMAGED, 1)]
    await stage.blobs.put(key, data[:-1] + bytes([data[-1] ^ 1]))
    decision = await stage.worker.judge.judge(meeting.id)
    assert codes(decision) == {"segments-damaged"}  # type: ignore[arg-type]
    await stage.blobs.delete(key)
    await stage.blobs.put(key, data)
    assert isinstance(await stage.worker.judge.judge(meeting.id), Release)


async def test_a_closing_that_cannot_be_read_has_no_check(stage: Stage) -> None:
    meeting = await stage.released(1, microphone=tone(440, 1000))
    async with stage.database.write() as session:
        row = await session.get(Epoch, (meeting.id, 1))
        assert row is not None
        row.close = b"{}"
    found = await load(stage, meeting)
    assert found.epochs[0].check is None
    assert "bad-evidence" in codes(gate.decide(found))


async def test_a_known_decision_is_only_used_for_the_very_same_evidence(stage: Stage) -> None:
    meeting = await stage.released(1, microphone=tone(440, 1000))
    judge = stage.worker.judge
    found = await load(stage, meeting)
    assert isinstance(judge._decide(found), Release)
    assert isinstance(judge._decide(replace(found, now=found.now + 1)), Release)
    assert codes(judge._decide(replace(found, now=found.retain_until))) == {"retention-over"}
    assert codes(judge._decide(replace(found, deletions=1))) == {"destroyed"}
    person = found.people[0]
    silent = replace(found, people=(replace(person, answers=()),))
    assert codes(judge._decide(silent)) == {"not-answered", "not-logged"}
    hidden = replace(found, log=replace(found.log, whole=False))
    assert codes(judge._decide(hidden)) == {"not-logged"}
    later = judge._decide(replace(found, log=replace(found.log, head=EMPTY)))
    assert isinstance(later, Release)
    assert later.head == EMPTY
    assert suite.digest(found.charter) == meeting.charter.digest
