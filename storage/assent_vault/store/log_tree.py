"""Follows the tree in the database, from its first entry on, and notices when it is another one.

The root is always computed over the entries themselves, never taken from what is stored of the
tree, so that tiles which somebody has left in place cannot speak for entries that have changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import LogError
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.merkle import Frontier, leaf_hash
from assent_vault.store import log_rows
from assent_vault.store.head_file import rolled_back
from assent_vault.store.models import LogEntryRow

_BATCH: Final = 4096
_AT_ONCE: Final = 64  # rows whose hashing takes no time worth a thread

# What is made of each batch of rows, besides adding them to the tree.
Visit = Callable[[Sequence[tuple[Any, ...]]], None]


class Tree:
    """The head of the log as far as it was read. ``columns`` are read beside number and entry."""

    def __init__(self, columns: Sequence[Any] = (), visit: Visit | None = None) -> None:
        self._query: Select[Any] = select(LogEntryRow.number, LogEntryRow.entry, *columns)
        self._visit = visit
        self._frontier = Frontier()
        self._last: bytes | None = None

    @property
    def head(self) -> Head:
        """The head of what was read."""
        return Head(self._frontier.size, self._frontier.root())

    async def advance(self, session: AsyncSession, through: Head | None = None) -> None:
        """Read on to the end of the log, in a transaction that is younger than the last one.

        Raises LogError ``log-rolled-back`` when what was read before is not there any more, or
        when the log does not go through the head ``through``.
        """
        end = await log_rows.size(session)
        if end < self._frontier.size or (through is not None and end < through.size):
            raise rolled_back()
        await self._see_last(session)
        if through is not None and through.size >= self._frontier.size:
            await self._read(session, through.size)
            if self.head != through:
                raise rolled_back()
        await self._read(session, end)

    async def _see_last(self, session: AsyncSession) -> None:
        """Look whether the last entry that was read is there still.

        Salts are random: a log that was cut off and has grown again has another entry there.
        """
        if self._last is None:
            return
        found = await session.scalar(
            select(LogEntryRow.entry).where(LogEntryRow.number == self._frontier.size - 1)
        )
        if found != self._last:
            raise rolled_back()

    async def _read(self, session: AsyncSession, end: int) -> None:
        while self._frontier.size < end:
            start = self._frontier.size
            stop = min(start + _BATCH, end)
            batch = (
                await session.execute(
                    self._query.where(
                        LogEntryRow.number >= start, LogEntryRow.number < stop
                    ).order_by(LogEntryRow.number)
                )
            ).all()
            if len(batch) <= _AT_ONCE:
                self._take(batch, stop)
            else:
                await asyncio.to_thread(self._take, batch, stop)

    def _take(self, batch: Sequence[tuple[Any, ...]], stop: int) -> None:
        start = self._frontier.size
        if [row[0] for row in batch] != list(range(start, stop)):
            raise LogError("log-damaged", "An entry of the log is missing.")
        self._frontier.extend(leaf_hash(row[1]) for row in batch)
        self._last = batch[-1][1]
        if self._visit is not None:
            self._visit(batch)
