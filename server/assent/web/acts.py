"""What a host may do in their own meetings, and an administrator in any: only ever toward less.

Withdraw for somebody who has lost their link, delete their part, delete a whole meeting. Whoever
acts sees who was there by name, as they do in a meeting; nobody is told what anybody answered, and
what an act answers is the same whatever it was.
"""

from __future__ import annotations

from aiohttp import web

from assent.errors import BadRequest, Forbidden, MeetingNotFound
from assent.meeting import Actor, act_wire, meeting_wire, whole
from assent.web import bodies
from assent.web.auth import signed_in
from assent.web.context import context
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent_vault.formats import charter as charters
from assent_vault.store import models


async def people(request: web.Request) -> web.StreamResponse:
    """``GET /api/meetings/{id}/people``: everyone who was ever let in, by name."""
    await _actor(request)
    meeting = request.match_info["id"]
    acts = context(request).hall.acts
    listed = await acts.people(meeting)
    deleted = whole(await acts.of(meeting))
    return json_answer(
        {
            "people": [
                {
                    "person": each.person,
                    "name": each.name,
                    "host": each.host,
                    "revoked": [act_wire(act) for act in each.acts],
                }
                for each in listed
            ],
            "deleted": None if deleted is None else act_wire(deleted),
        }
    )


async def revoke(request: web.Request) -> web.StreamResponse:
    """``POST /api/meetings/{id}/revoke``: take back for a person, or delete the meeting."""
    await signed_in(request)
    body = await bodies.read(request, bodies.Revoke)
    actor = await _actor(request)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, actor.account or "")
    if (body.person is None) != (body.purpose == "meeting"):
        raise BadRequest("A person for all but the meeting as a whole.", field="person")
    meeting = request.match_info["id"]
    act = await parts.hall.take_back(meeting, body.person, body.purpose, actor)
    async with parts.database.read() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None, "a row of a meeting stays"
        wire = meeting_wire(row, charters.parse(row.charter))
    return json_answer({"revoked": act_wire(act), "meeting": wire})


async def _actor(request: web.Request) -> Actor:
    """Return who asks, in which role; raises NotSignedIn, MeetingNotFound, Forbidden."""
    account = await signed_in(request)
    async with context(request).database.read() as session:
        row = await session.get(models.MeetingRow, request.match_info["id"])
    if row is None:
        raise MeetingNotFound
    if row.host_account == account.id:
        return Actor("host", account.id)
    if account.role != "administrator":
        raise Forbidden
    return Actor("administrator", account.id)
