"""A server with a room for each test, and property tests that a busy machine does not fail."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from support.rtc_scene import MediaScene, staged

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
async def stage() -> AsyncIterator[MediaScene]:
    """Give a server on a wire in memory, with one room."""
    async with staged() as stage:
        yield stage
