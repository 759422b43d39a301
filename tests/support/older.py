"""Databases as other versions of the program have left them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, inspect, text

import assent_vault.store.migrations

_ANYTHING: Final = {int: 1, str: "a", bytes: b"a", bool: False}


def make_older(url: str, revision: str = "0001") -> None:
    """Make the tables of an older revision."""
    config = Config()
    folder = Path(assent_vault.store.migrations.__file__).parent
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    engine = create_engine(_plain(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def make_newer(url: str) -> None:
    """Have a database say that a later version has been here."""
    engine = create_engine(_plain(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()


def add_first_meeting(url: str) -> None:
    """Add a meeting to a database of an older revision; what is in it does not matter."""
    engine = create_engine(_plain(url))
    meetings = MetaData()
    with engine.begin() as connection:
        meetings.reflect(connection, only=["accounts", "meetings"])
        for name in ("accounts", "meetings"):
            columns = meetings.tables[name].columns
            needed = [each for each in columns if not each.nullable and not each.server_default]
            connection.execute(
                meetings.tables[name]
                .insert()
                .values({each.name: _ANYTHING[each.type.python_type] for each in needed})
            )
    engine.dispose()


def has_table(url: str, name: str) -> bool:
    """Tell whether a database has a table."""
    engine = create_engine(_plain(url))
    try:
        return inspect(engine).has_table(name)
    finally:
        engine.dispose()


def revision_of(url: str) -> str | None:
    """Return of which revision a database is; None where it has no tables."""
    engine = create_engine(_plain(url))
    try:
        with engine.connect() as connection:
            if not engine.dialect.has_table(connection, "alembic_version"):
                return None
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    finally:
        engine.dispose()


def _plain(url: str) -> str:
    kind, _, rest = url.partition("://")
    return f"{'sqlite' if kind.startswith('sqlite') else 'postgresql+psycopg'}://{rest}"
