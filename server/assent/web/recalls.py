"""The feeds of recalls, for whoever has received a data set and was told where its feed is.

The vault signs and publishes them; the server hands on the bytes and can neither make nor change
one that a recipient would take.
"""

from __future__ import annotations

import hashlib
from typing import Final

from aiohttp import hdrs, web
from sqlalchemy import select

from assent.errors import NotFound
from assent.web.context import context, limit
from assent.web.limits import Limit
from assent_vault.formats import suite
from assent_vault.store.models import RecallFeedRow

FILE: Final = "revoked.jsonl"


async def feed(request: web.Request) -> web.StreamResponse:
    """``GET /recalls/{name}``: a feed as the vault has published it; 304 where it is known."""
    limit(request, Limit.RECALLS)
    async with context(request).database.read() as session:
        body = await session.scalar(
            select(RecallFeedRow.body).where(RecallFeedRow.name == request.match_info["name"])
        )
    if body is None:
        raise NotFound
    tag = suite.encode(hashlib.sha256(body).digest())
    # Of nobody's cache but the asker's: its address is a secret, and it must be fresh.
    headers = {hdrs.ETAG: f'"{tag}"', hdrs.CACHE_CONTROL: "private, no-cache"}
    known = request.if_none_match or ()
    if any(each.value in (tag, "*") for each in known):
        return web.Response(status=304, headers=headers)
    headers |= {
        hdrs.CONTENT_TYPE: "application/jsonl",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{FILE}"',
    }
    return web.Response(body=body, headers=headers)
