"""Runs the revisions that a database has not seen yet, inside a transaction of the caller."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from assent_vault.errors import DatabaseError

_FOLDER = Path(__file__).parent


def _config(connection: Connection) -> Config:
    config = Config()
    # "%" begins an interpolation in Alembic's configuration.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest revision. ``connection`` holds a lock and commits afterwards.

    Raises DatabaseError ``database-too-new`` when the database names a revision that this version
    of the code does not know: running on would misread what a newer version wrote.
    """
    config = _config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise DatabaseError(
                "database-too-new",
                "A newer version of Assent has used this database. Update Assent, or restore the"
                " database from before.",
            )
    command.upgrade(config, "head")
