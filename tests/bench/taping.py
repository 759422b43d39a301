"""The real recorder in the SFU's process: sealed segments into a folder, as in a meeting."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

from assent.clock import SystemClock
from assent.media import MediaRoom
from assent.recording import GenerationRecording
from support.recorded import Studio


class Taping:
    """A meeting whose people can be recorded; their ids are their names in the room."""

    def __init__(self, people: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="assent-bench-tape-")
        clock = SystemClock()
        self._studio = Studio(Path(self._folder.name), began=clock.now(), clock=cast("Any", clock))
        self.names = [self._studio.come() for _ in range(people)]
        self._number = 0
        self._recording: GenerationRecording | None = None

    async def begin(self, room: MediaRoom) -> None:
        """Record everybody, in a new generation."""
        self._studio.recorder._request_key_frames = room.request_key_frames_all
        self._number += 1
        self._recording = await self._studio.open(self._number)
        self._recording.begin()
        room.tap = self._recording

    async def end(self, room: MediaRoom) -> int:
        """Stop; returns how many bytes have been stored so far."""
        room.tap = None
        if self._recording is not None:
            self._recording.stop()
            await self._recording.finish()
            self._recording = None
        return sum(f.stat().st_size for f in Path(self._folder.name).rglob("*") if f.is_file())

    def close(self) -> None:
        """Delete what was recorded."""
        self._folder.cleanup()
