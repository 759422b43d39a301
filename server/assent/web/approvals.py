"""Approving exports, declining them, and taking them back: by administrators, in the console.

The row is locked while one of these is done, so that of two at once one finds it done. Whoever acts
is told from their account, however many browsers they have; that they may is looked at once more in
the same transaction. The worker does not go by what is decided here alone: when it begins it looks
at who asked and who approved by itself (``assent_vault.store.approval``).
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from assent.errors import ExportSettled, Forbidden, NoAdministratorAsks, NotFound, OwnExport
from assent.web import bodies, exports
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.middleware import json_answer
from assent_vault.store import approval, models


async def approve(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports/{id}/approve``: by another administrator than who asked."""

    def step(row: models.ExportRow, account_id: str, now: int) -> None:
        _is_proposed(row, account_id, now)
        row.state, row.approved_by, row.approved_at = approval.REQUESTED, account_id, now

    return await _act(request, step, asker_counts=True)


async def decline(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports/{id}/decline``: likewise."""

    def step(row: models.ExportRow, account_id: str, now: int) -> None:
        _is_proposed(row, account_id, now)
        row.state, row.closed_by, row.closed_at = approval.DECLINED, account_id, now

    return await _act(request, step)


async def take_back(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports/{id}/take-back``: by who asked, until it is begun."""

    def step(row: models.ExportRow, account_id: str, now: int) -> None:
        if row.requested_by != account_id:
            raise Forbidden
        is_begun = row.meetings_total > 0
        if exports.state_of(row, now) not in (approval.PROPOSED, approval.REQUESTED) or is_begun:
            raise ExportSettled
        row.state, row.closed_by, row.closed_at = approval.TAKEN_BACK, account_id, now

    return await _act(request, step)


def _is_proposed(row: models.ExportRow, account_id: str, now: int) -> None:
    """Return where somebody may decide about it; else raises ExportSettled, OwnExport."""
    if exports.state_of(row, now) != approval.PROPOSED:
        raise ExportSettled
    if row.requested_by == account_id:
        raise OwnExport


async def _act(
    request: web.Request,
    step: Callable[[models.ExportRow, str, int], None],
    *,
    asker_counts: bool = False,
) -> web.StreamResponse:
    account = await administrator(request)
    await bodies.read(request, bodies.Nothing)
    parts = context(request)
    async with parts.database.write() as session:
        row = await session.get(models.ExportRow, request.match_info["id"], with_for_update=True)
        if row is None:
            raise NotFound
        now = parts.clock.now()
        step(row, account.id, now)
        if not await approval.are_administrators(session, account.id):
            raise Forbidden
        asker = row.requested_by
        if asker_counts and (
            asker is None or not await approval.are_administrators(session, asker)
        ):
            raise NoAdministratorAsks
        (listed,) = await exports.wire(session, [row], now)
    return json_answer({"export": listed})
