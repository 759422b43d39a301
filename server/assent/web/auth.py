"""Signing in and out, and who a request comes from."""

from __future__ import annotations

from aiohttp import web

from assent.errors import Forbidden, NotSignedIn, RateLimited, WrongCredentials
from assent.web import bodies, known_browsers
from assent.web.accounts import SESSION_MOST_MS, Account, normal_login
from assent.web.context import ADDRESS_KEY, context
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode, encode

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
    body = await bodies.read(request, bodies.SignIn)
    parts = context(request)
    login = normal_login(body.login)
    found = await parts.accounts.credentials(login)
    known = found is not None and _is_known(request, found[0])
    if not known:
        _count_stranger(request, login)
    stored = None if found is None else found[1]
    if not await parts.passwords.verify(stored, body.password, known=known):
        raise WrongCredentials
    assert found is not None, "no password fits an unknown login"
    account, stored = found
    parts.limiter.forget(Limit.GUESS, _guess_key(request, login))
    for browser in known_browsers.of(request):
        parts.limiter.forget(Limit.KNOWN, f"{account.id} {browser.number}")
    if parts.passwords.outdated(stored):
        await parts.accounts.replace_hash(account.id, await parts.passwords.hash(body.password))
    return await welcome(request, account)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /api/sign-out``."""
    await signed_in(request)
    await bodies.read(request, bodies.Nothing)
    await context(request).accounts.close_session(secret_of(request))
    answer = json_answer({})
    _set_cookie(answer, "", 0)
    return answer


def secret_of(request: web.Request) -> bytes:
    """Return the secret of the session that a request was signed in by."""
    secret = _cookie(request)
    assert secret is not None, "signed in by it"
    return secret


async def welcome(request: web.Request, account: Account) -> web.StreamResponse:
    """Sign the browser in as ``account``, in a session of its own, and end the one it had."""
    accounts = context(request).accounts
    former = _cookie(request)
    if former is not None:
        await accounts.close_session(former)
    secret = await accounts.open_session(account.id)
    answer = json_answer({"account": account.to_wire()})
    _set_cookie(answer, encode(secret), SESSION_MOST_MS // 1000)
    known_browsers.remember(request, answer, account.id)
    return answer


def _is_known(request: web.Request, account: Account) -> bool:
    """Whether the account was signed in here before, and this browser has not guessed since."""
    for browser in known_browsers.of(request):
        if browser.account == account.id:
            try:
                context(request).limiter.take(Limit.KNOWN, f"{account.id} {browser.number}")
            except RateLimited:
                return False  # a stranger like any other
            return True
    return False


def _count_stranger(request: web.Request, login: str) -> None:
    """Count an attempt of a browser that was never signed in; raises RateLimited.

    By where it comes from first, so that one address alone does not use up what all have in common.
    """
    limiter = context(request).limiter
    limiter.take(Limit.SIGN_IN, request[ADDRESS_KEY])
    limiter.take(Limit.GUESS, _guess_key(request, login))
    limiter.take(Limit.LOGIN, login)


def _guess_key(request: web.Request, login: str) -> str:
    return f"{request[ADDRESS_KEY]} {login}"


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
