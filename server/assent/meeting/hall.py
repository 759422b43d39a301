"""All meetings of this server: loaded when somebody comes, let go of when they are over."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog

from assent.errors import (
    BadStatement,
    BadToken,
    Forbidden,
    MeetingLocked,
    MeetingOver,
    NotEnrolled,
    ReceiptErased,
)
from assent.meeting.live import LiveMeeting
from assent.meeting.refusals import refusing
from assent.meeting.relay import IceServer
from assent.meeting.services import Services
from assent.meeting.store import Seat
from assent.meeting.views import Goodbye
from assent.meeting.watching import Watching
from assent.meeting.whereabouts import whereabouts
from assent_vault import arenas
from assent_vault import charter as charters
from assent_vault import statement as statements
from assent_vault.charter import Charter
from assent_vault.errors import FormatError
from assent_vault.ledger.documents import Signed
from assent_vault.models import Meeting, Notice, VaultKey
from assent_vault.suite import decode, encode

log = structlog.get_logger(__name__)

TOKEN_BYTES = 32
SWEEP_SECONDS = 5.0
RECEIPT_SKEW_MS = 10 * 60 * 1000  # FORMAT.md section 6


class Hall:
    """The live meetings of one server process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.store
        self._clock = services.clock
        self._live: dict[str, LiveMeeting] = {}
        self._doors: dict[str, asyncio.Lock] = {}
        self._unrecovered: set[str] = set()
        self._let_go = False  # a meeting has been, since the last sweep
        self._sweeper: asyncio.Task[None] | None = None
        self._stopping = False
        self.watching = Watching(services.store.database, services.blobs, services.clock)

    async def start(self) -> None:
        """Bring back what was going on when the server stopped, and close what was torn."""
        for meeting in await self._store.unfinished():
            await self._recover(meeting)
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        """Tell everyone to come back later, and close every recording."""
        self._stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await asyncio.gather(*(live.suspend() for live in self._live.values()))
        self._live.clear()

    def ice_servers(self) -> Sequence[IceServer]:
        """Return the relays a person may use, with credentials of their own."""
        return self._services.relay.servers(self._clock.now())

    def live(self, meeting: str) -> LiveMeeting:
        """Return a meeting that goes on, for a device of somebody in it; raises BadToken."""
        live = self._live.get(meeting)
        if live is None or live.over:
            raise BadToken
        return live

    def problems(self) -> list[str]:
        """Why this server is not ready, empty where it is."""
        return ["recordings-unrecovered"] if self._unrecovered else []

    # ---- seats ------------------------------------------------------------------------------

    async def seat(self, meeting: str, secret: str) -> dict[str, Any]:
        """Hand out a seat for the join secret; raises BadToken, MeetingOver, MeetingLocked."""
        row = await self._store.meeting(meeting)
        try:
            given = hashlib.sha256(decode(secret)).digest()
        except FormatError as error:
            raise BadToken from error
        if not hmac.compare_digest(given, row.secret_hash):
            raise BadToken
        if row.locked:
            raise MeetingLocked
        return await self._hand_out(row, host=False)

    async def host_seat(self, meeting: str, account: str) -> dict[str, Any]:
        """Hand out a host's seat to the account that created the meeting."""
        row = await self._store.meeting(meeting)
        if row.host_account != account:
            raise Forbidden
        return await self._hand_out(row, host=True)

    async def _hand_out(self, row: Meeting, *, host: bool) -> dict[str, Any]:
        now = self._clock.now()
        if row.ended_at is not None or row.expires_at <= now:
            raise MeetingOver
        token = secrets.token_bytes(TOKEN_BYTES)
        seat = Seat(hashlib.sha256(token).digest(), row.id, host)
        await self._store.add_seat(seat, now, row.expires_at)
        charter = charters.parse(row.charter)
        return {
            "token": encode(token),
            "host": host,
            "meeting": meeting_wire(row, charter),
            "charter": encode(row.charter),
            "vault_key": _key_wire(await self._store.vault_key(row.id)),
            "notices": await self._notices(charter),
            "limits": {"name": 64},
        }

    async def enter(self, meeting: str, token: str) -> tuple[LiveMeeting, Seat]:
        """Find the meeting and the seat of a token; raises BadToken or MeetingOver."""
        try:
            token_hash = hashlib.sha256(decode(token)).digest()
        except FormatError as error:
            raise BadToken from error
        row = await self._store.meeting(meeting)
        seat = await self._store.seat(meeting, token_hash, self._clock.now())
        if seat is None:
            raise MeetingOver if row.ended_at is not None else BadToken
        return await self._open(row), seat

    async def _open(self, row: Meeting) -> LiveMeeting:
        async with self._doors.setdefault(row.id, asyncio.Lock()):
            live = self._live.get(row.id)
            if live is not None:
                if live.over:
                    raise MeetingOver  # its recording is being closed
                return live
            row = await self._store.meeting(row.id)
            if self._stopping or row.ended_at is not None or row.expires_at <= self._clock.now():
                raise MeetingOver
            live = await LiveMeeting.load(self._services, row, charters.parse(row.charter))
            self._live[row.id] = live
            self._unrecovered.discard(row.id)
            return live

    # ---- what the seed's holder may do without a seat ---------------------------------------

    async def answer(self, body: bytes, signature: bytes, sealed: bytes | None) -> dict[str, Any]:
        """Take a signed answer, during the meeting or after it; returns the person's record."""
        with refusing():
            said = statements.parse_answer(body)
        meeting = encode(said.meeting)
        live = self._live.get(meeting)
        if live is not None and not live.over:
            await live.answer(body, signature, sealed)
        else:
            await self._store.answer(body, signature, sealed, self._clock.now())
        return await self._record(meeting, encode(said.person))

    async def receipt(self, body: bytes, signature: bytes) -> dict[str, Any]:
        """Show a person what the server holds about them, to whoever holds their seed."""
        return await self._record(*await self.proven(body, signature))

    async def watch(self, body: bytes, signature: bytes) -> dict[str, Any]:
        """Open the recording, as far as it is theirs, to whoever holds a person's seed."""
        return await self.watching.open(*await self.proven(body, signature))

    async def proven(self, body: bytes, signature: bytes) -> tuple[str, str]:
        """Return the meeting and the person that a receipt request shows the seed of."""
        with refusing():
            request = statements.parse_receipt_request(body)
        if abs(request.at - self._clock.now()) > RECEIPT_SKEW_MS:
            raise BadStatement("The clock of your device is off by too much.", field="at")
        meeting, person = encode(request.meeting), encode(request.person)
        row = await self._store.meeting(meeting)
        try:
            record = await self._store.record(meeting, person)
        except NotEnrolled:
            if row.destroyed_at is not None:
                raise ReceiptErased from None  # nobody is known any more who was in it
            raise
        with refusing():
            enrolment = statements.verify_enrolment(
                record.participant.enrolment,
                record.participant.signature,
                charters.parse(row.charter),
            )
            statements.verify_receipt_request(body, signature, enrolment)
        return meeting, person

    async def _record(self, meeting: str, person: str) -> dict[str, Any]:
        row = await self._store.meeting(meeting)
        record = await self._store.record(meeting, person)
        charter = charters.parse(row.charter)
        return {
            "meeting": {
                "id": row.id,
                "title": row.title,
                "started_at": row.started_at,
                "ended_at": row.ended_at,
            },
            "charter": encode(row.charter),
            "vault_key": _key_wire(await self._store.vault_key(meeting)),
            "enrolment": {
                "document": encode(record.participant.enrolment),
                "signature": encode(record.participant.signature),
                "acknowledgement": _wire(record.acknowledgements.get(0)),
            },
            "answers": [
                {
                    "document": encode(said.body),
                    "signature": encode(said.signature),
                    "received_at": said.received_at,
                    "acknowledgement": _wire(record.acknowledgements.get(said.sequence)),
                }
                for said in record.answers
            ],
            "notices": await self._notices(charter),
            "released": {"state": record.release, "ready_at": record.ready_at},
            "epochs": record.epochs,
            **await whereabouts(self._store.database, meeting, person),
        }

    async def _notices(self, charter: Charter) -> list[dict[str, Any]]:
        rows: Sequence[Notice] = await self._store.notices(list(charter.notices.values()))
        return [
            {"digest": encode(row.digest), "language": row.language, "text": row.text}
            for row in rows
        ]

    # ---- ending -----------------------------------------------------------------------------

    async def end(self, meeting: str) -> None:
        """End a meeting, whether anybody is in it or not."""
        row = await self._store.meeting(meeting)
        if row.ended_at is None:
            await self._end(meeting, Goodbye.ENDED)

    async def _end(self, meeting: str, reason: Goodbye) -> None:
        live = self._live.get(meeting)
        if live is not None:
            await live.end(reason)
            self._forget(meeting)
        else:
            now = self._clock.now()
            await self._store.ended(meeting, now, now + self._services.rules.retention_ms)

    def _forget(self, meeting: str) -> None:
        self._live.pop(meeting, None)
        self._let_go = True

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep()
            except Exception:  # a sweep that fails is made good by the next
                log.exception("sweep-failed")

    async def _sweep(self) -> None:
        for meeting, live in list(self._live.items()):
            live.devices.sweep()
            if live.over:
                self._forget(meeting)
            elif live.expires_at <= self._clock.now():
                await self._end(meeting, Goodbye.EXPIRED)
            elif live.idle:
                async with self._doors.setdefault(meeting, asyncio.Lock()):
                    if live.idle:
                        self._forget(meeting)
                        await live.forget()
        for meeting in [one for one in self._doors if one not in self._live]:
            if not self._doors[meeting].locked():
                del self._doors[meeting]
        for meeting in list(self._unrecovered):
            await self._recover(meeting)
        if self._let_go:
            # A meeting, its people and their connections know each other in rings. Nothing of them
            # is to stay in memory for longer than it takes to say goodbye. The search takes a
            # millisecond for ten thousand objects, since the start is set aside.
            self._let_go = False
            gc.collect()
            arenas.give_back()

    async def _recover(self, meeting: str) -> None:
        """Load a meeting that the last run left, or at least close its recording."""
        row = await self._store.meeting(meeting)
        try:
            if row.ended_at is None and row.expires_at > self._clock.now():
                await self._open(row)
            else:
                charter = charters.parse(row.charter)
                live = await LiveMeeting.load(self._services, row, charter)
                await live.end(Goodbye.EXPIRED)
        except Exception:  # not ready until it could be; nothing is captured or released meanwhile
            log.exception("meeting-not-recovered")
            self._unrecovered.add(meeting)
        else:
            self._unrecovered.discard(meeting)


def meeting_wire(row: Meeting, charter: Charter) -> dict[str, Any]:
    """Return a meeting as PROTOCOL.md section 2 shows it."""
    return {
        "id": row.id,
        "title": row.title,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "locked": row.locked,
        "recording": charter.recording,
        "training": charter.training,
        "waiting_room": charter.waiting_room,
    }


def _wire(signed: Signed | None) -> dict[str, str] | None:
    return None if signed is None else signed.to_wire()


def _key_wire(key: VaultKey | None) -> dict[str, str] | None:
    if key is None or key.destroyed_at is not None:
        return None
    return {"document": encode(key.certificate), "signature": encode(key.signature)}
