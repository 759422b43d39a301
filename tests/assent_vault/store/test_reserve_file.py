"""The reserve: it has its room from the beginning, and is written in place."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from assent_vault.store.reserve_file import NAME, ReserveFile


class Crash(BaseException):
    """The process is dead."""


@pytest.fixture
def reserve(tmp_path: Path) -> ReserveFile:
    return ReserveFile(tmp_path, 0o640, os.fsync)


def test_it_is_made_once(reserve: ReserveFile, tmp_path: Path) -> None:
    assert reserve.read() == b""
    assert reserve.make(b"0123") == b"0123"
    assert reserve.make(b"4567") == b"0123"
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o640


@pytest.mark.parametrize(("size", "left"), [(2, b"01"), (6, b"0123xx")])
def test_of_another_size_its_beginning_goes_on(
    reserve: ReserveFile, size: int, left: bytes
) -> None:
    reserve.make(b"0123")
    assert reserve.make(b"x" * size) == left


def test_a_crash_while_it_is_made_anew_loses_nothing(
    reserve: ReserveFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve.make(b"0123")

    def crash(*_: Any) -> None:
        raise Crash

    monkeypatch.setattr(Path, "rename", crash)
    with pytest.raises(Crash):
        reserve.make(b"x" * 6)
    monkeypatch.undo()
    assert reserve.read() == b"0123"


def test_it_is_written_in_place_and_synced(tmp_path: Path) -> None:
    synced: list[int] = []
    reserve = ReserveFile(tmp_path, 0o600, synced.append)
    reserve.make(b"0123")
    before = (tmp_path / NAME).stat().st_ino
    synced.clear()
    reserve.write(1, b"ab")
    assert len(synced) == 1
    assert (tmp_path / NAME).stat().st_ino == before
    assert reserve.read() == b"0ab3"


@pytest.mark.parametrize(("offset", "data"), [(-1, b"x"), (4, b"x"), (3, b"xy")])
def test_nothing_is_written_outside_of_it(reserve: ReserveFile, offset: int, data: bytes) -> None:
    reserve.make(b"0123")
    with pytest.raises(ValueError, match="outside"):
        reserve.write(offset, data)
    assert reserve.read() == b"0123"
