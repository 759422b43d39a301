"""What happens around every request: who asks, from where, what is logged, how it fails.

From the outside in: ``observe`` logs the route's name, never its path, for paths hold meeting ids;
``refuse`` turns what was raised into PROTOCOL.md's errors and tells no details; ``guard`` works out
the client, counts it, and turns away requests that change something without our own Origin.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import hdrs, web

from assent.config import Settings
from assent.errors import (
    BadOrigin,
    BadRequest,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TooLarge,
)
from assent.meeting import blame
from assent.web import known_browsers
from assent.web.context import ADDRESS_KEY, CLIENT_KEY, context, limit
from assent.web.headers import security_headers
from assent.web.limits import Limit
from assent.web.proxies import client_address, is_trusted, parse_address, rate_key

# Handlers that no browser can be made to call in somebody's name: all they believe is a token that
# is in the request itself. They may be called from anywhere.
CROSS_ORIGIN: set[object] = set()

# Handlers that change nothing, whatever the method: who has mistaken the method is told so.
NOTHING_CHANGED: set[object] = set()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


def json_answer(body: object, *, status: int = 200) -> web.Response:
    """Return an object as JSON. Nobody may keep it: answers are about people."""
    return web.Response(
        body=msgspec.json.encode(body),
        status=status,
        content_type="application/json",
        headers={hdrs.CACHE_CONTROL: "no-store"},
    )


def refusal_answer(refusal: Refusal) -> web.Response:
    """Return a refusal as PROTOCOL.md section 1 shows it."""
    answer = json_answer({"error": refusal.to_wire()}, status=refusal.status)
    if refusal.retry_after is not None:
        answer.headers[hdrs.RETRY_AFTER] = str(refusal.retry_after)
    if isinstance(refusal, MethodNotAllowed):
        # "An origin server MUST generate an Allow header field in a 405" (RFC 9110, 15.5.6).
        answer.headers[hdrs.ALLOW] = ", ".join(refusal.allowed)
    return answer


def route_name(request: web.Request) -> str:
    """Return the route's template, such as ``/api/meetings/{id}/seat``."""
    resource = request.match_info.route.resource
    return "unmatched" if resource is None else resource.canonical


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log every request by its route's name."""
    clock = context(request).clock
    began = clock.monotonic()
    status = 499  # the client went away first; the number is nginx's
    try:
        with context(request).connections.answering(request.transport):
            answer = await handler(request)
        status = answer.status
        return answer
    finally:
        log.info(
            "request",
            route=route_name(request),
            method=request.method if request.method in hdrs.METH_ALL else "other",
            status=status,
            ms=round((clock.monotonic() - began) * 1000, 1),
        )


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what was raised with a stable code."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal_answer(refusal)
    except web.HTTPRequestEntityTooLarge:
        return refusal_answer(TooLarge())
    except web.HTTPNotFound:
        return refusal_answer(NotFound())
    except web.HTTPRedirection:
        raise
    except web.HTTPClientError:
        return refusal_answer(BadRequest())
    except Exception as error:
        log.exception("request-failed", route=route_name(request))
        return refusal_answer(blame(error))


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Work out the client, count it, and check where state-changing requests come from."""
    settings = context(request).settings
    address = client_address(
        request.remote,
        request.headers.getall(hdrs.X_FORWARDED_FOR, []),
        settings.trusted_proxies,
    )
    request[ADDRESS_KEY] = request[CLIENT_KEY] = rate_key(address)
    known = known_browsers.of(request)
    if known:
        # Whoever shares an address with somebody who asks too often is not held up with them.
        request[CLIENT_KEY] = f"browser {known[0].number}"
    limit(request, Limit.REQUEST)
    if request.method not in _SAFE and request.match_info.handler not in (
        CROSS_ORIGIN | NOTHING_CHANGED
    ):
        check_origin(request)
    return await handler(request)


def check_origin(request: web.Request) -> None:
    """Demand exactly our own Origin; raises BadOrigin. Browsers never let a page choose it."""
    if request.headers.getall(hdrs.ORIGIN, []) != [context(request).settings.origin]:
        raise BadOrigin


def is_elsewhere(request: web.Request) -> bool:
    """Whether a page was asked for under another name than the public one.

    A proxy may rewrite the Host, and says in X-Forwarded-Proto how it was reached; only what it
    says for certain counts, so that no redirect can go in a circle.
    """
    settings = context(request).settings
    peer = None if request.remote is None else parse_address(request.remote)
    if is_trusted(peer, settings.trusted_proxies):
        said = request.headers.get(hdrs.X_FORWARDED_PROTO, "https").strip().lower()
        return settings.is_https and said == "http"
    return request.host.lower() != urlsplit(settings.public_url).netloc


def headers_for(settings: Settings) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return the hook that puts the security headers on every answer, whatever made it."""
    headers = security_headers(settings)

    async def add(_request: web.Request, answer: web.StreamResponse) -> None:
        answer.headers.update(headers)

    return add
