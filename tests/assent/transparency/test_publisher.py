"""Heads are signed, remembered, shown; and a database that does not extend them is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from assent.errors import StartError
from assent.transparency import publisher as publishing
from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.store.models import LogEntryRow
from support.logs import cut_off
from support.waiting import eventually


def remembered(log: Any) -> checkpoints.Checkpoint:
    return checkpoints.verify((log.folder / "log.head").read_bytes(), log.key.signer.verifier)


async def refused(log: Any, code: str) -> None:
    with pytest.raises(StartError) as caught:
        await log.publish()
    assert str(caught.value).startswith(f"{code}: ")


async def test_an_empty_log_has_a_head(log: Any) -> None:
    publisher = await log.publish()
    assert publisher.shown.head == checkpoints.EMPTY
    assert remembered(log) == publisher.shown
    assert (log.folder / "log.head").stat().st_mode & 0o777 == 0o600


async def test_what_is_appended_is_shown_by_itself(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "ROUND_SECONDS", 0.01)
    publisher = await log.publish()
    await log.grow(3)
    await eventually(lambda: publisher.shown.head.size == 3, "the head is shown")
    assert remembered(log) == publisher.shown
    shown = checkpoints.verify(publisher.shown.to_bytes(), log.key.signer.verifier)
    assert shown.head == publisher.shown.head


async def test_an_entry_is_covered_when_it_is_asked_for(log: Any) -> None:
    publisher = await log.publish()
    await log.grow(2)
    assert (await publisher.covering(1)).head.size == 2
    before = publisher.shown
    assert await publisher.covering(0) is before


async def test_killed_between_append_and_checkpoint(log: Any) -> None:
    publisher = await log.publish()
    await log.grow(5)
    await publisher.update()
    await publisher.stop()
    await log.grow(4)  # nobody was told
    assert remembered(log).head.size == 5
    assert (await log.publish()).shown.head.size == 9


async def test_each_older_database_is_refused(log: Any) -> None:
    publisher = await log.publish()
    await log.grow(6)
    await publisher.update()
    await publisher.stop()
    for size in range(5, -1, -1):
        await cut_off(log.database, size)
        await refused(log, "log-rolled-back")
    # Nor does it help to make it longer again: salts are drawn anew.
    await log.grow(9)
    await refused(log, "log-rolled-back")


async def test_a_changed_entry_is_noticed(log: Any) -> None:
    publisher = await log.publish()
    await log.grow(300)  # a whole tile is stored, which still has the old hash
    await publisher.update()
    await publisher.stop()
    async with log.database.write() as session:
        await session.execute(
            update(LogEntryRow).where(LogEntryRow.number == 7).values(entry=bytes(32))
        )
    await refused(log, "log-rolled-back")


async def test_an_entry_taken_out_is_noticed(log: Any) -> None:
    publisher = await log.publish()
    await log.grow(4)
    await publisher.update()
    await publisher.stop()
    async with log.database.write() as session:
        await session.execute(update(LogEntryRow).where(LogEntryRow.number == 3).values(number=9))
    await refused(log, "log-damaged")


async def test_a_database_brought_back_while_it_runs_is_noticed(log: Any) -> None:
    publisher = await log.publish()
    await log.grow(4)
    shown = await publisher.update()
    await cut_off(log.database, 2)
    for _ in range(2):
        with pytest.raises(LogError) as caught:
            await publisher.update()
        assert caught.value.code == "log-rolled-back"
        assert publisher.problems() == ["log-rolled-back"]
        assert publisher.shown is shown
        await log.grow(5)
    assert remembered(log) == shown


async def test_the_head_is_remembered_before_it_is_shown(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = await log.publish()
    shown = publisher.shown
    await log.grow()
    monkeypatch.setattr(os, "fsync", _fail)
    with pytest.raises(OSError, match="no space"):
        await publisher.update()
    assert publisher.shown is shown
    assert publisher.problems() == ["log-not-published"]
    monkeypatch.undo()
    assert (await publisher.update()).head.size == 1
    assert publisher.problems() == []


def _fail(_: int) -> None:
    raise OSError("no space")


@pytest.mark.parametrize("content", [None, b"", b"example.org/log\n0\nAAAA\n\n"])
async def test_a_head_that_is_missing_or_torn_is_no_head(log: Any, content: bytes | None) -> None:
    publisher = await log.publish()
    await log.grow()
    await publisher.update()
    await publisher.stop()
    path: Path = log.folder / "log.head"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    await refused(log, "log-head-missing" if content is None else "log-format")
