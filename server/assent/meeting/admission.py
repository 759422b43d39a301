"""Who is let into a meeting, and who waits at its door: coming, going, and the host's word on it.

A person enrols, joins or waits, is admitted or denied, and departs, or is removed for good. Whoever
is cut off stays for the grace time. Nothing here decides whether anything is recorded: the capture
is told who is here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, Protocol

from assent.consent import PersonAdmitted, PersonConnected, PersonDeparted, PersonDisconnected
from assent.errors import (
    AlreadyEnrolled,
    BadRequest,
    BadToken,
    MeetingFull,
    MeetingLocked,
    NotEnrolled,
    RateLimited,
    Removed,
)
from assent.meeting.capture_controller import CaptureController
from assent.meeting.devices import Devices
from assent.meeting.header_checks import HeaderChecks
from assent.meeting.introduction import Introduction
from assent.meeting.media_session import MediaSession
from assent.meeting.newcomers import ENROL_SECONDS, HOST_PLACES
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.seats import Seat
from assent.meeting.services import Services
from assent.meeting.views import (
    AdmissionState,
    ClientConnection,
    CloseReason,
    SeatView,
    seat_of_nobody,
)
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import encode
from assent_vault.ledger.documents import ServerSigned


class AdmittingMeeting(Protocol):
    """What admission needs of the meeting it belongs to."""

    id: str
    over: bool

    def must_be_live(self) -> None:
        """Raise MeetingOver where it is over, or its time is."""

    def changed(self) -> None:
        """What people see has changed."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that the meeting waits for when it ends."""


class Admission:
    """The door of one meeting. ``turn`` is held while anything of the meeting is decided."""

    def __init__(
        self,
        meeting: AdmittingMeeting,
        services: Services,
        charter: Charter,
        roster: Roster,
        media: MediaSession,
        devices: Devices,
        capturing: CaptureController,
        header_checks: HeaderChecks,
        turn: asyncio.Lock,
        *,
        locked: bool,
    ) -> None:
        self.locked = locked  # to newcomers, by the host
        # Whom acts of hosts have let in, with the digest of their enrolment.
        self.let_in: Mapping[bytes, bytes] = {}
        self._meeting = meeting
        self._store = services.store.participants
        self._clock = services.clock
        self._rules = services.rules
        self._charter = charter
        self._roster = roster
        self._media = media
        self._devices = devices
        self._capturing = capturing
        self._header_checks = header_checks
        self._turn = turn
        self._pace = services.pace

    def bring_back(self, person: Person, *, present: bool) -> None:
        """Know somebody again after a restart; whoever was present is, and has the grace time."""
        self._roster.add(person)
        if present:
            person.state = AdmissionState.ADMITTED
            self._capturing.apply(PersonAdmitted(person.id, person.agrees))
            self._start_grace(person)

    async def attach(
        self, seat: Seat, connection: ClientConnection, *, resume: bool = False, client: str = ""
    ) -> SeatView:
        """A browser has said hello for ``seat``; an earlier connection of the seat is replaced.

        With ``resume`` it is the same page again, whose media connections go on if they still can.
        ``client`` is where it comes from, as limits count it.
        """
        async with self._turn:
            self._meeting.must_be_live()
            # Asked in here: another page of the seat's may be enrolling at this moment.
            person_id = await self._store.person_of(seat.token_hash)
            if person_id is None:
                self._roster.knock(seat, connection, client)
                return seat_of_nobody(host=seat.host)
            person = self._roster.get(person_id)
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
                    self._media.resume(person)
                else:
                    self._media.connect(person)
            self._meeting.changed()
            return person.seat_view()

    def detach(self, connection: ClientConnection) -> None:
        """A connection is gone, for whatever reason; the person stays for the grace time."""
        self._roster.left_the_door(connection)
        self._header_checks.gone(connection)
        person = self._roster.of(connection)
        if person is None:
            return
        person.connection = None
        if person.present and not self._meeting.over:
            self._capturing.apply(PersonDisconnected(person.id))
            self._start_grace(person)
        elif person.state is AdmissionState.WAITING:
            person.state = AdmissionState.DOOR
        self._meeting.changed()

    async def enrol(
        self,
        seat: Seat,
        connection: ClientConnection,
        introduction: Introduction,
        body: bytes,
        signature: bytes,
        *,
        client: str = "",
    ) -> ServerSigned | None:
        """Take a person's keys, and acknowledge them; the same bytes again change nothing."""
        introduction.check()
        async with self._turn:
            self._meeting.must_be_live()
            here = self._roster.of(connection)
            if here is None and not self._roster.at_the_door(connection):
                raise NotEnrolled
            if here is None and self.locked and not seat.host:
                raise MeetingLocked
            if here is None:
                await self._make_room(client, seat)
            enrolment, acknowledgement = await self._store.enrol(
                seat, introduction, body, signature, self._charter, self._clock.now()
            )
            id_ = encode(enrolment.person)
            person = self._roster.get(id_)
            if person is None:
                person = Person(id_, introduction, seat.host, enrolment, signature)
                self._roster.add(person)
            elif here is None:
                raise AlreadyEnrolled
            self._roster.left_the_door(connection)
            person.connection = connection
            person.client = client
            return acknowledgement

    async def _make_room(self, client: str, seat: Seat) -> None:
        """Have room for one more who enrols; raises RateLimited, MeetingFull."""
        now = self._clock.monotonic()
        if not seat.host and not self._pace.take(self._meeting.id, client, now):
            raise RateLimited(retry_after=int(ENROL_SECONDS))
        # Before anybody has to go for it.
        await self._store.must_have_room(seat)
        fits, going = self._roster.crowd_of(client, host=seat.host)
        if going is not None:
            await self._forget_people([going.id])
        if not fits:
            raise MeetingFull

    async def forget_people(self, people: Collection[str]) -> None:
        """Forget those of ``people`` who were never let in and are not at the door now."""
        async with self._turn:
            await self._forget_people(people)

    async def _forget_people(self, people: Collection[str]) -> None:
        gone = [id_ for id_ in people if not self._is_here(id_)]
        for id_ in await self._store.forget(self._meeting.id, gone, self._clock.now()):
            self._roster.forget(id_)
        self._meeting.changed()

    def _is_here(self, id_: str) -> bool:
        person = self._roster.get(id_)
        return person is not None and (person.connection is not None or person.ever_admitted)

    async def join(self, person: Person) -> None:
        """Let a person in, or have them wait for the host."""
        async with self._turn:
            self._meeting.must_be_live()
            if person.removed:
                raise Removed
            if person.state is not AdmissionState.DOOR:
                return
            returns = person.ever_admitted
            if self.locked and not person.host and not returns:
                raise MeetingLocked
            # Whoever was removed still has the link, and could come as somebody else.
            asks = self._charter.waiting_room or self._roster.has_removed
            said = person.enrolment
            # A host has signed it, and the server stopped before they were in.
            signed = self.let_in.get(said.person) == said.digest
            if asks and not person.host and not returns and not signed:
                person.state = AdmissionState.WAITING
                self._meeting.changed()
                return
            await self._admit(person)

    async def admit(self, id_: str) -> None:
        """Host: let a waiting person in."""
        async with self._turn:
            self._meeting.must_be_live()
            await self._admit(self.must_wait(id_))

    def must_wait(self, id_: str) -> Person:
        """Return who waits to be let in; raises BadRequest where they do not."""
        person = self._roster.get(id_)
        if person is None or person.state is not AdmissionState.WAITING:
            raise BadRequest("This person is not waiting.", field="person")
        return person

    async def _admit(self, person: Person) -> None:
        most, ever = self._rules.max_participants, self._rules.max_people_per_meeting
        if person.host:
            # A meeting that is full has room for its host all the same.
            most, ever = most + HOST_PLACES, ever + HOST_PLACES
        if len(self._capturing.state.present) >= most:
            raise MeetingFull
        self._capturing.began = await self._store.admitted(
            self._meeting.id, person.id, self._clock.now(), ever
        )
        person.state = AdmissionState.ADMITTED
        person.ever_admitted = True
        self._capturing.apply(PersonAdmitted(person.id, person.agrees))
        if person.connection is not None:
            self._capturing.apply(PersonConnected(person.id))
            self._media.connect(person)
        else:
            self._start_grace(person)
        self._meeting.changed()

    async def deny(self, id_: str) -> None:
        """Host: send a waiting person away; they may ask again with a new seat."""
        async with self._turn:
            person = self.must_wait(id_)
            person.state = AdmissionState.DOOR
            if person.connection is not None:
                person.connection.goodbye(CloseReason.DENIED)
                person.connection = None
            self._meeting.changed()

    async def leave(self, person: Person) -> None:
        """A person leaves by their own will."""
        await self._depart(person, CloseReason.LEFT)

    async def remove(self, id_: str) -> None:
        """Host: remove a person, for this meeting."""
        person = self._roster.get(id_)
        if person is None or person.host:
            raise BadRequest("This person cannot be removed.", field="person")
        person.removed = True
        await self._depart(person, CloseReason.REMOVED)

    async def _depart(self, person: Person, reason: CloseReason) -> None:
        person.stop_grace()
        self._devices.end(person.id)
        was_present = person.present
        person.state = AdmissionState.DOOR
        person.muted.clear()
        person.silenced.clear()
        if was_present and not self._meeting.over:
            self._capturing.apply(PersonDeparted(person.id))
        connection, person.connection = person.connection, None
        if connection is not None:
            connection.goodbye(reason)
        self._meeting.changed()
        await self._store.departed(
            self._meeting.id, person.id, self._clock.now(), removed=reason is CloseReason.REMOVED
        )

    def _start_grace(self, person: Person) -> None:
        person.stop_grace()

        def over() -> None:
            person.grace = None
            if person.connection is None and person.present and not self._meeting.over:
                self._meeting.spawn(self._depart(person, CloseReason.LEFT))

        loop = asyncio.get_running_loop()
        person.grace = loop.call_later(self._rules.grace_seconds, over)
