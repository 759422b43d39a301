"""What becomes of an export whose worker has died, and how the end of one is written down.

Before the commit nothing has happened: what was claimed is given back, and the export begins anew.
After it the data set is whole on disk, and gets its name. Either way it happens once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select

from assent_vault.errors import ExportError
from assent_vault.export.folder import Folder
from assent_vault.export.place import place_of
from assent_vault.release import queue
from assent_vault.store.database import Database
from assent_vault.store.models import ExportRow

log = structlog.get_logger(__name__)

REQUESTED: Final = "requested"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"


def stop(row: ExportRow, code: str | None, now: int) -> None:
    """End a run that came to nothing. One with a folder of its own has nobody to begin it anew."""
    if code is None and row.folder is None:
        end(row, REQUESTED, None, None)
    else:
        end(row, FAILED, code or "interrupted", now)


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
    """Tell whether a run is left that was not committed."""
    left = select(ExportRow.id).where(
        ExportRow.state == RUNNING, ExportRow.manifest_digest.is_(None)
    )
    async with database.read() as session:
        return await session.scalar(left.limit(1)) is not None


async def recover(database: Database, exports_dir: Path, now: Callable[[], int]) -> None:
    """Bring to an end what a run that died has left; for whoever holds the keyring and runs none.

    A run before its commit is undone. One after it is carried to its end. Holding the keyring means
    that nobody else is running one.
    """
    async with database.read() as session:
        rows = (await session.scalars(select(ExportRow).where(ExportRow.state == RUNNING))).all()
    for found in rows:
        try:
            folder = Folder(place_of(exports_dir, found.id, found.folder))
        except ExportError as error:
            await refuse(database, found.id, error.code, now())
            continue
        whole = None
        if found.manifest_digest is None:
            with suppress(ExportError):
                await asyncio.to_thread(folder.discard)
        else:
            whole = await asyncio.to_thread(folder.holds, found.manifest_digest)
            if whole:
                try:
                    await asyncio.to_thread(folder.publish)
                except ExportError as error:
                    log.warning("export-not-published", export=found.id, code=error.code)
                    continue  # it is whole, and waits beside its place for the next start
        async with database.write() as session:
            row = await session.get(ExportRow, found.id, with_for_update=True)
            if row is None or row.state != RUNNING:
                continue
            if row.lease_token is not None:
                await queue.give_back(session, row.lease_token, now())
            if whole is None:
                stop(row, None, now())
            else:
                end(row, DONE if whole else FAILED, None if whole else "export-lost", now())
        log.warning("export-recovered", export=found.id, committed=whole is not None)
