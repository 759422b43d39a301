"""Downloads: a data set on its way to the page of an administrator, as ciphertext.

The page draws the key, the vault worker seals to it, and what is in between passes on what it
cannot open (FORMAT.md section 15.10). Whether a page may have it the worker decides by itself; what
is written down here is who asked, who approved, and how far the page has come. Who asked is the one
who fetches: the key is in that page alone.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from aiohttp import hdrs, web
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import (
    BadRequest,
    DownloadOver,
    DownloadsOff,
    Forbidden,
    NoAdministratorAsks,
    NotExported,
    NotFound,
    OwnExport,
    StorageUnavailable,
    TooManyDownloads,
)
from assent.web import bodies
from assent.web.accounts import Account
from assent.web.auth import administrator
from assent.web.context import Context, context
from assent.web.limits import HeldPlaces, Limit
from assent.web.middleware import json_answer
from assent_vault.errors import BlobError
from assent_vault.formats import objects, suite
from assent_vault.store import approval, download, models
from assent_vault.store.models import DownloadRow

MOST_SENT: Final = 8
MOST_SENT_EACH: Final = 2
"""How many chunks are being sent at a time, in all and to one account: each is held in memory."""
CHUNKS: web.AppKey[HeldPlaces] = web.AppKey("chunks", HeldPlaces)
_STALLED_SECONDS: Final = 30.0
_PIECE: Final = 256 * 1024


async def ask(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/exports/{id}/download``: ask for it, or propose it.

    Whoever asks again has lost the key of before: that download ends.
    """
    account = await administrator(request)
    body = await bodies.read(request, bodies.AskForDownload)
    key = bodies.decode_field(body.key, "key")
    if len(key) != suite.XWING_PUBLIC_BYTES or not suite.is_xwing_public(key):
        raise BadRequest("Nothing can be sealed to this key.", field="key")
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    if parts.settings.vault.export_downloads == 0:
        raise DownloadsOff
    now = parts.clock.now()
    async with parts.database.write() as session:
        export = await session.get(models.ExportRow, request.match_info["id"])
        if export is None:
            raise NotFound
        if export.state != download.DONE or export.manifest_digest is None:
            raise NotExported
        await _replace(session, export.id, account.id, now)
        waiting = await session.scalars(
            select(DownloadRow)
            .where(DownloadRow.state.in_(download.OPEN))
            .limit(10 * download.MOST_OPEN)
        )
        if sum(download.is_live(each, now) for each in waiting) >= download.MOST_OPEN:
            raise TooManyDownloads
        if not await approval.are_administrators(session, account.id):
            raise Forbidden
        is_free = parts.settings.vault.export_approvals == 0
        row = DownloadRow(
            id=suite.encode(secrets.token_bytes(16)),
            export_id=export.id,
            public_key=key,
            state=approval.REQUESTED if is_free else approval.PROPOSED,
            requested_by=account.id,
            requested_at=now,
            seen_at=now,
            sealed=0,
            taken=0,
        )
        session.add(row)
        await session.flush()
        (told,) = await wire(session, [row], now)
    return json_answer({"download": told})


async def _replace(session: AsyncSession, export_id: str, account_id: str, now: int) -> None:
    await session.execute(
        update(DownloadRow)
        .where(
            DownloadRow.export_id == export_id,
            DownloadRow.requested_by == account_id,
            DownloadRow.state.in_(download.OPEN),
        )
        .values(state=download.FAILED, error=download.REPLACED, finished_at=now)
    )


async def standing(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/downloads/{id}``: how far it has come; for who asked."""
    account = await administrator(request)
    parts = context(request)
    now = parts.clock.now()
    async with parts.database.read() as session:
        row = await _own(session, request, account)
        (told,) = await wire(session, [row], now)
        is_due = _is_heard(row, now)
    if is_due:
        async with parts.database.write() as session:
            row = await _own(session, request, account, lock=True)
            row.seen_at = now
    return json_answer({"download": told})


async def chunk(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/downloads/{id}/chunks/{number}``: one chunk, sealed; for who asked."""
    account = await administrator(request)
    parts, number = context(request), int(request.match_info["number"])
    with request.app[CHUNKS].taken(account.id):
        async with parts.database.read() as session:
            row = await _own(session, request, account)
            _must_run(row, parts)
            if not row.taken <= number < row.sealed:
                raise NotFound
        try:
            data = await parts.hall.blobs.get(objects.chunk_key(row.id, number))
        except BlobError as error:
            raise StorageUnavailable from error
        return await _send(request, data)


async def _send(request: web.Request, data: bytes) -> web.StreamResponse:
    answer = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/octet-stream",
            hdrs.CONTENT_LENGTH: str(len(data)),
            hdrs.CACHE_CONTROL: "no-store",
        }
    )
    await answer.prepare(request)
    if request.method == hdrs.METH_HEAD:
        return answer
    rest = memoryview(data)
    try:
        while rest:
            async with asyncio.timeout(_STALLED_SECONDS):
                await answer.write(rest[:_PIECE])
            rest = rest[_PIECE:]
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        return answer
    with suppress(ConnectionResetError):
        await answer.write_eof()
    return answer


async def taken(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/downloads/{id}/taken``: a chunk was written down, and goes from here."""
    account = await administrator(request)
    body = await bodies.read(request, bodies.TakenChunk)
    parts = context(request)
    now = parts.clock.now()
    async with parts.database.write() as session:
        row = await _own(session, request, account, lock=True)
        if not (row.state == download.DONE and body.number < row.taken):
            _must_run(row, parts)
        if body.number > row.taken or body.number >= row.sealed:
            raise BadRequest("That chunk is not the next one.", field="number")
        if body.number == row.taken:
            row.taken, row.seen_at = body.number + 1, now
            if row.taken == row.chunks:
                row.state, row.finished_at = download.DONE, now
        (told,) = await wire(session, [row], now)
    with suppress(BlobError):  # the worker takes it away as well
        await parts.hall.blobs.delete(objects.chunk_key(row.id, body.number))
    return json_answer({"download": told})


async def cancel(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/downloads/{id}/cancel``: by who asked."""

    def step(row: DownloadRow, account_id: str, now: int) -> None:
        if row.requested_by != account_id:
            raise Forbidden
        row.state, row.closed_by, row.closed_at = approval.TAKEN_BACK, account_id, now
        row.finished_at = now

    answer = await _act(request, step)
    with suppress(BlobError):  # likewise
        prefix = objects.download_prefix(request.match_info["id"])
        await context(request).hall.blobs.delete_prefix(prefix)
    return answer


async def approve(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/downloads/{id}/approve``: by another administrator than who asked."""

    def step(row: DownloadRow, account_id: str, now: int) -> None:
        _is_proposed(row, account_id)
        row.state, row.approved_by, row.approved_at = approval.REQUESTED, account_id, now

    return await _act(request, step, asker_counts=True)


async def decline(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/downloads/{id}/decline``: likewise."""

    def step(row: DownloadRow, account_id: str, now: int) -> None:
        _is_proposed(row, account_id)
        row.state, row.closed_by, row.closed_at = approval.DECLINED, account_id, now
        row.finished_at = now

    return await _act(request, step)


def _is_proposed(row: DownloadRow, account_id: str) -> None:
    if row.state != approval.PROPOSED:
        raise DownloadOver
    if row.requested_by == account_id:
        raise OwnExport


async def _act(
    request: web.Request,
    step: Callable[[DownloadRow, str, int], None],
    *,
    asker_counts: bool = False,
) -> web.StreamResponse:
    account = await administrator(request)
    await bodies.read(request, bodies.Nothing)
    parts = context(request)
    now = parts.clock.now()
    async with parts.database.write() as session:
        row = await session.get(DownloadRow, request.match_info["id"], with_for_update=True)
        if row is None:
            raise NotFound
        if row.state not in download.OPEN or not download.is_live(row, now):
            raise DownloadOver
        step(row, account.id, now)
        if not await approval.are_administrators(session, account.id):
            raise Forbidden
        if asker_counts and not await approval.are_administrators(session, row.requested_by):
            raise NoAdministratorAsks
        (told,) = await wire(session, [row], now)
    return json_answer({"download": told})


async def _own(
    session: AsyncSession, request: web.Request, account: Account, *, lock: bool = False
) -> DownloadRow:
    """Return the download of a request that its account has asked for; raises NotFound."""
    row = await session.get(DownloadRow, request.match_info["id"], with_for_update=lock)
    if row is None or row.requested_by != account.id:
        raise NotFound
    return row


def _must_run(row: DownloadRow, parts: Context) -> None:
    if row.state != download.RUNNING or not download.is_live(row, parts.clock.now()):
        raise DownloadOver


def _is_heard(row: DownloadRow, now: int) -> bool:
    """Tell whether it has to be written down that the page of a download was heard of."""
    is_open = row.state in download.OPEN and download.is_live(row, now)
    return is_open and now - row.seen_at >= download.NOTED_MS


async def open_of(
    session: AsyncSession, exports: Sequence[str], now: int
) -> dict[str, list[dict[str, Any]]]:
    """Return the downloads of exports that wait or run, by the export's id."""
    rows = await session.scalars(
        select(DownloadRow)
        .where(DownloadRow.export_id.in_(exports), DownloadRow.state.in_(download.OPEN))
        .order_by(DownloadRow.requested_at, DownloadRow.id)
        .limit(10 * download.MOST_OPEN)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for told in await wire(session, [row for row in rows if download.is_live(row, now)], now):
        found.setdefault(told["export"], []).append(told)
    return found


async def wire(
    session: AsyncSession, rows: Sequence[DownloadRow], now: int
) -> list[dict[str, Any]]:
    """Return downloads as the console shows them."""
    ids = {each for row in rows for each in (row.requested_by, row.approved_by)}
    named = await session.execute(
        select(models.AccountRow.id, models.AccountRow.name).where(models.AccountRow.id.in_(ids))
    )
    people = {id_: {"id": id_, "name": name} for id_, name in named}
    return [
        {
            "id": row.id,
            "export": row.export_id,
            "state": _state_of(row, now),
            "requested_at": row.requested_at,
            "requested_by": people.get(row.requested_by),
            "approved_at": row.approved_at,
            "approved_by": people.get(row.approved_by or ""),
            "lapses_at": min(row.requested_at + download.LIFE_MS, row.seen_at + download.IDLE_MS),
            "bytes": row.octets,
            "chunks": row.chunks,
            "sealed": row.sealed,
            "taken": row.taken,
            "error": row.error,
        }
        for row in rows
    ]


def _state_of(row: DownloadRow, now: int) -> str:
    """Return the state it is shown in: the worker may not have said yet that one has lapsed."""
    is_over = row.state in download.OPEN and not download.is_live(row, now)
    return approval.LAPSED if is_over else row.state
