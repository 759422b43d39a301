"""Requests for exports, as workers take them up: those that lapse, and those that are begun.

Which worker carries one out is settled by its row and its lock (``export/lease.py``,
``export/run_lock.py``); whoever comes second goes on to the next. Before each round whatever a dead
worker has left is mended, so that it waits for nobody's restart.

Before anything is asked for it also measures what is released, once, so that the console can tell
how much an export would be: the server does not read through lists of segments for that.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import select, update

from assent_vault.errors import ExportError
from assent_vault.export import ExportRun, place_of, recovery, selection
from assent_vault.export.command_orders import CommandOrders
from assent_vault.export.folder import Folder, partial_of
from assent_vault.export.lease import RUNNING
from assent_vault.export.outcome import TAKEN
from assent_vault.export.run_lock import RunLocks
from assent_vault.release.queue import QueueState
from assent_vault.store import approval
from assent_vault.store.database import Database
from assent_vault.store.export_order import Options
from assent_vault.store.models import ExportRow, ReleaseRow

_AT_ONCE: Final = 100
_MEASURED: Final = (QueueState.COOLING, QueueState.READY, QueueState.EXPORTED)


class ExportRequests:
    """Carries out the rows of ``exports`` that say ``requested``, where they may be.

    ``now`` gives the Unix milliseconds to write down, ``surely`` those that have come for certain.
    """

    def __init__(
        self,
        database: Database,
        exports: ExportRun,
        exports_dir: Path,
        locks: RunLocks,
        orders: CommandOrders,
        now: Callable[[], int],
        surely: Callable[[], int],
    ) -> None:
        self._database = database
        self._exports = exports
        self._exports_dir = exports_dir
        self._locks = locks
        self._orders = orders
        self._waiting: set[str] = set()  # whole, and without a name until the next start
        self._now = now
        self._surely = surely

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
        """Carry out what was asked for and nobody else does, and end what may not be any more;
        return how many were carried out."""
        await self.let_lapse()
        await self.discard()
        # Also what was left since our start, or by another worker.
        if await recovery.unfinished(self._database):
            await self.recover()
        done = 0
        tried: set[str] = set()  # each once a round, whatever its row says afterwards
        while (found := await self._next(tried)) is not None:
            tried.add(found)
            try:
                final = place_of(self._exports_dir, found, None)
            except ExportError as error:
                await recovery.refuse(self._database, found, error.code, self._now())
                continue
            try:
                outcome = await self._exports.run(found, final)
            except Exception:
                # It is mended as at a start, when the database is back.
                await self.recover()
                raise
            if outcome.error == TAKEN:
                continue
            with suppress(OSError):  # it orders an export that has ended
                self._orders.forget(found)
            done += 1
        return done

    async def _next(self, tried: set[str]) -> str | None:
        async with self._database.read() as session:
            found: str | None = await session.scalar(
                select(ExportRow.id)
                .where(ExportRow.state == approval.REQUESTED, ExportRow.id.not_in(tried))
                .order_by(ExportRow.requested_at, ExportRow.id)
                .limit(1)
            )
        return found

    async def let_lapse(self) -> None:
        """End the proposals that nobody has approved in time."""
        old = (
            ExportRow.state == approval.PROPOSED,
            ExportRow.requested_at <= self._surely() - approval.LAPSE_MS,
        )
        async with self._database.read() as session:
            if await session.scalar(select(ExportRow.id).where(*old).limit(1)) is None:
                return
        async with self._database.write() as session:
            await session.execute(
                update(ExportRow).where(*old).values(state=approval.LAPSED, finished_at=self._now())
            )

    async def discard(self) -> None:
        """Take away what a killed run has written of an export that nobody goes on with.

        Its row may have been ended meanwhile: who asked was shut out, say.
        """
        for export_id in await asyncio.to_thread(self._partial):
            async with self._database.read() as session:
                row = await session.get(ExportRow, export_id)
            if row is None or row.folder is not None or row.manifest_digest is not None:
                continue
            if row.state not in (approval.REQUESTED, RUNNING):
                lock = await asyncio.to_thread(self._locks.take, export_id)
                if lock is None:
                    continue  # somebody hangs, who thinks that it is theirs
                with lock:
                    folder = Folder(place_of(self._exports_dir, export_id, None))
                    await asyncio.to_thread(folder.discard)
                    await asyncio.to_thread(lock.remove)

    def _partial(self) -> list[str]:
        """Return the ids of exports that have a folder without a name."""
        found = []
        with suppress(OSError), os.scandir(self._exports_dir) as entries:
            for entry in entries:
                export_id = entry.name[1:].partition(".")[0]
                with suppress(ExportError):
                    final = place_of(self._exports_dir, export_id, None)
                    if partial_of(final).name == entry.name:
                        found.append(export_id)
        return found

    async def measure(self) -> int:
        """Write down how much each meeting is that may be exported; return how many were new."""
        async with self._database.read() as session:
            found = (
                await session.scalars(
                    select(ReleaseRow.meeting_id)
                    .where(
                        ReleaseRow.octets.is_(None),
                        ReleaseRow.state.in_(_MEASURED),
                    )
                    .limit(_AT_ONCE)
                )
            ).all()
        for meeting_id in found:
            async with self._database.read() as session:
                duration, octets = await selection.weigh(session, meeting_id, Options())
                sound = await selection.weigh(session, meeting_id, Options(audio_only=True))
            async with self._database.write() as session:
                await session.execute(
                    update(ReleaseRow)
                    .where(ReleaseRow.meeting_id == meeting_id)
                    .values(duration=duration, octets=octets, octets_of_sound=sound[1])
                )
        return len(found)
