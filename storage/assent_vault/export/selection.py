"""Which meetings an export takes, and how much they are: told before anything is claimed or opened.

What is found here is no permission: the gate is asked about each meeting when it is claimed, and
once more at the commit. So a data set can be less than was told, and never more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import ExportError, FormatError
from assent_vault.export import filters
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.track import SOUNDS, Track
from assent_vault.release import queue
from assent_vault.release.queue import QueueState
from assent_vault.store import answer_languages, given_meetings
from assent_vault.store.database import Database
from assent_vault.store.export_order import Options
from assent_vault.store.models import GenerationRow, MeetingRow, ReleaseRow

TOO_MANY: Final = "too-many-meetings"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an export would take: how many meetings, milliseconds of them, and bytes as they are
    kept. ``left`` are the meetings for which there is no room in one data set; ``refused``, by
    code, those that were exported before and cannot be once more, where such are asked for."""

    meetings: int
    duration: int
    octets: int
    left: int
    refused: Mapping[str, int]


def _meets(options: Options) -> list[ColumnElement[bool]]:
    began = func.coalesce(MeetingRow.started_at, MeetingRow.created_at)
    found: list[ColumnElement[bool]] = []
    if options.since is not None:
        found.append(began >= options.since)
    if options.until is not None:
        found.append(began < options.until)
    if options.meetings:
        found.append(MeetingRow.id.in_(options.meetings))
    return found


async def claimable(
    session: AsyncSession,
    options: Options,
    now: int,
    most: int,
    among: Collection[str] | None = None,
) -> list[str]:
    """Return the meetings that could be claimed and are asked for, in the order of their ids.

    ``among`` are those of the data set that is made again. Raises ExportError
    ``too-many-meetings`` where what was exported before goes in, and there is no room for all: the
    others would not be the next ones.
    """
    could = queue.is_claimable(now)
    if options.takes_exported:
        could = or_(could, given_meetings.has_key())
    if among is not None:
        could = and_(could, ReleaseRow.meeting_id.in_(among))
    found: list[str] = []
    for meeting_id in await _ids(session, could, options):
        if await weigh_wanted(session, meeting_id, options) is None:
            continue
        if len(found) < most:
            found.append(meeting_id)
        elif options.include_exported:
            raise ExportError(TOO_MANY, f"One data set has up to {most} meetings.")
        else:
            break
    return found


async def _ids(session: AsyncSession, could: ColumnElement[bool], options: Options) -> list[str]:
    found = await session.scalars(
        select(ReleaseRow.meeting_id)
        .join(MeetingRow, MeetingRow.id == ReleaseRow.meeting_id)
        .where(could, *_meets(options))
        .order_by(ReleaseRow.meeting_id)
    )
    return list(found)


async def standing(session: AsyncSession, meetings: Iterable[str], options: Options) -> set[str]:
    """Return those of these meetings whose release stands: on its way into a data set."""
    stands: ColumnElement[bool] = ReleaseRow.state.in_(
        (QueueState.COOLING, QueueState.READY, QueueState.CLAIMED)
    )
    if options.takes_exported:
        stands = or_(stands, given_meetings.has_key())
    found = await session.scalars(
        select(ReleaseRow.meeting_id).where(ReleaseRow.meeting_id.in_(list(meetings)), stands)
    )
    return set(found)


async def weights(
    session: AsyncSession, meetings: Iterable[str], options: Options
) -> dict[str, int]:
    """Return how many bytes there are of each meeting that is asked for."""
    found = {each: await weigh_wanted(session, each, options) for each in meetings}
    return {each: weight[1] for each, weight in found.items() if weight is not None}


async def weigh_wanted(
    session: AsyncSession, meeting_id: str, options: Options
) -> tuple[int, int] | None:
    """Return what ``weigh`` does, or None for a meeting that is not asked for, as far as is known.

    What has no sound is not for sound alone.
    """
    duration, octets = await weigh(session, meeting_id, options)
    if not filters.is_long_enough(options, duration) or not (octets or not options.audio_only):
        return None
    if options.languages:
        answers = await answer_languages.last_answers_of(session, [meeting_id])
        if not answer_languages.reads(options.languages, answers[meeting_id]):
            return None
    return duration, octets


async def weigh(session: AsyncSession, meeting_id: str, options: Options) -> tuple[int, int]:
    """Return how long a meeting is, and how many bytes are kept of what is asked for of it."""
    closings = await session.scalars(
        select(GenerationRow.close).where(
            GenerationRow.meeting_id == meeting_id, GenerationRow.close.is_not(None)
        )
    )
    segments: list[SegmentEntry] = []
    for body in closings:
        try:
            segments += parse_generation_closing(body or b"").segments
        except FormatError:
            continue  # the gate will say so
    media = [one for one in segments if one.has_media]
    if not media:
        return 0, 0
    duration = max(one.end for one in media) - min(one.start for one in media)
    return max(0, duration), sum(one.size for one in wanted(segments, options))


def wanted(segments: Iterable[SegmentEntry], options: Options) -> Iterable[SegmentEntry]:
    """Yield the segments of tracks that are asked for."""
    return (one for one in segments if not options.audio_only or is_sound(one.track))


def is_sound(track: str) -> bool:
    """Tell whether a track is of sound."""
    return Track.parse(track).source in SOUNDS


async def forecast(database: Database, options: Options, now: int, most: int) -> Forecast:
    """Look at what an export of ``most`` meetings would take now; changes nothing."""
    cooled = and_(ReleaseRow.state == QueueState.COOLING, ReleaseRow.ready_at <= now)
    could = or_(queue.is_claimable(now), cooled)
    refused: dict[str, int] = {}
    meetings = left = duration = octets = 0
    async with database.read() as session:
        if options.takes_exported:
            among = [] if options.again is None else [given_meetings.is_in(options.again)]
            could = and_(or_(could, given_meetings.seems_free()), *among)
            refused = await given_meetings.refused(session, *among, *_meets(options))
        for meeting_id in await _ids(session, could, options):
            weight = await weigh_wanted(session, meeting_id, options)
            if weight is None:
                continue
            if meetings == most:
                left += 1
                continue
            meetings, duration, octets = meetings + 1, duration + weight[0], octets + weight[1]
    return Forecast(meetings, duration, octets, left, refused)
