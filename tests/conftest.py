"""Fixtures that every test may ask for: real databases, one empty one for each test."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from assent_vault.store.database import Database
from support import failures, migrated, tiers
from support.loaders import loaders_in
from support.postgres import PostgresMissing, PostgresServer, running_postgres
from support.vault import VaultScene

# How long an example takes says how busy the machine is, and nothing of what is tested.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let somebody who has the time ask for full figures."""
    parser.addoption(
        "--everything", action="store_true", help="try all there is, where a part is usual"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the collector of garbage what lasts to the end: thousands of tests, all modules.

    It would look through them again and again, while they are made and in every test.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is left to the night, and give the few tests that are listed a second try.

    The report names those that needed it, with what went wrong at the first. Where processes share
    the tests, what takes longest comes first.
    """
    tests = tiers.read()
    for item in items:
        if tests.is_nightly(item.nodeid):
            item.add_marker(pytest.mark.nightly)
        if tests.is_tried_again(item.nodeid):
            item.add_marker(pytest.mark.flaky(reruns=1))
    if hasattr(config, "workerinput"):
        items[:] = [items[place] for place in tests.turns([item.nodeid for item in items])]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know how the test went that they end after."""
    del call
    report = yield
    if report.when == "call":
        item.stash[failures.REPORT] = report
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what went wrong at the first try: whatever came after, it is a fault to find."""
    for name, text in failures.tell(terminalreporter.stats.get("rerun", [])):
        terminalreporter.write_sep("_", f"first try of {name}")
        terminalreporter.write_line(text)


@pytest.fixture(autouse=True)
def process_as_it_was() -> Iterator[None]:
    """Take back what a command sets for its whole process, which here is that of other tests."""
    folder, environment, umask = Path.cwd(), dict(os.environ), os.umask(0o022)
    os.umask(umask)
    yield
    os.umask(umask)
    os.chdir(folder)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite database to be copied, migrated and with nothing in it."""
    return migrated.sqlite_template(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> PostgresServer:
    """Give the running PostgreSQL server with a database to be copied."""
    migrated.postgres_template(postgres)
    return postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a migrated database with nothing in it; on both kinds."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("migrated_file")
        yield migrated.copy_sqlite(template, tmp_path / "assent.db")
        return
    server: PostgresServer = request.getfixturevalue("migrated_postgres")
    name = server.new_database(template=migrated.TEMPLATE)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """Give a migrated database."""
    database = Database(migrated_url)
    yield database
    await database.close()


@pytest.fixture
async def stage(migrated_url: str, tmp_path: Path) -> AsyncIterator[VaultScene]:
    """Give a vault with an open worker, which does what the test tells it."""
    stage = VaultScene(tmp_path / "data", migrated_url)
    await stage.open()
    yield stage
    await stage.close()


@pytest.fixture(scope="session")
def loaders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has what trainers load a data set with."""
    return loaders_in(tmp_path_factory.mktemp("loaders"))
