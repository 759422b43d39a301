"""The two doors of the database, on both engines."""

from __future__ import annotations

import asyncio
import stat
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import DatabaseError
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import AccountRow, Base, MeetingRow

MEETING = "A" * 22


async def add_meeting(session: AsyncSession, meeting_id: str = MEETING) -> None:
    session.add(
        AccountRow(id="a", name="Ada", login="ada", role="host", password_hash="x", created_at=1)
    )
    await session.flush()
    session.add(
        MeetingRow(
            id=meeting_id,
            title="",
            host_account="a",
            charter=b"{}",
            room=b"r",
            door_hash=b"s",
            created_at=1,
            expires_at=2,
            retain_until=3,
        )
    )


async def test_a_commit_is_seen_and_a_rollback_is_not(database: Database) -> None:
    async with database.write() as session:
        await add_meeting(session)

    async def fail() -> None:
        async with database.write() as session:
            meeting = await lock_meeting(session, MEETING)
            assert meeting is not None
            meeting.title = "changed"
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.read() as session:
        assert (await session.scalars(select(MeetingRow.title))).all() == [""]


async def test_reading_cannot_write(database: Database) -> None:
    """Nor may the connection that has just written, or read, when it reads again."""
    for _ in range(2):
        for _ in range(2):
            async with database.read() as session:
                with pytest.raises(DBAPIError):
                    await session.execute(text("DELETE FROM meetings"))
        for _ in range(2):
            async with database.write() as session:  # the same connection, perhaps: it can again
                await session.execute(text("DELETE FROM meetings"))


async def test_reading_sees_one_snapshot(database: Database) -> None:
    async with database.read() as reader:
        assert (await reader.scalars(select(MeetingRow.id))).all() == []
        async with database.write() as writer:
            await add_meeting(writer)
        assert (await reader.scalars(select(MeetingRow.id))).all() == []
    async with database.read() as reader:
        assert (await reader.scalars(select(MeetingRow.id))).all() == [MEETING]


async def test_two_who_decide_about_a_meeting_stand_in_line(database: Database) -> None:
    async with database.write() as session:
        await add_meeting(session)
    order: list[str] = []
    first_holds = asyncio.Event()

    async def first() -> None:
        async with database.write() as session:
            await lock_meeting(session, MEETING)
            first_holds.set()
            await asyncio.sleep(0.2)  # long enough for a second that does not wait to be seen
            order.append("first")

    async def second() -> None:
        await first_holds.wait()
        async with database.write() as session:
            await lock_meeting(session, MEETING)
            order.append("second")

    async with asyncio.timeout(60):
        await asyncio.gather(first(), second())
    assert order == ["first", "second"]


async def test_a_row_that_was_waited_for_is_read_anew(database: Database) -> None:
    async with database.write() as session:
        await add_meeting(session)
    changed = asyncio.Event()

    async def change() -> None:
        async with database.write() as session:
            meeting = await lock_meeting(session, MEETING)
            assert meeting is not None
            changed.set()
            await asyncio.sleep(0.1)
            meeting.locked = True

    async def look() -> bool:
        await changed.wait()
        async with database.write() as session:
            meeting = await lock_meeting(session, MEETING)
            assert meeting is not None
            return meeting.locked

    async with asyncio.timeout(60):
        _, seen = await asyncio.gather(change(), look())
    assert seen


async def test_the_migrated_tables_are_the_models(database: Database) -> None:
    def compare(connection: object) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext
        from sqlalchemy.engine import Connection

        assert isinstance(connection, Connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        tables = set(inspect(connection).get_table_names())
        assert tables == {*Base.metadata.tables, "alembic_version"}

    async with database.write() as session:
        await (await session.connection()).run_sync(compare)


async def test_many_may_migrate_at_once(database_url: str) -> None:
    many = [Database(database_url) for _ in range(4)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(one.migrate() for one in many))
    for one in many:
        assert await one.ping()
        await one.close()


async def test_processes_may_migrate_at_once(database_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from assent_vault.store.database import Database\n"
        "async def main():\n"
        "    database = Database(sys.argv[1])\n"
        "    await database.migrate()\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    path = str(Path(__file__).parents[3] / "storage")
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, database_url, env={"PYTHONPATH": path}
        )
        for _ in range(3)
    ]
    assert [await one.wait() for one in running] == [0, 0, 0]


async def test_a_newer_database_is_refused(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate()
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer version"):
        await database.migrate()
    await database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nothing", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(DatabaseError):
        Database(url)


async def test_an_unreachable_database_is_told_without_its_password(tmp_path: Path) -> None:
    database = Database("postgresql://assent:very-secret@127.0.0.1:1/assent")
    with pytest.raises(DatabaseError) as caught:
        await database.migrate()
    assert "very-secret" not in str(caught.value)
    assert not await database.ping()
    await database.close()
    (tmp_path / "folder").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'folder'}")
    with pytest.raises(DatabaseError):
        await database.migrate()
    await database.close()


async def test_sqlite_is_durable_and_private(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'assent.db'}")
    await database.migrate()
    async with database.read() as session:
        for pragma, value in {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 30000,
        }.items():
            assert await session.scalar(text(f"PRAGMA {pragma}")) == value
    for path in (tmp_path / "data").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    await database.close()


async def test_sqlite_caches_little_and_in_few_places(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'assent.db'}")
    await database.migrate()

    async def connection(session: AsyncSession) -> int:
        raw = await (await session.connection()).get_raw_connection()
        return id(raw.driver_connection)

    async with AsyncExitStack() as busy:
        sessions = [await busy.enter_async_context(database.read()) for _ in range(3)]
        assert len({await connection(session) for session in sessions}) == 3
    # Where one is enough it is always the same: the others' caches are not filled with the same.
    used = set()
    for _ in range(9):
        async with database.read() as session:
            used.add(await connection(session))
            assert await session.scalar(text("PRAGMA cache_size")) == -1024
    assert len(used) == 1
    await database.close()
