"""Meetings that are in a data set already: which may be given once more, and why others may not.

What is found here is no permission: it tells an administrator beforehand, and the worker which
meetings to ask the gate about.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.models import (
    ExportItemRow,
    GateReportRow,
    MeetingRow,
    ReleaseRow,
    VaultKeyRow,
)

EXPORTED: Final = "exported"
"""The state of a release that is in a data set."""
MOST_DATA_SETS: Final = 100
"""Data sets that a meeting may be in: everyone in it is told of each."""
FULL: Final = "too-many-data-sets"
COUNTED: Final = 1000
"""As far as those are counted that may not."""
# Of several reasons the first of these is the one that is shown.
_FIRST: Final = ("withdrawn", "revoked", "retention-over", "destroyed")


def weightiest(codes: Iterable[str]) -> str | None:
    """Return the one of several reasons that is shown; None of none."""
    found = list(codes)
    return next((code for code in (*_FIRST, *found) if code in found), None)


def _exists(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Is there a row of another table; whatever else the query is joined to."""
    return exists().where(*conditions).correlate(ReleaseRow)


def is_in(export_id: str) -> ColumnElement[bool]:
    """Is in this data set."""
    return _exists(
        ExportItemRow.export_id == export_id, ExportItemRow.meeting_id == ReleaseRow.meeting_id
    )


def has_key() -> ColumnElement[bool]:
    """Is in a data set, and nothing says that the meeting or its key has gone."""
    return and_(
        ReleaseRow.state == EXPORTED,
        _exists(
            VaultKeyRow.meeting_id == ReleaseRow.meeting_id, VaultKeyRow.destroyed_at.is_(None)
        ),
        _exists(MeetingRow.id == ReleaseRow.meeting_id, MeetingRow.destroyed_at.is_(None)),
    )


def seems_free() -> ColumnElement[bool]:
    """Has a key, room for one more data set, and a gate that said nothing against it last."""
    blocked = _exists(
        GateReportRow.meeting_id == ReleaseRow.meeting_id, GateReportRow.decision == "blocked"
    )
    return and_(has_key(), not_(blocked), _data_sets() < MOST_DATA_SETS)


def _data_sets() -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(ExportItemRow)
        .where(ExportItemRow.meeting_id == ReleaseRow.meeting_id)
        .correlate(ReleaseRow)
        .scalar_subquery()
    )


async def count_data_sets(session: AsyncSession, meeting_id: str, *, but: str = "") -> int:
    """Return how many data sets a meeting is in, one left aside."""
    found = select(func.count()).where(
        ExportItemRow.meeting_id == meeting_id, ExportItemRow.export_id != but
    )
    return await session.scalar(found) or 0


async def refused(session: AsyncSession, *among: ColumnElement[bool]) -> dict[str, int]:
    """Count by code the given meetings of these that may not be given once more."""
    rows = await session.execute(
        select(GateReportRow.reasons, MeetingRow.destroyed_at, has_key())
        .select_from(ReleaseRow)
        .join(MeetingRow, MeetingRow.id == ReleaseRow.meeting_id)
        .outerjoin(
            GateReportRow,
            and_(
                GateReportRow.meeting_id == ReleaseRow.meeting_id,
                GateReportRow.decision == "blocked",
            ),
        )
        .where(ReleaseRow.state == EXPORTED, not_(seems_free()), *among)
        .limit(COUNTED)
    )
    found = Counter(_why(reasons, destroyed_at, bool(key)) for reasons, destroyed_at, key in rows)
    return dict(sorted(found.items()))


def _why(reasons: str | None, destroyed_at: int | None, key: bool) -> str:
    code = weightiest(_codes(reasons))
    if code is not None:
        return code
    if destroyed_at is not None:
        return "destroyed"
    return FULL if key else "vault-key-missing"


def _codes(reasons: str | None) -> list[str]:
    try:
        return [str(each["code"]) for each in json.loads(reasons or "[]")]
    except (ValueError, TypeError, KeyError):
        return []  # a report is for people; what stands in it for nobody says nothing
