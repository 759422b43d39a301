"""The log as static resources, for anybody (C2SP tlog-tiles); how it stands, for the console."""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web

from assent.errors import NotFound
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.middleware import json_answer
from assent_vault.ledger import tiles
from assent_vault.ledger.note import to_base64
from assent_vault.ledger.tiles import Tile, parse_path
from assent_vault.store import log_rows

# "This endpoint is mutable, so its headers SHOULD prevent caching beyond a few seconds."
_MUTABLE: Final = "public, max-age=2"
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_LEVELS: Final = {str(level): level for level in range(tiles.MAX_LEVEL + 1)}


async def checkpoint(request: web.Request) -> web.StreamResponse:
    """``GET /log/checkpoint``: the head that everybody is shown."""
    return web.Response(
        body=context(request).log.shown.to_bytes(),
        headers={
            hdrs.CONTENT_TYPE: "text/plain; charset=utf-8",
            hdrs.CACHE_CONTROL: _MUTABLE,
        },
    )


async def tile(request: web.Request) -> web.StreamResponse:
    """``GET /log/tile/{L}/{N}[.p/{W}]`` and ``/log/tile/entries/{N}[.p/{W}]``.

    Only what is under the head that is shown: the rest nobody can check yet.
    """
    parts = context(request)
    kind = request.match_info["level"]
    level = 0 if kind == "entries" else _LEVELS.get(kind)
    place = parse_path(request.match_info["path"])
    if level is None or place is None:
        raise NotFound
    wanted = Tile(level, *place)
    if wanted.width > tiles.width_at(level, wanted.number, parts.log.shown.head.size):
        raise NotFound
    async with parts.database.read() as session:
        read = log_rows.bundle if kind == "entries" else log_rows.tile
        body = await read(session, wanted)
    if body is None:
        raise NotFound
    return web.Response(
        body=body,
        headers={
            hdrs.CONTENT_TYPE: "application/octet-stream",
            hdrs.CACHE_CONTROL: _IMMUTABLE,
        },
    )


async def standing(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/log``: the head that is shown, since when, and how witnesses stand to it."""
    await administrator(request)
    parts = context(request)
    shown = parts.log.shown
    return json_answer(
        {
            "origin": shown.origin,
            "vkey": parts.notary.verifier.vkey,
            "size": shown.head.size,
            "root": to_base64(shown.head.root),
            "shown_at": parts.log.shown_at,
            "problem": next(iter(parts.log.problems()), None),
            "witnesses": [
                {
                    "name": witness.key.name,
                    "size": how.size,
                    "problem": how.problem,
                }
                for witness, how in parts.log.witnesses.standing()
            ],
        }
    )
