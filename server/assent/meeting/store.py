"""What a meeting writes down, and how it finds it again after a restart.

Every method is one transaction, and what is said or happens in it is appended to the log before it
ends. Whoever stores an answer holds the lock on the meeting's row while
it checks and writes, and so does the worker while it commits an export: of a withdrawal and an
export one is first, and the other sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import AlreadyEnrolled, MeetingFull, MeetingNotFound, NotEnrolled
from assent.meeting.refusals import refusing
from assent.transparency import Notary
from assent_vault import charter as charters
from assent_vault import statement as statements
from assent_vault import vault_key as vault_keys
from assent_vault.database import Database, lock_meeting
from assent_vault.errors import SignatureError
from assent_vault.ledger import entry as logged
from assent_vault.ledger import rows as log
from assent_vault.ledger.documents import Signed
from assent_vault.models import (
    Epoch,
    JoinToken,
    Meeting,
    Notice,
    Participant,
    Release,
    Statement,
    VaultKey,
)
from assent_vault.suite import decode, digest, encode


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a meeting: what its token gives."""

    token_hash: bytes
    meeting: str
    host: bool


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person as stored: their verified enrolment and their last verified answer."""

    person: str
    name: str
    host: bool
    enrolment: statements.Enrolment
    answer: statements.Answer | None
    admitted: bool
    left: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What the server holds about one person in one meeting."""

    participant: Participant
    answers: tuple[Statement, ...]
    acknowledgements: Mapping[int, Signed]  # by sequence; 0 is the enrolment's
    release: str
    ready_at: int | None
    epochs: int


class Store:
    """The rows of meetings that are going on."""

    def __init__(self, database: Database, notary: Notary) -> None:
        self._database = database
        self._notary = notary

    @property
    def database(self) -> Database:
        """The database, for those who read more than is kept of meetings that go on."""
        return self._database

    async def meeting(self, meeting: str) -> Meeting:
        """Return the meeting's row; raises MeetingNotFound."""
        async with self._database.read() as session:
            row = await session.get(Meeting, meeting)
            if row is None:
                raise MeetingNotFound
            session.expunge(row)
            return row

    async def unfinished(self) -> list[str]:
        """Return the meetings that have begun and have not ended, or have an open epoch."""
        async with self._database.read() as session:
            live = select(Meeting.id).where(
                Meeting.started_at.is_not(None), Meeting.ended_at.is_(None)
            )
            torn = select(Epoch.meeting_id).where(Epoch.close.is_(None))
            return list((await session.scalars(live.union(torn))).all())

    async def vault_key(self, meeting: str) -> VaultKey | None:
        """Return the meeting's vault key, None where there is none (yet)."""
        async with self._database.read() as session:
            row = await session.get(VaultKey, meeting)
            if row is not None:
                session.expunge(row)
            return row

    @staticmethod
    def verified_key(row: VaultKey, charter: charters.Charter) -> vault_keys.VaultKey:
        """Check a vault key against the vault that the charter names; raises VaultError."""
        key = vault_keys.verify(row.certificate, row.signature, charter.vault)
        if key.meeting != charter.meeting:
            raise SignatureError("The vault key is another meeting's.")
        return key

    async def notices(self, digests: list[bytes]) -> list[Notice]:
        """Return the texts of ``digests``, by language."""
        async with self._database.read() as session:
            rows = (
                await session.scalars(
                    select(Notice).where(Notice.digest.in_(digests)).order_by(Notice.language)
                )
            ).all()
            session.expunge_all()
            return list(rows)

    async def add_seat(self, seat: Seat, now: int, expires_at: int) -> None:
        """Hand out a seat."""
        async with self._database.write() as session:
            session.add(
                JoinToken(
                    token_hash=seat.token_hash,
                    meeting_id=seat.meeting,
                    is_host=seat.host,
                    created_at=now,
                    expires_at=expires_at,
                )
            )

    async def seat(self, meeting: str, token_hash: bytes, now: int) -> Seat | None:
        """Find the seat of a token; None where it is unknown, another meeting's or expired."""
        async with self._database.read() as session:
            row = await session.get(JoinToken, token_hash)
            if row is None or row.meeting_id != meeting or row.expires_at <= now:
                return None
            return Seat(token_hash, meeting, row.is_host)

    async def people(self, meeting: str, charter: charters.Charter) -> list[Enrolled]:
        """Return everyone who has enrolled in the meeting, each with what they last said.

        Signatures are verified again: a row that does not verify raises, and the meeting does not
        open.
        """
        async with self._database.read() as session:
            rows = (
                await session.scalars(select(Participant).where(Participant.meeting_id == meeting))
            ).all()
            people = []
            for row in rows:
                enrolment = statements.verify_enrolment(row.enrolment, row.signature, charter)
                answer = await self._last_answer(session, row, enrolment, charter)
                people.append(
                    Enrolled(
                        person=row.person_id,
                        name=row.name,
                        host=row.is_host,
                        enrolment=enrolment,
                        answer=answer,
                        admitted=row.admitted_at is not None,
                        left=row.left_at is not None,
                        removed=row.removed_at is not None,
                    )
                )
            return people

    async def enrol(
        self,
        seat: Seat,
        name: str,
        body: bytes,
        signature: bytes,
        charter: charters.Charter,
        now: int,
        most: int,
    ) -> tuple[statements.Enrolment, Signed | None]:
        """Verify and store an enrolment, and acknowledge it; the same one again is not an error."""
        with refusing():
            enrolment = statements.verify_enrolment(body, signature, charter)
        person = encode(enrolment.person)
        async with self._database.write() as session:
            await self._lock(session, seat.meeting)
            mine = await session.scalar(
                select(Participant).where(Participant.token_hash == seat.token_hash)
            )
            if mine is not None:
                if mine.person_id != person or mine.enrolment != body:
                    raise AlreadyEnrolled
                known = await self._acknowledgements(session, seat.meeting, person)
                return enrolment, known.get(0)
            if await session.get(Participant, (seat.meeting, person)) is not None:
                raise AlreadyEnrolled
            count = await session.scalar(
                select(func.count())
                .select_from(Participant)
                .where(Participant.meeting_id == seat.meeting)
            )
            if (count or 0) >= most:
                raise MeetingFull
            session.add(
                Participant(
                    meeting_id=seat.meeting,
                    person_id=person,
                    name=name,
                    is_host=seat.host,
                    token_hash=seat.token_hash,
                    enrolment=body,
                    signature=signature,
                    enrolled_at=now,
                )
            )
            index = await log.append(
                session,
                logged.Enrolled(
                    meeting=enrolment.meeting,
                    person=enrolment.person,
                    enrolment=enrolment.digest,
                    at=now,
                ),
            )
        acknowledgement = self._notary.acknowledge(
            enrolment.meeting, enrolment.person, enrolment.digest, index, now
        )
        return enrolment, acknowledgement

    async def person_of(self, token_hash: bytes) -> str | None:
        """Return who sits on a seat."""
        async with self._database.read() as session:
            return await session.scalar(
                select(Participant.person_id).where(Participant.token_hash == token_hash)
            )

    async def answer(
        self, body: bytes, signature: bytes, sealed: bytes | None, now: int
    ) -> tuple[statements.Answer, Signed | None]:
        """Verify an answer against all that was said before, store it verbatim, acknowledge it.

        The same bytes again are no error: a client that did not see the first ``ok`` asks again.
        """
        with refusing():
            claimed = statements.parse_answer(body)
        meeting, person = encode(claimed.meeting), encode(claimed.person)
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            charter = charters.parse(row.charter)
            participant = await session.get(Participant, (meeting, person))
            if participant is None:
                raise NotEnrolled
            enrolment = statements.verify_enrolment(
                participant.enrolment, participant.signature, charter
            )
            last = await self._last_statement(session, meeting, person)
            if last is not None and (last.body, last.signature) == (body, signature):
                known = await self._acknowledgements(session, meeting, person)
                return claimed, known.get(claimed.sequence)
            previous = None if last is None else statements.parse_answer(last.body)
            with refusing():
                answer = statements.verify_answer(
                    body, signature, enrolment, charter, previous, sealed
                )
            session.add(
                Statement(
                    meeting_id=meeting,
                    person_id=person,
                    sequence=answer.sequence,
                    body=body,
                    signature=signature,
                    sealed_seed=sealed,
                    received_at=now,
                )
            )
            index = await log.append(
                session,
                logged.Answered(
                    meeting=answer.meeting,
                    person=answer.person,
                    sequence=answer.sequence,
                    answer=answer.digest,
                    at=now,
                ),
            )
        acknowledgement = self._notary.acknowledge(
            answer.meeting, answer.person, answer.digest, index, now
        )
        return answer, acknowledgement

    async def _acknowledgements(
        self, session: AsyncSession, meeting: str, person: str
    ) -> dict[int, Signed]:
        """Return the acknowledgements of all that a person has said, by sequence."""
        found = {}
        for row in await log.of_meeting(session, meeting):
            # Reading them all would take long in a meeting of hours.
            if row.record is None or f'"person":"{person}"'.encode() not in row.record:
                continue
            match record := logged.parse(row.record):
                case logged.Enrolled():
                    sequence, statement = 0, record.enrolment
                case logged.Answered():
                    sequence, statement = record.sequence, record.answer
                case _:
                    continue
            found[sequence] = self._notary.acknowledge(
                record.meeting, record.person, statement, row.number, record.at
            )
        return found

    async def admitted(self, meeting: str, person: str, now: int) -> int:
        """Note that a person was let in; returns when the meeting began."""
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            if row.started_at is None:
                row.started_at = now
            participant = await session.get(Participant, (meeting, person))
            assert participant is not None, "only the enrolled are let in"
            first = participant.admitted_at is None
            if first:
                participant.admitted_at = now
            participant.left_at = None
            began = row.started_at
            if first:
                await log.append(
                    session,
                    logged.Admitted(
                        meeting=decode(meeting),
                        person=decode(person),
                        enrolment=digest(participant.enrolment),
                        at=now,
                    ),
                )
            return began

    async def departed(self, meeting: str, person: str, now: int, *, removed: bool) -> None:
        """Note that a person is no longer present."""
        async with self._database.write() as session:
            values = {"left_at": now} | ({"removed_at": now} if removed else {})
            await session.execute(
                update(Participant)
                .where(Participant.meeting_id == meeting, Participant.person_id == person)
                .values(**values)
            )

    async def set_flags(self, meeting: str, *, locked: bool, armed: bool) -> None:
        """Note what the host wishes."""
        async with self._database.write() as session:
            await session.execute(
                update(Meeting).where(Meeting.id == meeting).values(locked=locked, armed=armed)
            )

    async def ended(self, meeting: str, now: int, retain_until: int) -> None:
        """Note that the meeting is over, for good."""
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            if row.ended_at is None:
                row.ended_at = now
                row.armed = False
                row.retain_until = retain_until
            await session.execute(
                update(Participant)
                .where(
                    Participant.meeting_id == meeting,
                    Participant.admitted_at.is_not(None),
                    Participant.left_at.is_(None),
                )
                .values(left_at=now)
            )

    async def epochs(self, meeting: str) -> list[tuple[int, bytes, bool]]:
        """Return number, header and whether it is closed, of every epoch, in order."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(Epoch.number, Epoch.header, Epoch.close.is_not(None))
                .where(Epoch.meeting_id == meeting)
                .order_by(Epoch.number)
            )
            return [(number, header, closed) for number, header, closed in rows]

    async def epoch_opened(self, meeting: str, number: int, header: bytes, now: int) -> None:
        """Note that an epoch begins; before its keys are used."""
        async with self._database.write() as session:
            await self._lock(session, meeting)
            session.add(Epoch(meeting_id=meeting, number=number, header=header, opened_at=now))
            await log.append(
                session,
                logged.EpochOpened(
                    meeting=decode(meeting), epoch=number, header=digest(header), at=now
                ),
            )

    async def epoch_closed(
        self, meeting: str, number: int, closing: bytes, signature: bytes, now: int
    ) -> None:
        """Note how an epoch ended; the first closing stays."""
        async with self._database.write() as session:
            await self._lock(session, meeting)
            row = await session.get(Epoch, (meeting, number))
            if row is None or row.close is not None:
                return
            row.close, row.close_signature, row.closed_at = closing, signature, now
            await log.append(
                session,
                logged.EpochClosed(
                    meeting=decode(meeting),
                    epoch=number,
                    header=digest(row.header),
                    closing=digest(closing),
                    at=now,
                ),
            )

    async def record(self, meeting: str, person: str) -> Record:
        """Return a person's own evidence; raises NotEnrolled."""
        async with self._database.read() as session:
            participant = await session.get(Participant, (meeting, person))
            if participant is None:
                raise NotEnrolled
            answers = (
                await session.scalars(
                    select(Statement)
                    .where(Statement.meeting_id == meeting, Statement.person_id == person)
                    .order_by(Statement.sequence)
                )
            ).all()
            release = await session.get(Release, meeting)
            epochs = await session.scalar(
                select(func.count()).select_from(Epoch).where(Epoch.meeting_id == meeting)
            )
            acknowledgements = await self._acknowledgements(session, meeting, person)
            session.expunge_all()
            return Record(
                participant=participant,
                answers=tuple(answers),
                acknowledgements=acknowledgements,
                release="none" if release is None else release.state,
                ready_at=None if release is None else release.ready_at,
                epochs=epochs or 0,
            )

    @staticmethod
    async def _lock(session: AsyncSession, meeting: str) -> Meeting:
        """Take the meeting's row for this transaction; raises MeetingNotFound."""
        row = await lock_meeting(session, meeting)
        if row is None:
            raise MeetingNotFound
        return row

    @staticmethod
    async def _last_statement(session: AsyncSession, meeting: str, person: str) -> Statement | None:
        return await session.scalar(
            select(Statement)
            .where(Statement.meeting_id == meeting, Statement.person_id == person)
            .order_by(Statement.sequence.desc())
            .limit(1)
        )

    async def _last_answer(
        self,
        session: AsyncSession,
        row: Participant,
        enrolment: statements.Enrolment,
        charter: charters.Charter,
    ) -> statements.Answer | None:
        """Return the last answer of a chain that verifies from its beginning."""
        answer: statements.Answer | None = None
        rows = await session.scalars(
            select(Statement)
            .where(Statement.meeting_id == row.meeting_id, Statement.person_id == row.person_id)
            .order_by(Statement.sequence)
        )
        for said in rows:
            answer = statements.verify_answer(
                said.body, said.signature, enrolment, charter, answer, said.sealed_seed
            )
        return answer
