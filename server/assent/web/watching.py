"""Fetching a recording, as ciphertext: for those who were in it, by the seed of their link.

The seed stays in the browser. It signs the request that opens a session; the session's token comes
in a header, so that it is in no address and no log.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Final

from aiohttp import hdrs, web

from assent.errors import NotWatching, StorageUnavailable
from assent.meeting import Wanted
from assent.web import bodies
from assent.web.bodies import decode_field
from assent.web.context import CLIENT_KEY, context, limit
from assent.web.limits import HeldPlaces, Limit
from assent.web.middleware import json_answer

# Each holds a few objects in memory and a connection.
MAX_STREAMS: Final = 256
MAX_STREAMS_EACH: Final = 32
STREAMS: web.AppKey[HeldPlaces] = web.AppKey("streams", HeldPlaces)
# A reader that takes nothing for this long has gone.
_STALLED_SECONDS = 30.0
_LENGTH = struct.Struct(">I")
_SCHEME = "Bearer "


async def open_(request: web.Request) -> web.StreamResponse:
    """``POST /api/watch``: what there is of a recording, and the token to fetch it with."""
    limit(request, Limit.WATCH)
    body = await bodies.read(request, bodies.ReceiptBody)
    return json_answer(
        await context(request).hall.watch(
            decode_field(body.request, "request"), decode_field(body.signature, "signature")
        )
    )


async def generation(request: web.Request) -> web.StreamResponse:
    """``POST /api/watch/generation``: the documents of one recorded generation."""
    limit(request, Limit.FETCH)
    body = await bodies.read(request, bodies.WatchGeneration)
    watching = context(request).hall.watching
    found = await watching.generation(_token(request), body.number, closing=body.closing)
    return json_answer(found)


async def segments(request: web.Request) -> web.StreamResponse:
    """``POST /api/watch/segments``: objects in a row, each after its length."""
    limit(request, Limit.FETCH)
    body = await bodies.read(request, bodies.WatchSegments)
    wanted = [Wanted(part.track, part.first, part.last) for part in body.parts]
    objects = context(request).hall.watching.segments(_token(request), body.number, wanted)
    with request.app[STREAMS].taken(request[CLIENT_KEY]):
        async with aclosing(objects):
            return await _stream(request, objects)


async def _stream(request: web.Request, objects: AsyncIterator[bytes]) -> web.StreamResponse:
    first = await anext(objects, None)  # what can be refused is refused before anything is sent
    answer = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/octet-stream",
            hdrs.CACHE_CONTROL: "no-store",
        }
    )
    await answer.prepare(request)
    try:
        if first is not None:
            await _send(answer, first)
            async for data in objects:
                await _send(answer, data)
    except (StorageUnavailable, TimeoutError):
        # Too late to say so: the reader sees that the row is cut off, and asks again.
        if request.transport is not None:
            request.transport.abort()
        return answer
    with suppress(ConnectionResetError):
        await answer.write_eof()
    return answer


async def _send(answer: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(_STALLED_SECONDS):
        await answer.write(_LENGTH.pack(len(data)) + data)


def _token(request: web.Request) -> str:
    said = request.headers.getall(hdrs.AUTHORIZATION, [])
    if len(said) != 1 or not said[0].startswith(_SCHEME):
        raise NotWatching
    return said[0][len(_SCHEME) :]
