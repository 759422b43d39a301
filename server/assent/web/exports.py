"""Exports as the console has them: the list, what one would be, and asking the worker for one.

Asking decides nothing: the worker has the gate look again at every meeting, and where exports are
to be approved it does not begin one that is not (``assent.web.approvals``).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import NothingToExport, TooManyExports, TooManyMeetings
from assent.web import bodies, downloads, export_forecasts, export_wishes
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent.web.paging import asked
from assent_vault.formats.suite import encode
from assent_vault.store import approval, export_order, models
from assent_vault.store.export_order import ExportOrder

MOST_WAITING: Final = 20
"""Exports that wait to be approved or begun."""
_WAITING: Final = (approval.PROPOSED, approval.REQUESTED)


async def listing(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/exports``: newest first."""
    await administrator(request)
    parts, page = context(request), asked(request)
    async with parts.database.read() as session:
        query = page.of(
            select(models.ExportRow), models.ExportRow.requested_at, models.ExportRow.id
        )
        rows, after = page.cut((await session.scalars(query)).all(), ("requested_at", "id"))
        listed = await wire(session, rows, parts.clock.now())
    return json_answer({"exports": listed, "after": after})


async def forecast(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/exports/forecast``: how much one would be now; changes nothing."""
    await administrator(request)
    options = export_wishes.options_of(request.query)
    parts = context(request)
    async with parts.database.read() as session:
        found = await export_forecasts.look(session, options)
    approvals = parts.settings.vault.export_approvals
    return json_answer({"forecast": found, "approvals": approvals})


async def ask(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports``: ask the worker for one, or propose it.

    Who asks for the same again while it waits gets that one.
    """
    account = await administrator(request)
    body = await bodies.read(request, bodies.AskForExport)
    order = export_wishes.order_of(body)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    now = parts.clock.now()
    # Looked at while others can write; it decides nothing.
    async with parts.database.read() as session:
        if await _same(session, account.id, order, now) is None:
            _require_some(await export_forecasts.look(session, order.options), order)
    async with parts.database.write() as session:
        row = await _same(session, account.id, order, now)
        if row is None:
            is_free = parts.settings.vault.export_approvals == 0
            row = models.ExportRow(
                id=encode(secrets.token_bytes(16)),
                state=approval.REQUESTED if is_free else approval.PROPOSED,
                requested_by=account.id,
                requested_at=now,
                recipient=order.recipient,
                purpose=order.purpose,
                options=export_order.write(order.options),
                meetings_done=0,
                meetings_total=0,
            )
            session.add(row)
            await session.flush()
        (listed,) = await wire(session, [row], now)
    return json_answer({"export": listed})


async def _same(
    session: AsyncSession, account_id: str, order: ExportOrder, now: int
) -> models.ExportRow | None:
    """Return the export that waits, asked for by the same with the same words.

    Raises TooManyExports where there is none, and no room for one."""
    waiting = (
        await session.scalars(
            select(models.ExportRow)
            .where(models.ExportRow.state.in_(_WAITING))
            .limit(MOST_WAITING + 1)
        )
    ).all()
    for each in waiting:
        if _is_same(each, account_id, order, now):
            return each
    if len([each for each in waiting if state_of(each, now) in _WAITING]) >= MOST_WAITING:
        raise TooManyExports
    return None


def _require_some(found: dict[str, Any], order: ExportOrder) -> None:
    """Return where there is something to export, and room for it as far as is known."""
    if found["meetings"] == 0 and found["unlooked"] == 0:
        raise NothingToExport
    if order.options.include_exported and found["left"] > 0:
        raise TooManyMeetings


def state_of(row: models.ExportRow, now: int) -> str:
    """Return the state that an export is shown in: the worker may not have said yet that one has
    lapsed."""
    if row.state == approval.PROPOSED and not approval.is_open(row.requested_at, now):
        return approval.LAPSED
    return row.state


async def wire(
    session: AsyncSession, rows: Sequence[models.ExportRow], now: int
) -> list[dict[str, Any]]:
    """Return exports as the console shows them."""
    recalled = await _recalled(session, [row.id for row in rows])
    ids = {each for row in rows for each in (row.requested_by, row.approved_by, row.closed_by)}
    named = await session.execute(
        select(models.AccountRow.id, models.AccountRow.name).where(models.AccountRow.id.in_(ids))
    )
    people = {id_: {"id": id_, "name": name} for id_, name in named}
    fetched = await downloads.open_of(session, [row.id for row in rows], now)
    return [
        {
            **_export(row, *recalled.get(row.id, (0, None)), people, now),
            "downloads": fetched.get(row.id, []),
        }
        for row in rows
    ]


async def _recalled(session: AsyncSession, exports: list[str]) -> dict[str, tuple[int, int | None]]:
    """Return of exports how much was taken back since, and when all of that was last fetched."""
    feed, fetch = models.RecallFeedRow, models.RecallFetchRow
    found = await session.execute(
        select(feed.export_id, feed.entries, fetch.last_at)
        .outerjoin(fetch, and_(fetch.export_id == feed.export_id, fetch.entries == feed.entries))
        .where(feed.export_id.in_(exports))
    )
    return {row.export_id: (row.entries, row.last_at) for row in found}


def _export(
    row: models.ExportRow,
    recalled: int,
    fetched_at: int | None,
    people: dict[str, dict[str, str]],
    now: int,
) -> dict[str, Any]:
    """``recalled`` is how many of its meetings were taken back since, and ``fetched_at`` when a
    feed that has all of them was last fetched."""
    state = state_of(row, now)
    return {
        "id": row.id,
        "state": state,
        "requested_at": row.requested_at,
        "requested_by": people.get(row.requested_by or ""),
        "approved_at": row.approved_at,
        "approved_by": people.get(row.approved_by or ""),
        "closed_at": row.closed_at,
        "closed_by": people.get(row.closed_by or ""),
        "lapses_at": row.requested_at + approval.LAPSE_MS if state == approval.PROPOSED else None,
        "finished_at": row.finished_at,
        "meetings_done": row.meetings_done,
        "meetings_total": row.meetings_total,
        "error": row.error,
        "folder": row.folder,
        "recipient": row.recipient,
        "purpose": row.purpose,
        **export_wishes.chosen(row),
        "meetings_recalled": recalled,
        "recalls_fetched_at": fetched_at if recalled else None,
    }


def _is_same(row: models.ExportRow, account_id: str, order: ExportOrder, now: int) -> bool:
    asked_for = (account_id, order.recipient, order.purpose, export_order.write(order.options))
    return state_of(row, now) in _WAITING and asked_for == (
        row.requested_by, row.recipient, row.purpose, row.options,
    )  # fmt: skip
