"""A log in a real database, and what publishes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from assent.transparency import LogKey, LogPublisher, Witnesses, load_log_key
from assent_vault.ledger.entry import HostArmed
from assent_vault.ledger.witness import parse_witness
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from support.clock import ManualClock
from support.witness import WitnessServer


class Log:
    """The database's log, and publishers of it that come and go."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.key: LogKey = load_log_key(
            folder, origin="example.org/log", named=False, now=1, first_start=True
        )
        self._publishers: list[LogPublisher] = []

    async def grow(self, count: int = 1) -> None:
        """Append entries about nothing in particular."""
        async with self.database.write() as session:
            for _ in range(count):
                record = HostArmed(meeting=bytes(16), act=bytes(32), at=1)
                await log_rows.append(session, record)

    async def publish(
        self, witnesses: Sequence[str] = (), *, database: Database | None = None
    ) -> LogPublisher:
        """Start a publisher, as a server does at its start."""
        shared = self.database if database is None else database
        publisher = LogPublisher(
            shared,
            self.key,
            self.folder,
            Witnesses([parse_witness(text) for text in witnesses], shared),
            ManualClock(),
        )
        self._publishers.append(publisher)
        await publisher.start()
        return publisher

    async def stop(self) -> None:
        """Stop them all."""
        for publisher in self._publishers:
            await publisher.stop()


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> AsyncIterator[Log]:
    """Give an empty log."""
    log = Log(database, tmp_path)
    yield log
    await log.stop()


@pytest.fixture
async def witness(log: Log) -> AsyncIterator[WitnessServer]:
    """Give a witness that knows the log."""
    witness = WitnessServer()
    witness.trusts["example.org/log"] = log.key.signer.verifier
    async with witness.running():
        yield witness
