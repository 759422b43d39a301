"""Appending to and proving in a log of a million entries: ``make bench-log``.

The log is filled by one statement for each batch, with the rows that appending would have written.
Then entries are appended as the server does, each in a transaction of its own that is durable when
it ends, and proofs are made as for a receipt. What is compared with is run beside it, on the same
disk and the same database: a transaction that writes one row to a table of the same columns, and
the hashing of as many nodes as a proof has.

It says one line of JSON in the end: milliseconds, and how many times those of what it is compared
with.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, text

from assent_vault.formats import suite
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import entry as entries
from assent_vault.ledger import tiles
from assent_vault.ledger.entry import Answered
from assent_vault.ledger.merkle import Frontier, leaf_hash, verify_inclusion
from assent_vault.ledger.note import Signer
from assent_vault.ledger.proof import Proof
from assent_vault.release.monitor import Monitor
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.log_rows import Prover
from assent_vault.store.log_tree import Tree
from assent_vault.store.models import LogEntryRow, LogTileRow

_BATCH = tiles.WIDTH * 16
_MEETINGS = 20_000


def _record(meeting: bytes) -> Answered:
    return Answered(
        meeting=meeting,
        person=secrets.token_bytes(32),
        sequence=1,
        answer=secrets.token_bytes(32),
        at=1_750_000_000_000,
    )


async def fill(database: Database, count: int) -> Frontier:
    """Write ``count`` entries, a whole number of batches, and their tiles."""
    frontier = Frontier()
    meetings = [secrets.token_bytes(16) for _ in range(_MEETINGS)]
    roots: dict[int, list[bytes]] = {}

    def close(level: int, hashes: list[bytes]) -> list[dict[str, Any]]:
        """Return the tile of these hashes, and those above that become whole with it."""
        above = roots.setdefault(level, [])
        root = tiles.root_of(hashes)
        made = [{"level": level, "number": len(above), "hashes": b"".join(hashes), "root": root}]
        above.append(root)
        if len(above) % tiles.WIDTH == 0:
            made += close(level + 1, above[-tiles.WIDTH :])
        return made

    for start in range(0, count, _BATCH):
        written, whole, hashes = [], [], []
        for number in range(start, start + _BATCH):
            meeting = meetings[number % _MEETINGS]
            salt, body = secrets.token_bytes(32), entries.write(_record(meeting))
            entry = entries.commit(salt, body)
            hashes.append(leaf_hash(entry))
            written.append(
                {
                    "number": number,
                    "entry": entry,
                    "meeting_id": suite.encode(meeting),
                    "salt": salt,
                    "record": body,
                }
            )
        frontier.extend(hashes)
        for at in range(0, _BATCH, tiles.WIDTH):
            whole += close(0, hashes[at : at + tiles.WIDTH])
        async with database.write() as session:
            await session.execute(insert(LogEntryRow), written)
            await session.execute(insert(LogTileRow), whole)
    return frontier


async def median(work: Callable[[], Awaitable[None]], times: int) -> float:
    """Return how many milliseconds work takes, half of the times less."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


async def timed(work: Awaitable[None]) -> float:
    """Return how many seconds work takes, once."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def run(url: str, folder: Path, count: int, times: int) -> dict[str, Any]:
    """Measure it all in the database of this URL."""
    database = Database(url)
    await database.migrate()
    await fill(database, count)
    meeting = secrets.token_bytes(16)
    signer = Signer("bench/log", Ed25519PrivateKey.generate())

    async def append() -> None:
        async with database.write() as session:
            await log_rows.append(session, _record(meeting))

    async with database.write() as session:
        blob = "BYTEA" if database.kind == "postgresql" else "BLOB"
        await session.execute(text(f"CREATE TABLE beside (number INTEGER PRIMARY KEY, row {blob})"))
    place = iter(range(10**9))

    async def write_a_row() -> None:
        async with database.write() as session:
            await session.execute(
                text("INSERT INTO beside VALUES (:number, :row)"),
                {"number": next(place), "row": secrets.token_bytes(350)},
            )

    appending = await median(append, times)
    writing = await median(write_a_row, times)

    tree = Tree()
    async with database.read() as session:
        reading = await timed(tree.advance(session))
    head = checkpoints.sign(signer, tree.head)

    async def prove() -> None:
        index = secrets.randbelow(tree.head.size)
        async with database.read() as session:
            path = await Prover(session, tree.head.size).inclusion(index)
            (entry,) = await log_rows.entries_between(session, index, index + 1)
        verify_inclusion(leaf_hash(entry), index, head.head.size, path, head.head.root)
        Proof(index, path, head).to_text()

    async def only_hash() -> None:
        hash_ = bytes(32)
        for _ in range(tree.head.size.bit_length()):
            hash_ = hashlib.sha256(b"\x01" + hash_ + hash_).digest()

    proving = await median(prove, times)
    hashing = await median(only_hash, times)
    follower = Monitor(database, folder, bytes(32))
    following = await timed(follower.start())
    assert follower.head == tree.head, "two readers of one log"
    await database.close()
    return {
        "bench": "log",
        "database": database.kind,
        "entries": tree.head.size,
        "append_ms": round(appending, 2),
        "append_over_one_row": round(appending / writing, 2),
        "prove_ms": round(proving, 2),
        "prove_over_hashing_a_path": round(proving / hashing, 1),
        "server_start_s": round(reading, 1),
        "worker_start_s": round(following, 1),
    }


def main() -> None:
    """Measure, and say it in one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--database-url")
    options = parser.parse_args()
    count = -(-options.entries // _BATCH) * _BATCH
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or f"sqlite:///{folder}/assent.db"
        found = asyncio.run(run(url, Path(folder), count, options.times))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
