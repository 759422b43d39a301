"""What the gate is shown: rows as they are, objects as they were found."""

from __future__ import annotations

from dataclasses import replace

from assent_vault.formats import objects, suite
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode, xwing_public
from assent_vault.formats.vault_key import VaultKey as VouchedKey
from assent_vault.ledger.checkpoint import EMPTY
from assent_vault.release import evidence, evidence_reader, gate
from assent_vault.release.decision import Blocked, Code, Release
from assent_vault.release.evidence import Evidence
from assent_vault.store.models import GenerationRow, VaultKeyRow
from support.people import Person
from support.sample_media import tone
from support.vault import COOLING_OFF_SECONDS, StagedMeeting, VaultScene


async def load(stage: VaultScene, meeting: StagedMeeting) -> Evidence:
    checks = await stage.worker.judge.prepare(meeting.id)
    async with stage.database.read() as session:
        found = await evidence_reader.load(
            session,
            meeting.id,
            key_here=stage.worker._keyring.holds,
            checks=checks,
            follower=stage.worker.follower,
            cooling_off_ms=COOLING_OFF_SECONDS * 1000,
            retention_days=None,
            owed=0,
            now=stage.clock.now(),
        )
    assert found is not None
    return found


def codes(decision: Release | Blocked) -> set[str]:
    return set() if isinstance(decision, Release) else {str(each.code) for each in decision.reasons}


async def test_a_released_meeting_shows_all_that_the_gate_asks_for(stage: VaultScene) -> None:
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
    assert evidence.evidence_digest(await load(stage, meeting)) == decision.evidence_digest


async def test_there_is_no_evidence_of_what_there_is_not(stage: VaultScene) -> None:
    async with stage.database.read() as session:
        found = await evidence_reader.load(
            session,
            "A" * 22,
            key_here=lambda key: True,
            checks={},
            follower=stage.worker.follower,
            cooling_off_ms=0,
            retention_days=None,
            owed=0,
            now=0,
        )
    assert found is None
    assert await stage.worker.judge.judge("A" * 22) is None
    assert await stage.worker.judge.judge("not the id of a meeting") is None


async def test_answers_come_in_order_with_their_boxes(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    person: Person = await meeting.comes()
    await meeting.says(person, Will.YES, Will.UNANSWERED)
    await meeting.says(person, Will.YES, Will.NO)
    await meeting.says(person, Will.YES, Will.YES)
    (found,) = (await load(stage, meeting)).people
    assert [answer.sealed is not None for answer in found.answers] == [False, False, True]
    assert found.admitted


async def test_who_was_not_let_in_is_not_counted_as_let_in(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    await meeting.comes(admitted=False)
    (found,) = (await load(stage, meeting)).people
    assert not found.admitted


async def test_the_key_must_be_the_very_one(stage: VaultScene) -> None:
    meeting = await stage.released(1, microphone=tone(440, 1000))
    other = await stage.meeting()
    async with stage.database.read() as session:
        others = await session.get(VaultKeyRow, other.id)
        assert others is not None
    foreign = {"certificate": others.certificate, "signature": others.signature}
    keyring = stage.worker._keyring
    asked: list[VouchedKey] = []

    def never(key: VouchedKey) -> bool:
        asked.append(key)
        return False

    for key_here, changes in (
        (never, {}),
        (keyring.holds, foreign),
        (keyring.holds, {"destroyed_at": 5}),
        (keyring.holds, {"signature": bytes(64)}),
        (keyring.holds, {"certificate": b"{}"}),
    ):
        async with stage.database.write() as session:
            key = await session.get(VaultKeyRow, meeting.id)
            assert key is not None
            for name, value in changes.items():
                setattr(key, name, value)
            await session.flush()
            found = await evidence_reader.load(
                session,
                meeting.id,
                key_here=key_here,
                checks={},
                follower=stage.worker.follower,
                cooling_off_ms=0,
                retention_days=None,
                owed=0,
                now=0,
            )
            assert found is not None
            assert not found.key_present
            await session.rollback()
    (key,) = asked
    assert keyring.holds(key)
    assert not keyring.holds(replace(key, key=xwing_public(bytes(32))))


async def test_objects_that_are_missing_or_changed_are_counted(stage: VaultScene) -> None:
    meeting = await stage.released(1, microphone=tone(440, 5000))
    judge = stage.worker.judge
    track = (await load(stage, meeting)).generations[0]
    assert track.closing is not None
    entries = parse_generation_closing(track.closing).segments
    assert len(entries) == 4
    assert isinstance(await judge.judge(meeting.id), Release)
    key = objects.generation_segment_key(meeting.id, 1, entries[1].track, 1)
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


async def test_a_closing_that_cannot_be_read_has_no_check(stage: VaultScene) -> None:
    meeting = await stage.released(1, microphone=tone(440, 1000))
    async with stage.database.write() as session:
        row = await session.get(GenerationRow, (meeting.id, 1))
        assert row is not None
        row.close = b"{}"
    found = await load(stage, meeting)
    assert found.generations[0].check is None
    assert "bad-evidence" in codes(gate.decide(found))


async def test_a_known_decision_is_only_used_for_the_very_same_evidence(stage: VaultScene) -> None:
    meeting = await stage.released(1, microphone=tone(440, 1000))
    judge = stage.worker.judge
    found = await load(stage, meeting)
    assert isinstance(judge._decide(found), Release)
    assert isinstance(judge._decide(replace(found, now=found.now + 1)), Release)
    assert codes(judge._decide(replace(found, now=found.retain_until))) == {"retention-over"}
    assert codes(judge._decide(replace(found, deletions=1))) == {"destroyed"}
    person = found.people[0]
    silent = replace(found, people=(replace(person, answers=()),))
    # Nor can anybody show the yes that the header names.
    assert codes(judge._decide(silent)) == {"not-answered", "not-logged", "bad-evidence"}
    hidden = replace(found, log=replace(found.log, whole=False))
    assert codes(judge._decide(hidden)) == {"not-logged"}
    later = judge._decide(replace(found, log=replace(found.log, head=EMPTY)))
    assert isinstance(later, Release)
    assert later.head == EMPTY
    assert suite.digest(found.charter) == meeting.charter.digest
