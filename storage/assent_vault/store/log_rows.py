"""The log in the database: appending to it, and reading entries, tiles and proofs.

Theory of operation. An entry is appended in the very transaction that writes what it is about, so
that neither is ever without the other. Numbers have no gaps, so those who append stand in line: on
SQLite every writer does anyway; on PostgreSQL :func:`append` takes a lock that is held until the
commit. **Append last**: who holds the log's line must not wait for another lock, or two could wait
for each other. Deciding comes before, for the gate, too, reads the log as it was.

Entries are rows. Of the tree only whole tiles are stored, each when its last hash has come: an
append writes one row, and one time in 256 a tile. Everything else is computed from at most 255 rows
for each level of tiles.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import LogError, VaultError
from assent_vault.formats import suite
from assent_vault.ledger import entry as entries
from assent_vault.ledger import merkle, tiles
from assent_vault.ledger.entry import Record
from assent_vault.ledger.merkle import Range, Subtree, leaf_hash
from assent_vault.ledger.tiles import HEIGHT, WIDTH, Tile
from assent_vault.store.models import LogEntryRow, LogTileRow

# Any number will do if nobody else in this database uses it: "asslog" in ASCII.
_LINE: Final = 107152284905319
_AT_ONCE: Final = 500  # values in one statement


async def append(
    session: AsyncSession, record: Record, key: Ed25519PrivateKey | None = None
) -> int:
    """Append a record in the caller's transaction; return its index.

    ``key`` is the vault's identity, which signs its own records, or the server's key for those that
    the server signs.
    """
    is_signed = record.OF_VAULT or record.SIGNED_BY_SERVER
    assert (key is not None) == is_signed, "a record is signed where it has to be, and only there"
    # What the session still holds back is part of what happens before the line is taken.
    await session.flush()
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:line)"), {"line": _LINE})
    number = await size(session)
    body = entries.write(record)
    salt = secrets.token_bytes(entries.SALT_BYTES)
    entry = entries.commit(salt, body)
    await session.execute(
        insert(LogEntryRow).values(
            number=number,
            entry=entry,
            meeting_id=None if record.of is None else suite.encode(record.of),
            salt=salt,
            record=body,
            signature=None if key is None else suite.sign(key, record.TYPE, body),
        )
    )
    if (number + 1) % WIDTH == 0:
        await _keep_whole(session, number // WIDTH)
    return number


async def _keep_whole(session: AsyncSession, number: int) -> None:
    """Store the tile that has just become whole, and those above it that have with it."""
    level = 0
    while True:
        hashes = await _hashes(session, level, number, WIDTH)
        await session.execute(
            insert(LogTileRow).values(
                level=level, number=number, hashes=b"".join(hashes), root=tiles.root_of(hashes)
            )
        )
        level += 1
        number, place = divmod(number, WIDTH)
        if place != WIDTH - 1:
            return


async def size(session: AsyncSession) -> int:
    """Return how many entries there are."""
    last = await session.scalar(select(func.max(LogEntryRow.number)))
    return 0 if last is None else last + 1


async def entries_between(session: AsyncSession, start: int, end: int) -> list[bytes]:
    """Return the entries from ``start`` to before ``end``; raises LogError where one is missing."""
    rows = await session.execute(
        select(LogEntryRow.number, LogEntryRow.entry)
        .where(LogEntryRow.number >= start, LogEntryRow.number < end)
        .order_by(LogEntryRow.number)
    )
    found = [(number, entry) for number, entry in rows]
    if [number for number, _ in found] != list(range(start, end)):
        raise LogError("log-damaged", "An entry of the log is missing.")
    return [entry for _, entry in found]


async def of_meeting(session: AsyncSession, meeting_id: str) -> Sequence[LogEntryRow]:
    """Return the rows that say they are of a meeting, in order."""
    return (
        await session.scalars(
            select(LogEntryRow)
            .where(LogEntryRow.meeting_id == meeting_id)
            .order_by(LogEntryRow.number)
            .execution_options(populate_existing=True)
        )
    ).all()


async def records_of_type(
    session: AsyncSession, meeting_ids: Sequence[str], type_: str
) -> dict[str, list[bytes]]:
    """Return the records of one type that say they are of these meetings, in order, by meeting."""
    found: dict[str, list[bytes]] = {each: [] for each in meeting_ids}
    for meeting_id, record, _ in await signed_of_type(session, meeting_ids, type_):
        found[meeting_id].append(record)
    return found


async def signed_of_type(
    session: AsyncSession, meeting_ids: Sequence[str], type_: str
) -> list[tuple[str, bytes, bytes | None]]:
    """Return meeting, record and signature of each, as ``records_of_type`` finds them."""
    start = b'{"type":"%s"' % type_.encode()
    found = []
    for meeting_id, record, signature in await session.execute(
        select(LogEntryRow.meeting_id, LogEntryRow.record, LogEntryRow.signature)
        .where(
            LogEntryRow.meeting_id.in_(meeting_ids),
            func.substr(LogEntryRow.record, 1, len(start)) == start,
        )
        .order_by(LogEntryRow.number)
    ):
        assert meeting_id is not None, "asked for by it"
        assert record is not None, "asked for by how it begins"
        found.append((meeting_id, record, signature))
    return found


def believed(row: LogEntryRow, identities: Iterable[bytes]) -> Record | None:
    """Return a record that its entry commits to and one of these vaults has signed."""
    if row.salt is None or row.record is None or row.signature is None:
        return None
    try:
        if entries.commit(row.salt, row.record) != row.entry:
            return None
        record = entries.parse(row.record)
    except (VaultError, ValueError):
        return None
    for identity in identities:
        try:
            suite.verify(identity, record.TYPE, row.record, row.signature)
        except VaultError:
            continue
        return record
    return None


async def erase(session: AsyncSession, numbers: Sequence[int]) -> None:
    """Forget the records and salts of entries; the entries stay."""
    for at in range(0, len(numbers), _AT_ONCE):
        await session.execute(
            update(LogEntryRow)
            .where(LogEntryRow.number.in_(numbers[at : at + _AT_ONCE]))
            .values(salt=None, record=None, signature=None)
            .execution_options(synchronize_session=False)
        )


# Tiles and proofs.


async def tile(session: AsyncSession, place: Tile) -> bytes | None:
    """Return the hashes of a tile, as many as its width; None where there are not so many."""
    there = tiles.width_at(place.level, place.number, await size(session))
    if place.width > there:
        return None
    return b"".join(await _hashes(session, place.level, place.number, place.width))


async def bundle(session: AsyncSession, place: Tile) -> bytes | None:
    """Return the entries that a tile of level 0 is over; None where there are not so many."""
    start = place.number * WIDTH
    if start + place.width > await size(session):
        return None
    return tiles.bundle(await entries_between(session, start, start + place.width))


async def _hashes(session: AsyncSession, level: int, number: int, width: int) -> list[bytes]:
    """Return the first hashes of a tile, from the tile if it is whole, from what is below if not.

    Raises LogError where what is below is missing.
    """
    whole = await session.scalar(
        select(LogTileRow.hashes).where(LogTileRow.level == level, LogTileRow.number == number)
    )
    if whole is not None:
        if len(whole) != WIDTH * merkle.HASH_BYTES:
            raise LogError("log-damaged", "A tile of the log is not whole.")
        return tiles.hashes_of(whole)[:width]
    start = number * WIDTH
    if level == 0:
        return [leaf_hash(each) for each in await entries_between(session, start, start + width)]
    rows = await session.execute(
        select(LogTileRow.number, LogTileRow.root)
        .where(
            LogTileRow.level == level - 1,
            LogTileRow.number >= start,
            LogTileRow.number < start + width,
        )
        .order_by(LogTileRow.number)
    )
    found = [(below, root) for below, root in rows]
    if [below for below, _ in found] != list(range(start, start + width)):
        raise LogError("log-damaged", "A tile of the log is missing.")
    return [root for _, root in found]


class Prover:
    """Makes proofs in the tree of one size, inside one transaction; keeps the tiles it has read."""

    def __init__(self, session: AsyncSession, size: int) -> None:
        self._session = session
        self._size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    async def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Return the path of an entry, the leaf's sibling first."""
        return await self._resolve(merkle.inclusion(index, self._size))

    async def consistency(self, old: int) -> tuple[bytes, ...]:
        """Return the proof that this tree extends the one of size ``old``."""
        return await self._resolve(merkle.consistency(old, self._size))

    async def _resolve(self, ranges: Iterable[Range]) -> tuple[bytes, ...]:
        wanted = list(ranges)
        for subtree in merkle.needed(wanted):
            place, _ = tiles.tile_of(subtree)
            key = (place.level, place.number)
            if key not in self._tiles:
                width = tiles.width_at(place.level, place.number, self._size)
                self._tiles[key] = await _hashes(self._session, *key, width)
        return merkle.resolve(wanted, self._hash_of)

    def _hash_of(self, subtree: Subtree) -> bytes:
        place, part = tiles.tile_of(subtree)
        return tiles.root_of(self._tiles[place.level, place.number][part])


assert HEIGHT == 8, "a whole tile is stored with the one hash over it"
