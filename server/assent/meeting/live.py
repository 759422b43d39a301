"""A meeting while it runs: the async shell around the capture rule.

Facts come in from connections, the media plane and timers; :mod:`assent.meeting.capturing` turns
those that matter into events of the capture rule.

Answers that take something back are believed *before* they are stored: capture stops first.
Answers that give are believed only *after* they are stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

import structlog

from assent.consent import (
    Admitted,
    Answered,
    Armed,
    Connected,
    Departed,
    Disarmed,
    Disconnected,
    Ended,
    Phase,
)
from assent.errors import (
    AlreadyEnrolled,
    BadRequest,
    MeetingFull,
    MeetingLocked,
    MeetingOver,
    NotAdmitted,
    NotEnrolled,
    NotRecordable,
    RateLimited,
    Removed,
    VaultUnavailable,
)
from assent.meeting.capturing import Capturing
from assent.meeting.devices import Devices
from assent.meeting.media_link import MediaLink
from assent.meeting.names import clean_name
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.services import Services
from assent.meeting.store import Seat
from assent.meeting.views import Connection, Goodbye, RoomView, SeatView, State
from assent_vault import statement as statements
from assent_vault.charter import Charter
from assent_vault.ledger.documents import Signed
from assent_vault.models import Meeting
from assent_vault.suite import encode

log = structlog.get_logger(__name__)

COALESCE = 0.03  # seconds; an epoch that follows another shows no flicker in between
ASK_AGAIN_EVERY = 60.0


class LiveMeeting:
    """One meeting that has not ended. Build it with :meth:`load`."""

    def __init__(self, services: Services, row: Meeting, charter: Charter) -> None:
        self.id = row.id
        self.expires_at = row.expires_at
        self.over = False
        self._store = services.store
        self._clock = services.clock
        self._rules = services.rules
        self._charter = charter
        self._title = row.title
        self._locked = row.locked
        self._roster = Roster(self._rules.max_people_per_meeting)
        self.media = MediaLink(
            services.media,
            row.id,
            self._roster.people,
            services.clock,
            self.changed,
            lambda code: self._capturing.media_trouble(code),
            lambda person, role: self.devices.gone(person, role),
            recordable=charter.recording,
        )
        self.devices = Devices(self.media, self._roster.people, services.clock, self.changed)
        self._capturing = Capturing(
            self,
            row.id,
            charter,
            self.media.room,
            services.store,
            services.blobs,
            services.clock,
            services.server_key,
        )
        self._capturing.began = row.started_at
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._disputed = False
        self._revision = 0
        self._telling: asyncio.TimerHandle | None = None
        self._asked_at: float | None = None

    @classmethod
    async def load(cls, services: Services, row: Meeting, charter: Charter) -> LiveMeeting:
        """Bring a meeting (back) to life: closes torn epochs, finds its people.

        Who was present when the server stopped is present again, unreachable, with the grace time
        to come back in.
        """
        people = await services.store.people(row.id, charter)
        live = cls(services, row, charter)
        try:
            await live._capturing.restore()
        except BaseException:
            live.media.close()
            raise
        await live._find_vault_key()
        for known in people:
            person = Person(
                id=known.person,
                name=known.name,
                host=known.host,
                enrolment=known.enrolment,
                answer=known.answer,
                ever_admitted=known.admitted,
                removed=known.removed,
            )
            live._roster.people[person.id] = person
            if known.admitted and not known.left:
                person.state = State.ADMITTED
                live._capturing.apply(Admitted(person.id, person.agrees))
                live._start_grace(person)
        if row.armed and charter.recording:
            live._capturing.apply(Armed())
        return live

    # ---- coming and going -------------------------------------------------------------------

    async def attach(self, seat: Seat, connection: Connection, *, resume: bool = False) -> SeatView:
        """A browser has said hello for ``seat``; an earlier connection of the seat is replaced.

        With ``resume`` it is the same page again, whose media connections go on if they still can.
        """
        person_id = await self._store.person_of(seat.token_hash)
        async with self._lock:
            self._must_be_live()
            if person_id is None:
                self._roster.knock(seat, connection)
                return SeatView(None, seat.host, State.DOOR, "unanswered", "unanswered", None, None)
            person = self._roster.people[person_id]
            if person.removed:
                raise Removed
            earlier, person.connection = person.connection, connection
            if earlier is not None:
                earlier.goodbye(Goodbye.REPLACED)
            if person.present:
                person.stop_grace()
                self._capturing.apply(Connected(person.id))
                if resume:
                    self.media.resume(person)
                else:
                    self.media.connect(person)
            self.changed()
            return person.seat_view()

    def detach(self, connection: Connection) -> None:
        """A connection is gone, for whatever reason; the person stays for the grace time."""
        self._roster.left_the_door(connection)
        person = self._roster.of(connection)
        if person is None:
            return
        person.connection = None
        if person.present and not self.over:
            self._capturing.apply(Disconnected(person.id))
            self._start_grace(person)
        elif person.state is State.WAITING:
            person.state = State.DOOR
        self.changed()

    async def enrol(
        self, seat: Seat, connection: Connection, name: str, body: bytes, signature: bytes
    ) -> Signed | None:
        """Take a person's keys, and acknowledge them; the same bytes again change nothing."""
        name = clean_name(name)
        async with self._lock:
            self._must_be_live()
            here = self._roster.of(connection)
            if here is None and not self._roster.at_the_door(connection):
                raise NotEnrolled
            if here is None and self._locked and not seat.host:
                raise MeetingLocked
            enrolment, acknowledgement = await self._store.enrol(
                seat,
                name,
                body,
                signature,
                self._charter,
                self._clock.now(),
                self._rules.max_people_per_meeting,
            )
            id_ = encode(enrolment.person)
            person = self._roster.people.get(id_)
            if person is None:
                person = Person(id_, name, seat.host, enrolment)
                self._roster.people[id_] = person
            elif here is None:
                raise AlreadyEnrolled
            self._roster.left_the_door(connection)
            person.connection = connection
            return acknowledgement

    async def join(self, person: Person) -> None:
        """Let a person in, or have them wait for the host."""
        async with self._lock:
            self._must_be_live()
            if person.removed:
                raise Removed
            if person.state is not State.DOOR:
                return
            returns = person.ever_admitted
            if self._locked and not person.host and not returns:
                raise MeetingLocked
            if self._charter.waiting_room and not person.host and not returns:
                person.state = State.WAITING
                self.changed()
                return
            await self._admit(person)

    async def admit(self, id_: str) -> None:
        """Host: let a waiting person in."""
        async with self._lock:
            self._must_be_live()
            person = self._roster.people.get(id_)
            if person is None or person.state is not State.WAITING:
                raise BadRequest("This person is not waiting.", field="person")
            await self._admit(person)

    async def _admit(self, person: Person) -> None:
        if len(self._capturing.state.present) >= self._rules.max_participants:
            raise MeetingFull
        self._capturing.began = await self._store.admitted(self.id, person.id, self._clock.now())
        person.state = State.ADMITTED
        person.ever_admitted = True
        self._capturing.apply(Admitted(person.id, person.agrees))
        if person.connection is not None:
            self._capturing.apply(Connected(person.id))
            self.media.connect(person)
        else:
            self._start_grace(person)
        self.changed()

    async def deny(self, id_: str) -> None:
        """Host: send a waiting person away; they may ask again with a new seat."""
        async with self._lock:
            person = self._roster.people.get(id_)
            if person is None or person.state is not State.WAITING:
                raise BadRequest("This person is not waiting.", field="person")
            person.state = State.DOOR
            if person.connection is not None:
                person.connection.goodbye(Goodbye.DENIED)
                person.connection = None
            self.changed()

    async def leave(self, person: Person) -> None:
        """A person leaves by their own will."""
        await self._depart(person, Goodbye.LEFT)

    async def remove(self, id_: str) -> None:
        """Host: remove a person, for this meeting."""
        person = self._roster.people.get(id_)
        if person is None or person.host:
            raise BadRequest("This person cannot be removed.", field="person")
        person.removed = True
        await self._depart(person, Goodbye.REMOVED)

    async def _depart(self, person: Person, reason: Goodbye) -> None:
        person.stop_grace()
        self.devices.end(person.id)
        was_present = person.present
        person.state = State.DOOR
        person.muted.clear()
        if was_present and not self.over:
            self._capturing.apply(Departed(person.id))
        connection, person.connection = person.connection, None
        if connection is not None:
            connection.goodbye(reason)
        self.changed()
        await self._store.departed(
            self.id, person.id, self._clock.now(), removed=reason is Goodbye.REMOVED
        )

    def _start_grace(self, person: Person) -> None:
        person.stop_grace()

        def over() -> None:
            person.grace = None
            if person.connection is None and person.present and not self.over:
                self.spawn(self._depart(person, Goodbye.LEFT))

        loop = asyncio.get_running_loop()
        person.grace = loop.call_later(self._rules.grace_seconds, over)

    # ---- answers ----------------------------------------------------------------------------

    async def answer(self, body: bytes, signature: bytes, sealed: bytes | None) -> Signed | None:
        """Take a person's signed will, from their connection or receipt page; acknowledge it."""
        person = self._signer(body)
        if (
            person is not None
            and person.present
            and self._takes_back(person, body, signature, sealed)
        ):
            # Fail closed: capture stops now, and stays stopped if the answer cannot be stored.
            self._capturing.apply(Answered(person.id, agrees=False))
        async with self._lock:
            said, acknowledgement = await self._store.answer(
                body, signature, sealed, self._clock.now()
            )
            if person is None:
                return acknowledgement
            if person.answer is None or said.sequence > person.answer.sequence:
                person.answer = said
            if person.present and not self.over:
                self._capturing.apply(Answered(person.id, person.agrees))
            self.changed()
            return acknowledgement

    def signed_by(self, person: Person, body: bytes) -> bool:
        """Whether an answer claims to be of ``person``; its signature is checked when taken."""
        return self._signer(body) is person

    def _signer(self, body: bytes) -> Person | None:
        try:
            return self._roster.people.get(encode(statements.parse_answer(body).person))
        except Exception:  # the store refuses it with the right code
            return None

    def _takes_back(
        self, person: Person, body: bytes, signature: bytes, sealed: bytes | None
    ) -> bool:
        if not person.agrees:
            return False
        try:
            said = statements.verify_answer(
                body, signature, person.enrolment, self._charter, person.answer, sealed
            )
        except Exception:  # the store refuses it with the right code
            return False
        return said.recording is not statements.Will.YES

    # ---- the host's wishes ------------------------------------------------------------------

    async def lock(self, locked: bool) -> None:
        """Host: close the door to newcomers, or open it."""
        async with self._lock:
            self._locked = locked
            await self._save_flags()
            self.changed()

    async def arm(self, armed: bool) -> None:
        """Host: record as far as everyone agrees, or stop."""
        if not armed and self._capturing.state.armed:
            self._capturing.apply(Disarmed())
        async with self._lock:
            self._must_be_live()
            if armed and not self._capturing.state.armed:
                if not self._charter.recording:
                    raise NotRecordable
                await self._find_vault_key()
                if self._charter.training and self._capturing.vault_key is None:
                    raise VaultUnavailable
                self._capturing.apply(Armed())
            await self._save_flags()

    async def _save_flags(self) -> None:
        await self._store.set_flags(self.id, locked=self._locked, armed=self._capturing.state.armed)

    def ask_again(self) -> None:
        """Host: ask everyone alike once more."""
        now = self._clock.monotonic()
        if self._asked_at is not None and now - self._asked_at < ASK_AGAIN_EVERY:
            raise RateLimited("You can ask again once a minute.", retry_after=int(ASK_AGAIN_EVERY))
        self._asked_at = now
        self._roster.ask()

    async def end(self, reason: Goodbye = Goodbye.ENDED) -> None:
        """The meeting is over for everyone; returns when its recording is closed."""
        if not self.over:
            self.over = True
            self._capturing.apply(Ended())
            now = self._clock.now()
            try:
                await self._store.ended(self.id, now, now + self._rules.retention_ms)
            finally:
                self._roster.farewell(reason)
        await self._finish()

    async def suspend(self) -> None:
        """The server stops: capture ends here, and everyone is told to come back by themselves."""
        self.over = True
        if self._capturing.state.phase is not Phase.OVER:
            if self._capturing.state.armed:
                self._capturing.apply(Disarmed())
            for person in sorted(self._capturing.state.present):
                self._capturing.apply(Departed(person))
        self._roster.farewell(Goodbye.RESTARTING)
        await self._finish()

    async def _finish(self) -> None:
        self._capturing.close()
        if self._telling is not None:
            self._telling.cancel()
        self.media.close()
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def idle(self) -> bool:
        """Whether nobody is here and nothing is being written: it can be forgotten."""
        return self._roster.empty and not self._tasks

    async def forget(self) -> None:
        """Free what an idle meeting holds; it can be loaded again."""
        self.over = True
        await self._finish()

    # ---- what people show -------------------------------------------------------------------

    def mute(self, person: Person, source: str, muted: bool) -> None:
        """The sender says a source of theirs is (not) muted; only shown, nothing depends on it."""
        if not person.present:
            raise NotAdmitted
        (person.muted.add if muted else person.muted.discard)(source)
        self.changed()

    def epoch_seen(self, epoch: int, ok: bool) -> None:
        """A browser has checked the header of an epoch that it is in."""
        if not ok:
            log.error("epoch-disputed", epoch=epoch)
            self._disputed = True
            self.changed()

    # ---- what the capture needs -------------------------------------------------------------

    def ever_admitted(self) -> Sequence[Person]:
        """Everyone who was ever let in."""
        return self._roster.ever_admitted()

    def epoch_started(self, number: int, header: bytes) -> None:
        """Show everyone present who is in the epoch, so that their browser can check it."""
        self._roster.show_epoch(number, header)

    def changed(self) -> None:
        """Tell everyone soon; changes that come together are told together."""
        self._revision += 1
        if self._telling is None and not self.over:
            self._telling = asyncio.get_running_loop().call_later(COALESCE, self._tell)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that is waited for when the meeting ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("meeting-task-failed", exc_info=task.exception())

    # ---- views ------------------------------------------------------------------------------

    def room_view(self) -> RoomView:
        """Return the state that everyone in the meeting shares."""
        return RoomView(
            revision=self._revision,
            title=self._title,
            started_at=self._capturing.began,
            locked=self._locked,
            capture=self._capturing.shown,
            armed=self._capturing.state.armed,
            problem=self._capturing.problem or ("epoch-disputed" if self._disputed else None),
            present=len(self._capturing.state.present),
            agreed=len(self._capturing.state.agreed),
            recorder=self._capturing.state.armed,
            people=self._roster.present(self.media.sources(), show_answers=self._rules.show_names),
            absent_hosts=self._roster.absent_hosts(),
            waiting=self._roster.waiting(),
        )

    def seat_view(self, seat: Seat, connection: Connection) -> SeatView:
        """Return what the meeting knows of one connection's seat."""
        person = self._roster.of(connection)
        if person is None:
            return SeatView(None, seat.host, State.DOOR, "unanswered", "unanswered", None, None)
        return replace(person.seat_view(), device=self.devices.doing(person.id))

    def person(self, connection: Connection) -> Person:
        """Return who is behind a connection; raises NotEnrolled."""
        return self._roster.behind(connection)

    def _tell(self) -> None:
        self._telling = None
        self._roster.tell()

    # ---- small things -----------------------------------------------------------------------

    async def _find_vault_key(self) -> None:
        if self._capturing.vault_key is None and self._charter.training:
            row = await self._store.vault_key(self.id)
            if row is not None:
                self._capturing.vault_key = self._store.verified_key(row, self._charter)

    def _must_be_live(self) -> None:
        if self.over or self._clock.now() >= self.expires_at:
            raise MeetingOver
