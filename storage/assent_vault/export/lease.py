"""The lease of one export: its token, the meetings that are held by it, and that it is renewed.

A worker that dies renews nothing, and what it held is anybody's again when its lease has run out;
or at once, where it is known that it has died (``run_lock``).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import ExportError, LeaseLost
from assent_vault.formats import suite
from assent_vault.release import further, queue
from assent_vault.store.approval import REQUESTED
from assent_vault.store.database import Database
from assent_vault.store.models import ExportRow


def new_id() -> str:
    """Return a fresh id for an export, or for a lease."""
    return suite.encode(secrets.token_bytes(16))


RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
# Everything else, a state that nobody knows included, is not begun.
_TO_DO: Final = (REQUESTED, RUNNING)


def is_over(row: ExportRow, dead: Collection[str], now: int) -> bool:
    """Tell whether nobody holds an export: its lease has run out, or was one of the ``dead``."""
    if row.lease_token is None or row.lease_until is None:
        return True
    return row.lease_token in dead or row.lease_until < now


async def get_unfinished(session: AsyncSession, export_id: str) -> ExportRow:
    """Return the locked row of an export that is not committed; raises ExportError."""
    row = await session.get(ExportRow, export_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in _TO_DO or row.manifest_digest is not None:
        raise ExportError("export-missing", "There is no such export to be carried out.")
    return row


class Lease:
    """What one run holds. ``surely`` gives the Unix milliseconds that have come for certain."""

    def __init__(
        self, database: Database, surely: Callable[[], int], token: str | None = None
    ) -> None:
        self._database = database
        self._surely = surely
        self._held: frozenset[str] = frozenset()
        self._again: frozenset[str] = frozenset()  # of these, what was exported before
        self.token = token or new_id()
        # Renewing locks all rows of the run in any order; the commit must not meet it half-way.
        self.turn = asyncio.Lock()

    async def take_export(self, export_id: str, dead: Collection[str]) -> bool:
        """Claim an export that waits, or that nobody holds any more; False where somebody does.

        Raises ExportError where there is no such export to be carried out.
        """
        async with self._database.write() as session:
            row = await get_unfinished(session, export_id)
            now = self._surely()
            if row.state == RUNNING and not is_over(row, {self.token, *dead}, now):
                return False
            if row.lease_token not in (None, self.token):
                await queue.give_back(session, row.lease_token or "", now)
            row.state = RUNNING
            row.lease_token = self.token
            row.lease_until = now + queue.LEASE_MS
        return True

    async def held_row(self, session: AsyncSession, export_id: str) -> ExportRow:
        """Return the locked row of the export, in whose transaction it is held; raises LeaseLost.

        Raises ExportError where it is committed, or has come to its end.
        """
        row = await get_unfinished(session, export_id)
        if row.lease_token != self.token:
            raise LeaseLost("The claim on this export is not held any more.")
        return row

    async def has_export(self, export_id: str) -> bool:
        """Tell whether the export is held, at this moment; only looks."""
        async with self._database.read() as session:
            row = await session.get(ExportRow, export_id)
            return row is not None and row.lease_token == self.token

    def holds(self, meeting_id: str) -> bool:
        """Tell whether a meeting is held, as far as is known since it was last renewed."""
        return meeting_id in self._held

    def take(self, meeting_id: str, *, again: bool = False) -> None:
        """Say that a meeting has been claimed with this lease's token, or is given ``again``."""
        self.let_go(meeting_id)
        self._held |= {meeting_id}
        if again:
            self._again |= {meeting_id}

    def is_again(self, meeting_id: str) -> bool:
        """Tell whether a meeting was exported before: then there is no claim on it."""
        return meeting_id in self._again

    def let_go(self, meeting_id: str) -> None:
        """Say that a meeting is no part of the run any more."""
        self._held -= {meeting_id}
        self._again -= {meeting_id}

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
            before, again = self._held, self._again
            with suppress(SQLAlchemyError, OSError):
                async with self.turn, self._database.write() as session:
                    held = await queue.renew(session, self.token, self._surely())
                    mine = await session.scalars(
                        update(ExportRow)
                        .where(ExportRow.id == export_id, ExportRow.lease_token == self.token)
                        .values(lease_until=self._surely() + queue.LEASE_MS)
                        .returning(ExportRow.id)
                        .execution_options(synchronize_session=False)
                    )
                    if mine.all():
                        held |= await further.still_given(session, again)
                self._held -= before - held
