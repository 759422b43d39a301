"""An export asked of the worker that has the vault's folder, and brought to where it is wanted.

The worker writes only where its own settings say. Whoever asks on the command line waits for it,
and moves the finished data set.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import update

from assent_vault.errors import ExportError
from assent_vault.export import ExportOrder, Outcome, Progress, new_id
from assent_vault.export.command_orders import CommandOrders
from assent_vault.export.folder import partial_of
from assent_vault.export.progress import Seen
from assent_vault.store import export_order as requests
from assent_vault.store.database import Database
from assent_vault.store.heartbeat import is_silent, last_heartbeat
from assent_vault.store.models import ExportRow

_LOOK_SECONDS: Final = 0.2


async def ask(
    database: Database,
    final: Path,
    now: Callable[[], int],
    seen: Seen | None,
    asked: ExportOrder,
    orders: CommandOrders | None = None,
) -> Outcome:
    """Ask the worker for an export, wait for it, and move it to ``final``; raises ExportError.

    Where the vault's folder is here, ``orders`` show it that this comes from there.
    """
    export_id = new_id()
    if orders is not None:
        await asyncio.to_thread(orders.give, export_id, asked)
    async with database.write() as session:
        session.add(
            ExportRow(
                id=export_id,
                state="requested",
                requested_at=now(),
                recipient=asked.recipient,
                purpose=asked.purpose,
                options=requests.write(asked.options),
            )
        )
    row = await _wait(database, export_id, now, seen)
    if row.state != "done" or row.folder is None:
        return Outcome(export_id, None, 0, 0, row.error or "internal")
    written = Path(row.folder)
    if not await asyncio.to_thread(written.is_dir):
        raise ExportError(
            "export-elsewhere", "The worker has written the data set on its own machine."
        )
    await asyncio.to_thread(_move, written, final)
    async with database.write() as session:
        await session.execute(
            update(ExportRow).where(ExportRow.id == export_id).values(folder=str(final))
        )
    return Outcome(export_id, final, row.meetings_done, 0, row.error)


async def _wait(
    database: Database, export_id: str, now: Callable[[], int], seen: Seen | None
) -> ExportRow:
    told = Progress()
    while True:
        async with database.read() as session:
            row = await session.get(ExportRow, export_id)
            beat = await last_heartbeat(session)
        if row is None:
            raise ExportError("export-missing", "The export that was asked for has gone.")
        if row.state not in ("requested", "running"):
            return row
        so_far = Progress(row.meetings_done, row.meetings_total, row.octets_done, row.octets_total)
        if seen is not None and so_far != told:
            told = so_far
            seen(so_far)
        if is_silent(beat, now()):
            raise ExportError("worker-not-running", "The vault worker gives no sign of life.")
        await asyncio.sleep(_LOOK_SECONDS)


def _move(written: Path, final: Path) -> None:
    """Move a whole data set; between two file systems a copy gets its name when it is whole."""
    try:
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            written.rename(final)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            partial = partial_of(final)
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(written, partial)
            os.sync()
            partial.rename(final)
            shutil.rmtree(written)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise ExportError(
            "cannot-write", f"The data set is written, but cannot be moved there ({name})."
        ) from error
