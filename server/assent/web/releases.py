"""The release queue as the console shows it, and asking for one that failed to be tried again.

A meeting is listed once the gate has said something of it. What is shown as *dead* is a release
that could not be exported: it stays out of the queue until its evidence changes, or somebody asks
for it here. Asking decides nothing: the vault has the gate look at the meeting anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final, cast

from aiohttp import web
from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import BadRequest, MeetingNotFound, NotDead
from assent.web import bodies
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.gate_reports import gate_wire
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent.web.paging import asked
from assent_vault.formats.suite import encode
from assent_vault.store import models

COUNTED: Final = 1000
"""As far as each state is counted."""

_ROW = models.ReleaseRow
_REPORT = models.GateReportRow
# As the queue writes it down (``assent_vault.release.queue``): what could not be exported.
_FAILED: Final = "export-"
_ON_THE_WAY: Final = ("cooling", "ready", "claimed", "exported")
_dead: ColumnElement[bool] = and_(_ROW.state == "dropped", _ROW.reason.startswith(_FAILED))

STATES: Final[dict[str, ColumnElement[bool]]] = {
    **{state: _ROW.state == state for state in _ON_THE_WAY},
    # A state that nobody knows is as good as dropped.
    "dropped": and_(
        _ROW.state.not_in(_ON_THE_WAY),
        not_(and_(_ROW.state == "dropped", func.coalesce(_ROW.reason, "").startswith(_FAILED))),
    ),
    "dead": _dead,
    "blocked": and_(_ROW.meeting_id.is_(None), _REPORT.meeting_id.is_not(None)),
}
"""Every state that a meeting is shown in, and which rows are in it."""


def state_of(row: models.ReleaseRow | None) -> str:
    """Return the state that a release is shown in; without one the gate is what blocks it."""
    if row is None:
        return "blocked"
    if row.state in _ON_THE_WAY:
        return row.state
    dead = row.state == "dropped" and (row.reason or "").startswith(_FAILED)
    return "dead" if dead else "dropped"


# Of the data sets that a meeting is in the last.
_LATEST: Final = (
    select(models.ExportItemRow.export_id)
    .where(models.ExportItemRow.meeting_id == models.MeetingRow.id)
    .order_by(models.ExportItemRow.committed_at.desc(), models.ExportItemRow.export_id)
    .limit(1)
    .correlate(models.MeetingRow)
    .scalar_subquery()
)


async def queue(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/releases``: newest meetings first; of one ``state`` or ``meeting`` alone."""
    await administrator(request)
    page = asked(request)
    query = page.of(_filtered(request), models.MeetingRow.created_at, models.MeetingRow.id)
    async with context(request).database.read() as session:
        rows, after = page.cut((await session.execute(query)).all())
        pending = await _pending(session, [row.id for row in rows])
        counts = {state: await _count(session, state) for state in STATES}
    listed = [_listed(row, pending.get(row.id)) for row in rows]
    return json_answer({"releases": listed, "counts": counts, "after": after})


def _filtered(request: web.Request) -> Select[Any]:
    query = (
        select(
            models.MeetingRow.id,
            models.MeetingRow.title,
            models.MeetingRow.created_at,
            _ROW,
            _REPORT,
            _LATEST.label("export"),
        )
        .outerjoin(_ROW, _ROW.meeting_id == models.MeetingRow.id)
        .outerjoin(_REPORT, _REPORT.meeting_id == models.MeetingRow.id)
        .where(or_(_ROW.meeting_id.is_not(None), _REPORT.meeting_id.is_not(None)))
    )
    state = request.query.get("state")
    if state is not None:
        if state not in STATES:
            raise BadRequest("There is no such state.", field="state")
        query = query.where(STATES[state])
    meeting = request.query.get("meeting")
    if meeting is not None:
        query = query.where(models.MeetingRow.id == meeting)
    return cast("Select[Any]", query)


async def _count(session: AsyncSession, state: str) -> int:
    """Count the meetings in a state, as far as ``COUNTED``."""
    found = select(func.coalesce(_ROW.meeting_id, _REPORT.meeting_id))
    if state == "blocked":
        found = found.select_from(_REPORT).outerjoin(_ROW, _ROW.meeting_id == _REPORT.meeting_id)
    else:
        found = select(_ROW.meeting_id)
    some = found.where(STATES[state]).limit(COUNTED).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def _pending(
    session: AsyncSession, meetings: Sequence[str]
) -> dict[str, models.ReleaseRetryRow]:
    """Return what was asked for and the worker has not taken up, by meeting."""
    rows = await session.scalars(
        select(models.ReleaseRetryRow).where(
            models.ReleaseRetryRow.meeting_id.in_(meetings),
            models.ReleaseRetryRow.done_at.is_(None),
        )
    )
    return {row.meeting_id: row for row in rows}


def _listed(row: Sequence[Any], pending: models.ReleaseRetryRow | None) -> dict[str, Any]:
    meeting, title, created_at, release, report, export = row
    state = state_of(release)
    return {
        "meeting": meeting,
        "title": title,
        "created_at": created_at,
        "state": state,
        "since": report.decided_at if release is None else release.updated_at,
        "ready_at": None if release is None else release.ready_at,
        "lease_until": release.lease_until if state == "claimed" else None,
        "reason": None if release is None else release.reason,
        "gate": gate_wire(report),
        "export": export if state == "exported" else None,
        "retry": None if pending is None else {"asked_at": pending.asked_at},
    }


async def retry(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/releases/{id}/retry``: have the vault look again at what it gave up.

    Asking again while one waits gives that one.
    """
    account = await administrator(request)
    await bodies.read(request, bodies.Nothing)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    meeting = request.match_info["id"]
    async with parts.database.write() as session:
        if await session.get(models.MeetingRow, meeting) is None:
            raise MeetingNotFound
        pending = (await _pending(session, [meeting])).get(meeting)
        if pending is None:
            if state_of(await session.get(models.ReleaseRow, meeting)) != "dead":
                raise NotDead
            pending = models.ReleaseRetryRow(
                id=encode(secrets.token_bytes(16)),
                meeting_id=meeting,
                account_id=account.id,
                asked_at=parts.clock.now(),
            )
            session.add(pending)
        asked_at = pending.asked_at
    return json_answer({"retry": {"asked_at": asked_at}})
