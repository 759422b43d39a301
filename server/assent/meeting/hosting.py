"""What only hosts may have done: nothing begins, and nobody is let in, but by an act of theirs.

Whom the server calls a host by their seat may ask; a host is who has a certificate by the host key
of the room, which no server has. What a host does is signed, and numbered: it is checked here,
stored, carried out, and shown to everybody in the meeting, whose browsers check it once more.

Nothing has to be signed for something to stop: a host without a certificate stops the recording all
the same, and what an act takes away is gone before it is known whether the act follows the last.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from assent.clock import Clock
from assent.errors import BadRequest, NotAHost, NotEnrolled
from assent.meeting.admission import Admission
from assent.meeting.generation_draft import HostsSaid
from assent.meeting.host_store import HostStore, StoredSigned
from assent.meeting.person import Person
from assent.meeting.refusals import refusing
from assent.meeting.roster import Roster
from assent.meeting.views import CertificateView, SignedView
from assent_vault.formats import host_acts, host_certificate
from assent_vault.formats.charter import Charter
from assent_vault.formats.host_acts import Admitting, Arming, HostAct, Removing
from assent_vault.formats.room import Room
from assent_vault.formats.suite import encode
from assent_vault.ledger.host_course import HostCourse

log = structlog.get_logger(__name__)


class HostedMeeting(Protocol):
    """What hosts act upon."""

    id: str

    async def arm(self, armed: bool) -> None:
        """Record as far as everyone agrees, or stop."""

    async def must_be_armable(self) -> None:
        """Raise where nothing can be recorded."""

    def must_be_live(self) -> None:
        """Raise MeetingOver where it is over, or its time is."""

    def changed(self) -> None:
        """What people see has changed."""


class Hosting:
    """The hosts of one meeting: ``course`` is who is one, and what their acts amount to."""

    def __init__(
        self,
        meeting: HostedMeeting,
        store: HostStore,
        charter: Charter,
        room: Room,
        roster: Roster,
        admission: Admission,
        clock: Clock,
    ) -> None:
        self.course = HostCourse()
        self.certificates: list[CertificateView] = []
        self.acts: list[SignedView] = []
        self._certified: dict[bytes, bytes] = {}  # digests of certificates, by person id
        self._meeting = meeting
        self._store = store
        self._charter = charter
        self._room = room
        self._roster = roster
        self._admission = admission
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def restore(self) -> None:
        """Find what was signed before a restart; what does not verify raises.

        Acts follow one another from the first: a row that is missing is one that does not verify.
        """
        for id_, stored in await self._store.certificates(self._meeting.id):
            person = self._roster.get(id_)
            if person is not None:  # else they were forgotten, before they were ever let in
                self._take_certificate(person, stored)
        for stored in await self._store.acts(self._meeting.id):
            said = host_acts.parse_act(stored.body)
            by = self._roster.get(encode(said.by))
            if by is None:
                raise NotEnrolled
            act = host_acts.verify_act(stored.body, stored.signature, by.enrolment)
            self._taken(self.course.take(act), stored)
        for gone in self.course.removed:
            removed = self._roster.get(encode(gone))
            if removed is not None:
                removed.removed = True

    def is_certified(self, person: Person) -> bool:
        """Whether the host key of the room says that somebody is a host."""
        return self.course.hosts.get(person.enrolment.person) == person.enrolment.digest

    def said(self) -> HostsSaid:
        """Return what hosts have signed by now, as far as the header of a generation names it."""
        arm = self.course.arm
        return HostsSaid(
            arm=arm.digest if arm is not None and arm.recording else None,
            certificates=dict(self._certified),
            removed=self.course.removed,
        )

    async def certify(self, body: bytes, signature: bytes) -> None:
        """Take a certificate, of somebody whose seat is a host's; the same again is no error."""
        async with self._one_at_a_time:
            self._meeting.must_be_live()
            with refusing():
                said = host_certificate.parse_certificate(body)
                person = self._roster.get(encode(said.person))
                if person is None:
                    raise NotEnrolled
                certificate = host_certificate.verify_certificate(
                    body, signature, self._room, person.enrolment
                )
                if not person.host:
                    raise NotAHost
                if self.is_certified(person):
                    return
                self.course.certify(certificate)
            await self._store.certify(certificate, signature, self._clock.now())
            self._take_certificate(person, StoredSigned(body, signature))
            self._meeting.changed()

    async def act(self, person: Person, body: bytes, signature: bytes) -> None:
        """Carry out what somebody has signed; raises NotAHost, StaleAct, TooManyActs.

        What stops the recording has stopped it whatever is wrong with the act besides.
        """
        with refusing():
            act = host_acts.verify_act(body, signature, person.enrolment)
        if isinstance(act, Arming) and not act.recording:
            await self._meeting.arm(False)
        async with self._one_at_a_time:
            self._meeting.must_be_live()
            with refusing():
                after = self.course.take(act)
            await self._must_be_possible(act)
            if isinstance(act, Removing):
                # Whoever goes waits for no storage.
                await self._admission.remove(encode(act.person))
            await self._store.act(act, signature, self._clock.now())
            self._taken(after, StoredSigned(body, signature))
            self._meeting.changed()
            log.info("host-acted", kind=act.TYPE, sequence=act.sequence)
            match act:
                case Arming():
                    # Once more where it stops: what was before it may have begun meanwhile.
                    await self._meeting.arm(act.recording)
                case Admitting():
                    await self._admission.admit(encode(act.person))

    async def disarm(self) -> None:
        """Stop the recording without a signature, and what was on its way to begin one."""
        await self._meeting.arm(False)
        async with self._one_at_a_time:
            await self._meeting.arm(False)

    async def _must_be_possible(self, act: HostAct) -> None:
        """Raise where an act would be in vain, so that none is written down."""
        match act:
            case Arming(recording=True):
                await self._meeting.must_be_armable()
            case Admitting(person=id_, enrolment=enrolment):
                waiting = self._admission.must_wait(encode(id_))
                if waiting.enrolment.digest != enrolment:
                    raise BadRequest("They have enrolled otherwise.", field="person")
            case Arming() | Removing():
                pass
            case _:
                raise BadRequest("This server carries out no such act.", field="document")

    def _take_certificate(self, person: Person, stored: StoredSigned) -> None:
        certificate = host_certificate.verify_certificate(
            stored.body, stored.signature, self._room, person.enrolment
        )
        self.course = self.course.certify(certificate)
        self._certified[certificate.person] = certificate.digest
        enrolment = SignedView(person.enrolment.body, person.signature)
        self.certificates.append(
            CertificateView(SignedView(stored.body, stored.signature), enrolment)
        )

    def _taken(self, after: HostCourse, stored: StoredSigned) -> None:
        self.course = after
        self._admission.let_in = after.admitted
        self.acts.append(SignedView(stored.body, stored.signature))
