"""WHIP (RFC 9725) and WHEP: media of a person's other devices, by one HTTP request each way.

The device proves itself with the bearer token that its owner has drawn, on every request. Nothing
a browser sends by itself counts here, so that these routes alone take requests from other origins.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web

from assent.errors import BadRequest, BadToken, NotFound, Refusal, TooLarge
from assent.meeting import LiveMeeting, RelayServer
from assent.meeting.device_tokens import Line
from assent.web.bodies import BODY_SECONDS, MAX_BODY
from assent.web.context import context, limit
from assent.web.limits import Limit
from assent.web.middleware import CROSS_ORIGIN, refusal_answer

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
LINES: Mapping[str, Line] = {"/whip/": "device", "/whep/": "view"}
_MEETING = "{id:[A-Za-z0-9_-]{1,64}}"
_SESSION = _MEETING + "/{session:[A-Za-z0-9_-]{1,64}}"
_SLASH = "{slash:/?}"  # many an address is typed with one at its end

_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9_-]{1,64})")
_USERNAME = re.compile(r"^a=ice-ufrag:([A-Za-z0-9+/]{4,256})\r?$", re.MULTILINE)
_PASSWORD = re.compile(r"^a=ice-pwd:[A-Za-z0-9+/]{22,256}\r?$", re.MULTILINE)

_CORS = {
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "POST, PATCH, DELETE, OPTIONS",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type, If-Match",
    hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: "Location, Link, ETag",
    hdrs.ACCESS_CONTROL_MAX_AGE: "3600",
    hdrs.CACHE_CONTROL: "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.Response]]


def _for_devices(handler: Handler) -> Handler:
    """Count the attempt, and answer what was raised so that a page elsewhere may read it."""

    async def handle(request: web.Request) -> web.Response:
        try:
            limit(request, Limit.DEVICE)
            answer = await handler(request)
        except Refusal as refusal:
            answer = refusal_answer(refusal)
            if isinstance(refusal, BadToken):
                # RFC 6750 section 3.
                answer.set_status(401)
                answer.headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="device"'
        answer.headers.update(_CORS)
        return answer

    return handle


@_for_devices
async def begin(request: web.Request) -> web.Response:
    """``POST``: an offer → 201, our answer, and where the session is."""
    token, live, line = _who(request)
    sdp = await _read(request, SDP)
    begun = await live.devices.begin(token, line, sdp)
    path = request.path.rstrip("/")
    answer = web.Response(
        status=201,
        text=begun.answer,
        content_type=SDP,
        headers={hdrs.LOCATION: f"{path}/{begun.session}", hdrs.ETAG: f'"{begun.username}"'},
    )
    for relay in context(request).hall.ice_servers():
        for url in relay.urls:
            answer.headers.add(hdrs.LINK, _link(url, relay))
    return answer


@_for_devices
async def change(request: web.Request) -> web.Response:
    """``PATCH``: candidates of the device, or a restart of ICE.

    We need no candidates, for we learn addresses from checks (RFC 8445 section 2.5): they are taken
    and not used.
    """
    token, live, line = _who(request)
    session = request.match_info["session"]
    current = live.devices.username(token, line, session)
    wanted = request.headers.get(hdrs.IF_MATCH)
    if wanted is None:
        return _refused(428, "The If-Match header is missing.")
    fragment = await _read(request, FRAGMENT)
    username = _USERNAME.search(fragment)
    if username is None or _PASSWORD.search(fragment) is None:
        raise BadRequest("The fragment has no ICE credentials.")
    if wanted.strip() == f'"{current}"':
        return web.Response(status=204)
    if wanted.strip() != "*":
        return _refused(412, "The session has restarted ICE since.")
    # "A WHIP client sending a PATCH request for performing ICE restart MUST contain an If-Match
    # header field with a field-value of "*"" (RFC 9725 section 4.3.3).
    text = await live.devices.restart(token, line, session, username[1])
    current = live.devices.username(token, line, session)
    return web.Response(text=text, content_type=FRAGMENT, headers={hdrs.ETAG: f'"{current}"'})


@_for_devices
async def end(request: web.Request) -> web.Response:
    """``DELETE``: the device has finished."""
    token, live, line = _who(request)
    live.devices.finish(token, line, request.match_info["session"])
    return web.Response()


@_for_devices
async def preflight(_request: web.Request) -> web.Response:
    """``OPTIONS``: what may be asked of here."""
    return web.Response(status=204, headers={"Accept-Post": SDP, "Accept-Patch": FRAGMENT})


@_for_devices
async def nothing_else(request: web.Request) -> web.Response:
    """Any other method: "MUST return a 405" (RFC 9725 section 4.1)."""
    session = "session" in request.match_info
    answer = _refused(405, "This method has no meaning here.")
    answer.headers[hdrs.ALLOW] = "PATCH, DELETE, OPTIONS" if session else "POST, OPTIONS"
    return answer


@_for_devices
async def nowhere(_request: web.Request) -> web.Response:
    """Any other address, which is no meeting's: not found, and nothing about origins."""
    raise NotFound


def routes() -> list[web.RouteDef]:
    """Return the routes, which are exempt from the check of origins."""
    named = []
    for prefix in LINES:
        endpoint, session = prefix + _MEETING + _SLASH, prefix + _SESSION + _SLASH
        named += [
            web.post(endpoint, begin),
            web.patch(session, change),
            web.delete(session, end),
            *(web.options(path, preflight) for path in (endpoint, session)),
            *(web.route("*", path, nothing_else) for path in (endpoint, session)),
            web.route("*", prefix + "{rest:.*}", nowhere),
        ]
    CROSS_ORIGIN.update(route.handler for route in named)
    return named


def _who(request: web.Request) -> tuple[str, LiveMeeting, Line]:
    bearer = _BEARER.fullmatch(request.headers.get(hdrs.AUTHORIZATION, "").strip())
    if bearer is None:
        raise BadToken
    live = context(request).hall.live(request.match_info["id"])
    # Before anything is read or said that would tell a meeting from one that is not there.
    live.devices.check(bearer[1])
    return bearer[1], live, LINES[request.path[: len("/whip/")]]


async def _read(request: web.Request, kind: str) -> str:
    if request.content_type != kind:
        raise BadRequest(f"The body must be {kind}.")
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise TooLarge
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return (await request.read()).decode()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge from error
    except TimeoutError as error:
        raise BadRequest("The body did not arrive in time.") from error
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error


def _refused(status: int, text: str) -> web.Response:
    answer = refusal_answer(BadRequest(text))
    answer.set_status(status)
    return answer


def _link(url: str, relay: RelayServer) -> str:
    """Return the header of a relay (RFC 9725 section 4.6)."""
    return (
        f'<{url}>; rel="ice-server"; username="{relay.username}"; '
        f'credential="{relay.credential}"; credential-type="password"'
    )
