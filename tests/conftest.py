"""Fixtures that every test may ask for: real databases, one empty one for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from assent_vault.database import Database
from support.postgres import PostgresMissing, PostgresServer, running_postgres
from support.vault import Stage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let somebody who has the time ask for full figures."""
    parser.addoption(
        "--everything", action="store_true", help="try all there is, where a part is usual"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give what drives real browsers a second try, which the report names.

    Several browsers on a machine of two cores do not always get the time that they need. What is
    wrong with the product is wrong twice.
    """
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def everything(request: pytest.FixtureRequest) -> bool:
    """Tell whether a test shall try all there is; minutes instead of seconds."""
    return bool(request.config.getoption("--everything"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give a running PostgreSQL server, one for all tests."""
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as error:
        pytest.fail(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database; whoever asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'assent.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a migrated database."""
    database = Database(database_url)
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Give a vault with an open worker, which does what the test tells it."""
    stage = Stage(tmp_path / "data", database_url)
    await stage.open()
    yield stage
    await stage.close()
