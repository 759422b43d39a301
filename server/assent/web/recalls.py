"""The feeds of recalls, for whoever has received a data set and was told where its feed is.

The vault signs and publishes them; the server hands on the bytes and can neither make nor change
one that a recipient would take. It notes that a feed was fetched, and how many recalls that had:
when first and when last, to the hour. By whom is not kept, nor how often.
"""

from __future__ import annotations

import hashlib
from typing import Final

import structlog
from aiohttp import hdrs, web
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from assent.errors import NotFound
from assent.web.context import context, limit
from assent.web.limits import Limit
from assent_vault.formats import suite
from assent_vault.store.database import Database
from assent_vault.store.models import RecallFeedRow, RecallFetchRow

log = structlog.get_logger(__name__)

FILE: Final = "revoked.jsonl"
COARSE_MS: Final = 3_600_000
"""Milliseconds in which further fetches of the same are not noted."""


async def feed(request: web.Request) -> web.StreamResponse:
    """``GET /recalls/{name}``: a feed as the vault has published it; 304 where it is known."""
    limit(request, Limit.RECALLS)
    parts = context(request)
    async with parts.database.read() as session:
        row = await session.scalar(
            select(RecallFeedRow).where(RecallFeedRow.name == request.match_info["name"])
        )
    if row is None:
        raise NotFound
    tag = suite.encode(hashlib.sha256(row.body).digest())
    # Of nobody's cache but the asker's: its address is a secret, and it must be fresh.
    headers = {hdrs.ETAG: f'"{tag}"', hdrs.CACHE_CONTROL: "private, no-cache"}
    known = {each.value for each in request.if_none_match or ()}
    # Who names this very version holds it. "*" says that they hold something, and not what.
    if request.method == hdrs.METH_GET and (tag in known or "*" not in known):
        await _note(parts.database, row.export_id, row.entries, parts.clock.now())
    if known & {tag, "*"}:
        return web.Response(status=304, headers=headers)
    headers |= {
        hdrs.CONTENT_TYPE: "application/jsonl",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{FILE}"',
    }
    return web.Response(body=row.body, headers=headers)


async def _note(database: Database, export_id: str, entries: int, now: int) -> None:
    """Note that a feed was fetched with so many recalls; the feed goes out even if that fails."""
    try:
        async with database.read() as session:
            row = await session.get(RecallFetchRow, (export_id, entries))
        if row is not None and now - row.last_at < COARSE_MS:
            return
        async with database.write() as session:
            if row is None:
                session.add(
                    RecallFetchRow(export_id=export_id, entries=entries, first_at=now, last_at=now)
                )
            else:
                await session.execute(
                    update(RecallFetchRow)
                    .where(RecallFetchRow.export_id == export_id, RecallFetchRow.entries == entries)
                    .values(last_at=now)
                )
    except SQLAlchemyError as error:
        # Another request may just have noted the same; and what is told matters more.
        log.warning("recall-fetch-not-noted", error=type(error).__name__)
