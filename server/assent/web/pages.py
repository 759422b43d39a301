"""The pages: one single-page client, whatever the address, and the files it is made of."""

from __future__ import annotations

from aiohttp import hdrs, web

from assent.errors import NotFound
from assent.web.client_files import INDEX, ClientFile
from assent.web.context import context
from assent.web.middleware import is_elsewhere

# Each is the same document; the client looks at the address.
PAGES = (
    "/",
    "/m/{meeting}",
    "/r/{meeting}",
    "/invitation",
    "/password",
    "/admin",
    "/verify",
    "/promises",
)

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


async def anything_else(request: web.Request) -> web.StreamResponse:
    """Serve a file of the client; for a page nobody knows, the client says so itself."""
    path = request.match_info["path"]
    file = context(request).client.files.get(path)
    if file is not None and path != INDEX:
        return _send(request, file, 200)
    accepts_page = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    if accepts_page and not path.startswith(("api/", "assets/")):
        return _document(request, 404)
    raise NotFound


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
