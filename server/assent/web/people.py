"""Everything a person in a meeting does over HTTP: take a seat, converse, answer, look back.

None of it needs an account. What it needs is a secret that the meeting's rooms check: what opens
the door, the seat's token, or a signature made with the person's seed.
"""

from __future__ import annotations

from aiohttp import hdrs, web

from assent.errors import LogUnavailable
from assent.web import bodies
from assent.web.auth import signed_in
from assent.web.bodies import decode_field
from assent.web.context import CLIENT_KEY, context, limit
from assent.web.limits import Limit
from assent.web.middleware import check_origin, json_answer
from assent_vault.errors import LogError


async def seat(request: web.Request) -> web.StreamResponse:
    """``POST /api/meetings/{id}/seat``: exchange what opens the door for a seat."""
    limit(request, Limit.SEAT)
    body = await bodies.read(request, bodies.TakeSeat)
    return json_answer(await context(request).hall.seat(request.match_info["id"], body.door))


async def host_seat(request: web.Request) -> web.StreamResponse:
    """``POST /api/meetings/{id}/host-seat``: the host's own seat."""
    account = await signed_in(request)
    limit(request, Limit.SEAT)
    await bodies.read(request, bodies.Nothing)
    return json_answer(await context(request).hall.host_seat(request.match_info["id"], account.id))


async def socket(request: web.Request) -> web.StreamResponse:
    """``GET /api/meetings/{id}/socket``: converse until one side ends it."""
    # Browsers send cookies and follow no same-origin rule with WebSockets: only this check does.
    check_origin(request)
    limit(request, Limit.SOCKET)
    parts = context(request)
    with parts.sockets.taken(request[CLIENT_KEY]):
        return await parts.converse(request, request[CLIENT_KEY])


async def answer(request: web.Request) -> web.StreamResponse:
    """``POST /api/answers``: a signed answer, during the meeting or long after it."""
    limit(request, Limit.ANSWER)
    body = await bodies.read(request, bodies.AnswerBody)
    record = await context(request).hall.answer(
        decode_field(body.statement, "statement"),
        decode_field(body.signature, "signature"),
        None if body.sealed is None else decode_field(body.sealed, "sealed"),
    )
    return json_answer(record)


async def receipt_file(request: web.Request) -> web.StreamResponse:
    """``POST /api/receipt/file``: all that proves what the holder of the seed has said."""
    limit(request, Limit.RECEIPT)
    body = await bodies.read(request, bodies.ReceiptBody)
    parts = context(request)
    meeting, person = await parts.hall.records.proven(
        decode_field(body.request, "request"), decode_field(body.signature, "signature")
    )
    try:
        written = await parts.receipts.write(meeting, person)
    except LogError as error:
        raise LogUnavailable from error
    return web.Response(
        body=written,
        content_type="application/json",
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{meeting}.assent-receipt.json"',
        },
    )


async def receipt(request: web.Request) -> web.StreamResponse:
    """``POST /api/receipt``: what the server holds about whoever holds the seed."""
    limit(request, Limit.RECEIPT)
    body = await bodies.read(request, bodies.ReceiptBody)
    record = await context(request).hall.records.receipt(
        decode_field(body.request, "request"), decode_field(body.signature, "signature")
    )
    return json_answer(record)
