"""Tells of which revision a database is, and runs those that it has not seen yet.

Inside a transaction of the caller.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from assent_vault.errors import DatabaseError

_FOLDER = Path(__file__).parent


class SchemaStanding(Enum):
    """How a database's tables stand to this version of the code."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


_REFUSED: Final = {
    SchemaStanding.EMPTY: (
        "database-missing",
        "There is no database yet. Start the server or the vault worker, or say `assent migrate`.",
    ),
    SchemaStanding.OLDER: (
        "database-too-old",
        "The database is of an older version of Assent. Start the new server or vault worker, or"
        " say `assent migrate`; only these change its tables.",
    ),
    SchemaStanding.NEWER: (
        "database-too-new",
        "A newer version of Assent has used this database. Update Assent, or restore the database"
        " from before.",
    ),
    SchemaStanding.CURRENT: ("database-current", "The database is of this version already."),
}


def _config() -> Config:
    config = Config()
    # "%" begins an interpolation in Alembic's configuration.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """Return all revisions that this version of the code knows, and the newest: read once."""
    scripts = ScriptDirectory.from_config(_config())
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return known, frozenset(scripts.get_heads())


def standing(connection: Connection) -> tuple[SchemaStanding, str | None]:
    """Tell how the tables stand to this version of the code, and of which revision they are."""
    known, newest = _revisions()
    heads = MigrationContext.configure(connection).get_current_heads()
    if not heads:
        return SchemaStanding.EMPTY, None
    if not known.issuperset(heads):
        return SchemaStanding.NEWER, heads[0]
    current = newest == set(heads)
    return (SchemaStanding.CURRENT if current else SchemaStanding.OLDER), heads[0]


def require(found: SchemaStanding, *wanted: SchemaStanding) -> None:
    """Raise DatabaseError, with its code, unless the tables stand as they should.

    ``database-too-new`` where a newer version of Assent has been here: running on would misread
    what it wrote. ``database-too-old`` and ``database-missing`` where nobody has upgraded yet.
    """
    if found not in wanted:
        code, message = _REFUSED[found]
        raise DatabaseError(code, message)


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest revision. ``connection`` holds a lock and commits afterwards.

    Raises DatabaseError ``database-too-new`` when the database names a revision that this version
    of the code does not know.
    """
    found, _ = standing(connection)
    require(found, SchemaStanding.EMPTY, SchemaStanding.OLDER, SchemaStanding.CURRENT)
    if found is not SchemaStanding.CURRENT:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
