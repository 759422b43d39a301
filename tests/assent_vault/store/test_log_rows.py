"""Appending and proving in both databases: no gap, whoever appends at the same time."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select, update

from assent_vault.errors import LogError
from assent_vault.formats import suite
from assent_vault.ledger import entry as entries
from assent_vault.ledger import merkle
from assent_vault.ledger.entry import Erased, HostArmed
from assent_vault.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from assent_vault.ledger.tiles import Tile
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.log_rows import Prover
from assent_vault.store.models import LogEntryRow, LogTileRow

MEETING = bytes(16)


def record(number: int = 1) -> HostArmed:
    return HostArmed(meeting=MEETING, act=number.to_bytes(32), at=1)


async def grow(database: Database, count: int) -> None:
    async with database.write() as session:
        for number in range(count):
            await log_rows.append(session, record(number + 1))


async def leaves(database: Database) -> list[bytes]:
    async with database.read() as session:
        found = await session.scalars(select(LogEntryRow.entry).order_by(LogEntryRow.number))
        return [leaf_hash(entry) for entry in found]


async def test_an_entry_commits_to_its_record(database: Database) -> None:
    async with database.write() as session:
        assert await log_rows.append(session, record()) == 0
        assert await log_rows.append(session, record(2)) == 1
    async with database.read() as session:
        assert await log_rows.size(session) == 2
        first, second = await log_rows.of_meeting(session, suite.encode(MEETING))
    for row, body in ((first, entries.write(record())), (second, entries.write(record(2)))):
        assert row.record == body
        assert row.salt is not None
        assert entries.commit(row.salt, row.record) == row.entry
        assert row.signature is None
    assert first.salt != second.salt


async def test_the_vault_signs_its_own_records(database: Database) -> None:
    key = Ed25519PrivateKey.generate()
    erased = Erased(meeting=MEETING, person=None, at=1)
    async with database.write() as session:
        await log_rows.append(session, erased, key)
        with pytest.raises(AssertionError):
            await log_rows.append(session, erased)
        with pytest.raises(AssertionError):
            await log_rows.append(session, record(), key)
    async with database.read() as session:
        (row,) = await log_rows.of_meeting(session, suite.encode(MEETING))
    suite.verify(suite.sign_public(key), Erased.TYPE, row.record or b"", row.signature or b"")


async def test_what_is_rolled_back_was_never_there(database: Database) -> None:
    await grow(database, 1)
    async with database.write() as session:
        await log_rows.append(session, record())
        await session.rollback()
    await grow(database, 1)
    async with database.read() as session:
        numbers = await session.scalars(select(LogEntryRow.number).order_by(LogEntryRow.number))
        assert numbers.all() == [0, 1]


async def test_whoever_appends_at_the_same_time_stands_in_line(database: Database) -> None:
    async def some() -> None:
        for _ in range(10):
            await grow(database, 3)

    await asyncio.gather(*(some() for _ in range(6)))
    async with database.read() as session:
        numbers = await session.scalars(select(LogEntryRow.number).order_by(LogEntryRow.number))
        assert numbers.all() == list(range(180))


async def test_every_entry_and_every_size_is_proved(database: Database) -> None:
    await grow(database, 523)
    hashes = await leaves(database)
    for size in (1, 2, 255, 256, 257, 511, 512, 523):
        root = merkle.root_of(hashes[:size])
        async with database.read() as session:
            prover = Prover(session, size)
            for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
                path = await prover.inclusion(index)
                verify_inclusion(hashes[index], index, size, path, root)
            for old in {1, 2, size // 3, 256, size - 1, size} & set(range(1, size + 1)):
                proof = await prover.consistency(old)
                verify_consistency(old, merkle.root_of(hashes[:old]), size, root, proof)


async def test_tiles_are_what_the_entries_say(database: Database) -> None:
    await grow(database, 523)
    hashes = await leaves(database)
    whole = [merkle.root_of(hashes[:256]), merkle.root_of(hashes[256:512])]
    async with database.read() as session:
        assert await log_rows.tile(session, Tile(0, 0)) == b"".join(hashes[:256])
        assert await log_rows.tile(session, Tile(0, 2, 11)) == b"".join(hashes[512:])
        assert await log_rows.tile(session, Tile(0, 1, 3)) == b"".join(hashes[256:259])
        assert await log_rows.tile(session, Tile(1, 0, 2)) == b"".join(whole)
        assert await log_rows.tile(session, Tile(0, 2, 12)) is None
        assert await log_rows.tile(session, Tile(1, 0, 3)) is None
        bundle = await log_rows.bundle(session, Tile(0, 2, 11))
        assert bundle is not None
        assert [leaf_hash(bundle[at + 2 : at + 34]) for at in range(0, 374, 34)] == hashes[512:]
        assert await log_rows.bundle(session, Tile(0, 2)) is None
        assert await session.scalar(select(func.count()).select_from(LogTileRow)) == 2


async def test_a_tile_above_is_stored_when_it_is_whole(database: Database) -> None:
    """The tile of 65,536 entries; those before the last are put there by hand."""
    await grow(database, 256)
    roots = [leaf_hash(b"%d" % number) for number in range(255)]
    async with database.write() as session:
        await session.execute(delete(LogTileRow))
        await session.execute(update(LogEntryRow).values(number=LogEntryRow.number + 65_280))
        await session.execute(delete(LogEntryRow).where(LogEntryRow.number == 65_535))
        session.add_all(
            LogTileRow(level=0, number=number, hashes=bytes(8192), root=root)
            for number, root in enumerate(roots)
        )
    async with database.write() as session:
        assert await log_rows.append(session, record()) == 65_535
    hashes = await leaves(database)
    async with database.read() as session:
        tile = await session.get(LogTileRow, (1, 0))
    assert tile is not None
    assert tile.hashes == b"".join([*roots, merkle.root_of(hashes)])
    assert tile.root == merkle.root_of([*roots, merkle.root_of(hashes)])


async def test_what_is_missing_is_not_made_up(database: Database) -> None:
    await grow(database, 520)
    async with database.write() as session:
        await session.execute(delete(LogEntryRow).where(LogEntryRow.number == 515))
        await session.execute(delete(LogTileRow).where(LogTileRow.number == 1))
        await session.execute(update(LogTileRow).values(hashes=bytes(31)))
    async with database.read() as session:
        for place in (Tile(0, 2, 8), Tile(1, 0, 2), Tile(0, 0)):
            with pytest.raises(LogError) as caught:
                await log_rows.tile(session, place)
            assert caught.value.code == "log-damaged"
        with pytest.raises(LogError):
            await log_rows.bundle(session, Tile(0, 2, 8))


async def test_erasing_leaves_the_entry(database: Database) -> None:
    await grow(database, 3)
    before = await leaves(database)
    async with database.write() as session:
        await log_rows.erase(session, [0, 2])
    assert await leaves(database) == before
    async with database.read() as session:
        found = await log_rows.of_meeting(session, suite.encode(MEETING))
    assert [row.record is None for row in found] == [True, False, True]
    assert [row.salt is None for row in found] == [True, False, True]
