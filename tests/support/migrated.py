"""A database of today's tables and nothing in them: migrated once, and copied for each test.

How the tables come about is tested where migrations are (``test_upgrades``, ``test_database``).
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Final

from assent_vault.store.database import Database
from support.postgres import PostgresServer

TEMPLATE: Final = "assent_migrated"
"""The name of the one that PostgreSQL copies."""


def sqlite_template(folder: Path) -> Path:
    """Make the file to be copied."""
    path = folder / "migrated.db"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    assert not path.with_name("migrated.db-wal").exists(), "all of it is in the one file"
    return path


def copy_sqlite(template: Path, to: Path) -> str:
    """Copy the file; returns the URL of the copy."""
    shutil.copy(template, to)
    return f"sqlite:///{to}"


def postgres_template(server: PostgresServer) -> None:
    """Make the database to be copied."""
    server.new_database(TEMPLATE)
    asyncio.run(_migrate(server.url(TEMPLATE)))


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()
