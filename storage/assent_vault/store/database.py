"""One database, SQLite or PostgreSQL, behind two doors: reading and writing.

Theory of operation. ``read()`` gives a session over one unchanging snapshot that cannot write;
``write()`` gives one whose commits are durable before it returns. On SQLite a writer takes the
database's only write lock at its start (``BEGIN IMMEDIATE``), so writers stand in line and never
find half-way that they must start again. On PostgreSQL writers run side by side; those that decide
about a meeting stand in line at that meeting's row, which ``lock_meeting`` locks. A rule that
reads, decides and writes is therefore safe on both when it calls ``lock_meeting`` first::

    async with database.write() as session:
        meeting = await lock_meeting(session, meeting_id)
        ...                       # what is read from here on stays true until the commit

The lock of a meeting's row comes before the lock of any other row of that meeting, always: two
transactions that keep to one order cannot wait for each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import DatabaseError as BrokenDatabase
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from assent_vault.errors import DatabaseError
from assent_vault.files import folders
from assent_vault.store import roles, upgrade_copies
from assent_vault.store.migrations import SchemaStanding, require, standing, upgrade
from assent_vault.store.models import MeetingRow

# Of each connection to SQLite, in KiB. With ``_CONNECTIONS`` it bounds what a process caches; what
# is not in there is read from the system's page cache, which is shared and not counted twice.
_PAGE_CACHE_KIB = 1024
_CONNECTIONS = 8
# How long a writer waits for its turn before it gives up; far above any transaction we make.
_PATIENCE_MS = 30_000
_CONNECT_TIMEOUT_SECONDS = 10


def _parse(url: str) -> URL:
    """Name the driver we use for the kind of database that ``url`` asks for."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # The text of the original may repeat a password.
        raise DatabaseError("database-url", "The database URL cannot be read.") from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise DatabaseError("database-url", "A SQLite database must be a file.")
        return parsed.set(drivername="sqlite+aiosqlite")
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseError("database-url", "The database must be SQLite or PostgreSQL.")


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        # The driver must not begin transactions behind our back: see ``begin`` below.
        connect_args={"isolation_level": None, "timeout": _PATIENCE_MS / 1000},
        pool_size=_CONNECTIONS,
        max_overflow=0,
        # The one that was used last comes next. In turn, each of them would fill its cache of
        # pages, and each driver's thread the memory it allocates from, with the same.
        pool_use_lifo=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_PATIENCE_MS}",
            f"cache_size = -{_PAGE_CACHE_KIB}",
            "journal_mode = WAL",
            # With WAL, NORMAL loses the last commits at a power cut; an answer must not be lost.
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("assent_writes", False)
        # Said only where it changes: it outlasts a transaction, and ``info`` is the connection's.
        if connection.info.get("assent_writes") is not writes:
            connection.info.pop("assent_writes", None)
            connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
            connection.info["assent_writes"] = writes
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
            "options": f"-c lock_timeout={_PATIENCE_MS}"
            f" -c idle_in_transaction_session_timeout={2 * _PATIENCE_MS}",
        },
        pool_size=8,
        max_overflow=8,
        # While the database is away those who wait for a connection are told so, too.
        pool_timeout=_CONNECT_TIMEOUT_SECONDS,
        pool_pre_ping=True,
    )


class Database:
    """The application's database. Make one for each process, ``migrate`` it or ``require_current``,
    ``close`` it.

    ``url`` is SQLAlchemy's: ``sqlite:////path/to/assent.db`` or ``postgresql://user:pass@host/name``,
    with or without a driver's name.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self._file: Path | None = None
        if parsed.get_backend_name() == "sqlite":
            assert parsed.database is not None, "checked by _parse"
            self._file = Path(parsed.database)
            self._engine = _sqlite_engine(parsed)
            self._reading = self._engine
            self._writing = self._engine.execution_options(assent_writes=True)
        else:
            self._engine = _postgresql_engine(parsed)
            self._reading = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            # Whoever has waited for a row must see what the one before has committed.
            self._writing = self._engine.execution_options(isolation_level="READ COMMITTED")

    @property
    def kind(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self._engine.dialect.name

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session over one snapshot of the database. Writing through it fails."""
        async with AsyncSession(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session that commits when the block ends, and rolls back when it raises.

        Keep the block short: on SQLite nobody else writes while it lasts. It must not open another
        ``write()`` inside. When the block has ended, what it wrote survives a power cut.
        """
        async with (
            AsyncSession(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    async def migrate(self) -> None:
        """Bring the tables up to this version of the code; for those alone who may change them.

        Server, worker and the command ``migrate`` may, and call it at the same moment: one
        migrates, the others wait and find nothing to do. All of it is one transaction. SQLite is
        copied first (``upgrade_copies``). Raises DatabaseError: ``database-too-new`` when a newer
        version has been here, ``database-too-old`` when this role may not change the tables,
        ``database-first-format`` when it has meetings that nothing reads any more,
        ``database-copy``, ``database-unavailable`` when it cannot be used.
        """
        try:
            if self._file is None:
                await self._migrate_postgresql()
                return
            lock = await asyncio.to_thread(self._lock_file, self._file)
            try:
                found, revision = await self._standing()
                if found is SchemaStanding.OLDER:
                    assert revision is not None, "only an empty database is of none"
                    await asyncio.to_thread(upgrade_copies.copy, self._file, revision)
                await self.clear_copies()
                await self._upgrade()
            finally:
                os.close(lock)
        except (SQLAlchemyError, OSError) as error:
            raise _unusable(error) from error

    async def require_current(self) -> None:
        """See to it that the tables are of this version of the code, without changing anything.

        Call it where ``migrate`` is not called. Raises DatabaseError: ``database-missing``,
        ``database-too-old``, ``database-too-new``, ``database-unavailable``.
        """
        try:
            # SQLite would make the file.
            missing = self._file is not None and not await asyncio.to_thread(self._file.exists)
            found = SchemaStanding.EMPTY if missing else (await self._standing())[0]
        except (SQLAlchemyError, OSError) as error:
            raise _unusable(error) from error
        require(found, SchemaStanding.CURRENT)

    async def grant(self, server: str, vault: str) -> None:
        """Give two roles of PostgreSQL the rights of ``roles``; raises DatabaseError."""
        if self._file is not None:
            raise DatabaseError("database-url", "Only PostgreSQL has roles.")
        try:
            async with self._writing.connect() as connection, connection.begin():
                await connection.run_sync(roles.grant, server, vault)
        except SQLAlchemyError as error:
            raise _unusable(error) from error

    async def clear_copies(self) -> None:
        """Remove the copies that were made before upgrades, when their time is over."""
        if self._file is not None:
            await asyncio.to_thread(upgrade_copies.clear, self._file, time.time())

    async def _standing(self) -> tuple[SchemaStanding, str | None]:
        async with self._reading.connect() as connection:
            return await connection.run_sync(standing)

    async def _migrate_postgresql(self) -> None:
        found, _ = await self._standing()
        if found is SchemaStanding.CURRENT:
            return  # a role that may not change tables need not
        try:
            await self._upgrade()
        except ProgrammingError as error:
            if _is_forbidden(error):
                require(found, SchemaStanding.CURRENT)
            raise

    @staticmethod
    def _lock_file(path: Path) -> int:
        """Make the database's file, for those alone who may use it; stand in line to migrate it.

        SQLite gives the files beside it the same mode.
        """
        folders.make(path.parent)
        shared = folders.is_shared(path.parent)
        mode = folders.SHARED_FILE if shared else folders.PRIVATE_FILE
        os.close(folders.create(path, os.O_RDWR, mode))
        # A file of its own: closing any descriptor of the database drops SQLite's own locks on it.
        lock = folders.create(Path(f"{path}.migrate"), os.O_RDWR, mode)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            os.close(lock)
            raise
        return lock

    async def _upgrade(self) -> None:
        async with self._writing.connect() as connection, connection.begin():
            if self.kind == "postgresql":
                # Any number will do if nobody else in this database uses it: "assent" in ASCII.
                await connection.execute(text("SELECT pg_advisory_xact_lock(107083764756084)"))
            await connection.run_sync(upgrade)

    async def ping(self) -> bool:
        """Tell whether the database answers; for readiness."""
        try:
            async with self.read() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def is_away(error: BaseException) -> bool:
    """Tell whether the database could not be asked: away, locked, full or broken.

    It may be back in a moment. Anything else that it raises is a mistake of whoever asked.
    """
    if isinstance(error, DBAPIError):
        kinds = (OperationalError, InterfaceError, InternalError)
        return (
            error.connection_invalidated
            or isinstance(error, kinds)
            or type(error) is BrokenDatabase  # "database disk image is malformed"
        )
    return isinstance(error, (PoolTimeout, DisconnectionError))


def _is_forbidden(error: DBAPIError) -> bool:
    # PostgreSQL's insufficient_privilege.
    return getattr(error.orig, "sqlstate", None) == "42501"


def _unusable(error: SQLAlchemyError | OSError) -> DatabaseError:
    if isinstance(error, PermissionError) or (
        isinstance(error, DBAPIError) and _is_forbidden(error)
    ):
        return DatabaseError(
            "database-forbidden",
            "The database may not be used by this user or role. Where server and vault worker are"
            " two users, both need rights: see README, *Two processes, two powers*.",
        )
    return DatabaseError(
        "database-unavailable", f"The database cannot be used ({type(error).__name__})."
    )


async def lock_meeting(session: AsyncSession, meeting_id: str) -> MeetingRow | None:
    """Lock a meeting's row until the transaction ends, and return it as it is now.

    Every transaction that changes what the gate decides on (an answer stored, somebody admitted, an
    generation opened or closed) and every one that acts on the gate's decision calls this first.
    That is what makes a withdrawal that was acknowledged before an export's commit win.
    """
    return await session.scalar(
        select(MeetingRow)
        .where(MeetingRow.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
