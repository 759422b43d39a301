"""Exports that were asked for: taken up one after the other, by as many workers as there are.

Which worker carries one out is settled by its row and its lock (``export/lease.py``,
``export/run_lock.py``); whoever comes second goes on to the next. Before each round whatever a dead
worker has left is mended, so that it waits for nobody's restart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from assent_vault.errors import ExportError
from assent_vault.export import ExportRun, place_of, recovery
from assent_vault.export.lease import REQUESTED
from assent_vault.export.outcome import TAKEN
from assent_vault.export.run_lock import RunLocks
from assent_vault.store.database import Database
from assent_vault.store.models import ExportRow


class RequestedExports:
    """The exports that a worker carries out by itself. ``surely`` is the time that has come."""

    def __init__(
        self,
        database: Database,
        exports_dir: Path,
        locks: RunLocks,
        run: ExportRun,
        now: Callable[[], int],
        surely: Callable[[], int],
    ) -> None:
        self._database = database
        self._exports_dir = exports_dir
        self._locks = locks
        self._run = run
        self._now = now
        self._surely = surely
        self._waiting: set[str] = set()  # whole, and without a name until the next start

    async def recover(self) -> None:
        """Bring to an end what dead workers have left."""
        await recovery.recover(
            self._database, self._exports_dir, self._locks, self._now, self._surely, self._waiting
        )

    async def clear(self) -> None:
        """Take out of interrupted exports what must not be kept."""
        await recovery.clear(
            self._database, self._exports_dir, self._locks, self._surely(), self._now()
        )

    async def carry_out(self) -> int:
        """Carry out what was asked for and nobody else does; return how many."""
        # Also what was left since our start, or by another worker.
        if await recovery.unfinished(self._database):
            await self.recover()
        done = 0
        taken: set[str] = set()
        while (found := await self._next(taken)) is not None:
            try:
                final = place_of(self._exports_dir, found, None)
            except ExportError as error:
                await recovery.refuse(self._database, found, error.code, self._now())
                continue
            try:
                outcome = await self._run.run(found, final)
            except Exception:
                # It is mended as at a start, when the database is back.
                await self.recover()
                raise
            if outcome.error == TAKEN:
                taken.add(found)
            else:
                done += 1
        return done

    async def _next(self, taken: set[str]) -> str | None:
        async with self._database.read() as session:
            return await session.scalar(
                select(ExportRow.id)
                .where(ExportRow.state == REQUESTED, ExportRow.id.not_in(taken))
                .order_by(ExportRow.requested_at, ExportRow.id)
                .limit(1)
            )
