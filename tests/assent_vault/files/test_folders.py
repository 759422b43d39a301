"""Whose what is made is, and for whom, whatever the umask says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from assent_vault.files import folders
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.database import Database


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
    }


def given_to_a_group(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o2770)
    return folder


@pytest.mark.parametrize("shared", [False, True])
async def test_the_group_gets_what_it_needs_where_a_folder_is_its_own(
    tmp_path: Path, umask: int, shared: bool
) -> None:
    data = tmp_path / "data"
    if shared:
        given_to_a_group(data)
    database = Database(f"sqlite:///{data / 'assent.db'}")
    await database.migrate()
    async with database.read():
        pass
    blobs = FolderBlobs(data / "objects")
    await blobs.put("meetings/a", b"x")
    folders.make_private(data / "vault")
    (incoming,) = (data / "objects" / ".incoming").iterdir()
    found = modes(data)
    await blobs.close()
    await database.close()
    folder, file, read = (0o2770, 0o660, 0o640) if shared else (0o700, 0o600, 0o600)
    assert found.pop("vault") == 0o700
    assert found.pop("objects/meetings/a") == read
    for name, mode in found.items():
        assert mode == (folder if "." not in name or "coming" in name else file), name
    assert f"objects/.incoming/{incoming.name}" in found


def test_a_folder_that_only_a_group_may_write_to_is_not_shared(tmp_path: Path) -> None:
    """As a usual umask of 002 leaves it: who shares says so with the set-group-ID bit."""
    for mode in (0o700, 0o770, 0o775, 0o2750, 0o2755):
        tmp_path.chmod(mode)
        assert not folders.is_shared(tmp_path), oct(mode)
    tmp_path.chmod(0o2770)
    assert folders.is_shared(tmp_path)
    tmp_path.chmod(0o700)


def test_a_private_folder_that_stands_open_is_closed(tmp_path: Path) -> None:
    for mode in (0o755, 0o2770, 0o777):
        folder = tmp_path / "vault"
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        assert folders.make_private(folder) == []
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_somebody_elses_private_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="another user"):
        folders.make_private(tmp_path)


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    os.close(folders.create(path, os.O_RDWR, 0o660))
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    path.chmod(0o600)
    os.close(folders.create(path, os.O_RDWR, 0o660))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        folders.create(path, os.O_RDWR | os.O_EXCL, 0o660)


def test_a_folder_that_goes_while_it_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who removes empty folders may take one away between being there and being looked at."""
    mkdir, left = Path.mkdir, [True]

    def gone_since(folder: Path, mode: int = 0o777) -> None:
        if left:
            left.pop()
            raise FileExistsError(folder)
        mkdir(folder, mode)

    monkeypatch.setattr(Path, "mkdir", gone_since)
    assert folders.make_one(tmp_path / "one", shared=False)
    assert (tmp_path / "one").is_dir()


def test_what_is_no_folder_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in ("file", "nowhere"):
        with pytest.raises(FileExistsError):
            folders.make_one(tmp_path / name, shared=False)
