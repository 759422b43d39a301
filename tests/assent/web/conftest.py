"""The web application over a real database, and browsers for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.web import Context
from assent_vault.store.database import Database
from support.browser import Browser, make_context, make_vault
from support.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that stands still."""
    return ManualClock()


@pytest.fixture
async def parts(database: Database, tmp_path: Path, clock: ManualClock) -> Context:
    """Give the parts of a server that knows a vault."""
    await make_vault(database)
    return await make_context(database, tmp_path, clock)


@pytest.fixture
async def browser(parts: Context) -> AsyncIterator[Browser]:
    """Give a browser that is not signed in."""
    async with Browser.of(parts) as browser:
        yield browser
