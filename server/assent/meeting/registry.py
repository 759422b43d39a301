"""All meetings of this server: loaded when somebody comes, let go of when they are over."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from assent.errors import (
    BadToken,
    Forbidden,
    MeetingLocked,
    MeetingOver,
    Refusal,
)
from assent.meeting import seats
from assent.meeting.acts import Actor, Acts, Purpose, whole
from assent.meeting.live import LiveMeeting
from assent.meeting.live_meetings import LiveMeetings
from assent.meeting.owing import Owing
from assent.meeting.records import Records
from assent.meeting.refusals import refusing
from assent.meeting.relay import RelayServer
from assent.meeting.seats import UNUSED_MS, Seat
from assent.meeting.services import Services
from assent.meeting.views import CloseReason
from assent.meeting.watching import Watching
from assent.meeting.wire import key_wire, meeting_wire, notice_wire
from assent_vault import malloc
from assent_vault.errors import FormatError
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats.suite import decode, encode
from assent_vault.ledger.entry import Revoked
from assent_vault.store.blobs import Blobs
from assent_vault.store.models import MeetingRow

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 5.0
SPACE_SECONDS = 1.0
# What nobody used is looked for this often, so much of it at a time.
FORGET_SECONDS = 600.0
FORGET_MOST = 1000
LOOK_SECONDS = 1.0


class MeetingRegistry:
    """The live meetings of one server process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.store
        self._clock = services.clock
        self._unrecovered: set[str] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._forgotten_at = self._clock.monotonic() - FORGET_SECONDS
        private = services.server_key.private_bytes_raw()
        self._seat_key = hmac.digest(private, b"assent/seat-key/v1", "sha256")
        self._watcher: asyncio.Task[None] | None = None
        self.acts = Acts(services.store.database, services.server_key)
        self.records = Records(
            services.store, self.acts, services.clock, services.rules.retention_days
        )
        self.watching = Watching(
            services.store.database, services.blobs, services.clock, services.rules.retention_days
        )
        self._owing = Owing(services.store.answers, services.blobs, services.clock, self._taken)
        self._live = LiveMeetings(services, self._owing, self.acts)
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring back what was going on when the server stopped, and close what was torn."""
        # Before any meeting goes on: what people have taken back, and whether there is room.
        await asyncio.to_thread(self._services.space.look)
        await self._owing.start()
        self._looking = asyncio.create_task(self._look_for_ever())
        for meeting in await self._store.unfinished():
            await self._recover(meeting)
        self._sweeper = asyncio.create_task(self._sweep_for_ever())
        self._watcher = asyncio.create_task(self._watch_acts_for_ever())

    async def stop(self) -> None:
        """Tell everyone to come back later, and close every recording."""
        for task in (self._sweeper, self._looking, self._watcher):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self._live.stop()
        await self._owing.stop()

    def ice_servers(self) -> Sequence[RelayServer]:
        """Return the relays a person may use, with credentials of their own."""
        return self._services.relay.servers(self._clock.now())

    def live(self, meeting: str) -> LiveMeeting:
        """Return a meeting that goes on, for a device of somebody in it; raises BadToken."""
        live = self._live.get(meeting)
        if live is None:
            raise BadToken
        return live

    def problems(self) -> list[str]:
        """Why this server is not ready, empty where it is."""
        found = ["recordings-unrecovered"] if self._unrecovered else []
        if self._services.space.problem is not None:
            found.append(self._services.space.problem)
        return found + self._owing.problems()

    def going_on(self) -> dict[str, int]:
        """Count the meetings that somebody is in, and everybody who is in one, now."""
        there = [live.present for live in self._live if not live.over]
        return {"running": sum(1 for each in there if each), "people": sum(there)}

    @property
    def blobs(self) -> Blobs:
        """The objects, for what of them is not of a meeting."""
        return self._services.blobs

    @property
    def owed(self) -> int:
        """How many answers were received and could not be stored yet."""
        return self._owing.count

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

    async def _hand_out(self, row: MeetingRow, *, host: bool) -> dict[str, Any]:
        now = self._clock.now()
        if row.ended_at is not None or row.expires_at <= self._clock.surely():
            raise MeetingOver
        await self._store.must_be_open(row.id)
        charter = charters.parse(row.charter)
        return {
            "token": seats.hand_out(self._seat_key, row.id, host=host, now=now),
            "host": host,
            "meeting": meeting_wire(row, charter),
            "charter": encode(row.charter),
            "vault_key": key_wire(await self._store.vault_key(row.id)),
            "notices": [
                notice_wire(row)
                for row in await self._store.notices(list(charter.notices.values()))
            ],
            "limits": {"name": 64},
        }

    @asynccontextmanager
    async def entering(self, meeting: str, token: str) -> AsyncIterator[tuple[LiveMeeting, Seat]]:
        """Find the meeting and the seat of a token; it is not let go of before the end.

        Raises BadToken, MeetingOver, MeetingClosed, TryAgain where the server stops.
        """
        with self._live.using(meeting):
            seat = await self._seat_of(meeting, token)
            live = await self._live.open(meeting)
            self._unrecovered.discard(meeting)
            yield live, seat

    async def _seat_of(self, meeting: str, token: str) -> Seat:
        row = await self._store.meeting(meeting)
        now = self._clock.surely()
        seat = seats.parse(self._seat_key, meeting, token)
        if seat is None:
            token_hash = hashlib.sha256(decode(token)).digest()
            seat = await self._store.participants.stored_seat(meeting, token_hash, now)
        if seat is None:
            raise MeetingOver if row.ended_at is not None else BadToken
        unused = await self._store.participants.person_of(seat.token_hash) is None
        if unused and seat.at <= now - UNUSED_MS:
            raise BadToken
        await self._store.must_be_open(meeting)
        return seat

    # ---- what the seed's holder may do without a seat ---------------------------------------

    async def answer(self, body: bytes, signature: bytes, sealed: bytes | None) -> dict[str, Any]:
        """Take a signed answer, during the meeting or after it; returns the person's record."""
        with refusing():
            said = statements.parse_answer(body)
        meeting = encode(said.meeting)
        with self._live.using(meeting):
            live = self._live.get(meeting)
            if live is not None:
                await live.answers.answer(body, signature, sealed)
            else:
                await self._answer(said, body, signature, sealed)
        return await self.records.of(meeting, encode(said.person))

    async def _answer(
        self, said: statements.Answer, body: bytes, signature: bytes, sealed: bytes | None
    ) -> None:
        """Take an answer to a meeting that nobody is in, though somebody may come meanwhile."""
        try:
            stored, _ = await self._owing.answer(body, signature, sealed)
        except Refusal:
            live = self._live.get(encode(said.meeting))
            if live is not None:
                live.answers.look_at_owed(encode(said.person))
            raise
        self._live.taken(stored)

    def _taken(self, said: statements.Answer) -> None:
        self._live.taken(said)

    async def watch(self, body: bytes, signature: bytes) -> dict[str, Any]:
        """Open the recording, as far as it is theirs, to whoever holds a person's seed."""
        return await self.watching.open(*await self.records.proven(body, signature))

    # ---- taking back for others ---------------------------------------------------------------

    async def take_back(
        self, meeting: str, person: str | None, purpose: Purpose, actor: Actor
    ) -> Revoked:
        """Take something back for a person, or delete the meeting; once stored it holds.

        Raises MeetingNotFound, NotFound.
        """
        with self._live.using(meeting):
            live = self._live.get(meeting)
            if live is not None and person is not None:
                return await live.answers.take_back(person, purpose, actor)
            act = await self.acts.take_back(meeting, person, purpose, actor, self._clock.now())
            if person is None:
                await self.end(meeting)
            elif (live := await self._live.loaded(meeting)) is not None:
                await live.answers.look_at_acts()  # somebody has come in meanwhile
            return act

    async def _watch_acts_for_ever(self) -> None:
        """Find what was done beside this server, by the operator's command."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look_at_acts()
            except Exception:  # what was done is found the next time, and blocks meanwhile
                log.exception("acts-not-looked-at")

    async def _look_at_acts(self) -> None:
        for meeting in await self.acts.among([live.id for live in self._live]):
            live = self._live.get(meeting)
            if live is None:
                continue
            if whole(await self.acts.of(meeting)) is not None:
                await self._end(meeting, CloseReason.ENDED)
            else:
                await live.answers.look_at_acts()

    # ---- room -------------------------------------------------------------------------------

    async def _look_for_ever(self) -> None:
        """Look at the disks, and tell every meeting what has changed."""
        space = self._services.space
        told = space.problem
        while True:
            await asyncio.sleep(SPACE_SECONDS)
            problem = await asyncio.to_thread(space.look) or self._owing.problem
            if problem != told:
                told = problem
                for live in self._live:
                    live.space(problem)

    # ---- ending -----------------------------------------------------------------------------

    async def end(self, meeting: str) -> None:
        """End a meeting, whether anybody is in it or not."""
        row = await self._store.meeting(meeting)
        if row.ended_at is None:
            await self._end(meeting, CloseReason.ENDED)

    async def disable(self, account: str) -> None:
        """End all that an account, which was shut out before, is the host of.

        What has begun ends; what has not is closed until the account is let in again, and whoever
        is at its door is told so when they come back.
        """
        for meeting in await self._store.begun_by(account):
            await self.end(meeting)
        for live in self._live:
            if live.host_account == account:
                self._live.forget(live.id)
                await live.suspend()
        self.watching.end_hosts(account)

    async def _end(self, meeting: str, reason: CloseReason) -> None:
        live = self._live.find(meeting)
        if live is not None:
            await live.end(reason)
            self._live.forget(meeting)
        else:
            await self._store.ended(meeting, self._clock.now(), self._services.rules.retention_days)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep()
            except Exception:  # a sweep that fails is made good by the next
                log.exception("sweep-failed")

    async def _sweep(self) -> None:
        for live in self._live:
            live.devices.sweep()
            if live.over:
                self._live.forget(live.id)
            elif live.expires_at <= self._clock.surely():
                await self._end(live.id, CloseReason.EXPIRED)
            elif live.idle:
                await self._live.forget_if_idle(live)
        # Those that nobody was in when their time was over.
        for meeting in await self._store.expired(self._clock.surely()):
            if meeting not in self._live:
                await self._end(meeting, CloseReason.EXPIRED)
        self._live.tidy()
        for meeting in list(self._unrecovered):
            await self._recover(meeting)
        if self._clock.monotonic() - self._forgotten_at >= FORGET_SECONDS:
            self._forgotten_at = self._clock.monotonic()
            await self.forget_unused()
        if self._live.let_go:
            # A meeting, its people and their connections know each other in rings. Nothing of them
            # is to stay in memory for longer than it takes to say goodbye. The search takes a
            # millisecond for ten thousand objects, since the start is set aside.
            self._live.let_go = False
            gc.collect()
            malloc.give_back()

    async def forget_unused(self) -> None:
        """Forget seats that nobody took, and those who enrolled and were not let in in a day."""
        now = self._clock.surely()
        await self._store.participants.forget_seats(now)
        for meeting, people in (await self._store.participants.unused(now, FORGET_MOST)).items():
            live = self._live.get(meeting)
            if live is None:
                await self._store.participants.forget(meeting, people, now)
            else:
                await live.admission.forget_people(people)

    async def _recover(self, meeting: str) -> None:
        """Load a meeting that the last run left, or at least close its recording."""
        row = await self._store.meeting(meeting)
        try:
            deleted = whole(await self.acts.of(meeting)) is not None
            if row.ended_at is None and row.expires_at > self._clock.surely() and not deleted:
                await self._live.open(meeting)
            else:
                charter = charters.parse(row.charter)
                live = await LiveMeeting.load(self._services, self._owing, row, charter)
                await live.end(CloseReason.EXPIRED)
        except Exception:  # not ready until it could be; nothing is captured or released meanwhile
            log.exception("meeting-not-recovered")
            self._unrecovered.add(meeting)
        else:
            self._unrecovered.discard(meeting)
