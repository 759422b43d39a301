"""The lease of one export: its token, the meetings that are held by it, and that it is renewed.

A worker that dies renews nothing, and what it held is anybody's again when its lease has run out.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from assent_vault.formats import suite
from assent_vault.release import queue
from assent_vault.store.database import Database
from assent_vault.store.models import ExportRow


def new_id() -> str:
    """Return a fresh id for an export, or for a lease."""
    return suite.encode(secrets.token_bytes(16))


class Lease:
    """What one run holds. ``surely`` gives the Unix milliseconds that have come for certain."""

    def __init__(self, database: Database, surely: Callable[[], int]) -> None:
        self._database = database
        self._surely = surely
        self._held: frozenset[str] = frozenset()
        self.token = new_id()
        # Renewing locks all rows of the run in any order; the commit must not meet it half-way.
        self.turn = asyncio.Lock()

    def holds(self, meeting_id: str) -> bool:
        """Tell whether a meeting is held, as far as is known since it was last renewed."""
        return meeting_id in self._held

    def take(self, meeting_id: str) -> None:
        """Say that a meeting has been claimed with this lease's token."""
        self._held |= {meeting_id}

    def let_go(self, meeting_id: str) -> None:
        """Say that a meeting is no part of the run any more."""
        self._held -= {meeting_id}

    @asynccontextmanager
    async def renewed(self, export_id: str) -> AsyncIterator[None]:
        """Renew it, of the export and of all its meetings, as long as the block runs."""
        renewing = asyncio.create_task(self._renew(export_id))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, export_id: str) -> None:
        """Renew again and again; a database that is away is tried again."""
        while True:
            await asyncio.sleep(queue.LEASE_MS / 1000 / 4)
            before = self._held
            with suppress(SQLAlchemyError, OSError):
                async with self.turn, self._database.write() as session:
                    held = await queue.renew(session, self.token, self._surely())
                    await session.execute(
                        update(ExportRow)
                        .where(ExportRow.id == export_id, ExportRow.lease_token == self.token)
                        .values(lease_until=self._surely() + queue.LEASE_MS)
                    )
                self._held -= before - held
