"""A server on each kind of database, and a town around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from support.postgres import PostgresServer
from support.server import Server
from support.town import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Give an empty town; everything in it stops when the test ends."""
    async with AsyncExitStack() as stack:
        town = Town(tmp_path, stack)
        try:
            yield town
        finally:
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
