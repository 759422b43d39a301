"""Problems: what keeps a worker, or one of its duties, from working; by stable codes."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from assent_vault.config import VaultSettings
from assent_vault.errors import (
    AdoptError,
    BlobError,
    DatabaseError,
    ExportError,
    KeyringError,
    LogError,
)
from assent_vault.store.database import Database
from assent_vault.store.heartbeat import WORKER
from assent_vault.store.models import WorkerHeartbeatRow

log = structlog.get_logger(__name__)


def is_taken(error: KeyringError) -> bool:
    """Tell whether another worker has the vault's folder."""
    return isinstance(error.__cause__, BlockingIOError)


def problem_code(error: Exception) -> str:
    """Return the stable code of what kept a duty from being done."""
    if isinstance(error, (AdoptError, DatabaseError, ExportError, KeyringError, LogError)):
        return error.code
    for kinds, code in (
        ((SQLAlchemyError,), "database-unavailable"),
        ((BlobError,), "objects-unavailable"),
        ((OSError,), "vault-unavailable"),
    ):
        if isinstance(error, kinds):
            return code
    return "internal"


async def say_why_not(settings: VaultSettings, error: Exception, now: Callable[[], int]) -> None:
    """Leave the reason why no worker works where the server finds it, as far as that can be done.

    It is withdrawals and retention that are not carried out meanwhile.
    """
    database: Database | None = None
    try:
        database = Database(settings.database_url)
        await database.migrate()
        async with database.write() as session:
            await session.merge(
                WorkerHeartbeatRow(
                    name=WORKER, started_at=now(), beat_at=now(), problem=problem_code(error)
                )
            )
    except (DatabaseError, SQLAlchemyError, OSError):
        log.warning("worker-problem-not-told", code=problem_code(error))
    finally:
        if database is not None:
            await database.close()
