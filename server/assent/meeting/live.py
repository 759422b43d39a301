"""A meeting while it runs: the async shell around the capture rule.

Facts come in from connections, the media plane and timers; ``capture_controller.py`` turns
those that matter into events of the capture rule.

Answers that take something back are believed *before* they are stored: capture stops first.
Answers that give are believed only *after* they are stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import structlog

from assent.consent import (
    Armed,
    Disarmed,
    MeetingEnded,
    PersonAdmitted,
    PersonAnswered,
    PersonConnected,
    PersonDeparted,
    PersonDisconnected,
    Phase,
)
from assent.errors import (
    AlreadyEnrolled,
    BadRequest,
    BadToken,
    MeetingFull,
    MeetingLocked,
    MeetingOver,
    NotAdmitted,
    NotEnrolled,
    NotRecordable,
    RateLimited,
    Refusal,
    Removed,
    VaultUnavailable,
)
from assent.meeting.acts import Actor, Acts, Purpose, concerning
from assent.meeting.capture_controller import CaptureController
from assent.meeting.devices import Devices
from assent.meeting.header_checks import HeaderChecks
from assent.meeting.media_session import MediaSession
from assent.meeting.names import clean_name
from assent.meeting.newcomers import ENROL_SECONDS, HOST_PLACES, Pace
from assent.meeting.owing import Owing
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.seats import Seat
from assent.meeting.services import Services
from assent.meeting.views import AdmissionState, ClientConnection, CloseReason, RoomView, SeatView
from assent_vault.formats import statement as statements
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import encode
from assent_vault.ledger.documents import ServerSigned
from assent_vault.ledger.entry import Revoked
from assent_vault.ledger.revocation import TRAINING
from assent_vault.store.models import MeetingRow

log = structlog.get_logger(__name__)

COALESCE = 0.03  # seconds; an epoch that follows another shows no flicker in between
ASK_AGAIN_EVERY = 60.0


class LiveMeeting:
    """One meeting that has not ended. Build it with :meth:`load`."""

    def __init__(self, services: Services, owing: Owing, row: MeetingRow, charter: Charter) -> None:
        self.id = row.id
        self.expires_at = min(row.expires_at, charter.expires)
        self.over = False
        self._store = services.store
        self._owing = owing
        self._clock = services.clock
        self._rules = services.rules
        self._charter = charter
        self._title = row.title
        self._locked = row.locked
        self.host_account = row.host_account
        self._roster = Roster()
        self._pace = Pace()
        self.media = MediaSession(
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
        self._capturing = CaptureController(
            self,
            row.id,
            charter,
            self.media.room,
            services.store.epochs,
            services.blobs,
            services.clock,
            services.server_key,
            services.space.problem or owing.problem,
        )
        self._capturing.began = row.started_at
        self._acts = Acts(services.store.database, services.server_key)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._header_checks = HeaderChecks()
        self._revision = 0
        self._telling: asyncio.TimerHandle | None = None
        self._asked_at: float | None = None

    @classmethod
    async def load(
        cls, services: Services, owing: Owing, row: MeetingRow, charter: Charter
    ) -> LiveMeeting:
        """Bring a meeting (back) to life: closes torn epochs, finds its people.

        Who was present when the server stopped is present again, unreachable, with the grace time
        to come back in.
        """
        people = await services.store.participants.people(row.id, charter)
        acts = await Acts(services.store.database, services.server_key).of(row.id)
        live = cls(services, owing, row, charter)
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
                withheld=owing.stops(row.id, known.person),
                acts=concerning(acts, known.person),
                ever_admitted=known.admitted,
                removed=known.removed,
            )
            live._roster.people[person.id] = person
            if known.admitted and not known.left:
                person.state = AdmissionState.ADMITTED
                live._capturing.apply(PersonAdmitted(person.id, person.agrees))
                live._start_grace(person)
        if row.armed and charter.recording:
            live._capturing.apply(Armed())
        return live

    # ---- coming and going -------------------------------------------------------------------

    async def attach(
        self, seat: Seat, connection: ClientConnection, *, resume: bool = False, client: str = ""
    ) -> SeatView:
        """A browser has said hello for ``seat``; an earlier connection of the seat is replaced.

        With ``resume`` it is the same page again, whose media connections go on if they still can.
        ``client`` is where it comes from, as limits count it.
        """
        async with self._lock:
            self._must_be_live()
            # Asked in here: another page of the seat's may be enrolling at this moment.
            person_id = await self._store.participants.person_of(seat.token_hash)
            if person_id is None:
                self._roster.knock(seat, connection, client)
                return SeatView(
                    None, seat.host, AdmissionState.DOOR, "unanswered", "unanswered", None, None
                )
            person = self._roster.people.get(person_id)
            if person is None:  # forgotten at this moment
                raise BadToken
            if person.removed:
                raise Removed
            if person.connection is None and not person.host and not person.ever_admitted:
                self._roster.make_room(client)
            person.client = client
            earlier, person.connection = person.connection, connection
            if earlier is not None:
                earlier.goodbye(CloseReason.REPLACED)
            if person.present:
                person.stop_grace()
                self._capturing.apply(PersonConnected(person.id))
                if resume:
                    self.media.resume(person)
                else:
                    self.media.connect(person)
            self.changed()
            return person.seat_view()

    def detach(self, connection: ClientConnection) -> None:
        """A connection is gone, for whatever reason; the person stays for the grace time."""
        self._roster.left_the_door(connection)
        self._header_checks.gone(connection)
        person = self._roster.of(connection)
        if person is None:
            return
        person.connection = None
        if person.present and not self.over:
            self._capturing.apply(PersonDisconnected(person.id))
            self._start_grace(person)
        elif person.state is AdmissionState.WAITING:
            person.state = AdmissionState.DOOR
        self.changed()

    async def enrol(
        self,
        seat: Seat,
        connection: ClientConnection,
        name: str,
        body: bytes,
        signature: bytes,
        *,
        client: str = "",
    ) -> ServerSigned | None:
        """Take a person's keys, and acknowledge them; the same bytes again change nothing."""
        name = clean_name(name)
        async with self._lock:
            self._must_be_live()
            here = self._roster.of(connection)
            if here is None and not self._roster.at_the_door(connection):
                raise NotEnrolled
            if here is None and self._locked and not seat.host:
                raise MeetingLocked
            if here is None:
                await self._make_room(client, seat)
            enrolment, acknowledgement = await self._store.participants.enrol(
                seat, name, body, signature, self._charter, self._clock.now()
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
            person.client = client
            return acknowledgement

    async def _make_room(self, client: str, seat: Seat) -> None:
        """Have room for one more who enrols; raises RateLimited, MeetingFull."""
        if not seat.host and not self._pace.take(client, self._clock.monotonic()):
            raise RateLimited(retry_after=int(ENROL_SECONDS))
        # Before anybody has to go for it.
        await self._store.participants.must_have_room(seat)
        fits, going = self._roster.crowd_of(client, host=seat.host)
        if going is not None:
            await self._forget_people([going.id])
        if not fits:
            raise MeetingFull

    async def forget_people(self, people: Collection[str]) -> None:
        """Forget those of ``people`` who were never let in and are not at the door now."""
        async with self._lock:
            await self._forget_people(people)

    async def _forget_people(self, people: Collection[str]) -> None:
        gone = [id_ for id_ in people if not self._is_here(id_)]
        for id_ in await self._store.participants.forget(self.id, gone, self._clock.now()):
            self._roster.people.pop(id_, None)
        self.changed()

    def _is_here(self, id_: str) -> bool:
        person = self._roster.people.get(id_)
        return person is not None and (person.connection is not None or person.ever_admitted)

    async def join(self, person: Person) -> None:
        """Let a person in, or have them wait for the host."""
        async with self._lock:
            self._must_be_live()
            if person.removed:
                raise Removed
            if person.state is not AdmissionState.DOOR:
                return
            returns = person.ever_admitted
            if self._locked and not person.host and not returns:
                raise MeetingLocked
            # Whoever was removed still has the link, and could come as somebody else.
            asks = self._charter.waiting_room or self._roster.has_removed
            if asks and not person.host and not returns:
                person.state = AdmissionState.WAITING
                self.changed()
                return
            await self._admit(person)

    async def admit(self, id_: str) -> None:
        """Host: let a waiting person in."""
        async with self._lock:
            self._must_be_live()
            person = self._roster.people.get(id_)
            if person is None or person.state is not AdmissionState.WAITING:
                raise BadRequest("This person is not waiting.", field="person")
            await self._admit(person)

    async def _admit(self, person: Person) -> None:
        most, ever = self._rules.max_participants, self._rules.max_people_per_meeting
        if person.host:
            # A meeting that is full has room for its host all the same.
            most, ever = most + HOST_PLACES, ever + HOST_PLACES
        if len(self._capturing.state.present) >= most:
            raise MeetingFull
        self._capturing.began = await self._store.participants.admitted(
            self.id, person.id, self._clock.now(), ever
        )
        person.state = AdmissionState.ADMITTED
        person.ever_admitted = True
        self._capturing.apply(PersonAdmitted(person.id, person.agrees))
        if person.connection is not None:
            self._capturing.apply(PersonConnected(person.id))
            self.media.connect(person)
        else:
            self._start_grace(person)
        self.changed()

    async def deny(self, id_: str) -> None:
        """Host: send a waiting person away; they may ask again with a new seat."""
        async with self._lock:
            person = self._roster.people.get(id_)
            if person is None or person.state is not AdmissionState.WAITING:
                raise BadRequest("This person is not waiting.", field="person")
            person.state = AdmissionState.DOOR
            if person.connection is not None:
                person.connection.goodbye(CloseReason.DENIED)
                person.connection = None
            self.changed()

    async def leave(self, person: Person) -> None:
        """A person leaves by their own will."""
        await self._depart(person, CloseReason.LEFT)

    async def remove(self, id_: str) -> None:
        """Host: remove a person, for this meeting."""
        person = self._roster.people.get(id_)
        if person is None or person.host:
            raise BadRequest("This person cannot be removed.", field="person")
        person.removed = True
        await self._depart(person, CloseReason.REMOVED)

    async def _depart(self, person: Person, reason: CloseReason) -> None:
        person.stop_grace()
        self.devices.end(person.id)
        was_present = person.present
        person.state = AdmissionState.DOOR
        person.muted.clear()
        person.silenced.clear()
        if was_present and not self.over:
            self._capturing.apply(PersonDeparted(person.id))
        connection, person.connection = person.connection, None
        if connection is not None:
            connection.goodbye(reason)
        self.changed()
        await self._store.participants.departed(
            self.id, person.id, self._clock.now(), removed=reason is CloseReason.REMOVED
        )

    def _start_grace(self, person: Person) -> None:
        person.stop_grace()

        def over() -> None:
            person.grace = None
            if person.connection is None and person.present and not self.over:
                self.spawn(self._depart(person, CloseReason.LEFT))

        loop = asyncio.get_running_loop()
        person.grace = loop.call_later(self._rules.grace_seconds, over)

    # ---- answers ----------------------------------------------------------------------------

    async def answer(
        self, body: bytes, signature: bytes, sealed: bytes | None
    ) -> ServerSigned | None:
        """Take a person's signed will, from their connection or receipt page; acknowledge it."""
        person = self._signer(body)
        takes_back = person is not None and self._takes_back(person, body, signature, sealed)
        if person is not None and takes_back:
            # Fail closed: capture stops now, and stays stopped if the answer cannot be stored.
            person.withheld = True
            if person.present:
                self._capturing.apply(PersonAnswered(person.id, agrees=False))
        async with self._lock:
            try:
                said, acknowledgement = await self._owing.answer(
                    body, signature, sealed, verified=takes_back
                )
            except Refusal:
                if person is not None:
                    person.withheld |= self._owing.stops(self.id, person.id)
                raise
            self.taken(said)
            return acknowledgement

    def taken(self, said: statements.Answer) -> None:
        """An answer is stored: the meeting goes by it from now on."""
        person = self._roster.people.get(encode(said.person))
        if person is None:
            return
        if person.answer is None or said.sequence > person.answer.sequence:
            person.answer = said
        person.withheld = self._owing.stops(self.id, person.id)
        if person.present and not self.over:
            self._capturing.apply(PersonAnswered(person.id, person.agrees))
        self.changed()

    def space(self, problem: str | None) -> None:
        """Learn that there is no room for a recording, or that there is room again."""
        if not self.over:
            self._capturing.space_trouble(problem)

    async def take_back(self, id_: str, purpose: Purpose, actor: Actor) -> Revoked:
        """Take something back for a person, whether they are here or not; raises NotFound."""
        person = self._roster.people.get(id_)
        if person is not None and person.present and person.agrees and purpose != TRAINING:
            # Fail closed, as with their own: capture stops now, and is stored after that.
            self._capturing.apply(PersonAnswered(person.id, agrees=False))
        async with self._lock:
            act = await self._acts.take_back(self.id, id_, purpose, actor, self._clock.now())
        await self.look_at_acts()
        return act

    async def look_at_acts(self) -> None:
        """Find what was taken back for others by now, also beside this server; stop for it."""
        acts = await self._acts.of(self.id)
        for person in self._roster.people.values():
            mine = concerning(acts, person.id)
            if mine == person.acts:
                continue
            person.acts = mine
            if person.present and not self.over:
                self._capturing.apply(PersonAnswered(person.id, person.agrees))
            self.changed()

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

    async def end(self, reason: CloseReason = CloseReason.ENDED) -> None:
        """The meeting is over for everyone; returns when its recording is closed."""
        if not self.over:
            self.over = True
            self._capturing.apply(MeetingEnded())
            now = self._clock.now()
            try:
                await self._store.ended(self.id, now, self._rules.retention_days)
            finally:
                self._roster.farewell(reason)
        await self._finish()

    async def suspend(self) -> None:
        """The server stops: capture ends here, and everyone is told to come back by themselves."""
        self.over = True
        self._capturing.leave()
        if self._capturing.state.phase is not Phase.OVER:
            if self._capturing.state.armed:
                self._capturing.apply(Disarmed())
            for person in sorted(self._capturing.state.present):
                self._capturing.apply(PersonDeparted(person))
        self._roster.farewell(CloseReason.RESTARTING)
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

    def mute(self, person: Person, source: str, *, muted: bool, system: bool = False) -> None:
        """The sender says a source of theirs is (not) muted; only shown, nothing depends on it.

        ``system``: not by the person, but by their system or a switch on the device.
        """
        if not person.present:
            raise NotAdmitted
        (person.muted.add if muted else person.muted.discard)(source)
        (person.silenced.add if muted and system else person.silenced.discard)(source)
        self.changed()

    def epoch_seen(
        self, connection: ClientConnection, epoch: int, header: str, problem: str | None
    ) -> None:
        """A browser has checked the header of the epoch that it is in; ``problem`` is a code."""
        person = self.person(connection)
        if not person.present:
            raise NotAdmitted
        before = self._header_checks.disputed_by
        ok = problem is None
        if not self._header_checks.take(connection, person.id, epoch, header, ok=ok):
            return
        if not ok:
            log.error("epoch-disputed", epoch=epoch, problem=problem)
        if self._header_checks.disputed_by != before:
            self.changed()

    # ---- what the capture needs -------------------------------------------------------------

    def ever_admitted(self) -> Sequence[Person]:
        """Everyone who was ever let in."""
        return self._roster.ever_admitted()

    def epoch_started(self, number: int, header: bytes) -> None:
        """Show everyone present who is in the epoch, so that their browser can check it."""
        self._header_checks.begin(number, header, self._roster.show_epoch(number, header))

    def epoch_ended(self) -> None:
        """What was found in the header of the epoch is said no longer."""
        self._header_checks.end()

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
            problem=self._capturing.problem,
            disputed_by=self._header_checks.disputed_by,
            present=len(self._capturing.state.present),
            agreed=len(self._capturing.state.agreed),
            recorder=self._capturing.state.armed,
            people=self._roster.present(self.media.sources(), show_answers=self._rules.show_names),
            absent_hosts=self._roster.absent_hosts(),
            waiting=self._roster.waiting(),
        )

    def seat_view(self, seat: Seat, connection: ClientConnection) -> SeatView:
        """Return what the meeting knows of one connection's seat."""
        person = self._roster.of(connection)
        if person is None:
            return SeatView(
                None, seat.host, AdmissionState.DOOR, "unanswered", "unanswered", None, None
            )
        return replace(person.seat_view(), device=self.devices.doing(person.id))

    def person(self, connection: ClientConnection) -> Person:
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
        if self.over or self._clock.surely() >= self.expires_at:
            raise MeetingOver
