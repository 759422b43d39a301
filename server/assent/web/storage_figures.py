"""The console's chart of storage over time."""

from __future__ import annotations

from aiohttp import web

from assent.web import disk_samples
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.figures import columns_of
from assent.web.kept_counts import asked_days
from assent.web.middleware import json_answer


async def storage(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/storage``: what was in use on each disk in the last ``days``."""
    await administrator(request)
    days = asked_days(request)
    parts = context(request)
    columns, end = columns_of(parts.clock.now(), days)
    async with parts.database.read() as session:
        found = await disk_samples.over_time(session, columns, end)
    return json_answer({"columns": columns, "disks": found})
