"""What people have answered, and what others took back for them, as their meeting goes by it.

Answers that take something back are believed *before* they are stored: capture stops first.
Answers that give are believed only *after* they are stored.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from assent.clock import Clock
from assent.consent import PersonAnswered
from assent.errors import Refusal
from assent.meeting.acts import Actor, Acts, Purpose, concerning
from assent.meeting.capture_controller import CaptureController
from assent.meeting.owing import Owing
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent_vault.formats import statement as statements
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import encode
from assent_vault.ledger.documents import ServerSigned
from assent_vault.ledger.entry import Revoked
from assent_vault.ledger.revocation import TRAINING


class AnsweredMeeting(Protocol):
    """What answers need of the meeting they are about."""

    id: str
    over: bool

    def changed(self) -> None:
        """What people see has changed."""


class Answers:
    """The answers of one meeting. ``turn`` is held while anything of the meeting is decided."""

    def __init__(
        self,
        meeting: AnsweredMeeting,
        charter: Charter,
        roster: Roster,
        owing: Owing,
        acts: Acts,
        clock: Clock,
        capturing: CaptureController,
        turn: asyncio.Lock,
    ) -> None:
        self._meeting = meeting
        self._charter = charter
        self._roster = roster
        self._owing = owing
        self._acts = acts
        self._clock = clock
        self._capturing = capturing
        self._turn = turn

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
        async with self._turn:
            try:
                said, acknowledgement = await self._owing.answer(
                    body, signature, sealed, verified=takes_back
                )
            except Refusal:
                if person is not None:
                    person.withheld |= self._owing.stops(self._meeting.id, person.id)
                raise
            self.taken(said)
            return acknowledgement

    def taken(self, said: statements.Answer) -> None:
        """An answer is stored: the meeting goes by it from now on."""
        person = self._roster.get(encode(said.person))
        if person is None:
            return
        if person.answer is None or said.sequence > person.answer.sequence:
            person.answer = said
        person.withheld = self._owing.stops(self._meeting.id, person.id)
        if person.present and not self._meeting.over:
            self._capturing.apply(PersonAnswered(person.id, person.agrees))
        self._meeting.changed()

    def look_at_owed(self, id_: str) -> None:
        """Find that a person's answer could not be stored; stop for it if it takes back."""
        person = self._roster.get(id_)
        if person is None or not self._owing.stops(self._meeting.id, id_):
            return
        person.withheld = True
        if person.present and not self._meeting.over:
            self._capturing.apply(PersonAnswered(person.id, person.agrees))

    async def take_back(self, id_: str, purpose: Purpose, actor: Actor) -> Revoked:
        """Take something back for a person, whether they are here or not; raises NotFound."""
        person = self._roster.get(id_)
        if person is not None and person.present and person.agrees and purpose != TRAINING:
            # Fail closed, as with their own: capture stops now, and is stored after that.
            self._capturing.apply(PersonAnswered(person.id, agrees=False))
        async with self._turn:
            act = await self._acts.take_back(
                self._meeting.id, id_, purpose, actor, self._clock.now()
            )
        await self.look_at_acts()
        return act

    async def look_at_acts(self) -> None:
        """Find what was taken back for others by now, also beside this server; stop for it."""
        acts = await self._acts.of(self._meeting.id)
        for person in self._roster:
            mine = concerning(acts, person.id)
            if mine == person.acts:
                continue
            person.acts = mine
            if person.present and not self._meeting.over:
                self._capturing.apply(PersonAnswered(person.id, person.agrees))
            self._meeting.changed()

    def signed_by(self, person: Person, body: bytes) -> bool:
        """Whether an answer claims to be of ``person``; its signature is checked when taken."""
        return self._signer(body) is person

    def _signer(self, body: bytes) -> Person | None:
        try:
            return self._roster.get(encode(statements.parse_answer(body).person))
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
