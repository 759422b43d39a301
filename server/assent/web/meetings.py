"""Making meetings: the charter that fixes what may ever be asked in one, its link, its end.

What a link pins is composed by a browser. The server knows neither the secret in it nor the key of
the host; it takes a room if it can hold a meeting in it, and writes a charter that is no wider.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from sqlalchemy import select

from assent.errors import (
    BadRequest,
    Forbidden,
    MeetingNotFound,
    MeetingOver,
    ModeNotOffered,
    OtherTerms,
    VaultUnavailable,
)
from assent.meeting import meeting_wire
from assent.meeting.names import clean_name
from assent.web import bodies
from assent.web.accounts import HOUR_MS, Account
from assent.web.auth import signed_in
from assent.web.context import Context, context
from assent.web.health import vault_identity
from assent.web.limits import Limit
from assent.web.middleware import json_answer
from assent.web.notices import Asks
from assent.web.paging import asked
from assent_vault.errors import FormatError
from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats.suite import DIGEST_BYTES, MEETING_BYTES, decode, encode
from assent_vault.ledger.entry import MeetingCreated
from assent_vault.store import log_rows, models
from assent_vault.store.database import Database, lock_meeting

# The vault looks for new meetings every second or so. A host waits this long at most for its key;
# a meeting without one can begin, and only its recording has to wait.
VAULT_SECONDS = 5.0
_POLL_SECONDS = 0.1

Found = TypeVar("Found")


async def mine(request: web.Request) -> web.StreamResponse:
    """``GET /api/meetings``: the account's own, newest first."""
    account = await signed_in(request)
    page = asked(request)
    own = select(models.MeetingRow).where(
        models.MeetingRow.host_account == account.id,
        models.MeetingRow.destroyed_at.is_(None),  # there is nothing left to see of it
    )
    async with context(request).database.read() as session:
        query = page.of(own, models.MeetingRow.created_at, models.MeetingRow.id)
        rows, after = page.cut((await session.scalars(query)).all())
        meetings = [meeting_wire(row, charters.parse(row.charter)) for row in rows]
    return json_answer({"meetings": meetings, "after": after})


async def terms(request: web.Request) -> web.StreamResponse:
    """``GET /api/meetings/terms``: what a room has to allow for a meeting to be held in it here."""
    await signed_in(request)
    parts = context(request)
    return json_answer(
        {
            "mode": rooms.Mode.RELAYED,
            "retention_days": parts.settings.retention_days,
            "cooling_off_seconds": parts.settings.vault.cooling_off_seconds,
            "vault": encode(await _identity(parts)),
            "server": encode(parts.server_key),
        }
    )


async def create(request: web.Request) -> web.StreamResponse:
    """``POST /api/meetings``: a meeting in the room that the browser has composed."""
    account = await signed_in(request)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    body = await bodies.read(request, bodies.CreateMeeting)
    try:
        room = rooms.parse(bodies.decode_field(body.room, "room"))
    except FormatError as error:
        raise BadRequest("That is no room document.", field="room") from error
    title = clean_title(body.title)
    row = _new_meeting(parts, account, body, title, room, await _identity(parts))
    charter = charters.parse(row.charter)
    async with parts.database.write() as session:
        session.add(row)
        await log_rows.append(
            session,
            MeetingCreated(meeting=charter.meeting, charter=charter.digest, at=row.created_at),
        )
    if charter.recording:
        await _wait_for(lambda: _vault_key(parts.database, row.id))
    wire = meeting_wire(row, charter)
    return json_answer({"meeting": wire})


async def new_link(request: web.Request) -> web.StreamResponse:
    """``POST /api/meetings/{id}/link``: another link. The old one ends; seats taken stay."""
    account = await signed_in(request)
    body = await bodies.read(request, bodies.NewLink)
    door_hash = _door_hash(body.door)
    parts = context(request)
    parts.limiter.take(Limit.CREATE, account.id)
    async with parts.database.write() as session:
        row = _own(await lock_meeting(session, request.match_info["id"]), account)
        if row.ended_at is not None or row.expires_at <= parts.clock.surely():
            raise MeetingOver
        row.door_hash = door_hash
        row.link_ordinal += 1
        ordinal = row.link_ordinal
    return json_answer({"ordinal": ordinal})


async def end(request: web.Request) -> web.StreamResponse:
    """``POST /api/meetings/{id}/end``: for everyone, whether somebody is in it or not.

    By its host, or by an administrator.
    """
    account = await signed_in(request)
    await bodies.read(request, bodies.Nothing)
    parts = context(request)
    meeting_id = request.match_info["id"]
    await _to_end(parts.database, meeting_id, account)
    await parts.hall.end(meeting_id)
    row = await _to_end(parts.database, meeting_id, account)
    return json_answer({"meeting": meeting_wire(row, charters.parse(row.charter))})


def clean_title(typed: str) -> str:
    """Return a title fit to be shown; raises BadRequest."""
    try:
        return clean_name(typed)
    except BadRequest as error:
        raise BadRequest("A title has 1 to 64 characters.", field="title") from error


def _door_hash(door: str) -> bytes:
    try:
        return decode(door, DIGEST_BYTES, field="door")
    except FormatError as error:
        raise BadRequest(field="door") from error


async def _identity(parts: Context) -> bytes:
    """Return the vault that every charter names, for its keys will come from there."""
    identity = await _wait_for(lambda: vault_identity(parts))
    if identity is None:
        raise VaultUnavailable
    return identity


def _new_meeting(
    parts: Context,
    account: Account,
    body: bodies.CreateMeeting,
    title: str,
    room: rooms.Room,
    identity: bytes,
) -> models.MeetingRow:
    if room.mode is not rooms.Mode.RELAYED:
        raise ModeNotOffered(field="room")
    now = parts.clock.now()
    meeting = secrets.token_bytes(MEETING_BYTES)
    asks = Asks.of(recording=room.recording, training=room.training)
    notice = parts.notices.current_for(asks)
    expires_at = now + body.lifetime_hours * HOUR_MS
    charter = charters.make(
        meeting=meeting,
        room=room.digest,
        created=now,
        recording=room.recording,
        training=room.training,
        waiting_room=room.waiting_room,
        expires=expires_at,
        # The very numbers that the words of this version were filled in with.
        retention_days=parts.settings.retention_days,
        cooling_off_seconds=parts.settings.vault.cooling_off_seconds,
        notice_version=notice.version,
        notices=dict(notice.texts),
        vault=identity,
        server=parts.server_key,
    )
    if charters.refused(charter, room) is not None:
        raise OtherTerms(field="room")  # no page would go in
    return models.MeetingRow(
        id=encode(meeting),
        title=title,
        host_account=account.id,
        charter=charter.body,
        room=room.body,
        door_hash=_door_hash(body.door),
        link_ordinal=1,
        created_at=now,
        expires_at=expires_at,
        locked=False,
        armed=False,
        retain_until=charter.kept_until(),
    )


async def _to_end(database: Database, meeting_id: str, account: Account) -> models.MeetingRow:
    async with database.read() as session:
        row = await session.get(models.MeetingRow, meeting_id)
        if row is not None and account.role == "administrator":
            return row
        return _own(row, account)


def _own(row: models.MeetingRow | None, account: Account) -> models.MeetingRow:
    if row is None:
        raise MeetingNotFound
    if row.host_account != account.id:
        raise Forbidden
    return row


async def _vault_key(database: Database, meeting_id: str) -> bytes | None:
    async with database.read() as session:
        return await session.scalar(
            select(models.VaultKeyRow.certificate).where(
                models.VaultKeyRow.meeting_id == meeting_id
            )
        )


async def _wait_for(look: Callable[[], Awaitable[Found | None]]) -> Found | None:
    """Look until there is something, for a bounded time."""
    for _ in range(round(VAULT_SECONDS / _POLL_SECONDS)):
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(_POLL_SECONDS)
    return await look()
