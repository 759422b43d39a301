"""What an administrator sees first: is all well, what goes on, what comes next, what is to be done.

Every number is read when it is asked for, of what there is; what nobody can tell is null. Counts go
as far as ``COUNTED``. When a meeting is destroyed is told as its people are told it, by its charter
and by what is set: the earliest counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.meeting import kept_until
from assent.web.auth import administrator
from assent.web.context import Context, context
from assent.web.figures import disks
from assent.web.health import not_ready
from assent.web.kept_counts import DAY_MS
from assent.web.middleware import json_answer
from assent_vault.errors import VaultError
from assent_vault.files.space import MEGABYTE
from assent_vault.store import models
from assent_vault.store.heartbeat import is_silent, last_heartbeat

COUNTED: Final = 1000
"""As far as anything is counted, and as many rows as are looked at."""
DAYS: Final = 7
"""How far ahead destructions are told."""
SHOWN: Final = 10
"""How many of them are named."""

_M = models.MeetingRow


async def overview(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/overview``: all of it, as it is now."""
    await administrator(request)
    parts = context(request)
    now = parts.clock.now()
    reasons, warnings = await not_ready(parts), sorted(parts.warnings())
    expires = parts.certificate()
    async with parts.database.read() as session:
        worker = await _worker(session, now)
        destructions = await _destructions(session, parts, now)
        owed = await _count(
            session,
            select(models.DeletionRow.id).where(models.DeletionRow.confirmed_at.is_(None)),
        )
        recalls = await _recalls(session)
        exports = await _exports(session)
    folders = parts.settings.vault.disks(parts.settings.server_folder)
    return json_answer(
        {
            "at": now,
            "ready": not reasons,
            "reasons": reasons,
            "warnings": warnings,
            "times": parts.doubt(),
            "disks": await asyncio.to_thread(disks, folders),
            "floor": parts.settings.vault.free_space_floor_mb * MEGABYTE,
            "certificate": None if expires is None else {"expires_at": expires * 1000},
            "worker": worker,
            "meetings": parts.hall.going_on(),
            "destructions": destructions,
            "deletions_owed": owed,
            "recalls": recalls,
            "exports": exports,
        }
    )


async def _count(session: AsyncSession, query: Select[Any]) -> int:
    some = query.limit(COUNTED).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def _worker(session: AsyncSession, now: int) -> dict[str, Any] | None:
    beat = await last_heartbeat(session)
    if beat is None:
        return None
    return {
        "started_at": beat.started_at,
        "beat_at": beat.beat_at,
        "silent": is_silent(beat, now),
        "problem": beat.problem,
    }


async def _destructions(session: AsyncSession, parts: Context, now: int) -> dict[str, Any]:
    """Return the meetings that are destroyed within ``DAYS``, soonest first, and how many."""
    until = now + DAYS * DAY_MS
    days = parts.settings.retention_days
    # A setting that was shortened since is not in the column, and counts all the same.
    by_setting = until - days * DAY_MS
    rows = await session.scalars(
        select(_M)
        .where(
            _M.destroyed_at.is_(None),
            or_(
                and_(_M.ended_at.is_not(None), _M.retain_until <= until),
                and_(_M.expires_at <= until, _M.retain_until <= until),
                _M.ended_at <= by_setting,
                _M.expires_at <= by_setting,
            ),
        )
        .order_by(_M.retain_until, _M.id)
        .limit(COUNTED)
    )
    # As many charters are read: that must not hold up the packets of a meeting.
    found = await asyncio.to_thread(_in_order, rows.all(), days)
    due = [each for each in found if each[0] <= until]
    return {
        "days": DAYS,
        "count": len(due),
        "next": [{"meeting": id_, "title": title, "at": at} for at, id_, title in due[:SHOWN]],
    }


def _in_order(rows: Sequence[models.MeetingRow], retention_days: int) -> list[tuple[int, str, str]]:
    return sorted((_goes_at(row, retention_days), row.id, row.title) for row in rows)


def _goes_at(row: models.MeetingRow, retention_days: int) -> int:
    try:
        return kept_until(row, retention_days)
    except VaultError:
        return row.retain_until  # nobody can have signed it: what is written down is all there is


async def _recalls(session: AsyncSession) -> dict[str, int]:
    """Count what was taken back of data sets that somebody has, and in how many of them."""
    feed = models.RecallFeedRow
    query = select(func.count(), func.coalesce(func.sum(feed.entries), 0)).where(feed.entries > 0)
    data_sets, meetings = (await session.execute(query)).one()
    return {"data_sets": data_sets, "meetings": int(meetings)}


async def _exports(session: AsyncSession) -> dict[str, Any]:
    row = models.ExportRow
    running = await session.scalars(
        select(row).where(row.state == "running").order_by(row.requested_at, row.id).limit(COUNTED)
    )
    return {
        "requested": await _count(session, select(row.id).where(row.state == "requested")),
        "running": [
            {
                "id": each.id,
                "requested_at": each.requested_at,
                "meetings_done": each.meetings_done,
                "meetings_total": each.meetings_total,
            }
            for each in running
        ],
    }
