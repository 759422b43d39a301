"""Browsers in which an account has been signed in before: their guesses are counted apart.

Whoever guesses at somebody's password is slowed, and with them everybody who looks the same to us.
The person's own browser does not: it holds a cookie with a tag that only this server can make, over
the account and a number of the browser's own. It signs nobody in, and nothing of it is stored.

The cookie is a row of tokens with a dot between them, the account signed in last first: 16 bytes of
the account's id, 16 of the browser's number, and 32 of the tag, as unpadded base64url.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from assent.web.context import context
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode, encode

COOKIE: Final = "__Host-assent-browser"
# As long as browsers keep a cookie at most (RFC 6265bis, section 5.5).
SECONDS: Final = 400 * 24 * 3600
# Several people may share a browser.
MOST: Final = 4
_ACCOUNT, _NUMBER, _TAG = 16, 16, 32  # bytes
_TOKEN = _ACCOUNT + _NUMBER + _TAG
_LONGEST = MOST * 90


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """That an account has been signed in here, and the browser's own number."""

    account: str
    number: str


def of(request: web.Request) -> Sequence[KnownBrowser]:
    """Return whose browser it is, the latest first; empty for one that is nobody's we know of."""
    value = request.cookies.get(COOKIE, "")
    if len(value) > _LONGEST:
        return ()
    key = context(request).cookie_key
    found = []
    for text in value.split(".")[:MOST]:
        try:
            token = decode(text, _TOKEN)
        except FormatError:
            continue
        account, number = token[:_ACCOUNT], token[_ACCOUNT:-_TAG]
        if hmac.compare_digest(token, _token(key, account, number)):
            found.append(KnownBrowser(encode(account), encode(number)))
    return found


def remember(request: web.Request, answer: web.StreamResponse, account: str) -> None:
    """Have the browser remember that the account was signed in here."""
    key = context(request).cookie_key
    known = of(request)
    number = known[0].number if known else encode(secrets.token_bytes(_NUMBER))
    others = [each for each in known if each.account != account]
    rows = [KnownBrowser(account, number), *others][:MOST]
    tokens = [_token(key, decode(row.account), decode(row.number)) for row in rows]
    answer.set_cookie(
        COOKIE,
        ".".join(map(encode, tokens)),
        max_age=SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="Strict",
    )


def _token(key: bytes, account: bytes, number: bytes) -> bytes:
    said = account + number
    return said + hmac.digest(key, b"assent/known-browser/v1\0" + said, "sha256")
