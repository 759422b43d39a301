"""A small file is the old one or the new one, whatever happens, and for its owner alone."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assent_vault.files import small_file


class Crash(BaseException):
    """The process is dead: nothing that it would still have done is done."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "log.head"
    small_file.replace(found, b"old")
    return found


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def names(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()}


def crash(*_: Any) -> None:
    raise Crash


def test_what_was_written_is_there_and_nothing_else(path: Path) -> None:
    small_file.replace(path, b"")
    assert path.read_bytes() == b""
    small_file.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path) == {"log.head"}


@pytest.mark.parametrize("dies_at", ["write", "fsync", "rename"])
def test_a_crash_before_it_has_its_name_leaves_the_old_content(
    path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    monkeypatch.setattr(Path if dies_at == "rename" else os, dies_at, crash)
    with pytest.raises(Crash):
        small_file.replace(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(path) == {"log.head", ".new-log.head"}
    # And it is in nobody's way.
    small_file.replace(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert names(path) == {"log.head"}


def test_a_crash_after_that_leaves_the_new_content(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent_vault.files.folders.sync", crash)
    with pytest.raises(Crash):
        small_file.replace(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("fails", ["write", "fsync"])
def test_an_error_leaves_the_old_content_and_no_half(
    path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, fails, full)
    with pytest.raises(OSError, match="full"):
        small_file.replace(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(path) == {"log.head"}


def test_file_then_name_then_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    rename: Callable[[Path, Path], Path] = Path.rename

    def synced(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    def renamed(half: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(half, target)

    monkeypatch.setattr(Path, "rename", renamed)
    small_file.replace(path, b"new", fsync=synced)
    assert steps == ["file", "rename", "folder"]


def test_a_disk_that_takes_a_byte_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:1]))
    small_file.replace(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_it_has_the_mode_that_is_wanted(tmp_path: Path, umask: int, mode: int) -> None:
    path = tmp_path / "key"
    path.touch(0o666)
    small_file.replace(path, b"key", mode=mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_is_replaced_and_not_followed(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"other")
    path.unlink()
    for link in (path, path.with_name(".new-log.head")):
        link.symlink_to(other)
    small_file.replace(path, b"new")
    assert not path.is_symlink()
    assert path.read_bytes() == b"new"
    assert other.read_bytes() == b"other"


def test_what_is_put_aside_stays(path: Path) -> None:
    small_file.put_aside(path, 7)
    small_file.put_aside(path, 8)
    assert names(path) == {"log.head.before-7"}
    assert path.with_name("log.head.before-7").read_bytes() == b"old"
