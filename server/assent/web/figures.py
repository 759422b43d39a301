"""Counts over time, for the console's charts, and how full the disks are.

Each series is one query over a bounded stretch of time, found by an index over that time, and is
counted in the database. They count the rows that there are: what was destroyed since is counted no
more.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from aiohttp import web
from sqlalchemy import Select, func, select

from assent.web.auth import administrator
from assent.web.context import Context, context
from assent.web.kept_counts import DAY_MS, STEPS, KeptCounts, asked_days
from assent.web.middleware import json_answer
from assent_vault.store import models

SERIES: Final[Mapping[str, Any]] = {
    "meetings": models.MeetingRow.created_at,
    "recordings": models.GenerationRow.opened_at,
    "answers": models.StatementRow.received_at,
    "releases": models.ReleaseRow.created_at,
    "exports": models.ExportItemRow.committed_at,
    "deletions": models.DeletionRow.requested_at,
}


FIGURES: web.AppKey[KeptCounts] = web.AppKey("figures", KeptCounts)


async def figures(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/figures``: of the last ``days``, which begin at midnight UTC."""
    await administrator(request)
    return json_answer(await request.app[FIGURES].of(context(request), asked_days(request)))


async def count(parts: Context, days: int, now: int) -> dict[str, Any]:
    """Count each series in the columns of so many days."""
    step = STEPS[days] * DAY_MS
    columns, end = columns_of(now, days)
    begin = columns[0]
    series = {}
    async with parts.database.read() as session:
        for name, time in SERIES.items():
            found = await session.execute(counting(time, begin, end, step))
            counts = {int(at): int(count) for at, count in found}
            series[name] = [counts.get(at, 0) for at in range(len(columns))]
    folders = parts.settings.vault.disks(parts.settings.server_folder)
    return {
        "begin": begin,
        "end": end,
        "step": step,
        "columns": columns,
        "series": series,
        "disks": await asyncio.to_thread(disks, folders),
        "counted_at": now,
    }


def columns_of(now: int, days: int) -> tuple[list[int], int]:
    """Return when each column begins of so many days, today being the last, and when it ends."""
    end = (now // DAY_MS + 1) * DAY_MS
    return [*range(end - days * DAY_MS, end, STEPS[days] * DAY_MS)], end


def counting(time: Any, begin: int, end: int, step: int) -> Select[Any]:
    """Return the query that counts rows by how many steps after ``begin`` their time is."""
    place = ((time - begin) // step).label("place")
    query: Any = select(place, func.count()).where(time >= begin, time < end).group_by(place)
    return cast("Select[Any]", query)


def disks(folders: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Return how full each disk is, once, with what lies on it; null where nobody can tell."""
    found: dict[int | str, dict[str, Any]] = {}
    for name, folder in sorted(folders.items()):
        place = folder
        while not place.exists() and place != place.parent:
            place = place.parent  # it will be made there
        try:
            device: int | str = place.stat().st_dev
            usage = shutil.disk_usage(place)
        except OSError:
            found[name] = {"places": [name], "total": None, "free": None}
            continue
        disk = found.setdefault(device, {"places": [], "total": usage.total, "free": usage.free})
        disk["places"].append(name)
    return list(found.values())
