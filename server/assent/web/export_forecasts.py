"""How much an export would be now, before anybody asks for it: no permission, and no promise.

How long a meeting is and how many bytes are kept of it, the worker has measured. What somebody's
sound is like is known only when it is written, so nothing of that is told here.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store import answer_languages, export_order, given_meetings, models
from assent_vault.store.export_order import Options

MOST_LOOKED: Final = 1000
"""Meetings of which is looked in which language people read what they agreed to."""
_AT_ONCE: Final = 20
_ROW: Final = models.ReleaseRow


async def look(session: AsyncSession, options: Options) -> dict[str, Any]:
    """Return what an export would take now: meetings, milliseconds, bytes; ``unmeasured`` are those
    the worker has not measured yet, ``left`` are beyond what one takes, and of ``unlooked`` it is
    not known whether they are in a language that is asked for.

    ``refused`` are, by code, what was exported before and cannot be once more, where that is asked
    for."""
    among = _among(options)
    could: ColumnElement[bool] = _ROW.state == "ready"
    refused: dict[str, int] = {}
    if options.takes_exported:
        could = or_(could, given_meetings.seems_free())
        refused = await given_meetings.refused(session, *among)
    octets = _ROW.octets_of_sound if options.audio_only else _ROW.octets
    wanted = [could, *among]
    if options.audio_only:  # what has no sound is not for sound alone
        wanted.append(or_(octets.is_(None), octets > 0))
    if options.least_duration is not None:
        wanted.append(or_(_ROW.duration.is_(None), _ROW.duration >= options.least_duration))
    chosen = (
        select(_ROW.meeting_id, _ROW.duration, octets.label("octets"))
        .join(models.MeetingRow, models.MeetingRow.id == _ROW.meeting_id)
        .where(*wanted)
    )
    total = await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    unlooked = 0
    if options.languages:
        unlooked = max(0, total - MOST_LOOKED)
        reading = await _reading(session, chosen, options)
        total = len(reading)
        chosen = chosen.where(_ROW.meeting_id.in_(reading[: export_order.MOST_EXPORTED]))
    first = chosen.order_by(_ROW.meeting_id).limit(export_order.MOST_EXPORTED).subquery()
    meetings, measured, duration, size = (
        await session.execute(
            select(
                func.count(),
                func.count(first.c.octets),
                func.coalesce(func.sum(first.c.duration), 0),
                func.coalesce(func.sum(first.c.octets), 0),
            ).select_from(first)
        )
    ).one()
    return {
        "meetings": meetings,
        "duration": int(duration),
        "bytes": int(size),
        "unmeasured": meetings - measured,
        "left": total - meetings,
        "unlooked": unlooked,
        "refused": refused,
    }


def _among(options: Options) -> list[ColumnElement[bool]]:
    began = func.coalesce(models.MeetingRow.started_at, models.MeetingRow.created_at)
    among: list[ColumnElement[bool]] = []
    if options.since is not None:
        among.append(began >= options.since)
    if options.until is not None:
        among.append(began < options.until)
    if options.again is not None:
        among.append(given_meetings.is_in(options.again))
    return among


async def _reading(
    session: AsyncSession, chosen: Select[str, int | None, int | None], options: Options
) -> list[str]:
    """Return the meetings of these in which everybody read what they agreed to in a language that
    is asked for, in the order of their ids; only the first ``MOST_LOOKED`` are looked at."""
    ids = (await session.scalars(chosen.order_by(_ROW.meeting_id).limit(MOST_LOOKED))).all()
    found: list[str] = []
    for begin in range(0, len(ids), _AT_ONCE):
        answers = await answer_languages.last_answers_of(session, ids[begin : begin + _AT_ONCE])
        found += await asyncio.to_thread(_in_languages, answers, options.languages)
    return found


def _in_languages(answers: dict[str, list[bytes | None]], languages: tuple[str, ...]) -> list[str]:
    return [each for each, said in answers.items() if answer_languages.reads(languages, said)]
