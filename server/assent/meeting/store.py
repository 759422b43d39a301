"""What a meeting writes down, and how it finds it again after a restart.

Every method is one transaction, and what is said or happens in it is appended to the log before it
ends. Whoever stores an answer holds the lock on the meeting's row while
it checks and writes, and so does the worker while it commits an export: of a withdrawal and an
export one is first, and the other sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import (
    AlreadyEnrolled,
    BadToken,
    MeetingClosed,
    MeetingFull,
    MeetingNotFound,
    MeetingOver,
    NotAdmitted,
    NotEnrolled,
    RateLimited,
)
from assent.meeting.newcomers import ENROL_SECONDS, FORGOTTEN_MOST
from assent.meeting.refusals import refusing
from assent.meeting.seats import UNUSED_MS, Seat
from assent.transparency import Notary
from assent_vault.errors import SignatureError
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.ledger import entry as logged
from assent_vault.ledger.documents import ServerSigned
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import (
    AccountRow,
    EpochRow,
    JoinTokenRow,
    MeetingRow,
    NoticeRow,
    ParticipantRow,
    ReleaseRow,
    StatementRow,
    VaultKeyRow,
)


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
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
class StoredMeeting:
    """What the server holds about one person in one meeting."""

    participant: ParticipantRow
    answers: tuple[StatementRow, ...]
    acknowledgements: Mapping[int, ServerSigned]  # by sequence; 0 is the enrolment's
    admitted: bool  # ever; what follows is of the meeting, and nothing for whoever was not
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

    async def meeting(self, meeting: str) -> MeetingRow:
        """Return the meeting's row; raises MeetingNotFound."""
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            if row is None:
                raise MeetingNotFound
            session.expunge(row)
            return row

    async def must_be_open(self, meeting: str) -> None:
        """Raise MeetingClosed where the account of a meeting's host is shut out."""
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            if row is None:
                raise MeetingNotFound
            await self._must_be_open(session, row)

    @staticmethod
    async def _must_be_open(session: AsyncSession, row: MeetingRow) -> None:
        disabled = select(AccountRow.id).where(
            AccountRow.id == row.host_account, AccountRow.disabled_at.is_not(None)
        )
        if await session.scalar(disabled) is not None:
            raise MeetingClosed

    async def begun_by(self, account: str) -> list[str]:
        """Return the meetings of an account that have begun and not ended."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(MeetingRow.id).where(
                    MeetingRow.host_account == account,
                    MeetingRow.started_at.is_not(None),
                    MeetingRow.ended_at.is_(None),
                )
            )
            return list(rows.all())

    async def unfinished(self) -> list[str]:
        """Return the meetings that have begun and have not ended, or have an open epoch."""
        async with self._database.read() as session:
            live = select(MeetingRow.id).where(
                MeetingRow.started_at.is_not(None), MeetingRow.ended_at.is_(None)
            )
            torn = select(EpochRow.meeting_id).where(EpochRow.close.is_(None))
            return list((await session.scalars(live.union(torn))).all())

    async def expired(self, now: int) -> list[str]:
        """Return the meetings whose time is over, and whose end nobody has noted."""
        async with self._database.read() as session:
            return list(
                await session.scalars(
                    select(MeetingRow.id).where(
                        MeetingRow.started_at.is_not(None),
                        MeetingRow.ended_at.is_(None),
                        MeetingRow.expires_at <= now,
                    )
                )
            )

    async def vault_key(self, meeting: str) -> VaultKeyRow | None:
        """Return the meeting's vault key, None where there is none (yet)."""
        async with self._database.read() as session:
            row = await session.get(VaultKeyRow, meeting)
            if row is not None:
                session.expunge(row)
            return row

    @staticmethod
    def verified_key(row: VaultKeyRow, charter: charters.Charter) -> vault_keys.VaultKey:
        """Check a vault key against the vault that the charter names; raises VaultError."""
        key = vault_keys.verify(row.certificate, row.signature, charter.vault)
        if key.meeting != charter.meeting:
            raise SignatureError("The vault key is another meeting's.")
        return key

    async def notices(self, digests: list[bytes]) -> list[NoticeRow]:
        """Return the texts of ``digests``, by language."""
        async with self._database.read() as session:
            rows = (
                await session.scalars(
                    select(NoticeRow)
                    .where(NoticeRow.digest.in_(digests))
                    .order_by(NoticeRow.language)
                )
            ).all()
            session.expunge_all()
            return list(rows)

    async def stored_seat(self, meeting: str, token_hash: bytes, now: int) -> Seat | None:
        """Find a seat of the kind that earlier versions wrote down; None where there is none."""
        async with self._database.read() as session:
            row = await session.get(JoinTokenRow, token_hash)
            if row is None or row.meeting_id != meeting or row.expires_at <= now:
                return None
            return Seat(token_hash, meeting, row.is_host, row.created_at)

    async def people(self, meeting: str, charter: charters.Charter) -> list[EnrolledPerson]:
        """Return everyone who has enrolled in the meeting, each with what they last said.

        Signatures are verified again: a row that does not verify raises, and the meeting does not
        open.
        """
        async with self._database.read() as session:
            rows = (
                await session.scalars(
                    select(ParticipantRow).where(
                        ParticipantRow.meeting_id == meeting, ParticipantRow.forgotten_at.is_(None)
                    )
                )
            ).all()
            counted = await load_everyone(session, meeting)
            people = []
            for row in rows:
                enrolment = statements.verify_enrolment(row.enrolment, row.signature, charter)
                answer = await self._last_answer(session, row, enrolment, charter)
                people.append(
                    EnrolledPerson(
                        person=row.person_id,
                        name=row.name,
                        host=row.is_host,
                        enrolment=enrolment,
                        answer=answer,
                        admitted=row.person_id in counted,
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
    ) -> tuple[statements.Enrolment, ServerSigned | None]:
        """Verify and store an enrolment, and acknowledge it; the same one again is not an error.

        Who enrolled before, was forgotten since, and had not answered, is the same again; whoever
        had answered takes another seat, for what they said is logged. Raises BadToken then.
        """
        with refusing():
            enrolment = statements.verify_enrolment(body, signature, charter)
        person = encode(enrolment.person)
        async with self._database.write() as session:
            await self._lock(session, seat.meeting)
            mine = await session.scalar(
                select(ParticipantRow).where(ParticipantRow.token_hash == seat.token_hash)
            )
            if mine is not None and mine.forgotten_at is None:
                if mine.person_id != person or mine.enrolment != body:
                    raise AlreadyEnrolled
                known = await self._acknowledgements(session, seat.meeting, person)
                return enrolment, known.get(0)
            row = await session.get(ParticipantRow, (seat.meeting, person))
            if row is not None and row.forgotten_at is None:
                raise AlreadyEnrolled
            logged_before = await self._logged_before(session, seat.meeting, person)
            if row is not mine:
                raise BadToken  # a seat is one person's, and a person has one seat
            if row is None:
                row = ParticipantRow(
                    meeting_id=seat.meeting,
                    person_id=person,
                    is_host=seat.host,
                    token_hash=seat.token_hash,
                    enrolment=body,
                    signature=signature,
                    enrolled_at=now,
                )
                session.add(row)
            row.name = name
            row.enrolled_at = now
            row.forgotten_at = None
            if logged_before is not None:
                index, was = logged_before
                if was.enrolment != enrolment.digest:
                    raise BadToken
                now = was.at
            else:
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

    @staticmethod
    async def _logged_before(
        session: AsyncSession, meeting: str, person: str
    ) -> tuple[int, logged.Enrolled] | None:
        """Return where somebody's enrolment was logged; raises BadToken where more of them was."""
        found: tuple[int, logged.Enrolled] | None = None
        for row in await log.of_meeting(session, meeting):
            if row.record is None or f'"person":"{person}"'.encode() not in row.record:
                continue
            match logged.parse(row.record):
                case logged.Enrolled() as record if found is None:
                    found = row.number, record
                case _:
                    raise BadToken
        return found

    async def must_have_room(self, seat: Seat) -> None:
        """Raise RateLimited where too many of the forgotten still have rows, for strangers.

        A host is none, nor is whoever had this seat before.
        """
        forgotten = select(ParticipantRow.token_hash).where(
            ParticipantRow.meeting_id == seat.meeting, ParticipantRow.forgotten_at.is_not(None)
        )
        async with self._database.read() as session:
            waiting = (await session.scalars(forgotten.limit(FORGOTTEN_MOST))).all()
            if seat.host or len(waiting) < FORGOTTEN_MOST:
                return
            mine = forgotten.where(ParticipantRow.token_hash == seat.token_hash)
            if await session.scalar(mine) is None:
                raise RateLimited(retry_after=int(ENROL_SECONDS))

    async def forget(self, meeting: str, people: Collection[str], now: int) -> frozenset[str]:
        """Forget those of ``people`` who were never let in; returns whom.

        From now on they have not enrolled. Their rows are the vault worker's to take away, for the
        server takes nothing away that people have said. What was logged of them stays.
        """
        async with self._database.write() as session:
            await self._lock(session, meeting)
            going = frozenset(people) - await load_everyone(session, meeting)
            await session.execute(
                update(ParticipantRow)
                .where(
                    ParticipantRow.meeting_id == meeting,
                    ParticipantRow.person_id.in_(going),
                    ParticipantRow.forgotten_at.is_(None),
                )
                .values(forgotten_at=now)
            )
        return going

    async def unused(self, now: int, most: int) -> Mapping[str, Sequence[str]]:
        """Return who enrolled a day ago or before and was never let in, by meeting."""
        found: dict[str, list[str]] = {}
        async with self._database.read() as session:
            rows = await session.execute(
                select(ParticipantRow.meeting_id, ParticipantRow.person_id)
                .where(
                    ParticipantRow.admitted_at.is_(None),
                    ParticipantRow.forgotten_at.is_(None),
                    ParticipantRow.enrolled_at <= now - UNUSED_MS,
                )
                .limit(most)
            )
            for meeting, person in rows:
                found.setdefault(meeting, []).append(person)
        return found

    async def forget_seats(self, now: int) -> None:
        """Forget the seats that earlier versions wrote down and nobody has enrolled in."""
        async with self._database.write() as session:
            taken = exists().where(ParticipantRow.token_hash == JoinTokenRow.token_hash)
            await session.execute(
                delete(JoinTokenRow).where(JoinTokenRow.created_at <= now - UNUSED_MS, ~taken)
            )

    async def person_of(self, token_hash: bytes) -> str | None:
        """Return who sits on a seat."""
        async with self._database.read() as session:
            return await session.scalar(
                select(ParticipantRow.person_id).where(
                    ParticipantRow.token_hash == token_hash, ParticipantRow.forgotten_at.is_(None)
                )
            )

    async def answer(
        self, body: bytes, signature: bytes, sealed: bytes | None, now: int
    ) -> tuple[statements.Answer, ServerSigned | None]:
        """Verify an answer against all that was said before, store it verbatim, acknowledge it.

        The same bytes again are no error: a client that did not see the first ``ok`` asks again.
        Who has not been let in answers ahead of it; when nobody can be let in any more there is
        nothing of theirs that an answer could be about. Raises NotAdmitted then.
        """
        with refusing():
            claimed = statements.parse_answer(body)
        meeting, person = encode(claimed.meeting), encode(claimed.person)
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            charter = charters.parse(row.charter)
            participant = await self._enrolled(session, meeting, person)
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
            over = row.ended_at is not None or row.expires_at <= now
            if over and person not in await load_everyone(session, meeting):
                raise NotAdmitted("You were not let into this meeting. Nothing in it is yours.")
            session.add(
                StatementRow(
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

    async def verify(self, body: bytes, signature: bytes) -> statements.Answer:
        """Verify an answer without a box against all that was said before, and store nothing.

        One that is stored already is none that could be said again. Raises Refusal.
        """
        with refusing():
            claimed = statements.parse_answer(body)
        meeting, person = encode(claimed.meeting), encode(claimed.person)
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            if row is None:
                raise MeetingNotFound
            participant = await self._enrolled(session, meeting, person)
            charter = charters.parse(row.charter)
            last = await self._last_statement(session, meeting, person)
            previous = None if last is None else statements.parse_answer(last.body)
            with refusing():
                enrolment = statements.verify_enrolment(
                    participant.enrolment, participant.signature, charter
                )
                return statements.verify_answer(body, signature, enrolment, charter, previous, None)

    async def _acknowledgements(
        self, session: AsyncSession, meeting: str, person: str
    ) -> dict[int, ServerSigned]:
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

    async def admitted(self, meeting: str, person: str, now: int, most: int) -> int:
        """Note that a person was let in; returns when the meeting began.

        Raises MeetingFull where ``most`` were let in before, MeetingClosed where the account of its
        host is shut out.
        """
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            if row.ended_at is not None:
                raise MeetingOver
            await self._must_be_open(session, row)
            if row.started_at is None:
                row.started_at = now
            participant = await self._enrolled(session, meeting, person)
            first = participant.admitted_at is None
            if first:
                count = await session.scalar(
                    select(func.count())
                    .select_from(ParticipantRow)
                    .where(
                        ParticipantRow.meeting_id == meeting,
                        ParticipantRow.admitted_at.is_not(None),
                    )
                )
                if (count or 0) >= most:
                    raise MeetingFull
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
                update(ParticipantRow)
                .where(ParticipantRow.meeting_id == meeting, ParticipantRow.person_id == person)
                .values(**values)
            )

    async def set_flags(self, meeting: str, *, locked: bool, armed: bool) -> None:
        """Note what the host wishes."""
        async with self._database.write() as session:
            await session.execute(
                update(MeetingRow)
                .where(MeetingRow.id == meeting)
                .values(locked=locked, armed=armed)
            )

    async def ended(self, meeting: str, now: int, retention_days: int) -> None:
        """Note that the meeting is over, for good, and log it.

        It is kept for as long as everyone has signed, or as is set now where that is shorter.
        """
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            first = row.ended_at is None
            if first:
                row.ended_at = now
                row.armed = False
                signed = charters.parse(row.charter)
                row.retain_until = min(
                    row.retain_until, signed.kept_until(now, retention_days=retention_days)
                )
            await session.execute(
                update(ParticipantRow)
                .where(
                    ParticipantRow.meeting_id == meeting,
                    ParticipantRow.admitted_at.is_not(None),
                    ParticipantRow.left_at.is_(None),
                )
                .values(left_at=now)
            )
            if first:
                await log.append(session, logged.Ended(meeting=decode(meeting), at=now))

    async def epochs(self, meeting: str) -> list[tuple[int, bytes, bool]]:
        """Return number, header and whether it is closed, of every epoch, in order."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(EpochRow.number, EpochRow.header, EpochRow.close.is_not(None))
                .where(EpochRow.meeting_id == meeting)
                .order_by(EpochRow.number)
            )
            return [(number, header, closed) for number, header, closed in rows]

    async def epoch_opened(self, meeting: str, number: int, header: bytes, now: int) -> None:
        """Note that an epoch begins; before its keys are used."""
        async with self._database.write() as session:
            row = await self._lock(session, meeting)
            if row.ended_at is not None:
                raise MeetingOver
            session.add(EpochRow(meeting_id=meeting, number=number, header=header, opened_at=now))
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
            row = await session.get(EpochRow, (meeting, number))
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

    async def record(self, meeting: str, person: str) -> StoredMeeting:
        """Return a person's own evidence; raises NotEnrolled."""
        async with self._database.read() as session:
            participant = await self._enrolled(session, meeting, person)
            answers = (
                await session.scalars(
                    select(StatementRow)
                    .where(StatementRow.meeting_id == meeting, StatementRow.person_id == person)
                    .order_by(StatementRow.sequence)
                )
            ).all()
            admitted = person in await load_everyone(session, meeting)
            release = await session.get(ReleaseRow, meeting) if admitted else None
            epochs = await session.scalar(
                select(func.count()).select_from(EpochRow).where(EpochRow.meeting_id == meeting)
            )
            acknowledgements = await self._acknowledgements(session, meeting, person)
            session.expunge_all()
            return StoredMeeting(
                participant=participant,
                answers=tuple(answers),
                acknowledgements=acknowledgements,
                admitted=admitted,
                release="none" if release is None else release.state,
                ready_at=None if release is None else release.ready_at,
                epochs=(epochs or 0) if admitted else 0,
            )

    @staticmethod
    async def _lock(session: AsyncSession, meeting: str) -> MeetingRow:
        """Take the meeting's row for this transaction; raises MeetingNotFound."""
        row = await lock_meeting(session, meeting)
        if row is None:
            raise MeetingNotFound
        return row

    @staticmethod
    async def _enrolled(session: AsyncSession, meeting: str, person: str) -> ParticipantRow:
        """Return the row of somebody who is not forgotten; raises NotEnrolled."""
        row = await session.get(ParticipantRow, (meeting, person))
        if row is None or row.forgotten_at is not None:
            raise NotEnrolled
        return row

    @staticmethod
    async def _last_statement(
        session: AsyncSession, meeting: str, person: str
    ) -> StatementRow | None:
        return await session.scalar(
            select(StatementRow)
            .where(StatementRow.meeting_id == meeting, StatementRow.person_id == person)
            .order_by(StatementRow.sequence.desc())
            .limit(1)
        )

    async def _last_answer(
        self,
        session: AsyncSession,
        row: ParticipantRow,
        enrolment: statements.Enrolment,
        charter: charters.Charter,
    ) -> statements.Answer | None:
        """Return the last answer of a chain that verifies from its beginning."""
        answer: statements.Answer | None = None
        rows = await session.scalars(
            select(StatementRow)
            .where(
                StatementRow.meeting_id == row.meeting_id, StatementRow.person_id == row.person_id
            )
            .order_by(StatementRow.sequence)
        )
        for said in rows:
            answer = statements.verify_answer(
                said.body, said.signature, enrolment, charter, answer, said.sealed_seed
            )
        return answer
