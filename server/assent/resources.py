"""What a server, or a command in its place, works with: its database, its folder, its name."""

from __future__ import annotations

import fcntl
import os
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy import select

from assent.config import Settings
from assent.errors import StartError
from assent_vault.errors import DatabaseError, VaultError
from assent_vault.files import folders
from assent_vault.formats import charter as charters
from assent_vault.store.database import Database
from assent_vault.store.models import MeetingRow


async def open_database(
    settings: Settings, stack: AsyncExitStack, *, migrate: bool = True
) -> Database:
    """Open the database until the stack ends; raises StartError.

    Without ``migrate`` it must be as this version needs it.
    """
    try:
        database = Database(settings.vault.database_url)
        stack.push_async_callback(database.close)
        await (database.migrate() if migrate else database.require_current())
    except DatabaseError as error:
        raise StartError(str(error)) from error
    return database


def own_folder(folder: Path, stack: AsyncExitStack) -> None:
    """See to it that one server alone works with a folder of keys, however the last one ended."""
    try:
        folders.make_private(folder)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartError(f"The server's folder {folder} cannot be used: {reason}.") from error
    stack.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StartError(f"Another server is using the folder {folder}.") from error


async def named_server(database: Database) -> bytes | None:
    """Return what ``load_identity`` asks for."""
    async with database.read() as session:
        last = select(MeetingRow.charter).order_by(
            MeetingRow.created_at.desc(), MeetingRow.id.desc()
        )
        body = await session.scalar(last.limit(1))
    try:
        return None if body is None else charters.parse(body).server
    except VaultError:
        return b""
