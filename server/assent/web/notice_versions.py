"""Versions of the notice in the console: what is in force, a draft of the next, publishing it.

What an administrator writes is one section of the notice (``own_words``); the rest is what the
program does. A draft is answered as it would be published, letter for letter. Meetings that there
are keep the words that their charter names, whatever is published.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.web import bodies, own_words
from assent.web.auth import administrator
from assent.web.context import Context, context
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent.web.notices import Asks, NoticeDraft, digest_of
from assent_vault.formats.suite import encode
from assent_vault.store import models


async def standing(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/notices``: the version that new meetings get, and whose it is."""
    await administrator(request)
    return json_answer(await _standing(context(request)))


async def preview(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/notices/preview``: the next version as these words would make it."""
    account = await administrator(request)
    body = await bodies.read(request, bodies.DraftNotice)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    return json_answer(_draft_wire(await parts.notices.draft(body.words)))


async def publish(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/notices``: publish it, for good; new meetings get it."""
    account = await administrator(request)
    body = await bodies.read(request, bodies.PublishNotice)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    await parts.notices.publish_own(body.words, body.version, account.id)
    return json_answer(await _standing(parts))


def _draft_wire(draft: NoticeDraft) -> dict[str, Any]:
    return {
        "version": draft.version,
        "texts": {
            asks.value: [
                {"language": language, "digest": encode(digest_of(text)), "text": text}
                for (of, language), text in sorted(draft.texts.items(), key=lambda each: each[0][1])
                if of is asks
            ]
            for asks in Asks
        },
    }


async def _standing(parts: Context) -> dict[str, Any]:
    version = parts.notices.current.version
    async with parts.database.read() as session:
        published_at = await session.scalar(
            select(func.min(models.NoticeRow.published_at)).where(
                models.NoticeRow.version == version
            )
        )
        own = await own_words.in_force(session)
        by = await _publisher(session, version)
        running, planned = await _meetings(session, parts.clock.now())
    languages = parts.notices.languages
    return {
        "version": version,
        "published_at": published_at,
        "by": by,
        "words": {language: own.get(language, "") for language in sorted(languages)},
        "without_place": sorted(name for name, there in languages.items() if not there),
        "most": own_words.MOST_CHARACTERS,
        "texts": {
            asks.value: [
                {"language": language, "digest": encode(digest)}
                for language, digest in sorted(parts.notices.current_for(asks).texts.items())
            ]
            for asks in Asks
        },
        "meetings": {"running": running, "planned": planned},
    }


async def _publisher(session: AsyncSession, version: int) -> dict[str, Any] | None:
    """Return whose hand published a version; None for a start of the server."""
    found = await session.execute(
        select(models.AccountRow.id, models.AccountRow.name, models.AccountRow.login)
        .join(models.NoticeWordsRow, models.NoticeWordsRow.account_id == models.AccountRow.id)
        .where(models.NoticeWordsRow.version == version)
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else {"id": row.id, "name": row.name, "login": row.login}


async def _meetings(session: AsyncSession, now: int) -> tuple[int, int]:
    """Count the meetings that keep the words they have: begun and not over, and not begun yet."""
    meeting = models.MeetingRow
    query = select(func.count(meeting.started_at), func.count()).where(
        meeting.ended_at.is_(None), meeting.destroyed_at.is_(None), meeting.expires_at > now
    )
    begun, open_ = (await session.execute(query)).one()
    return begun, open_ - begun
