"""An export of the command line: it has a folder of its own, and is begun there, or gone on with.

No worker begins it anew should its process die; whoever asks for the same there does.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from assent_vault.errors import ExportError
from assent_vault.export.folder import Folder
from assent_vault.export.journal import Journal, JournalHead
from assent_vault.export.lease import RUNNING, new_id
from assent_vault.export.recovery import is_interrupted
from assent_vault.release import queue
from assent_vault.store import export_order as requests
from assent_vault.store.database import Database
from assent_vault.store.export_order import ExportOrder
from assent_vault.store.models import ExportRow


async def begin(
    database: Database,
    final: Path,
    asked: ExportOrder,
    token: str,
    now: int,
    *,
    anew: bool = False,
) -> str:
    """Return the id of an export into ``final`` whose row says that it runs, held under ``token``.

    Where one of the same was interrupted there it is that one, unless it is to be ``anew``. Raises
    ExportError ``other-export`` where that asked for something else.
    """
    head = None if anew else await asyncio.to_thread(Journal(Folder(final)).head)
    if head is not None and await _taken_up(database, final, head, asked, token, now):
        return head.export
    export_id = new_id()
    async with database.write() as session:
        session.add(
            ExportRow(
                id=export_id,
                state=RUNNING,
                folder=str(final),
                requested_at=now,
                lease_token=token,
                lease_until=now + queue.LEASE_MS,
                recipient=asked.recipient,
                purpose=asked.purpose,
                options=requests.write(asked.options),
            )
        )
    return export_id


async def _taken_up(
    database: Database, final: Path, head: JournalHead, asked: ExportOrder, token: str, now: int
) -> bool:
    async with database.write() as session:
        row = await session.get(ExportRow, head.export, with_for_update=True)
        if row is None or not is_interrupted(row) or row.folder != str(final):
            return False
        if requests.read(row.recipient, row.purpose, row.options) != asked:
            raise ExportError(
                "other-export",
                "An export of something else was interrupted there: ask for the same, or"
                " begin --anew.",
            )
        row.state, row.error, row.finished_at = RUNNING, None, None
        row.lease_token, row.lease_until = token, now + queue.LEASE_MS
        return True
