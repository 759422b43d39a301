"""The object store on a folder: durable, write-once, private."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assent_vault.errors import BlobExists, BlobMissing, BlobUnavailable, ConfigError
from assent_vault.files import folders
from assent_vault.store.blobs import FolderBlobs, open_blobs


def files_under(path: Path) -> set[str]:
    return {str(each.relative_to(path)) for each in path.rglob("*") if each.is_file()}


async def listed(blobs: FolderBlobs, prefix: str = "") -> list[tuple[str, int]]:
    return [item async for item in blobs.list(prefix)]


async def test_what_was_put_is_got(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "objects")
    await blobs.put("meetings/a/1.segment", b"one")
    await blobs.put("meetings/a/-_x.y", b"")
    assert await blobs.get("meetings/a/1.segment") == b"one"
    assert await blobs.get("meetings/a/-_x.y") == b""
    assert sorted(await listed(blobs)) == [("meetings/a/-_x.y", 0), ("meetings/a/1.segment", 3)]
    with pytest.raises(BlobMissing):
        await blobs.get("meetings/a")
    with pytest.raises(BlobMissing):
        await blobs.get("meetings/b/1")
    with pytest.raises(BlobMissing):
        await blobs.get("meetings/a/1.segment/deeper")
    await blobs.close()


async def test_an_object_is_written_once(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    await blobs.put("a/b", b"one")
    await blobs.put("a/b", b"one")
    for other in (b"two", b"on", b"one!"):
        with pytest.raises(BlobExists):
            await blobs.put("a/b", other)
    assert await blobs.get("a/b") == b"one"
    with pytest.raises(BlobUnavailable):
        await blobs.put("a/b/c", b"below an object")
    with pytest.raises(BlobUnavailable):
        await blobs.put("a", b"where a folder is")
    await blobs.close()
    assert files_under(tmp_path) == {"a/b"}


async def test_many_who_put_the_same_key_agree_on_one(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    results = await asyncio.gather(
        *(blobs.put("x/y/z", bytes([number])) for number in range(20)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, BlobExists) for result in results) == 19
    winner = results.index(None)
    assert await blobs.get("x/y/z") == bytes([winner])
    await blobs.close()


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../../b", ".incoming/x"),
        *("a/.b", "a\\b", "a\x00b", "a b", "ä", "a\n", "x" * 201, "a/" * 600 + "a", "~/a", "C:/a"),
    ],
)
async def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    blobs = FolderBlobs(tmp_path / "objects")
    (tmp_path / "a").write_bytes(b"outside")
    for call in (blobs.put(key, b"x"), blobs.get(key), blobs.delete(key)):
        with pytest.raises(ValueError):
            await call
    if key:
        with pytest.raises(ValueError):
            await blobs.delete_prefix(key + ("/" if not key.endswith("/") else "x"))
    assert files_under(tmp_path) == {"a"}


async def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "objects")
    (tmp_path / "outside").write_bytes(b"secret")
    (tmp_path / "objects" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(BlobUnavailable):
        await blobs.get("link")
    assert await listed(blobs) == []


async def test_a_prefix_is_a_folder(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    for key in ("m/a/1", "m/a/2", "m/ab/1", "n"):
        await blobs.put(key, key.encode())
    assert sorted(key for key, _ in await listed(blobs, "m/a/")) == ["m/a/1", "m/a/2"]
    with pytest.raises(ValueError):
        await listed(blobs, "m/a")
    assert await blobs.delete_prefix("m/a/") == 2
    assert await blobs.delete_prefix("m/a/") == 0
    assert sorted(key for key, _ in await listed(blobs)) == ["m/ab/1", "n"]
    await blobs.put("m/a/1", b"again")
    assert await blobs.delete_prefix("") == 3
    await blobs.close()
    assert await listed(blobs) == []
    assert not (tmp_path / "m").exists()


async def test_a_deleted_object_leaves_no_name_behind(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    await blobs.put("m/person/1", b"1")
    await blobs.put("m/other/1", b"1")
    await blobs.delete("m/person/1")
    await blobs.delete("m/person/1")
    assert not (tmp_path / "m" / "person").exists()
    assert (tmp_path / "m" / "other").exists()
    await blobs.close()


async def test_put_and_delete_may_race(tmp_path: Path) -> None:
    """The deletion removes emptied folders while others write into them."""
    writer, deleter = FolderBlobs(tmp_path), FolderBlobs(tmp_path)

    async def delete() -> None:
        for _ in range(60):
            await deleter.delete_prefix("m/e/")

    async def write(name: str) -> None:
        for number in range(40):
            await writer.put(f"m/e/{name}/{number}", b"x")

    async with asyncio.timeout(120):
        await asyncio.gather(delete(), write("a"), write("b"))
    await deleter.delete_prefix("m/e/")
    assert await listed(writer) == []
    await writer.close()


async def test_what_is_deleted_as_soon_as_it_has_a_name_was_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FolderBlobs(tmp_path)
    sync = folders.sync

    def deleted_before(folder: Path, fsync: Callable[[int], None] | None = None) -> None:
        if folder == tmp_path / "m" / "e" and (folder / "a").exists():
            (folder / "a").unlink()
            folder.rmdir()
        sync(folder, fsync)

    monkeypatch.setattr(folders, "sync", deleted_before)
    await blobs.put("m/e/a", b"x")
    monkeypatch.undo()
    assert await listed(blobs) == []
    await blobs.put("m/e/b", b"y")
    assert await blobs.get("m/e/b") == b"y"
    await blobs.close()


async def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        blobs = FolderBlobs(tmp_path / "deep" / "objects")
        await blobs.put("a/b/c", b"x")
    finally:
        os.umask(old)
    for path in (tmp_path / "deep").rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected
    await blobs.close()


class Sync:
    """Records what was made durable, in order; fails when told to."""

    def __init__(self) -> None:
        self.seen: list[Path] = []
        self.fails = False

    def __call__(self, descriptor: int) -> None:
        if self.fails:
            raise OSError(errno.EIO, "the disk says no")
        self.seen.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        os.fsync(descriptor)


async def test_put_syncs_the_bytes_the_name_and_every_folder(tmp_path: Path) -> None:
    sync = Sync()
    blobs = FolderBlobs(tmp_path / "objects", sync)
    root = tmp_path / "objects"
    assert sync.seen == [tmp_path]
    sync.seen.clear()
    await blobs.put("a/b/c", b"x")
    assert sync.seen[0].parent.parent == root / ".incoming"
    assert sync.seen[1:] == [root, root / "a", root / "a" / "b"]
    sync.seen.clear()
    await blobs.put("a/b/d", b"x")
    assert len(sync.seen) == 2  # the object, and the folder that has its name
    assert sync.seen[1] == root / "a" / "b"
    await blobs.close()
    # Another process cannot know whether the one that made the folders lived to sync them.
    other = FolderBlobs(root, sync)
    sync.seen.clear()
    await other.put("a/b/e", b"x")
    assert {root, root / "a", root / "a" / "b"} < set(sync.seen)
    await other.close()


async def test_a_failed_sync_is_an_error_and_leaves_no_half_object(tmp_path: Path) -> None:
    sync = Sync()
    blobs = FolderBlobs(tmp_path, sync)
    sync.fails = True
    with pytest.raises(BlobUnavailable, match="EIO"):
        await blobs.put("meeting/person", b"x")
    with pytest.raises(BlobMissing):
        await blobs.get("meeting/person")
    assert files_under(tmp_path) == set()
    sync.fails = False
    await blobs.put("meeting/person", b"x")
    await blobs.close()


async def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FolderBlobs(tmp_path)
    written = 0

    def write(descriptor: int, data: Any) -> int:
        nonlocal written
        written += 1
        if written > 1:
            raise OSError(errno.ENOSPC, "full", "/meetings/somebody")
        return real(descriptor, bytes(data)[:2])

    real = os.write
    monkeypatch.setattr(os, "write", write)
    with pytest.raises(BlobUnavailable, match="ENOSPC") as caught:
        await blobs.put("a/b", b"12345")
    assert "somebody" not in str(caught.value)
    monkeypatch.undo()
    assert files_under(tmp_path) == set()
    await blobs.put("a/b", b"12345")
    await blobs.close()


async def test_opening_clears_what_the_dead_left_and_spares_the_living(tmp_path: Path) -> None:
    living = FolderBlobs(tmp_path)
    await living.put("a", b"x")
    dead = tmp_path / ".incoming" / "dead"
    dead.mkdir()
    (dead / "half").write_bytes(b"ha")
    FolderBlobs(tmp_path)
    assert not dead.exists()
    assert len(list((tmp_path / ".incoming").iterdir())) == 1
    await living.put("b", b"y")
    await living.close()
    assert list((tmp_path / ".incoming").iterdir()) == []


async def test_opening_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BlobUnavailable):
        FolderBlobs(tmp_path / "file")
    with pytest.raises(BlobUnavailable):
        FolderBlobs(tmp_path / "file" / "below")


async def test_a_store_has_a_url(tmp_path: Path) -> None:
    for url in (str(tmp_path / "a b"), f"file://{tmp_path}/a%20b"):
        blobs = open_blobs(url)
        await blobs.put("x", b"x")
        await blobs.close()
    assert (tmp_path / "a b" / "x").read_bytes() == b"x"
    for url in ("s3://bucket", "http://x/y", "file://elsewhere/x"):
        with pytest.raises(ConfigError):
            open_blobs(url)
