"""A database that takes no answers, as one on a full disk does; what it has can be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from assent_vault.store.database import Database

_FULL = {
    "sqlite": (
        "CREATE TRIGGER is_full BEFORE INSERT ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE disk_full; END $$",
        "CREATE TRIGGER is_full BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION is_full()",
    ),
}
_FREE = {
    "sqlite": ("DROP TRIGGER is_full",),
    "postgresql": ("DROP TRIGGER is_full ON {table}", "DROP FUNCTION is_full()"),
}


@asynccontextmanager
async def full(database: Database, table: str = "statements") -> AsyncIterator[None]:
    """Have the database refuse every answer, or row of a table, while the block lasts."""
    await _run(database, table, _FULL[database.kind])
    try:
        yield
    finally:
        await _run(database, table, _FREE[database.kind])


async def _run(database: Database, table: str, statements: tuple[str, ...]) -> None:
    async with database.write() as session:
        for statement in statements:
            await session.execute(text(statement.replace("{table}", table)))
