"""The administrator's console: what the gate says of each meeting, the queue, the exports.

Everything here looks; nothing here can release, open or grant. People are counted, not named.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import NothingToExport
from assent.meeting import meeting_wire
from assent.web import bodies
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.middleware import json_answer
from assent.web.paging import asked
from assent_vault import charter as charters
from assent_vault import models
from assent_vault import statement as statements
from assent_vault.suite import encode


async def meetings(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/meetings``: newest first, each with its gate and its release."""
    await administrator(request)
    page = asked(request)
    async with context(request).database.read() as session:
        query = page.of(select(models.Meeting), models.Meeting.created_at, models.Meeting.id)
        rows, after = page.cut((await session.scalars(query)).all())
        listed = await _with_states(session, rows)
    return json_answer({"meetings": listed, "after": after})


async def _with_states(
    session: AsyncSession, rows: Sequence[models.Meeting]
) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    reports = {
        report.meeting_id: report
        for report in await session.scalars(
            select(models.GateReport).where(models.GateReport.meeting_id.in_(ids))
        )
    }
    releases = {
        release.meeting_id: release
        for release in await session.scalars(
            select(models.Release).where(models.Release.meeting_id.in_(ids))
        )
    }
    people = await _count(session, models.Participant.meeting_id, ids, admitted=True)
    epochs = await _count(session, models.Epoch.meeting_id, ids)
    agreed = await _agreed(session, ids)
    return [
        {
            **meeting_wire(row, charters.parse(row.charter)),
            "gate": _gate(reports.get(row.id)),
            "release": _release(releases.get(row.id)),
            "people": people.get(row.id, 0),
            "agreed_recording": agreed.get(row.id, (0, 0))[0],
            "agreed_training": agreed.get(row.id, (0, 0))[1],
            "epochs": epochs.get(row.id, 0),
        }
        for row in rows
    ]


async def _count(
    session: AsyncSession, column: Any, ids: Sequence[str], *, admitted: bool = False
) -> dict[str, int]:
    query = select(column, func.count()).where(column.in_(ids)).group_by(column)
    if admitted:
        query = query.where(models.Participant.admitted_at.is_not(None))
    return dict((await session.execute(query)).all())


async def _agreed(session: AsyncSession, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Count who said yes last, to recording and to training, of those who were let in."""
    last = (
        select(
            models.Statement.meeting_id,
            models.Statement.person_id,
            func.max(models.Statement.sequence).label("sequence"),
        )
        .where(models.Statement.meeting_id.in_(ids))
        .group_by(models.Statement.meeting_id, models.Statement.person_id)
        .subquery()
    )
    found = await session.execute(
        select(models.Statement.meeting_id, models.Statement.body)
        .join(
            last,
            (models.Statement.meeting_id == last.c.meeting_id)
            & (models.Statement.person_id == last.c.person_id)
            & (models.Statement.sequence == last.c.sequence),
        )
        .join(
            models.Participant,
            (models.Participant.meeting_id == models.Statement.meeting_id)
            & (models.Participant.person_id == models.Statement.person_id),
        )
        .where(models.Participant.admitted_at.is_not(None))
    )
    counts: dict[str, tuple[int, int]] = {}
    for meeting, body in found:
        said = statements.parse_answer(body)
        recording, training = counts.get(meeting, (0, 0))
        counts[meeting] = (
            recording + (said.recording == statements.Will.YES),
            training + (said.training == statements.Will.YES),
        )
    return counts


def _gate(report: models.GateReport | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "decision": report.decision,
        "reasons": json.loads(report.reasons),
        "decided_at": report.decided_at,
    }


def _release(release: models.Release | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {"state": release.state, "ready_at": release.ready_at, "reason": release.reason}


async def exports(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/exports``: newest first."""
    await administrator(request)
    page = asked(request)
    async with context(request).database.read() as session:
        query = page.of(select(models.Export), models.Export.requested_at, models.Export.id)
        rows, after = page.cut((await session.scalars(query)).all(), ("requested_at", "id"))
        listed = [_export(row) for row in rows]
    return json_answer({"exports": listed, "after": after})


async def request_export(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports``: ask the worker for one.

    It decides itself what goes in: the gate is evaluated again by the worker, for every meeting.
    Asking again while one waits gives that one.
    """
    account = await administrator(request)
    await bodies.read(request, bodies.Nothing)
    parts = context(request)
    async with parts.database.write() as session:
        row = await session.scalar(
            select(models.Export).where(models.Export.state == "requested").limit(1)
        )
        if row is None:
            ready = select(models.Release.meeting_id).where(models.Release.state == "ready")
            if await session.scalar(ready.limit(1)) is None:
                raise NothingToExport
            row = models.Export(
                id=encode(secrets.token_bytes(16)),
                state="requested",
                requested_by=account.id,
                requested_at=parts.clock.now(),
                meetings_done=0,
                meetings_total=0,
            )
            session.add(row)
            await session.flush()
        export = _export(row)
    return json_answer({"export": export})


def _export(row: models.Export) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "requested_at": row.requested_at,
        "finished_at": row.finished_at,
        "meetings_done": row.meetings_done,
        "meetings_total": row.meetings_total,
        "error": row.error,
        "folder": row.folder,
    }


async def accounts(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/accounts``: newest first."""
    await administrator(request)
    listed, after = await context(request).accounts.all(asked(request))
    return json_answer({"accounts": listed, "after": after})
