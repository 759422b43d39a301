"""Whoever takes over the server's account reads all that the server can, and opens nothing stored.

It is the worst moment: everyone has granted training, the gate has opened, and the release has not
been exported. The server's account can read the database, the objects and the server's own folder
with its signing key and the log's; the vault's folder it cannot.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from assent_vault.formats.statement import Will
from assent_vault.store.models import Base
from support import migrated
from support.attack import Loot, open_everything, take
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """Run on one kind of database; what is read of it is the same."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


def loot(stage: VaultScene, meeting: StagedMeeting, database: Path, secrets: Path) -> Loot:
    """Take every row, the meeting's objects, and the files of a folder with keys in it."""

    def query(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(database) as connection:
            return connection.execute(statement, values).fetchall()

    tables = sorted(Base.metadata.tables)
    return take(query, tables, meeting.id, stage.settings.data_dir / "objects", secrets)


async def test_all_that_the_server_can_read_opens_nothing(
    stage: VaultScene, tmp_path: Path
) -> None:
    meeting = await stage.released(2, microphone=tone(440, 3000))
    await stage.cool_off()
    assert await stage.state(meeting) == "ready"
    folder = stage.settings.data_dir / "server"
    folder.mkdir()
    (folder / "identity.key").write_bytes(stage.server.private_bytes_raw())
    database = tmp_path / "assent.db"
    found = loot(stage, meeting, database, folder)
    assert sum(sealed is not None for _, _, sealed in found.statements) == 2
    assert any(name.endswith(".segment") for name in found.objects)
    assert open_everything(found) == b""
    # Where the vault's folder is at hand as well, all keys are, and the same attempt succeeds.
    everything = loot(stage, meeting, database, stage.settings.vault_dir)
    opened = open_everything(everything)
    assert all(opened.count(packet) >= 2 for _, _, packet in tone(440, 3000).packets)


@pytest.mark.parametrize("training", [Will.NO, Will.UNANSWERED])
async def test_without_one_persons_key_all_there_is_opens_nothing(
    stage: VaultScene, tmp_path: Path, training: Will
) -> None:
    """Also with the vault's folder, and the grants of everybody else."""
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.says(bo, Will.YES, training)
    await meeting.record([(each, {"microphone": tone(440, 500)}) for each in (ada, bo)])
    await meeting.end()
    found = loot(stage, meeting, tmp_path / "assent.db", stage.settings.vault_dir)
    assert len(found.vault) >= 2
    assert open_everything(found) == b""
