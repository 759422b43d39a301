"""The audit trail: who did what, and when, read from the rows that the acts themselves have left.

Newest first, in pages or as one file. A page reads at most its own length from each source, by an
index over its time; a file is many pages, each read for itself and sent before the next, so that
its length costs no memory. What people in meetings answered is not in here, nor are their names.
"""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import hdrs, web
from sqlalchemy import Select, and_, literal, null, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import BadRequest
from assent.web.audit_file import FORMATS
from assent.web.audit_sources import OPERATOR, SOURCES, UNKNOWN, VAULT, AuditSource
from assent.web.auth import administrator
from assent.web.context import Context, context
from assent.web.limits import HeldPlaces
from assent.web.middleware import json_answer
from assent.web.paging import MOST, Page, asked
from assent_vault.errors import FormatError
from assent_vault.formats.suite import encode
from assent_vault.store import models

FILES: web.AppKey[HeldPlaces] = web.AppKey("audit-files", HeldPlaces)
MOST_FILES: Final = 4
MOST_FILES_EACH: Final = 1
"""How many files are being sent at a time, in all and to one account."""
MOST_EVENTS: Final = 100_000
"""A file ends there, and says so; ``until`` gives what is older."""
_STALLED_SECONDS: Final = 30.0
_TIME: Final = re.compile(r"[0-9]{1,16}", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_LONGEST: Final = 44
"""Of what tells a row apart: two ids, each of 16 bytes in base64url."""
_BY: Final = {source.prefix: source for source in SOURCES}


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Which acts are asked for; None for whichever."""

    what: str | None
    who: str | None
    meeting: str | None
    begin: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    source: AuditSource
    at: int
    key: int | str | bytes
    account: str | None
    meeting: str | None
    detail: str | None

    @property
    def cursor(self) -> str:
        key = encode(self.key) if isinstance(self.key, bytes) else self.key
        return f"{self.at}.{self.source.prefix}{key}"


async def trail(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/audit``: a page of it."""
    await administrator(request)
    page, filters = asked(request), _filters(request)
    events, after = await _page(context(request), page, filters)
    return json_answer({"events": events, "after": after})


async def file(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/audit/file``: all of it, as CSV or JSON."""
    account = await administrator(request)
    kind = request.query.get("format", "")
    if kind not in FORMATS:
        raise BadRequest("csv or json.", field="format")
    parts, filters = context(request), _filters(request)
    with request.app[FILES].taken(account.id):
        writer = FORMATS[kind]()
        pages = _pages(parts, filters)
        first = await anext(pages)  # what can be refused is refused before anything is sent
        answer = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: writer.content_type,
                hdrs.CACHE_CONTROL: "no-store",
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="assent-audit.{kind}"',
            }
        )
        await answer.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return answer
        try:
            await _send(answer, writer.begin() + writer.write(first))
            sent = len(first)
            async for events in pages:
                await _send(answer, writer.write(events))
                sent += len(events)
            await _send(answer, writer.end(whole=sent < MOST_EVENTS))
        except (SQLAlchemyError, OSError, TimeoutError):
            # Too late to say so: the reader sees that it is cut off.
            if request.transport is not None:
                request.transport.abort()
            return answer
        with suppress(ConnectionResetError):
            await answer.write_eof()
    return answer


async def _send(answer: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(_STALLED_SECONDS):
        await answer.write(data)


async def _pages(parts: Context, filters: AuditFilters) -> AsyncIterator[list[dict[str, Any]]]:
    page: Page | None = Page(MOST, None)
    left = MOST_EVENTS
    while page is not None and left > 0:
        events, after = await _page(parts, page, filters)
        yield events[:left]
        left -= len(events)
        page = None if after is None else Page(MOST, _place(after))


def _place(cursor: str) -> tuple[int, str]:
    at, _, key = cursor.partition(".")
    return int(at), key


def _filters(request: web.Request) -> AuditFilters:
    """Return what a request asks for; raises BadRequest."""
    given = request.query
    what = given.get("what")
    if what is not None and what not in {source.what for source in SOURCES}:
        raise BadRequest("There is no such act.", field="what")
    for name in ("who", "meeting"):
        if name in given and not _ID.fullmatch(given[name]):
            raise BadRequest("It is no id.", field=name)
    for name in ("from", "until"):
        if name in given and not _TIME.fullmatch(given[name]):
            raise BadRequest("It is no time in milliseconds.", field=name)
    begin, until = (int(given[name]) if name in given else None for name in ("from", "until"))
    return AuditFilters(what, given.get("who"), given.get("meeting"), begin, until)


async def _page(
    parts: Context, page: Page, filters: AuditFilters
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the acts of a page, and the cursor of the next one, None for the last."""
    if page.after is not None:
        _checked(page.after[1])
    async with parts.database.read() as session:
        found = [
            [_Found(source, *row) for row in await session.execute(query)]
            for source in SOURCES
            if (query := _query(source, page, filters)) is not None
        ]
        # Each is in order; of one moment the sources follow one another, as their prefixes do.
        merged = list(heapq.merge(*found, key=lambda each: (-each.at, each.source.prefix)))
        shown = merged[: page.limit]
        events = await _told(session, shown)
    return events, shown[-1].cursor if len(merged) > page.limit else None


def _checked(key: str) -> tuple[AuditSource, int | str | bytes]:
    """Return the source of a cursor's row, and its key there; raises BadRequest."""
    source, rest = _BY.get(key[0]), key[1:]
    try:
        if source is not None and 0 < len(rest) <= _LONGEST:
            return source, source.parse_key(rest)
    except (ValueError, FormatError):
        pass
    raise BadRequest("It is not where a page ends.", field="after")


def _query(source: AuditSource, page: Page, filters: AuditFilters) -> Select[Any] | None:
    """Return what a source has for a page; None where what is asked for is not of its kind."""
    if filters.what not in (None, source.what):
        return None
    if filters.meeting is not None and source.meeting is None:
        return None
    columns = [
        null() if column is None else column
        for column in (source.account, source.meeting, source.detail)
    ]
    query: Any = select(source.time, source.key, *columns).where(source.time.is_not(None))
    if source.where is not None:
        query = query.where(source.where)
    if filters.who is not None:
        if source.account is None:
            if filters.who != source.by:
                return None
        elif filters.who in (VAULT, UNKNOWN):
            return None
        else:
            is_operator = filters.who == OPERATOR
            query = query.where(
                source.account.is_(None) if is_operator else source.account == filters.who
            )
    if filters.meeting is not None:
        query = query.where(source.meeting == filters.meeting)
    if filters.begin is not None:
        query = query.where(source.time >= filters.begin)
    if filters.until is not None:
        query = query.where(source.time < filters.until)
    if page.after is not None:
        at, (last, key) = page.after[0], _checked(page.after[1])
        same: Any = literal(source.prefix > last.prefix)
        if source is last:
            same = source.key > key
        query = query.where(or_(source.time < at, and_(source.time == at, same)))
    ordered: Select[Any] = query.order_by(source.time.desc(), source.key).limit(page.limit + 1)
    return ordered


async def _told(session: AsyncSession, found: Sequence[_Found]) -> list[dict[str, Any]]:
    """Return acts as they are shown, with the names of accounts and the titles of meetings."""
    accounts = {each.account for each in found} - {None}
    meetings = {each.meeting for each in found} - {None}
    rows = await session.execute(
        select(models.AccountRow.id, models.AccountRow.name, models.AccountRow.login).where(
            models.AccountRow.id.in_(accounts)
        )
    )
    people = {id_: {"id": id_, "name": name, "login": login} for id_, name, login in rows}
    titled = await session.execute(
        select(models.MeetingRow.id, models.MeetingRow.title).where(
            models.MeetingRow.id.in_(meetings)
        )
    )
    titles = {id_: {"id": id_, "title": title} for id_, title in titled}
    return [
        {
            "at": each.at,
            "what": each.source.what,
            "by": _by(each),
            "account": people.get(each.account or ""),
            "meeting": titles.get(each.meeting or ""),
            "detail": None if each.detail is None else each.source.read(each.detail),
        }
        for each in found
    ]


def _by(each: _Found) -> str:
    if each.source.account is None:
        return each.source.by
    return OPERATOR if each.account is None else "account"
