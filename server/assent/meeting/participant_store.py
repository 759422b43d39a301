"""Who has enrolled in a meeting, was let in, has left, or is forgotten, as it is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import AlreadyEnrolled, BadToken, MeetingFull, RateLimited
from assent.meeting.answer_store import acknowledgements
from assent.meeting.introduction import Brought, Introduction
from assent.meeting.newcomers import ENROL_SECONDS, FORGOTTEN_MOST
from assent.meeting.refusals import refusing
from assent.meeting.rows import enrolled, locked, locked_running, must_be_open
from assent.meeting.seats import UNUSED_MS, Seat
from assent.transparency import Notary
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.ledger import entry as logged
from assent_vault.ledger.documents import ServerSigned
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import JoinTokenRow, ParticipantRow, StatementRow


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """A person as stored: their verified enrolment and their last verified answer."""

    person: str
    introduction: Introduction
    signature: bytes
    host: bool
    enrolment: statements.Enrolment
    answer: statements.Answer | None
    admitted: bool
    left: bool
    removed: bool


class ParticipantStore:
    """The people of meetings; nobody is one before they have enrolled."""

    def __init__(self, database: Database, notary: Notary) -> None:
        self._database = database
        self._notary = notary

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
                answer = await _last_answer(session, row, enrolment, charter)
                people.append(
                    EnrolledPerson(
                        person=row.person_id,
                        introduction=_introduction(row),
                        signature=row.signature,
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
        introduction: Introduction,
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
            statements.check_name(enrolment, introduction.salt, introduction.name)
        person = encode(enrolment.person)
        async with self._database.write() as session:
            await locked(session, seat.meeting)
            mine = await session.scalar(
                select(ParticipantRow).where(ParticipantRow.token_hash == seat.token_hash)
            )
            if mine is not None and mine.forgotten_at is None:
                if mine.person_id != person or mine.enrolment != body:
                    raise AlreadyEnrolled
                known = await acknowledgements(session, self._notary, seat.meeting, person)
                return enrolment, known.get(0)
            row = await session.get(ParticipantRow, (seat.meeting, person))
            if row is not None and row.forgotten_at is None:
                raise AlreadyEnrolled
            logged_before = await _logged_before(session, seat.meeting, person)
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
            row.name, row.salt = introduction.name, introduction.salt
            brought = introduction.brought
            row.link_ordinal = None if brought is None else brought.ordinal
            row.brought = None if brought is None else brought.mac
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
            await locked(session, meeting)
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

    async def stored_seat(self, meeting: str, token_hash: bytes, now: int) -> Seat | None:
        """Find a seat of the kind that earlier versions wrote down; None where there is none."""
        async with self._database.read() as session:
            row = await session.get(JoinTokenRow, token_hash)
            if row is None or row.meeting_id != meeting or row.expires_at <= now:
                return None
            return Seat(token_hash, meeting, row.is_host, row.created_at)

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

    async def admitted(self, meeting: str, person: str, now: int, most: int) -> int:
        """Note that a person was let in; returns when the meeting began.

        Raises MeetingFull where ``most`` were let in before, MeetingClosed where the account of its
        host is shut out.
        """
        async with self._database.write() as session:
            row = await locked_running(session, meeting)
            await must_be_open(session, row)
            if row.started_at is None:
                row.started_at = now
            participant = await enrolled(session, meeting, person)
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


def _introduction(row: ParticipantRow) -> Introduction:
    brought = None
    if row.brought is not None and row.link_ordinal is not None:
        brought = Brought(row.link_ordinal, row.brought)
    return Introduction(row.name, row.salt, brought)


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


async def _last_answer(
    session: AsyncSession,
    row: ParticipantRow,
    enrolment: statements.Enrolment,
    charter: charters.Charter,
) -> statements.Answer | None:
    """Return the last answer of a chain that verifies from its beginning."""
    answer: statements.Answer | None = None
    rows = await session.scalars(
        select(StatementRow)
        .where(StatementRow.meeting_id == row.meeting_id, StatementRow.person_id == row.person_id)
        .order_by(StatementRow.sequence)
    )
    for said in rows:
        answer = statements.verify_answer(
            said.body, said.signature, enrolment, charter, answer, said.sealed_seed
        )
    return answer
