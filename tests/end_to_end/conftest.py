"""A server on each kind of database, and a scenario around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import expect

from support.failures import folder_of
from support.postgres import PostgresServer
from support.scenario import Scenario
from support.server import Server
from support.waiting import HANG

expect.set_options(timeout=1000 * HANG)


@pytest.fixture
async def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scenario]:
    """Give an empty scenario; everything in it stops when the test ends."""
    async with AsyncExitStack() as stack:
        scenario = Scenario(tmp_path, stack)
        try:
            yield scenario
        finally:
            folder = folder_of(request.node)
            if folder is not None:
                await scenario.keep(folder)
            # pytest shows it where the test has failed
            for log in tmp_path.glob("*/log"):
                print(Server.tail_of(log))


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Give a server that is not started yet, on each kind of database."""
    if request.param == "sqlite":
        yield Server(tmp_path / "server")
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    name = postgres.new_database()
    yield Server(tmp_path / "server", postgres.url(name))
    postgres.drop_database(name)
