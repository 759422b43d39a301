"""The browsers that an account is signed in with: listed to it, and ended by it.

A session is named by the hash of its secret, from which nobody comes to the secret. When it was
used last is known to the hour, for its end moves no more often (``accounts``).
"""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import delete, select

from assent.errors import NotFound
from assent.web import bodies
from assent.web.accounts import SESSION_IDLE_MS, digest, is_good
from assent.web.auth import secret_of, signed_in
from assent.web.context import context
from assent.web.middleware import json_answer
from assent_vault.formats.suite import encode
from assent_vault.store.models import LoginSessionRow


async def listing(request: web.Request) -> web.StreamResponse:
    """``GET /api/sessions``: newest first."""
    account = await signed_in(request)
    parts = context(request)
    now, mine = parts.clock.now(), digest(secret_of(request))
    async with parts.database.read() as session:
        rows = await session.scalars(
            select(LoginSessionRow)
            .where(LoginSessionRow.account_id == account.id)
            .order_by(LoginSessionRow.created_at.desc(), LoginSessionRow.token_hash)
        )
        listed = [
            {
                "id": encode(row.token_hash),
                "created_at": row.created_at,
                "used_at": max(row.created_at, row.expires_at - SESSION_IDLE_MS),
                "expires_at": row.expires_at,
                "current": row.token_hash == mine,
            }
            for row in rows
            if is_good(row.created_at, row.expires_at, now)
        ]
    return json_answer({"sessions": listed})


async def end(request: web.Request) -> web.StreamResponse:
    """``POST /api/sessions/{id}/end``: sign one of one's own browsers out."""
    account = await signed_in(request)
    await bodies.read(request, bodies.Nothing)
    token_hash = bodies.decode_field(request.match_info["id"], "id")
    async with context(request).database.write() as session:
        ended = await session.execute(
            delete(LoginSessionRow)
            .where(
                LoginSessionRow.token_hash == token_hash, LoginSessionRow.account_id == account.id
            )
            .returning(LoginSessionRow.token_hash)
        )
        if ended.scalar_one_or_none() is None:
            raise NotFound
    return json_answer({})


async def end_others(request: web.Request) -> web.StreamResponse:
    """``POST /api/sessions/end-others``: sign every browser out but this one."""
    account = await signed_in(request)
    await bodies.read(request, bodies.Nothing)
    async with context(request).database.write() as session:
        await session.execute(
            delete(LoginSessionRow).where(
                LoginSessionRow.account_id == account.id,
                LoginSessionRow.token_hash != digest(secret_of(request)),
            )
        )
    return json_answer({})
