"""Fixtures of the meeting's tests: one meeting, and the hall that it is in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent_vault.store.database import Database
from support.meetings import Scene, hall_of, write_meeting
from support.people import Meeting, make_meeting


@pytest.fixture
def meeting() -> Meeting:
    """Give a meeting without a waiting room; modules that need one give their own."""
    return make_meeting()


@pytest.fixture
async def scene(database: Database, tmp_path: Path, meeting: Meeting) -> AsyncIterator[Scene]:
    """Give a hall that has the meeting, on each kind of database."""
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        yield scene
