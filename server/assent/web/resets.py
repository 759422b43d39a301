"""Setting a password anew: by a link that an administrator hands out, good once.

The link's token says whose password it sets and until when, and carries a tag over both and over
the hash of the password that is replaced: once that is another, by this link or in any other way,
the tag fits no more. Nothing of it is stored. It is in the fragment, which is never sent.
"""

from __future__ import annotations

import hashlib
import hmac

from aiohttp import web

from assent.errors import BadToken, Forbidden, NotFound
from assent.web import bodies
from assent.web.accounts import HOUR_MS, Account, is_good
from assent.web.auth import administrator, welcome
from assent.web.bodies import decode_field
from assent.web.context import Context, context, limit
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent_vault.formats.suite import decode, encode

RESET_MS = 24 * HOUR_MS
_ACCOUNT, _UNTIL, _TAG = 16, 8, 32  # bytes


def make_token(key: bytes, account_id: str, password_hash: str, until: int) -> bytes:
    """Return the token that sets this account's password anew, until a time in Unix ms."""
    said = decode(account_id, _ACCOUNT) + until.to_bytes(_UNTIL, "big")
    bound = hashlib.sha256(password_hash.encode()).digest()
    return said + hmac.digest(key, b"assent/password-reset/v1\0" + said + bound, "sha256")


async def create(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/accounts/{id}/reset``: a link for whoever lost their password."""
    me = await administrator(request)
    await bodies.read(request, bodies.Nothing)
    parts = context(request)
    parts.limiter.take(Limit.INVITE, me.id)
    found = await parts.accounts.by_id(request.match_info["id"])
    if found is None:
        raise NotFound
    account, password_hash, links_from = found
    # Right after it was let in again, too, a new link is good.
    until = max(parts.clock.now(), links_from) + RESET_MS
    token = make_token(parts.reset_key, account.id, password_hash, until)
    url = f"{parts.settings.public_url}/password#{encode(token)}"
    return json_answer({"url": url, "expires_at": until})


async def disable(request: web.Request) -> web.StreamResponse:
    """``POST /api/admin/accounts/{id}/disabled``: shut somebody out, or let them in again."""
    me = await administrator(request)
    body = await bodies.read(request, bodies.Disable)
    account_id = request.match_info["id"]
    if account_id == me.id:
        raise Forbidden  # so that there is always somebody left who can undo it
    parts = context(request)
    listed = await parts.accounts.set_disabled(account_id, disabled=body.disabled)
    if listed is None:
        raise NotFound
    if body.disabled:
        await parts.hall.disable(account_id)
    return json_answer({"account": listed})


async def inspect(request: web.Request) -> web.StreamResponse:
    """``POST /api/password/inspect``: whose password a link sets, without using it."""
    limit(request, Limit.INVITATION)
    body = await bodies.read(request, bodies.InspectReset)
    account, _, until = await _good(context(request), decode_field(body.token, "token"))
    return json_answer({"login": account.login, "role": account.role, "expires_at": until})


async def use(request: web.Request) -> web.StreamResponse:
    """``POST /api/password``: set it, end every session there was, and be signed in."""
    limit(request, Limit.INVITATION)
    body = await bodies.read(request, bodies.SetPassword)
    parts = context(request)
    token = decode_field(body.token, "token")
    # Before the costly hashing: only holders of a good link get that far.
    account, former, _ = await _good(parts, token)
    words = (account.login, account.name, *parts.words)
    password_hash = await parts.passwords.choose(body.password, words)
    if not await parts.accounts.set_password(account.id, former, password_hash):
        raise BadToken  # somebody else was faster with the same link
    return await welcome(request, account)


async def _good(parts: Context, token: bytes) -> tuple[Account, str, int]:
    """Return whose token it is, with the hash it is bound to and its end; raises BadToken."""
    if len(token) != _ACCOUNT + _UNTIL + _TAG:
        raise BadToken
    until = int.from_bytes(token[_ACCOUNT : _ACCOUNT + _UNTIL], "big")
    found = await parts.accounts.by_id(encode(token[:_ACCOUNT]))
    if found is None or not is_good(until - RESET_MS, until, parts.clock.now()):
        raise BadToken
    account, password_hash, links_from = found
    if until - RESET_MS < links_from:
        raise BadToken
    expected = make_token(parts.reset_key, account.id, password_hash, until)
    if not hmac.compare_digest(token, expected):
        raise BadToken
    return account, password_hash, until
