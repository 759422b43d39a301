"""The administrator's console: what the gate says of each meeting, and who has an account.

Everything here looks; nothing here can release, open or grant. People are counted, not named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.meeting import act_wire, meeting_wire, whole
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.gate_reports import gate_wire
from assent.web.middleware import json_answer
from assent.web.paging import asked
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.ledger import revocation
from assent_vault.ledger.entry import Revoked
from assent_vault.store import models
from assent_vault.store.meeting_rows import load_everyone_of, load_revocations


async def meetings(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/meetings``: newest first, each with its gate and its release."""
    await administrator(request)
    page = asked(request)
    async with context(request).database.read() as session:
        query = page.of(
            select(models.MeetingRow), models.MeetingRow.created_at, models.MeetingRow.id
        )
        rows, after = page.cut((await session.scalars(query)).all())
        listed = await _with_states(session, rows)
    return json_answer({"meetings": listed, "after": after})


async def _with_states(
    session: AsyncSession, rows: Sequence[models.MeetingRow]
) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    reports = {
        report.meeting_id: report
        for report in await session.scalars(
            select(models.GateReportRow).where(models.GateReportRow.meeting_id.in_(ids))
        )
    }
    releases = {
        release.meeting_id: release
        for release in await session.scalars(
            select(models.ReleaseRow).where(models.ReleaseRow.meeting_id.in_(ids))
        )
    }
    counted = await load_everyone_of(session, ids)
    generations = await _count(session, models.GenerationRow.meeting_id, ids)
    agreed = await _agreed(session, counted)
    deleted = await _deleted(session, rows)
    return [
        {
            **meeting_wire(row, charters.parse(row.charter)),
            "gate": gate_wire(reports.get(row.id)),
            "release": _release(releases.get(row.id)),
            "people": len(counted[row.id]),
            "agreed_recording": agreed.get(row.id, (0, 0))[0],
            "agreed_training": agreed.get(row.id, (0, 0))[1],
            "generations": generations.get(row.id, 0),
            "deleted": act_wire(act) if (act := deleted.get(row.id)) else None,
        }
        for row in rows
    ]


async def _deleted(
    session: AsyncSession, rows: Sequence[models.MeetingRow]
) -> dict[str, Revoked | None]:
    """Return by whom and when meetings were deleted; None where something else was taken back."""
    noted = set(
        await session.scalars(
            select(models.RevocationRow.meeting_id).where(
                models.RevocationRow.meeting_id.in_([row.id for row in rows])
            )
        )
    )
    return {
        row.id: whole(
            revocation.verified(
                await load_revocations(session, row.id), charters.parse(row.charter)
            )
        )
        for row in rows
        if row.id in noted
    }


async def _count(session: AsyncSession, column: Any, ids: Sequence[str]) -> dict[str, int]:
    query = select(column, func.count()).where(column.in_(ids)).group_by(column)
    return dict((await session.execute(query)).all())


async def _agreed(
    session: AsyncSession, counted: Mapping[str, Collection[str]]
) -> dict[str, tuple[int, int]]:
    """Count who said yes last, to recording and to training, of everyone in each meeting."""
    last = (
        select(
            models.StatementRow.meeting_id,
            models.StatementRow.person_id,
            func.max(models.StatementRow.sequence).label("sequence"),
        )
        .where(models.StatementRow.meeting_id.in_(list(counted)))
        .group_by(models.StatementRow.meeting_id, models.StatementRow.person_id)
        .subquery()
    )
    found = await session.execute(
        select(
            models.StatementRow.meeting_id, models.StatementRow.person_id, models.StatementRow.body
        ).join(
            last,
            (models.StatementRow.meeting_id == last.c.meeting_id)
            & (models.StatementRow.person_id == last.c.person_id)
            & (models.StatementRow.sequence == last.c.sequence),
        )
    )
    counts: dict[str, tuple[int, int]] = {}
    for meeting, person, body in found:
        if person not in counted[meeting]:
            continue
        said = statements.parse_answer(body)
        recording, training = counts.get(meeting, (0, 0))
        counts[meeting] = (
            recording + (said.recording == statements.Will.YES),
            training + (said.training == statements.Will.YES),
        )
    return counts


def _release(release: models.ReleaseRow | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {"state": release.state, "ready_at": release.ready_at, "reason": release.reason}


async def accounts(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/accounts``: newest first."""
    await administrator(request)
    listed, after = await context(request).accounts.all(asked(request))
    return json_answer({"accounts": listed, "after": after})
