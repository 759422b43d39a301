"""Exports as the console has them: the list, what one would be, and asking the worker for one.

Asking decides nothing: the worker has the gate look again at every meeting, and where exports are
to be approved it does not begin one that is not (``assent.web.approvals``).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import BadRequest, NothingToExport, TooManyExports, TooManyMeetings
from assent.web import bodies, downloads
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent.web.paging import asked
from assent_vault.errors import ExportError
from assent_vault.formats.suite import encode
from assent_vault.store import approval, export_order, given_meetings, models
from assent_vault.store.export_order import ExportOrder, Options

MOST_WAITING: Final = 20
"""Exports that wait to be approved or begun."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
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
    given = request.query
    audio_only, include_exported = (
        _flag(given.get(name, "false"), name) for name in ("audio_only", "include_exported")
    )
    since, until = (_day(given.get(name), name) for name in ("since", "until"))
    options = _options(
        since,
        until,
        audio_only=audio_only,
        again=given.get("again"),
        include_exported=include_exported,
    )
    parts = context(request)
    async with parts.database.read() as session:
        found = await _forecast(session, options)
    approvals = parts.settings.vault.export_approvals
    return json_answer({"forecast": found, "approvals": approvals})


async def ask(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports``: ask the worker for one, or propose it.

    Who asks for the same again while it waits gets that one.
    """
    account = await administrator(request)
    body = await bodies.read(request, bodies.AskForExport)
    order = _order(body)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    now = parts.clock.now()
    async with parts.database.write() as session:
        waiting = (
            await session.scalars(
                select(models.ExportRow)
                .where(models.ExportRow.state.in_(_WAITING))
                .limit(MOST_WAITING + 1)
            )
        ).all()
        same = [each for each in waiting if _is_same(each, account.id, order, now)]
        if not same:
            if len([each for each in waiting if state_of(each, now) in _WAITING]) >= MOST_WAITING:
                raise TooManyExports
            found = await _forecast(session, order.options)
            if found["meetings"] == 0:
                raise NothingToExport
            if order.options.include_exported and found["left"] > 0:
                raise TooManyMeetings
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
            same = [row]
        (listed,) = await wire(session, same[:1], now)
    return json_answer({"export": listed})


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
        **_chosen(row),
        "meetings_recalled": recalled,
        "recalls_fetched_at": fetched_at if recalled else None,
    }


def _chosen(row: models.ExportRow) -> dict[str, Any]:
    """Return what was chosen of the meetings; days are in UTC, the last one included."""
    try:
        options = export_order.read(row.recipient, row.purpose, row.options).options
        since = None if options.since is None else _day_of(options.since)
        until = None if options.until is None else _day_of(options.until - 1)
    except (ExportError, ValueError, OverflowError, OSError):
        return dict.fromkeys(("since", "until", "audio_only", "again", "include_exported"))
    return {
        "since": since,
        "until": until,
        "audio_only": options.audio_only,
        "again": options.again,
        "include_exported": options.include_exported,
    }


def _day_of(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def _is_same(row: models.ExportRow, account_id: str, order: ExportOrder, now: int) -> bool:
    asked_for = (account_id, order.recipient, order.purpose, export_order.write(order.options))
    return state_of(row, now) in _WAITING and asked_for == (
        row.requested_by, row.recipient, row.purpose, row.options,
    )  # fmt: skip


def _order(body: bodies.AskForExport) -> ExportOrder:
    """Return what a body asks for; raises BadRequest."""
    order = ExportOrder(
        body.recipient,
        body.purpose,
        _options(
            _day(body.since, "since"),
            _day(body.until, "until"),
            audio_only=body.audio_only,
            again=body.again,
            include_exported=body.include_exported,
        ),
    )
    for name in ("recipient", "purpose"):
        try:
            ExportOrder(**{name: getattr(order, name)}).check()
        except ExportError as error:
            raise BadRequest(str(error), field=name) from error
    return order


def _flag(given: str, field: str) -> bool:
    if given not in ("true", "false"):
        raise BadRequest("true or false.", field=field)
    return given == "true"


def _day(given: str | None, field: str) -> date | None:
    if given is None:
        return None
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise BadRequest("It is no day, as 2026-01-31 is one.", field=field)


def _options(
    since: date | None,
    until: date | None,
    *,
    audio_only: bool,
    again: str | None,
    include_exported: bool,
) -> Options:
    if since is not None and until is not None and until < since:
        raise BadRequest("It is before the first day.", field="until")
    # Before 1970 there was no meeting.
    options = Options(
        since=None if since is None else max(0, export_order.midnight(since)),
        until=None if until is None else max(0, export_order.midnight(until, after=True)),
        audio_only=audio_only,
        again=again,
        include_exported=include_exported,
    )
    try:
        ExportOrder(options=options).check()
    except ExportError as error:
        raise BadRequest(str(error), field="again") from error
    return options


async def _forecast(session: AsyncSession, options: Options) -> dict[str, Any]:
    """Return what an export would take now: meetings, milliseconds, bytes, as the worker has
    measured them; ``unmeasured`` are those it has not yet, ``left`` are beyond what one takes.

    ``refused`` are, by code, what was exported before and cannot be once more, where that is asked
    for."""
    row, began = (
        models.ReleaseRow,
        func.coalesce(models.MeetingRow.started_at, models.MeetingRow.created_at),
    )
    octets = row.octets_of_sound if options.audio_only else row.octets
    among: list[ColumnElement[bool]] = []
    if options.since is not None:
        among.append(began >= options.since)
    if options.until is not None:
        among.append(began < options.until)
    if options.again is not None:
        among.append(given_meetings.is_in(options.again))
    could: ColumnElement[bool] = row.state == "ready"
    refused: dict[str, int] = {}
    if options.takes_exported:
        could = or_(could, given_meetings.seems_free())
        refused = await given_meetings.refused(session, *among)
    wanted = [could, *among]
    if options.audio_only:  # what has no sound is not for sound alone
        wanted.append(or_(octets.is_(None), octets > 0))
    chosen = (
        select(row.meeting_id, row.duration, octets.label("octets"))
        .join(models.MeetingRow, models.MeetingRow.id == row.meeting_id)
        .where(*wanted)
    )
    first = chosen.order_by(row.meeting_id).limit(export_order.MOST_EXPORTED).subquery()
    total = await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
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
        "refused": refused,
    }
