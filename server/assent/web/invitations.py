"""Invitations: a link, good once, that makes an account."""

from __future__ import annotations

from aiohttp import web

from assent.meeting.names import clean_name
from assent.web import bodies
from assent.web.accounts import normal_login
from assent.web.auth import administrator, welcome
from assent.web.bodies import decode_field
from assent.web.context import context, limit
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent_vault.formats.suite import encode


def invitation_url(public_url: str, secret: bytes) -> str:
    """Return the link of an invitation. The secret is in the fragment, which is never sent."""
    return f"{public_url}/invitation#{encode(secret)}"


async def create(request: web.Request) -> web.StreamResponse:
    """``POST /api/invitations``: an administrator invites somebody."""
    account = await administrator(request)
    body = await bodies.read(request, bodies.Invite)
    parts = context(request)
    parts.limiter.take(Limit.INVITE, account.id)
    secret, invitation = await parts.accounts.invite(body.role, account.id)
    url = invitation_url(parts.settings.public_url, secret)
    return json_answer({"url": url, "expires_at": invitation.expires_at})


async def inspect(request: web.Request) -> web.StreamResponse:
    """``POST /api/invitations/inspect``: what a link is good for, without using it."""
    limit(request, Limit.INVITATION)
    body = await bodies.read(request, bodies.Inspect)
    secret = decode_field(body.token, "token")
    invitation = await context(request).accounts.inspect(secret)
    return json_answer({"role": invitation.role, "expires_at": invitation.expires_at})


async def accept(request: web.Request) -> web.StreamResponse:
    """``POST /api/invitations/accept``: make the account, and be signed in."""
    limit(request, Limit.INVITATION)
    body = await bodies.read(request, bodies.Accept)
    parts = context(request)
    secret = decode_field(body.token, "token")
    # Before the costly hashing: only holders of a good link get that far.
    await parts.accounts.inspect(secret)
    name, login = clean_name(body.name), normal_login(body.login)
    words = (login, name, *parts.words)
    password_hash = await parts.passwords.choose(body.password, words)
    account = await parts.accounts.accept(secret, name, login, password_hash)
    return await welcome(request, account)
