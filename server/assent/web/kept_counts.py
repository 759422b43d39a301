"""Counts of the last days: kept for half a minute, so that many pages cost no more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from assent.errors import BadRequest
from assent.web.context import Context

DAY_MS: Final = 24 * 60 * 60 * 1000
STEPS: Final[Mapping[int, int]] = {7: 1, 30: 1, 90: 7, 365: 30}
"""For so many days, of how many days each column is; the last may be cut short."""
KEPT_MS: Final = 30_000


class KeptCounts:
    """What was counted last, by how many days; one counts at a time.

    ``count`` is given so many days, of which now (Unix milliseconds) is in the last.
    """

    def __init__(self, count: Callable[[Context, int, int], Awaitable[dict[str, Any]]]) -> None:
        self._count = count
        self._kept: dict[int, tuple[int, dict[str, Any]]] = {}
        self._turn = asyncio.Lock()

    async def of(self, parts: Context, days: int) -> dict[str, Any]:
        """Return the counts of so many days, today being the last."""
        async with self._turn:
            now = parts.clock.now()
            kept = self._kept.get(days)
            if kept is not None and 0 <= now - kept[0] < KEPT_MS:
                return kept[1]
            counted = await self._count(parts, days, now)
            self._kept[days] = (now, counted)
            return counted


def asked_days(request: web.Request) -> int:
    """Return of how many days a chart is asked for; raises BadRequest where there is none."""
    days = request.query.get("days", "30")
    if days not in {str(each) for each in STEPS}:
        raise BadRequest("7, 30, 90 or 365.", field="days")
    return int(days)
