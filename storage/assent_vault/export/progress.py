"""How far an export has come: counted where bytes are opened, told a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

_EVERY_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """Meetings and bytes: done, and in all. Bytes are those that are kept, read and opened."""

    meetings: int = 0
    meetings_total: int = 0
    octets: int = 0
    octets_total: int = 0


Seen = Callable[[Progress], None]
"""What is told to whoever waits."""


class Meter:
    """Counts. ``opened`` is called from the thread that opens, all else on the loop."""

    def __init__(self, seen: Seen | None, store: Callable[[Progress], Awaitable[None]]) -> None:
        self._seen = seen
        self._store = store
        self._told = Progress()
        self._now = Progress()
        self._octets = 0

    def begin(self, meetings: int, octets: int) -> None:
        """Say how much it is in all."""
        self._now = Progress(0, meetings, 0, octets)

    def opened(self, octets: int) -> None:
        """Count bytes; safe in another thread, for only one of them counts."""
        self._octets += octets

    async def passed(self, octets: int, *, whole: bool) -> None:
        """Have done with a meeting, however many of its bytes were read; it counts if ``whole``."""
        now = self._now
        self._octets = 0
        done = min(now.octets + octets, now.octets_total)
        self._now = Progress(now.meetings + int(whole), now.meetings_total, done, now.octets_total)
        await self._tell(self._now)

    async def _tell(self, now: Progress) -> None:
        if now == self._told:
            return
        self._told = now
        if self._seen is not None:
            self._seen(now)
        # How far it has come is nothing to fail for.
        with suppress(SQLAlchemyError, OSError):
            await self._store(now)

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Tell how far it has come, at once, and again and again as long as the block runs."""
        await self._tell(self._now)
        telling = asyncio.create_task(self._again())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _again(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            now = self._now
            done = min(now.octets + self._octets, now.octets_total)
            await self._tell(Progress(now.meetings, now.meetings_total, done, now.octets_total))
