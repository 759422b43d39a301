"""Rows that somebody else wrote: no value of theirs becomes a path, a key or a name unread.

Outside of the folders of the product lies what an attacker would want to reach; whatever the rows
say, it stays as it is, and what is beside them goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select, update

from assent_vault.errors import ExportError, VaultError
from assent_vault.export import place_of
from assent_vault.formats.suite import encode
from assent_vault.store.models import DeletionRow, ExportRow, GenerationRow, MeetingRow
from support.vault import VaultScene

IDS = ["", ".", "..", "../../out", "../out", "/tmp/out", "a/b", "A" * 21, "A" * 21 + "B", "x\ny"]


def contents(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lay_out(stage: VaultScene) -> Path:
    """Make what is not to be touched: beside the exports, and in them."""
    outside = stage.settings.data_dir / "out"
    for folder in (outside, outside.with_name(".out.assent-partial"), stage.exports / "kept"):
        folder.mkdir(parents=True)
        (folder / "precious").write_bytes(b"x")
    return outside


@pytest.mark.parametrize("export_id", IDS)
@pytest.mark.parametrize("state", ["requested", "running"])
async def test_an_export_lies_where_its_id_says_or_nowhere(
    stage: VaultScene, export_id: str, state: str
) -> None:
    lay_out(stage)
    before = contents(stage.settings.data_dir / "out") | contents(stage.exports)
    good = encode(bytes(16))
    async with stage.database.write() as session:
        for number, each in enumerate((export_id, good)):
            session.add(ExportRow(id=each, state="requested", requested_at=number))
        await session.flush()
        await session.execute(
            update(ExportRow).where(ExportRow.id == export_id).values(state=state)
        )
    await stage.worker.export_requested()
    await stage.restart()
    after = contents(stage.settings.data_dir / "out") | contents(stage.exports)
    assert before == {name: after.get(name) for name in before}
    assert (stage.settings.data_dir / ".out.assent-partial" / "precious").exists()
    async with stage.database.read() as session:
        rows = {row.id: row for row in await session.scalars(select(ExportRow))}
    assert (rows[export_id].state, rows[export_id].error) == ("failed", "bad-place")
    assert rows[good].error != "bad-place"  # the next one had its turn


@pytest.mark.parametrize("folder", ["", ".", "..", "out", "../out", "/", "/tmp/..", "/x\0y"])
def test_a_folder_that_is_none(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ExportError):
        place_of(tmp_path, encode(bytes(16)), folder)


@pytest.mark.parametrize("meeting_id", IDS)
async def test_a_meeting_whose_id_is_none_reaches_nothing(
    stage: VaultScene, meeting_id: str
) -> None:
    """Its key, its objects, its deletion: and the meeting beside it is looked at all the same."""
    meeting = await stage.released()
    kept = contents(stage.settings.data_dir / "objects")
    async with stage.database.write() as session:
        row = await session.get(MeetingRow, meeting.id)
        assert row is not None
        session.add(
            MeetingRow(
                id=meeting_id, title="", host_account=row.host_account, charter=row.charter,
                room=b"r", door_hash=bytes(32), created_at=1, expires_at=2, ended_at=1,
                retain_until=1,                destroyed_at=1, locked=False, armed=False,
            )
        )  # fmt: skip
        await session.flush()
        session.add(
            GenerationRow(
                meeting_id=meeting_id,
                number=-1,
                signature=b"",
                boxes=b"",
                header=b"",
                opened_at=1,
                close=b"",
                closed_at=1,
            )
        )
        session.add(
            DeletionRow(
                id="A" * 22, meeting_id=meeting_id, person_id=None, through_generation=None,
                reason="retention", requested_at=1,
            )
        )  # fmt: skip
    for duty in (stage.worker.make_keys, stage.worker.watch, stage.worker.erase):
        with suppress(VaultError):
            await duty()
    assert contents(stage.settings.data_dir / "objects") == kept
