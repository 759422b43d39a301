"""A meeting in a second data set, and what is taken back, or who is killed, meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from assent_vault.formats import suite
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Exported
from assent_vault.release import queue
from assent_vault.store import export_order
from assent_vault.store.models import (
    ExportRow,
)
from support.given_again import (
    TAKEN_BACK,
    Taken,
    again,
    digest,
    export,
    given,
    items,
    logged,
    manifest,
    meetings,
    take_back,
)
from support.sample_media import tone
from support.vault import VaultScene

# While it is written.


def at_step(
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    act: Callable[[], Awaitable[None]],
    *,
    after: bool,
) -> None:
    """Have something happen, once, right before or after a step of the export."""
    real = getattr(owner, name)
    todo = [act]

    async def step(*arguments: Any, **more: Any) -> Any:
        if not after and todo:
            await todo.pop()()
        result = await real(*arguments, **more)
        if todo:
            await todo.pop()()
        return result

    monkeypatch.setattr(owner, name, step)


@pytest.mark.parametrize(
    ("step", "after"),
    [("_claim", False), ("_claim", True), ("_write_manifest", False), ("_write_manifest", True)],
)
@pytest.mark.parametrize("how", TAKEN_BACK)
async def test_a_withdrawal_before_the_commit_wins_over_each_further_one(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, how: Taken
) -> None:
    meeting, other = await given(stage, 2)

    async def now() -> None:
        await take_back(meeting, how)

    at_step(monkeypatch, stage.worker.exports, step, now, after=after)
    outcome = await export(stage, "second", again(stage))
    assert outcome.meetings == 1
    assert meetings(stage.exports / "second") == {other.id}
    assert not [path for path in (stage.exports / "second").rglob("*") if path.name == meeting.id]
    assert meeting.id not in (stage.exports / "second" / "MANIFEST.json").read_text()
    assert len(await items(stage, meeting)) == 1
    await stage.worker.watch()
    assert await stage.state(meeting) == "exported"
    assert stage.worker._keyring.meeting_private(meeting.charter.meeting) is None


async def test_what_is_taken_back_while_it_is_written_is_noticed(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's other duties go on during an export; the writing stops at the next segment."""
    meeting = await stage.released(1, microphone=tone(440, 60_000))
    await stage.cool_off()
    assert (await export(stage, "first")).meetings == 1
    monkeypatch.setattr(queue, "LEASE_MS", 40)
    real = stage.blobs.get
    read = 0

    async def slow(key: str) -> bytes:
        nonlocal read
        read += 1
        if read == 3:
            await take_back(meeting, "own")
            await stage.worker.watch()
        await asyncio.sleep(0.05)
        return await real(key)

    monkeypatch.setattr(stage.blobs, "get", slow)
    assert (await export(stage, "second")).error == "nothing-to-export"
    assert read < 25  # of 32
    assert len(await items(stage, meeting)) == 1


async def test_other_evidence_is_not_given_on_the_strength_of_the_old(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where somebody has logged a release on it meanwhile."""
    (meeting,) = await given(stage)

    async def now() -> None:
        await meeting.says(meeting.people[0], Will.YES, Will.YES)

    at_step(monkeypatch, stage.worker.exports, "_write_manifest", now, after=True)
    assert (await export(stage, "second")).error == "nothing-to-export"
    assert len(await items(stage, meeting)) == 1


class Killed(BaseException):
    """The process is gone: nothing catches it."""


async def die() -> None:
    raise Killed


@pytest.mark.parametrize(
    ("step", "after"),
    [("_claim", True), ("_write_manifest", True), ("_make_exported", True), ("_commit", True)],
)
async def test_who_is_killed_is_gone_on_for(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    (meeting,) = await given(stage)
    asked = again(stage)
    async with stage.database.write() as session:
        options = export_order.write(asked.options)
        session.add(
            ExportRow(id="E" * 21 + "A", state="requested", requested_at=1, options=options)
        )
    at_step(monkeypatch, stage.worker.exports, step, die, after=after)
    with pytest.raises(Killed):
        await stage.worker.export_requested()
    monkeypatch.undo()
    await stage.restart()
    assert await stage.state(meeting) == "exported"
    await stage.worker.export_requested()
    async with stage.database.read() as session:
        row = await session.get(ExportRow, "E" * 21 + "A")
    assert row is not None
    assert (row.state, row.error, row.meetings_done) == ("done", None, 1)
    assert row.folder is not None
    told = manifest(Path(row.folder))
    assert told["replaces"] == digest(stage.exports / "first")
    assert len(await items(stage, meeting)) == 2
    records = [each for each in await logged(stage, meeting) if isinstance(each, Exported)]
    assert [suite.encode(each.export) for each in records][1:] == ["E" * 21 + "A"]


async def test_what_an_interrupted_one_has_of_what_is_taken_back_goes(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, taken_back = await given(stage, 2)
    asked = again(stage)
    at_step(monkeypatch, stage.worker.exports, "_write_manifest", die, after=True)
    with pytest.raises(Killed):
        await export(stage, "second", asked)
    monkeypatch.undo()
    await stage.restart()
    partial = [path for path in stage.exports.iterdir() if path.name.startswith(".second")]
    assert {path.name for path in (partial[0] / "data").iterdir()} == {kept.id, taken_back.id}
    await take_back(taken_back, "own")
    await stage.worker.watch()
    await stage.worker.erase()
    assert {path.name for path in (partial[0] / "data").iterdir()} == {kept.id}
    assert (await export(stage, "second", asked)).meetings == 1
    assert meetings(stage.exports / "second") == {kept.id}


async def test_one_that_was_lost_is_made_again(stage: VaultScene) -> None:
    """Its folder is gone, and so is the row that said where it was."""
    old = await given(stage, 2)
    asked = again(stage)
    replaced = digest(stage.exports / "first")
    shutil.rmtree(stage.exports / "first")
    assert (await export(stage, "second", asked)).meetings == 2
    assert meetings(stage.exports / "second") == {each.id for each in old}
    assert manifest(stage.exports / "second")["replaces"] == replaced
