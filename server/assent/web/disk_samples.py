"""How full the disks were over time: written down a few times a day, and kept for a year."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.web.context import Context
from assent.web.figures import disks
from assent.web.kept_counts import DAY_MS
from assent_vault.store.models import DiskSampleRow

EVERY_MS: Final = 6 * 3_600_000
KEPT_DAYS: Final = 400


async def sample(parts: Context) -> bool:
    """Write down how full the disks are, where it is time; tells whether it did."""
    now, row = parts.clock.now(), DiskSampleRow
    async with parts.database.read() as session:
        last = await session.scalar(select(func.max(row.at)).where(row.at <= now))
    if last is not None and now - last < EVERY_MS:
        return False
    folders = parts.settings.vault.disks(parts.settings.server_folder)
    found = await asyncio.to_thread(disks, folders)
    async with parts.database.write() as session:
        # What a clock that was wrong has written goes, too.
        await session.execute(
            delete(row).where((row.at < now - KEPT_DAYS * DAY_MS) | (row.at >= now))
        )
        session.add_all(
            row(at=now, place=" ".join(disk["places"]), total=disk["total"], free=disk["free"])
            for disk in found
            if disk["total"] is not None
        )
    return True


async def over_time(
    session: AsyncSession, columns: Sequence[int], end: int
) -> list[dict[str, Any]]:
    """Return of each disk the most that was in use in each column; null where nobody looked."""
    row = DiskSampleRow
    found = await session.execute(
        select(row.at, row.place, row.total, row.free)
        .where(row.at >= columns[0], row.at < end)
        .order_by(row.place, row.at)
    )
    told: dict[str, dict[str, Any]] = {}
    step = columns[1] - columns[0]
    for at, place, total, free in found:
        disk = told.setdefault(
            place, {"places": place.split(" "), "total": 0, "used": [None] * len(columns)}
        )
        column = (at - columns[0]) // step
        disk["used"][column] = max(disk["used"][column] or 0, total - free)
        disk["total"] = max(disk["total"], total)
    return list(told.values())
