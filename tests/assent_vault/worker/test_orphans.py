"""What no row knows is found, and taken away when somebody says so; what a row knows never is."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from assent_vault.export import new_id
from assent_vault.formats import suite
from assent_vault.store.models import ExportRow, GenerationRow, VaultIdentityRow
from assent_vault.worker.orphans import KnownPlaces, Orphan, OrphanKind, Unsure
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}
STORAGE = Path(__file__).parents[3] / "storage"


def places(stage: VaultScene) -> KnownPlaces:
    return KnownPlaces(stage.database, stage.blobs, stage.settings.vault_dir, stage.exports)


async def leave(stage: VaultScene, known: StagedMeeting) -> dict[OrphanKind, str]:
    """Leave one of each kind behind, as a database that was lost does."""
    lost = suite.encode(secrets.token_bytes(16))
    for name in ("header.json", "tracks/x.microphone/000001.segment"):
        await stage.blobs.put(f"meetings/{lost}/generations/000001/{name}", b"12345")
    await stage.blobs.put(f"meetings/{known.id}/generations/000009/header.json", b"123")
    key = secrets.token_bytes(16)
    stage.worker._keyring.make_meeting_key(key, 1)
    export = new_id()
    half = stage.exports / f".{export}.assent-partial" / "data"
    half.mkdir(parents=True)
    (half / "a.opus").write_bytes(b"1234567")
    return {
        OrphanKind.MEETING: lost,
        OrphanKind.GENERATION: known.id,
        OrphanKind.KEY: suite.encode(key),
        OrphanKind.EXPORT: export,
    }


async def stored(stage: VaultScene) -> list[str]:
    return sorted([key async for key, _ in stage.blobs.list("")])


async def test_all_kinds_are_found_and_taken_away_and_nothing_else(stage: VaultScene) -> None:
    known = await stage.released(2, **SOUND)
    async with stage.database.write() as session:
        session.add(ExportRow(id="A" * 22, state="running", requested_at=1))
    (stage.exports / f".{'A' * 22}.assent-partial").mkdir(parents=True)
    (stage.exports / "kept").mkdir()
    await stage.blobs.put("meetings/not-a-meeting/x", b"1")
    await stage.blobs.put(f"meetings/{known.id}/probes/1-1", b"1")
    before, keys = await stored(stage), stage.worker._keyring.meetings()
    left = await leave(stage, known)
    found = await places(stage).find()
    assert {one.kind: (one.meeting, one.objects, one.octets) for one in found} == {
        OrphanKind.MEETING: (left[OrphanKind.MEETING], 2, 10),
        OrphanKind.GENERATION: (left[OrphanKind.GENERATION], 1, 3),
        OrphanKind.KEY: (left[OrphanKind.KEY], 1, 32),
        OrphanKind.EXPORT: (left[OrphanKind.EXPORT], 1, 7),
    }
    assert len(found) == 4
    for one in found:
        assert await places(stage).remove(one)
    assert await places(stage).find() == []
    assert (await stored(stage), stage.worker._keyring.meetings()) == (before, keys)
    assert {path.name for path in stage.exports.iterdir()} == {
        "kept",
        f".{'A' * 22}.assent-partial",
    }


async def test_what_has_got_a_row_meanwhile_stays(stage: VaultScene) -> None:
    """The server runs: what was seen without a row may have one a moment later."""
    meeting = await stage.released(1, **SOUND)
    before, keys = await stored(stage), stage.worker._keyring.meetings()
    async with stage.database.write() as session:
        session.add(ExportRow(id="A" * 22, state="running", requested_at=1))
    for one in (
        Orphan(OrphanKind.MEETING, meeting.id),
        Orphan(OrphanKind.GENERATION, meeting.id, 1),
        Orphan(OrphanKind.KEY, meeting.id),
        Orphan(OrphanKind.EXPORT, "A" * 22),
    ):
        assert not await places(stage).remove(one)
    assert (await stored(stage), stage.worker._keyring.meetings()) == (before, keys)


async def test_a_generation_that_lost_its_row_is_an_orphan(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    async with stage.database.write() as session:
        await session.execute(delete(GenerationRow))
    (found,) = await places(stage).find()
    assert (found.kind, found.meeting, found.number) == (OrphanKind.GENERATION, meeting.id, 1)


async def test_an_empty_database_and_another_vaults_are_not_believed(stage: VaultScene) -> None:
    with pytest.raises(Unsure) as caught:
        await places(stage).check()
    assert caught.value.code == "database-empty"
    await stage.meeting()
    await places(stage).check()
    async with stage.database.write() as session:
        await session.execute(update(VaultIdentityRow).values(public_key=bytes(32)))
    with pytest.raises(Unsure) as caught:
        await places(stage).check()
    assert caught.value.code == "another-vault"


async def command(stage: VaultScene, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent_vault.cli", "sweep-orphans", *arguments),
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("ASSENT_")},
            "PYTHONPATH": str(STORAGE),
            "ASSENT_DATA_DIR": str(stage.settings.data_dir),
            "ASSENT_DATABASE_URL": stage.settings.database_url,
            "ASSENT_OBJECTS_URL": stage.settings.objects_url,
            "ASSENT_VAULT_DIR": str(stage.settings.vault_dir),
            "ASSENT_EXPORTS_DIR": str(stage.exports),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_command_asks_and_works_beside_a_worker(stage: VaultScene) -> None:
    known = await stage.released(1, **SOUND)
    before = await stored(stage)
    left = await leave(stage, known)
    code, said = await command(stage)
    assert (code, "not-confirmed" in said) == (1, True), said
    assert all(one in said for one in left.values()), said
    assert len(await places(stage).find()) == 4
    code, said = await command(stage, "--yes")
    assert (code, "Taken away: 4 of 4." in said) == (0, True), said
    assert "orphan-removed" in said
    assert await stored(stage) == before
    code, said = await command(stage, "--yes")
    assert (code, "Nothing is left over." in said) == (0, True), said


async def test_the_command_wants_to_be_told_twice_where_the_database_is_empty(
    stage: VaultScene,
) -> None:
    await stage.blobs.put(f"meetings/{'A' * 22}/generations/000001/header.json", b"1")
    code, said = await command(stage, "--yes")
    assert (code, "database-empty" in said) == (1, True), said
    assert len(await stored(stage)) == 1
    code, said = await command(stage, "--yes", "--database-is-right")
    assert code == 0, said
    assert await stored(stage) == []
