"""What becomes of an export whose worker has died, and how the end of one is written down.

Any worker mends what another has left, once nobody holds it any more: its lease has run out, or is
known to be a dead one's (``run_lock``). Before the commit nothing has happened: what was claimed is
given back, and the export is taken up again with the meetings that are whole already (``journal``),
by the next worker, or where it has a folder of its own by whoever asks for the same there within a
day. Meanwhile what is taken back goes from it, too. After the commit the data set is whole on disk,
and gets its name. Either way it happens once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select

from assent_vault.errors import (
    ExportError,
)
from assent_vault.export import selection
from assent_vault.export.folder import Folder
from assent_vault.export.journal import Journal
from assent_vault.export.lease import DONE, FAILED, RUNNING, is_over
from assent_vault.export.meeting import folders_of
from assent_vault.export.place import place_of
from assent_vault.export.run_lock import RunLock, RunLocks
from assent_vault.release import queue
from assent_vault.store import export_order as requests
from assent_vault.store.approval import REQUESTED
from assent_vault.store.database import Database
from assent_vault.store.models import ExportRow

log = structlog.get_logger(__name__)

INTERRUPTED: Final = "interrupted"
"""The error of a run of the command line that was stopped: it can be taken up again."""
ABANDONED: Final = "abandoned"
"""The error of one that nobody has taken up."""
KEPT_MS: Final = 24 * 3_600_000
"""Milliseconds that one waits for that."""


def stop(row: ExportRow, code: str | None, now: int) -> None:
    """End a run that came to nothing. One with a folder of its own has nobody to begin it anew."""
    if code is None and row.folder is None:
        end(row, REQUESTED, None, None)
    else:
        end(row, FAILED, code or INTERRUPTED, now)


def end(row: ExportRow, state: str, error: str | None, now: int | None) -> None:
    """Write down how a run has ended."""
    row.state = state
    row.error = error
    row.finished_at = now
    row.lease_token = None
    row.lease_until = None


async def refuse(database: Database, export_id: str, code: str, now: int) -> None:
    """End an export whose row is not what it should be; nothing of it is touched."""
    async with database.write() as session:
        row = await session.get(ExportRow, export_id, with_for_update=True)
        if row is not None and row.state in (REQUESTED, RUNNING):
            if row.lease_token is not None:
                await queue.give_back(session, row.lease_token, now)
            end(row, FAILED, code, now)
    log.error("export-refused", code=code)


async def unfinished(database: Database) -> bool:
    """Tell whether any run has not come to its end: somebody's, or left by one who has died."""
    async with database.read() as session:
        left = select(ExportRow.id).where(ExportRow.state == RUNNING)
        return await session.scalar(left.limit(1)) is not None


def _keep(folder: Folder, export_id: str) -> None:
    """Keep what can be taken up again, and nothing else."""
    head = Journal(folder).head()
    if head is None or head.export != export_id:
        with suppress(ExportError):
            folder.discard()


def is_interrupted(row: ExportRow) -> bool:
    """Tell whether it was stopped before its commit, and can be taken up again."""
    return row.state == FAILED and row.error == INTERRUPTED and row.manifest_digest is None


async def clear(
    database: Database, exports_dir: Path, locks: RunLocks, surely: int, now: int
) -> None:
    """Take out of interrupted exports what must not be kept: what was taken back, and old ones.

    And the files of locks that who was killed at the very end has left.
    """
    await _clear_locks(database, locks)
    interrupted = select(ExportRow).where(
        ExportRow.state == FAILED, ExportRow.error == INTERRUPTED, ExportRow.folder.is_not(None)
    )
    async with database.read() as session:
        rows = (await session.scalars(interrupted)).all()
    for row in rows:
        try:
            place = place_of(exports_dir, row.id, row.folder)
            lock = await asyncio.to_thread(locks.take, row.id)
            if lock is not None:
                with lock:
                    await _clear_one(database, row, Folder(place), surely, now)
        except ExportError as error:
            log.warning("export-not-cleared", export=row.id, code=error.code)


async def _clear_locks(database: Database, locks: RunLocks) -> None:
    left = await asyncio.to_thread(locks.names)
    if not left:
        return
    async with database.read() as session:
        open_ = select(ExportRow.id).where(ExportRow.state.in_((REQUESTED, RUNNING)))
        unfinished_ = set(await session.scalars(open_))
    for export_id in left:
        if export_id in unfinished_:
            continue
        lock = await asyncio.to_thread(locks.take, export_id)
        if lock is not None:
            with lock:
                await asyncio.to_thread(lock.remove)


async def _clear_one(
    database: Database, row: ExportRow, folder: Folder, surely: int, now: int
) -> None:
    async with database.read() as session:
        found = await session.get(ExportRow, row.id)
        if found is None or not is_interrupted(found):
            return  # somebody has taken it up meanwhile
    head = await asyncio.to_thread(Journal(folder).head)
    if head is None or head.export != row.id:
        await _abandon(database, row.id, now)
    elif surely - (row.finished_at or 0) > KEPT_MS:
        await asyncio.to_thread(folder.discard)
        await _abandon(database, row.id, now)
    else:
        async with database.read() as session:
            asked = requests.read(None, None, head.options).options
            standing = await selection.standing(session, head.meetings, asked)
        for meeting_id in set(head.meetings) - standing:
            await asyncio.to_thread(_take_out, folder, meeting_id)


def _take_out(folder: Folder, meeting_id: str) -> None:
    Journal(folder).forget(meeting_id)
    for place in folders_of(meeting_id):
        folder.remove(place)


async def _abandon(database: Database, export_id: str, now: int) -> None:
    async with database.write() as session:
        row = await session.get(ExportRow, export_id, with_for_update=True)
        if row is not None and is_interrupted(row):
            end(row, FAILED, ABANDONED, now)


async def recover(
    database: Database,
    exports_dir: Path,
    locks: RunLocks,
    now: Callable[[], int],
    surely: Callable[[], int],
    waiting: set[str],
) -> None:
    """Bring to an end what runs that have died have left; leaves alone what anybody holds.

    A run before its commit is undone. One after it is carried to its end; where its folder does not
    get its name it is added to ``waiting``, and whatever is in that is left to another process.
    """
    async with database.read() as session:
        running = select(ExportRow.id, ExportRow.folder).where(ExportRow.state == RUNNING)
        rows = (await session.execute(running)).all()
    for export_id, place in rows:
        if export_id in waiting:
            continue
        try:
            folder = Folder(place_of(exports_dir, export_id, place))
        except ExportError as error:
            await refuse(database, export_id, error.code, now())
            continue
        lock = await asyncio.to_thread(locks.take, export_id)
        if lock is not None:
            with lock:
                await _recover(database, export_id, folder, lock, now, surely, waiting)


async def _recover(
    database: Database,
    export_id: str,
    folder: Folder,
    lock: RunLock,
    now: Callable[[], int],
    surely: Callable[[], int],
    waiting: set[str],
) -> None:
    """Bring one to its end if nobody holds it: with its lock nobody begins to, on this machine."""
    async with database.read() as session:
        found = await session.get(ExportRow, export_id)
    if found is None or found.state != RUNNING or not is_over(found, lock.former, surely()):
        return
    whole = None
    if found.manifest_digest is None:
        await asyncio.to_thread(_keep, folder, export_id)
    else:
        whole = await asyncio.to_thread(folder.holds, found.manifest_digest)
        if whole:
            try:
                await asyncio.to_thread(folder.publish)
            except ExportError as error:
                log.warning("export-not-published", export=export_id, code=error.code)
                waiting.add(export_id)  # it is whole, and waits beside its place for the next start
                return
    async with database.write() as session:
        row = await session.get(ExportRow, export_id, with_for_update=True)
        if row is None or row.state != RUNNING or row.lease_token != found.lease_token:
            return
        if not is_over(row, lock.former, surely()):
            return  # on another machine it was alive after all
        if row.lease_token is not None:
            await queue.give_back(session, row.lease_token, now())
        if whole is None:
            stop(row, None, now())
        else:
            end(row, DONE if whole else FAILED, None if whole else "export-lost", now())
    await asyncio.to_thread(lock.remove)
    log.warning("export-recovered", export=export_id, committed=whole is not None)
