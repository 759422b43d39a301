"""The pages: one single-page client, whatever the address, and the files it is made of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from assent.errors import MethodNotAllowed, NotFound
from assent.web.client_files import INDEX, ClientFile
from assent.web.context import context
from assent.web.middleware import NOTHING_CHANGED, is_elsewhere

# Each is the same document; the client looks at the address. Links arrive with slashes and full
# stops added to them, and with ``%23`` for ``#``: it is the client that cuts them to what they are.
PAGES = (
    "/",
    "/m/{meeting}",
    "/r/{meeting}",
    "/m/{meeting}/{rest:.*}",
    "/r/{meeting}/{rest:.*}",
    "/invitation",
    "/password",
    "/{page:invitation|password}{rest:[^A-Za-z0-9_-].*}",
    "/admin",
    "/verify",
    "/promises",
)

SOURCE: Final = Path(__file__).parents[1] / "source.tar.gz"
_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})

_NOT_BUILT = (
    "Assent is running, but its web client has not been built.\n\n"
    "In a source tree, `make run` builds it. An installed package brings it along.\n"
)


async def page(request: web.Request) -> web.StreamResponse:
    """Serve the client's document; an address of ours under another name is redirected."""
    if is_elsewhere(request):
        # 307 keeps the fragment, and so the secret of a link, in the browser.
        raise web.HTTPTemporaryRedirect(context(request).settings.public_url + request.path_qs)
    return _document(request, 200)


async def source(_request: web.Request) -> web.StreamResponse:
    """``GET /source.tar.gz``: what this server was built from (AGPL, section 13)."""
    if not await asyncio.to_thread(SOURCE.is_file):
        raise NotFound
    headers = {hdrs.CONTENT_TYPE: "application/gzip", hdrs.CACHE_CONTROL: "no-cache"}
    return web.FileResponse(SOURCE, headers=headers)


async def anything_else(request: web.Request) -> web.StreamResponse:
    """Serve a file of the client; for a page nobody knows, the client says so itself.

    Whatever no other route has taken comes here, by any method: that of an address we have was
    mistaken then.
    """
    path = request.match_info["path"]
    file = context(request).client.files.get(path)
    found = file is not None and path != INDEX
    allowed = _READING if found else await _methods_of(request)
    if allowed and request.method not in allowed:
        raise MethodNotAllowed(allowed=allowed)
    if request.method not in _READING:
        raise NotFound
    if file is not None and found:
        return _send(request, file, 200)
    accepts_page = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    if accepts_page and not path.startswith(("api/", "assets/")):
        return _document(request, 404)
    raise NotFound


NOTHING_CHANGED.add(anything_else)


async def _methods_of(request: web.Request) -> frozenset[str]:
    """Return the methods that the address takes, by the routes that were made for it."""
    methods: set[str] = set()
    for resource in request.app.router.resources():
        if resource is not request.match_info.route.resource:
            methods |= (await resource.resolve(request))[1]
    return frozenset(methods)


def _document(request: web.Request, status: int) -> web.StreamResponse:
    client = context(request).client
    if not client.built:
        return web.Response(text=_NOT_BUILT, status=503, headers={hdrs.CACHE_CONTROL: "no-store"})
    return _send(request, client.files[INDEX], status)


def _send(request: web.Request, file: ClientFile, status: int) -> web.Response:
    headers = {
        hdrs.ETAG: file.etag,
        hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable" if file.immutable else "no-cache",
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    if status == 200 and file.etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return web.Response(status=304, headers=headers)
    body = file.content
    if file.compressed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        body = file.compressed
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    text = file.content_type.startswith("text/")
    headers[hdrs.CONTENT_TYPE] = file.content_type + ("; charset=utf-8" if text else "")
    return web.Response(body=body, status=status, headers=headers)
