"""The funnel: of those who opened the link of a meeting, how many came how far.

People are counted, by meeting and never named; whoever was in two meetings is counted in both. It
is of meetings that were created in the last days, the newest ``MOST_MEETINGS`` of them, as far as
their rows are there: of what was destroyed nothing is counted any more. Kept for half a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.web.auth import administrator
from assent.web.context import Context, context
from assent.web.kept_counts import DAY_MS, KeptCounts, asked_days
from assent.web.middleware import json_answer
from assent_vault.errors import VaultError
from assent_vault.formats import statement as statements
from assent_vault.formats.statement import Will
from assent_vault.store import models
from assent_vault.store.meeting_rows import load_everyone_of

STAGES: Final = (
    "invited",
    "joined",
    "recording",
    "training",
    "released",
    "exported",
    "withdrawn",
)
"""Opened the link; was let in; said yes last to recording, to training; is in a meeting whose gate
has opened, that is in a data set; has taken something back."""
MOST_MEETINGS: Final = 1000
_BATCH: Final = 100
_RELEASED: Final = ("cooling", "ready", "claimed", "exported")


FUNNEL: web.AppKey[KeptCounts] = web.AppKey("funnel", KeptCounts)


async def funnel(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/funnel``: of meetings of the last ``days``."""
    await administrator(request)
    return json_answer(await request.app[FUNNEL].of(context(request), asked_days(request)))


async def count(parts: Context, days: int, now: int) -> dict[str, Any]:
    """Count the people of each stage, of the meetings of so many days."""
    since = now - days * DAY_MS
    counts = dict.fromkeys(STAGES, 0)
    async with parts.database.read() as session:
        found = (
            await session.scalars(
                select(models.MeetingRow.id)
                .where(models.MeetingRow.created_at >= since)
                .order_by(models.MeetingRow.created_at.desc(), models.MeetingRow.id)
                .limit(MOST_MEETINGS + 1)
            )
        ).all()
    meetings = found[:MOST_MEETINGS]
    for at in range(0, len(meetings), _BATCH):
        async with parts.database.read() as session:
            for stage, count in (await _of(session, meetings[at : at + _BATCH])).items():
                counts[stage] += count
    return {
        "stages": [{"stage": stage, "people": counts[stage]} for stage in STAGES],
        "meetings": len(meetings),
        "whole": len(found) <= MOST_MEETINGS,
    }


async def _of(session: AsyncSession, meetings: Sequence[str]) -> dict[str, int]:
    everyone = await load_everyone_of(session, meetings)
    joined = {meeting: len(people) for meeting, people in everyone.items()}
    at_the_door = await session.scalar(
        select(func.count())
        .select_from(models.ParticipantRow)
        .where(
            models.ParticipantRow.meeting_id.in_(meetings),
            models.ParticipantRow.admitted_at.is_(None),
            models.ParticipantRow.forgotten_at.is_(None),
        )
    )
    seats = await session.scalar(
        select(func.count())
        .select_from(models.JoinTokenRow)
        .where(models.JoinTokenRow.meeting_id.in_(meetings))
    )
    released = await session.scalars(
        select(models.ReleaseRow.meeting_id).where(
            models.ReleaseRow.meeting_id.in_(meetings), models.ReleaseRow.state.in_(_RELEASED)
        )
    )
    exported = await session.scalars(
        select(models.ExportItemRow.meeting_id).where(models.ExportItemRow.meeting_id.in_(meetings))
    )
    revoked = await session.execute(
        select(models.RevocationRow.meeting_id, models.RevocationRow.person_id).where(
            models.RevocationRow.meeting_id.in_(meetings)
        )
    )
    bodies = (await session.execute(_last_answers(meetings))).all()
    said = await asyncio.to_thread(_read, [tuple(row) for row in bodies])
    took_back = {
        (meeting, person)
        for meeting, whose in revoked
        for person in ([whose] if whose is not None else everyone.get(meeting, ()))
    }
    wills = {place: will for place, will in said.items() if place[1] in everyone[place[0]]}
    took_back |= {place for place, will in wills.items() if Will.WITHDRAWN in will}
    people = sum(joined.values())
    return {
        "invited": people + (at_the_door or 0) + (seats or 0),
        "joined": people,
        "recording": sum(will[0] == Will.YES for will in wills.values()),
        "training": sum(will[1] == Will.YES for will in wills.values()),
        "released": sum(joined[each] for each in released),
        "exported": sum(joined[each] for each in exported),
        "withdrawn": len(took_back),
    }


def _last_answers(meetings: Sequence[str]) -> Any:
    row = models.StatementRow
    last = (
        select(row.meeting_id, row.person_id, func.max(row.sequence).label("sequence"))
        .where(row.meeting_id.in_(meetings))
        .group_by(row.meeting_id, row.person_id)
        .subquery()
    )
    return select(row.meeting_id, row.person_id, row.body).join(
        last,
        (row.meeting_id == last.c.meeting_id)
        & (row.person_id == last.c.person_id)
        & (row.sequence == last.c.sequence),
    )


def _read(rows: Sequence[Any]) -> dict[tuple[str, str], tuple[Will, Will]]:
    found = {}
    for meeting, person, body in rows:
        try:
            answer = statements.parse_answer(body)
        except VaultError:
            continue  # nobody can have said it
        found[meeting, person] = (answer.recording, answer.training)
    return found
