"""Signing in and out, and who a request comes from."""

from __future__ import annotations

from aiohttp import web

from assent.errors import Forbidden, NotSignedIn, WrongCredentials
from assent.web import bodies
from assent.web.accounts import SESSION_MOST_MS, Account, normal_login
from assent.web.context import context, limit
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent_vault.errors import FormatError
from assent_vault.suite import decode, encode

# The prefix makes browsers refuse the cookie unless it is Secure, for one host and for all paths,
# so that no sister domain can set it (RFC 6265bis, section 4.1.3.2).
COOKIE = "__Host-assent"


async def account_of(request: web.Request) -> Account | None:
    """Return the signed-in account of a request, None where there is none."""
    secret = _cookie(request)
    return None if secret is None else await context(request).accounts.of_session(secret)


async def signed_in(request: web.Request) -> Account:
    """Return the signed-in account; raises NotSignedIn."""
    account = await account_of(request)
    if account is None:
        raise NotSignedIn
    return account


async def administrator(request: web.Request) -> Account:
    """Return the signed-in administrator; raises NotSignedIn, Forbidden."""
    account = await signed_in(request)
    if account.role != "administrator":
        raise Forbidden
    return account


async def me(request: web.Request) -> web.StreamResponse:
    """``GET /api/me``."""
    account = await account_of(request)
    return json_answer({"account": None if account is None else account.to_wire()})


async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /api/sign-in``: an unknown login looks just like a wrong password."""
    limit(request, Limit.SIGN_IN)
    body = await bodies.read(request, bodies.SignIn)
    parts = context(request)
    login = normal_login(body.login)
    parts.limiter.take(Limit.LOGIN, login)
    known = await parts.accounts.credentials(login)
    if not await parts.passwords.verify(None if known is None else known[1], body.password):
        raise WrongCredentials
    assert known is not None, "no password fits an unknown login"
    account, stored = known
    if parts.passwords.outdated(stored):
        await parts.accounts.replace_hash(account.id, await parts.passwords.hash(body.password))
    return await welcome(request, account)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /api/sign-out``."""
    await signed_in(request)
    await bodies.read(request, bodies.Nothing)
    secret = _cookie(request)
    assert secret is not None, "signed in by it"
    await context(request).accounts.close_session(secret)
    answer = json_answer({})
    _set_cookie(answer, "", 0)
    return answer


async def welcome(request: web.Request, account: Account) -> web.StreamResponse:
    """Sign the browser in as ``account``, in a session of its own, and end the one it had."""
    accounts = context(request).accounts
    former = _cookie(request)
    if former is not None:
        await accounts.close_session(former)
    secret = await accounts.open_session(account.id)
    answer = json_answer({"account": account.to_wire()})
    _set_cookie(answer, encode(secret), SESSION_MOST_MS // 1000)
    return answer


def _cookie(request: web.Request) -> bytes | None:
    value = request.cookies.get(COOKIE)
    if value is None or len(value) > 64:
        return None
    try:
        return decode(value)
    except FormatError:
        return None


def _set_cookie(answer: web.Response, value: str, seconds: int) -> None:
    answer.set_cookie(
        COOKIE,
        value,
        max_age=seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="Strict",
    )
