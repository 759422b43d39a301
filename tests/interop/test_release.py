"""A release carried out from FORMAT.md alone, by a program that shares no code with Assent.

It comes to the same decisions as the vault, for the same reasons, and opens the same bytes.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from assent_vault.config import VaultSettings
from assent_vault.export.unlock import unlock
from assent_vault.formats import objects
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.formats.webm_reader import read_clusters
from assent_vault.keys.relayed_opening import GenerationDocuments
from assent_vault.release.decision import Blocked, Release
from assent_vault.store import owed
from assent_vault.store.models import (
    DeletionRow,
    GenerationRow,
    HostActRow,
    HostCertificateRow,
    LogEntryRow,
    MeetingRow,
    ParticipantRow,
    RevocationRow,
    StatementRow,
    VaultKeyRow,
)
from assent_vault.worker.worker import Worker
from support import migrated
from support.agreed_meeting import agreed_meeting
from support.commands import EXPORT
from support.sample_media import tone
from support.started import Started
from support.vault import HOUR, StagedMeeting, VaultScene
from support.waiting import eventually

TESTS = Path(__file__).resolve().parents[1]
PROGRAM = TESTS / "interop" / "release"
SOUND = {"microphone": tone(440, 5000)}

Sabotage = Callable[[VaultScene, StagedMeeting], Awaitable[None]]


def carry_out(settings: VaultSettings, meeting: str, now: int | None = None) -> dict[str, Any]:
    """Run the program on a data folder; returns what it prints."""
    database = settings.database_url.removeprefix("sqlite:///")
    arguments = [database, str(settings.vault_dir), str(settings.objects_url), meeting]
    done = subprocess.run(
        [sys.executable, "-m", "interop.release", *arguments, *([] if now is None else [str(now)])],
        cwd=TESTS,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert not done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def exported(worker: Worker, meeting: str) -> dict[str, list[str]]:
    """Return what the exporter opens: a digest of each frame, by generation and track."""
    checks = await worker.judge.prepare(meeting)
    async with worker._database.read() as session:
        seen = await worker.judge.look(session, meeting, checks)
    assert seen is not None
    evidence, decision = seen
    assert isinstance(decision, Release)
    documents = {
        row.number: GenerationDocuments(
            *[
                await worker._blobs.get(name(meeting, row.number))
                for name in (
                    objects.generation_boxes_key,
                    objects.generation_pairs_key,
                    objects.generation_outer_key,
                )
            ]
        )
        for row in evidence.generations
        if row.closing is not None and parse_generation_closing(row.closing).segments
    }
    private = worker._keyring.meeting_private(decode(meeting))
    assert private is not None
    found: dict[str, list[str]] = {}
    for generation in unlock(evidence, private, documents).generations:
        for name in sorted({entry.track for entry in generation.closing.segments}):
            track = generation.track(name)
            told = found.setdefault(f"{generation.number}/{name}", [])
            for entry in generation.closing.segments:
                if entry.track != name:
                    continue
                data = await worker._blobs.get(generation.segment_key(meeting, entry))
                plaintext = track.open(data, entry)
                if entry.has_media:
                    for blocks in read_clusters(plaintext):
                        told += [digest(b"%d " % time + one).hex() for time, _, one, _ in blocks]
    return {name: told for name, told in found.items() if told}


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """One kind of database will do: the program reads a file."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


async def recorded(stage: VaultScene) -> StagedMeeting:
    """A meeting of three with two generations; one of them, and a stranger, are in none."""
    meeting = await stage.meeting()
    ada, bo, _ = [await meeting.comes() for _ in range(3)]
    for person in (ada, bo):
        await meeting.says(person, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND), (bo, SOUND)])
    for person in meeting.people:
        await meeting.says(person, Will.YES, Will.YES)
    await meeting.record([(bo, SOUND)], offset=30_000)
    await meeting.comes(admitted=False)
    await meeting.end()
    return meeting


async def run(stage: VaultScene, statement: Any) -> None:
    async with stage.database.write() as session:
        await session.execute(statement)


# What speaks against a release, each by itself.


async def nothing(stage: VaultScene, meeting: StagedMeeting) -> None:
    pass


async def a_no(stage: VaultScene, meeting: StagedMeeting) -> None:
    late = await meeting.comes()
    await meeting.says(late, Will.YES, Will.NO)


async def silence(stage: VaultScene, meeting: StagedMeeting) -> None:
    await meeting.comes()


async def a_withdrawal(stage: VaultScene, meeting: StagedMeeting) -> None:
    await meeting.says(meeting.people[1], Will.WITHDRAWN, Will.WITHDRAWN)


async def an_act(stage: VaultScene, meeting: StagedMeeting) -> None:
    await meeting.is_acted_for(meeting.people[2], "training")


async def an_act_whose_row_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await meeting.is_acted_for(meeting.people[2], "training")
    await run(stage, delete(RevocationRow))


async def a_damaged_object(stage: VaultScene, meeting: StagedMeeting) -> None:
    [*_, path] = sorted(Path(stage.settings.objects_url).rglob("*.segment"))
    path.write_bytes(path.read_bytes()[:-1])


async def a_missing_object(stage: VaultScene, meeting: StagedMeeting) -> None:
    [*_, path] = sorted(Path(stage.settings.objects_url).rglob("*.segment"))
    path.unlink()


async def a_deletion(stage: VaultScene, meeting: StagedMeeting) -> None:
    row = DeletionRow(id="x", meeting_id=meeting.id, reason="withdrawn", requested_at=1)
    async with stage.database.write() as session:
        session.add(row)


async def a_key_that_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    stage.worker._keyring.destroy(decode(meeting.id))


async def a_key_of_another(stage: VaultScene, meeting: StagedMeeting) -> None:
    path = stage.settings.vault_dir / "meetings" / f"{meeting.id}.key"
    path.write_bytes(bytes(32))


async def a_key_said_to_be_destroyed(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(VaultKeyRow).values(destroyed_at=1))


async def a_certificate_changed(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(VaultKeyRow).values(signature=bytes(64)))


async def a_box_that_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(StatementRow).values(sealed_seed=None))


async def another_box(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(
        stage, update(StatementRow).where(StatementRow.sequence == 2).values(sealed_seed=b"x")
    )


async def an_answer_that_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    ada = encode(meeting.people[0].id)
    await run(
        stage, delete(StatementRow).where(StatementRow.person_id == ada, StatementRow.sequence == 1)
    )


async def somebody_who_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(
        stage,
        delete(ParticipantRow).where(ParticipantRow.person_id == encode(meeting.people[2].id)),
    )


async def somebody_said_to_be_a_stranger(stage: VaultScene, meeting: StagedMeeting) -> None:
    late = await meeting.comes()
    await run(
        stage,
        update(ParticipantRow)
        .where(ParticipantRow.person_id == encode(late.id))
        .values(admitted_at=None),
    )


async def a_closing_that_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(GenerationRow).where(GenerationRow.number == 2).values(close=None))


async def a_closing_not_signed(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(
        stage,
        update(GenerationRow).where(GenerationRow.number == 2).values(close_signature=bytes(64)),
    )


async def a_generation_that_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, delete(GenerationRow).where(GenerationRow.number == 1))


async def boxes_that_are_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await stage.blobs.delete(objects.generation_boxes_key(meeting.id, 1))


async def other_boxes(stage: VaultScene, meeting: StagedMeeting) -> None:
    key = objects.generation_boxes_key(meeting.id, 2)
    await stage.blobs.delete(key)
    await stage.blobs.put(key, b"{}")


async def a_header_not_signed(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(GenerationRow).values(signature=bytes(64)))


async def an_act_that_is_gone(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, delete(HostActRow))


async def a_host_who_is_none(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(HostCertificateRow).values(signature=bytes(64)))


async def another_room(stage: VaultScene, meeting: StagedMeeting) -> None:
    other = await stage.meeting()
    await run(
        stage, update(MeetingRow).where(MeetingRow.id == meeting.id).values(room=other.room.body)
    )


async def no_generations(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, delete(GenerationRow))


async def no_end(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(MeetingRow).values(ended_at=None))


async def a_time_that_is_over(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(MeetingRow).values(retain_until=1))


async def a_destruction(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(MeetingRow).values(destroyed_at=1))


async def another_charter(stage: VaultScene, meeting: StagedMeeting) -> None:
    body = meeting.charter.body.replace(b'"cooling_off_seconds":0', b'"cooling_off_seconds":1')
    await run(stage, update(MeetingRow).values(charter=body))


async def no_charter(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(MeetingRow).values(charter=b"{}"))


async def a_hidden_record(stage: VaultScene, meeting: StagedMeeting) -> None:
    await run(stage, update(LogEntryRow).where(LogEntryRow.number == 3).values(record=None))


async def a_record_of_another(stage: VaultScene, meeting: StagedMeeting) -> None:
    other = await stage.meeting()
    await run(stage, update(LogEntryRow).where(LogEntryRow.number == 3).values(meeting_id=other.id))


async def what_is_owed(stage: VaultScene, meeting: StagedMeeting) -> None:
    said = meeting.people[0].answer(Will.WITHDRAWN, Will.WITHDRAWN)
    held = owed.takes_back(said.body, said.signature, None)
    assert held is not None
    reserve = owed.Reserve(stage.blobs)
    await reserve.open()
    assert await reserve.hold(held)


SABOTAGE: list[Sabotage] = [
    nothing, a_no, silence, a_withdrawal, an_act, an_act_whose_row_is_gone, a_damaged_object,
    a_missing_object, a_deletion, a_key_that_is_gone, a_key_of_another, a_key_said_to_be_destroyed,
    a_certificate_changed, a_box_that_is_gone, another_box, an_answer_that_is_gone,
    somebody_who_is_gone, somebody_said_to_be_a_stranger, a_closing_that_is_gone,
    a_closing_not_signed, a_generation_that_is_gone, no_generations, boxes_that_are_gone,
    other_boxes, a_header_not_signed, an_act_that_is_gone, a_host_who_is_none, another_room, no_end,
    a_time_that_is_over, a_destruction, another_charter, no_charter, a_hidden_record,
    a_record_of_another, what_is_owed,
]  # fmt: skip


@pytest.mark.parametrize("sabotage", SABOTAGE, ids=lambda each: each.__name__)
async def test_both_decide_alike_and_open_the_same(stage: VaultScene, sabotage: Sabotage) -> None:
    meeting = await recorded(stage)
    await sabotage(stage, meeting)
    await stage.restart()  # the vault has nothing in mind that is not in its folder
    now = stage.clock.now() + 2 * HOUR
    stage.clock.pass_(2 * HOUR)
    checks = await stage.worker.judge.prepare(meeting.id)
    async with stage.database.read() as session:
        decision = await stage.worker.judge.decide(session, meeting.id, checks)
    expected: dict[str, Any]
    if isinstance(decision, Blocked):
        expected = {"reasons": [str(reason.code) for reason in decision.reasons]}
    else:
        assert decision is not None
        waits = stage.settings.cooling_off_seconds * 1000
        expected = {
            "ready_at": decision.ready_at - waits,  # which the program is not told of
            "frames": await exported(stage.worker, meeting.id),
        }
    assert await asyncio.to_thread(carry_out, stage.settings, meeting.id, now) == expected
    assert (sabotage is nothing) == isinstance(decision, Release)


async def test_a_database_that_is_older_is_refused(stage: VaultScene) -> None:
    meeting = await recorded(stage)
    await stage.worker.watch()
    await stage.worker.follower.follow()
    await run(stage, delete(LogEntryRow).where(LogEntryRow.number == await stage.log_size() - 1))
    found = await asyncio.to_thread(carry_out, stage.settings, meeting.id)
    assert found == {"bad": "an entry is missing"}


async def test_a_release_that_cools_off_opens_nothing(stage: VaultScene) -> None:
    meeting = await recorded(stage)
    await stage.worker.watch()
    now = stage.clock.now() - 1
    found = await asyncio.to_thread(carry_out, stage.settings, meeting.id, now)
    assert found == {"ready_at": stage.clock.now()}


def test_the_program_knows_nothing_of_assent() -> None:
    """Its imports are the standard library, ``cryptography`` and itself."""
    known = sys.stdlib_module_names | {"cryptography"}
    for path in PROGRAM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                assert name.startswith("interop.release") or name.partition(".")[0] in known, path


async def test_what_a_real_server_has_recorded(tmp_path: Path) -> None:
    """Through every process of the product, up to its own export; then from its folder alone."""
    server = Started(tmp_path)
    try:
        await server.start()
        meeting = await release(server)
        code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "set"))
        assert code == 0, said
    finally:
        await server.close()
    settings = VaultSettings(
        data_dir=server.data,
        database_url=server.database_url,
        objects_url=str(server.data / "objects"),
        vault_dir=server.vault,
        exports_dir=server.exports,
        cooling_off_seconds=0,
        retention_days=None,
        poll_interval_ms=200,
        free_space_floor_mb=0,
    )
    worker = await Worker.open(settings)
    try:
        expected = await exported(worker, meeting)
    finally:
        await worker.close()
    assert any(len(digests) > 2 for digests in expected.values())
    found = await asyncio.to_thread(carry_out, settings, meeting)
    assert found["frames"] == expected


async def release(server: Started) -> str:
    """Record a meeting to whose training both say yes; returns it when it can be exported."""
    async with agreed_meeting(server) as (meeting, _):
        pass

    async def is_ready() -> bool:
        return server.query("SELECT state FROM releases") == [("ready",)]

    await eventually(is_ready, "it can be exported")
    return meeting
