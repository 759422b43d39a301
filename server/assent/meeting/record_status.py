"""Where a person's part of a recording is by now: kept, deleted, or in which data set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from assent.meeting.data_sets import data_sets_of
from assent_vault.formats import charter as charters
from assent_vault.store.database import Database
from assent_vault.store.models import DeletionRow, MeetingRow, ReleaseRow


def kept_until(row: MeetingRow, retention_days: int) -> int:
    """Return when a meeting's recording is destroyed at the latest, in Unix milliseconds."""
    signed = charters.parse(row.charter).kept_until(row.ended_at, retention_days=retention_days)
    return min(row.retain_until, signed)


async def whereabouts(
    database: Database, meeting: str, person: str, retention_days: int, *, admitted: bool
) -> dict[str, Any]:
    """Return what *record* in PROTOCOL.md section 2 says of it.

    ``deletions`` are the person's own and those of the whole meeting. A deletion is confirmed when
    the worker has seen that nothing is left. Who was not ``admitted``, ever, is told only until
    when the server keeps what they signed: the recording is none of theirs.
    """
    async with database.read() as session:
        row = await session.get(MeetingRow, meeting)
        assert row is not None, "whoever asks has found it"
        if not admitted:
            return {
                "retain_until": row.retain_until,
                "destroyed_at": row.destroyed_at,
                "dropped_because": None,
                "deletions": [],
                "exported": [],
            }
        release = await session.get(ReleaseRow, meeting)
        deletions = await session.scalars(
            select(DeletionRow)
            .where(
                DeletionRow.meeting_id == meeting,
                or_(DeletionRow.person_id == person, DeletionRow.person_id.is_(None)),
            )
            .order_by(DeletionRow.requested_at, DeletionRow.id)
        )
        return {
            "retain_until": kept_until(row, retention_days),
            "destroyed_at": row.destroyed_at,
            "dropped_because": None if release is None else release.reason,
            "deletions": [
                {
                    "whole": one.person_id is None,
                    "requested_at": one.requested_at,
                    "confirmed_at": one.confirmed_at,
                }
                for one in deletions
            ],
            "exported": await data_sets_of(session, meeting),
        }
