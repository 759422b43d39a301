"""Objects are read ahead of who opens them, in their order, and never more than two batches."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assent_vault.errors import BlobMissing
from assent_vault.export.read_ahead import LARGEST, MOST, ReadAhead
from assent_vault.store.blobs import FolderBlobs

COUNT = 5 * MOST + 3


async def store(folder: Path) -> tuple[FolderBlobs, list[tuple[str, int]]]:
    blobs = FolderBlobs(folder / "objects", fsync=lambda _: None)
    wanted = []
    for number in range(COUNT):
        data = bytes([number]) * (number + 1)
        await blobs.put(f"a/{number:04}", data)
        wanted.append((f"a/{number:04}", len(data)))
    return blobs, wanted


async def test_all_come_in_their_order(tmp_path: Path) -> None:
    blobs, wanted = await store(tmp_path)
    reader = ReadAhead(blobs, asyncio.get_running_loop())
    found = await asyncio.to_thread(lambda: list(reader.read(wanted)))
    assert found == [bytes([number]) * (number + 1) for number in range(COUNT)]
    assert await asyncio.to_thread(lambda: list(reader.read([]))) == []


@pytest.mark.parametrize("size", [1, LARGEST // 2, 2 * LARGEST])
async def test_no_more_than_two_batches_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Of what is said to be large a batch has fewer; one is never waited for with none coming."""
    blobs, wanted = await store(tmp_path)
    real, begun = blobs.get, 0

    async def get(key: str) -> bytes:
        nonlocal begun
        begun += 1
        return await real(key)

    monkeypatch.setattr(blobs, "get", get)
    reader = ReadAhead(blobs, asyncio.get_running_loop())
    batch = max(1, min(MOST, LARGEST // size))

    def read() -> None:
        for taken, _ in enumerate(reader.read((key, size) for key, _ in wanted)):
            assert begun <= (taken // batch + 2) * batch

    await asyncio.to_thread(read)
    assert begun == COUNT


async def test_what_is_missing_is_told_and_nothing_is_left_to_come(tmp_path: Path) -> None:
    blobs, wanted = await store(tmp_path)
    await blobs.delete(wanted[MOST][0])
    reader = ReadAhead(blobs, asyncio.get_running_loop())
    found: list[bytes] = []

    def read() -> None:
        for data in reader.read(wanted):
            found.append(data)

    with pytest.raises(BlobMissing):
        await asyncio.to_thread(read)
    assert len(found) == MOST
    assert len(asyncio.all_tasks()) == 1
