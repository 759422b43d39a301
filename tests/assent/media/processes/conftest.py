"""Two media processes for each test that asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from assent.clock import SystemClock
from assent.media import MediaProcesses
from support.ports import BOTH, free_port
from support.process_scene import ProcessScene


@pytest.fixture
async def stage() -> AsyncIterator[ProcessScene]:
    plane = MediaProcesses("127.0.0.1", free_port(*BOTH), ["127.0.0.1"], 2, SystemClock())
    await plane.start()
    stage = ProcessScene(plane)
    yield stage
    stage.net.close()
    await plane.stop()
    assert not plane.children()
