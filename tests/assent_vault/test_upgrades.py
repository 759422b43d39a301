"""Who changes the tables of a database, who refuses to, and the copy that is made first."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from assent_vault.errors import DatabaseError
from assent_vault.store import upgrade_copies
from assent_vault.store.database import Database
from assent_vault.store.models import Base
from assent_vault.store.roles import TABLES
from support.commands import EXPORT, said_by
from support.older import add_first_meeting, has_table, make_newer, make_older, revision_of

ADMIN = ("assent.cli", "admin-link")
OTHERS = [
    ("assent_vault.cli", "status"),
    ("assent_vault.cli", "keys"),
    ("assent_vault.cli", *EXPORT, "--out", "data-set"),
    ADMIN,
]
CHANGERS = [("assent_vault.cli", "migrate"), ("assent.cli", "migrate")]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give a database that is not there yet. Commands do the same on both kinds."""
    return f"sqlite:///{tmp_path / 'assent.db'}"


def environment(tmp_path: Path, url: str) -> dict[str, str]:
    return {
        "ASSENT_DATA_DIR": str(tmp_path / "data"),
        "ASSENT_DATABASE_URL": url,
        "ASSENT_EXPORTS_DIR": str(tmp_path / "exports"),
    }


def copies(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("*.before-upgrade"))


@pytest.mark.parametrize("command", OTHERS, ids=" ".join)
async def test_a_database_of_another_version_is_left_alone(
    command: tuple[str, ...], sqlite_url: str, tmp_path: Path
) -> None:
    given = environment(tmp_path, sqlite_url)
    code, error = await said_by(tmp_path, *command, **given)
    assert code == 1
    assert "There is no database yet" in error
    assert not (tmp_path / "assent.db").exists()

    make_older(sqlite_url)
    code, error = await said_by(tmp_path, *command, **given)
    assert code == 1
    assert "older version of Assent" in error
    assert revision_of(sqlite_url) == "0001"

    make_newer(sqlite_url)
    code, error = await said_by(tmp_path, *command, **given)
    assert code == 1
    assert "newer version of Assent" in error
    assert revision_of(sqlite_url) == "9999"
    if command is not ADMIN:
        assert "assent-vault: database-too-new: " in error
    assert copies(tmp_path) == []
    assert not (tmp_path / "data-set").exists()


@pytest.mark.parametrize("command", CHANGERS, ids=" ".join)
async def test_a_command_upgrades_and_nothing_else(
    command: tuple[str, ...], sqlite_url: str, tmp_path: Path
) -> None:
    make_older(sqlite_url)
    given = environment(tmp_path, sqlite_url)
    code, error = await said_by(tmp_path, *command, **given)
    assert (code, error) == (0, "")
    newest = revision_of(sqlite_url)
    assert newest not in (None, "0001")
    if sqlite_url.startswith("sqlite"):
        (copy,) = copies(tmp_path)
        assert revision_of(f"sqlite:///{copy}") == "0001"
    assert (await said_by(tmp_path, *command, **given))[0] == 0
    assert len(copies(tmp_path)) <= 1  # where there is nothing to do nothing is copied
    make_newer(sqlite_url)
    code, error = await said_by(tmp_path, *command, **given)
    assert code == 1
    assert "newer version of Assent" in error
    assert revision_of(sqlite_url) == "9999"


async def test_serving_and_working_refuse_a_newer_one(sqlite_url: str, tmp_path: Path) -> None:
    make_older(sqlite_url, "head")
    make_newer(sqlite_url)
    given = environment(tmp_path, sqlite_url)
    for command in (("assent.cli", "serve"), ("assent_vault.cli", "worker")):
        code, error = await said_by(tmp_path, *command, **given)
        assert code == 1
        assert "newer version of Assent" in error
    assert revision_of(sqlite_url) == "9999"


async def test_the_copy_is_whole_while_others_write(tmp_path: Path) -> None:
    file = tmp_path / "assent.db"
    make_older(f"sqlite:///{file}")
    older = sqlite3.connect(file, isolation_level=None)  # an older server, still running
    older.execute("PRAGMA journal_mode = WAL")
    older.execute("PRAGMA wal_autocheckpoint = 0")
    older.execute("INSERT INTO accounts VALUES ('a', 'Ada', 'ada', 'host', 'x', 1, NULL)")
    assert Path(f"{file}-wal").stat().st_size > 0  # not in the file itself
    database = Database(f"sqlite:///{file}")
    await database.migrate()
    await database.close()
    (copy,) = copies(tmp_path)
    assert copy.name == "assent.db.0001.before-upgrade"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("SELECT name FROM accounts").fetchall() == [("Ada",)]
        assert plain.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    older.close()


async def test_without_a_copy_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'assent.db'}"
    make_older(url)
    # Something stands where the copy is to be, as a full disk would.
    (tmp_path / "assent.db.0001.before-upgrade").mkdir()
    database = Database(url)
    with pytest.raises(DatabaseError) as caught:
        await database.migrate()
    assert caught.value.code == "database-copy"
    assert revision_of(url) == "0001"
    assert list(tmp_path.glob("*.new")) == []
    await database.close()


@pytest.mark.parametrize("revision", ["0013", "0017"])
async def test_meetings_of_an_earlier_format_are_left_as_they_are(
    revision: str, database_url: str, tmp_path: Path
) -> None:
    """All revisions or none: the version that has made them can go on."""
    make_older(database_url, revision)
    add_first_meeting(database_url)
    database = Database(database_url)
    with pytest.raises(DatabaseError) as caught:
        await database.migrate()
    assert caught.value.code == "database-first-format"
    await database.close()
    assert revision_of(database_url) == revision
    assert has_table(database_url, "meetings")
    if revision == "0013":
        assert not has_table(database_url, "export_downloads"), "of a revision between"
    if database_url.startswith("sqlite"):
        for command in CHANGERS:
            given = environment(tmp_path, database_url)
            code, error = await said_by(tmp_path, *command, **given)
            assert code == 1
            assert "meetings of an earlier format" in error
            assert "Traceback" not in error


def test_copies_go_after_a_day_and_are_never_many(tmp_path: Path) -> None:
    file = tmp_path / "assent.db"
    sqlite3.connect(file).close()
    now = time.time()
    made = [upgrade_copies.copy(file, f"000{number}") for number in range(6)]
    for age, path in enumerate(made):
        os.utime(path, (now - age, now - age))
    assert upgrade_copies.clear(file, now) == 3
    assert copies(tmp_path) == made[:3]
    assert upgrade_copies.clear(file, now) == 0
    assert upgrade_copies.clear(file, now + upgrade_copies.KEPT_SECONDS - 5) == 0
    assert upgrade_copies.clear(file, now + upgrade_copies.KEPT_SECONDS + 5) == 3
    assert copies(tmp_path) == []
    assert file.exists()


async def test_tables_are_looked_at_without_changing_them(database_url: str) -> None:
    database = Database(database_url)
    for state, code in (("none", "database-missing"), ("0001", "database-too-old")):
        if state != "none":
            make_older(database_url, state)
        with pytest.raises(DatabaseError) as caught:
            await database.require_current()
        assert caught.value.code == code
        assert revision_of(database_url) == (None if state == "none" else state)
    await database.migrate()
    await database.require_current()
    make_newer(database_url)
    for check in (database.require_current, database.migrate):
        with pytest.raises(DatabaseError) as caught:
            await check()
        assert caught.value.code == "database-too-new"
    await database.close()


async def test_a_role_that_may_not_change_tables_says_so(postgres: object, tmp_path: Path) -> None:
    from support.postgres import PostgresServer

    assert isinstance(postgres, PostgresServer)
    name = postgres.new_database()
    make_older(postgres.url(name))
    with postgres.connect(name) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'x'")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    database = Database(
        postgres.url(name)
        .replace("//assent:", "//reader:")
        .replace(postgres.url(name).split(":")[2].split("@")[0], "x")
    )
    with pytest.raises(DatabaseError) as caught:
        await database.migrate()
    assert caught.value.code == "database-too-old"
    make_older(postgres.url(name), "head")
    await database.migrate()  # nothing to change
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM meetings")) == 0
    await database.close()
    postgres.drop_database(name)
    with postgres.connect() as connection:
        connection.execute("DROP ROLE reader")


def test_every_table_has_rights_for_both_roles() -> None:
    assert set(TABLES) == {*Base.metadata.tables, "alembic_version"}, "add it to roles.TABLES"
    for table in ("accounts", "invitations", "login_sessions"):
        assert TABLES[table][1] == ""
    for table in ("vault_identity", "vault_keys", "releases", "export_items", "gate_reports"):
        assert TABLES[table][0] == "r"
    assert "d" not in TABLES["statements"][0] + TABLES["participants"][0]
