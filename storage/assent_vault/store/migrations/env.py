"""Run by Alembic: migrates over the connection that ``upgrade`` handed in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import Connection

from assent_vault.store.models import Base


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter most things in place; Alembic then rebuilds the table.
        render_as_batch=True,
        compare_type=True,
    )
    # The transaction is the caller's, with its lock: all revisions or none.
    context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _run(_given)
else:  # `alembic revision --autogenerate`, for who writes the next revision: an empty database
    with create_engine("sqlite://", poolclass=pool.NullPool).connect() as _connection:
        _run(_connection)
