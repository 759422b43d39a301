"""What people have said of a recording, as it is stored: their answers, acknowledged.

Whoever stores an answer holds the lock on the meeting's row while it checks and writes, and so does
the worker while it commits an export: of a withdrawal and an export one is first, and the other
sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import MeetingNotFound, NotAdmitted
from assent.meeting.refusals import refusing
from assent.meeting.rows import enrolled, locked
from assent.transparency import Notary
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as logged
from assent_vault.ledger.documents import ServerSigned
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import (
    GenerationRow,
    MeetingRow,
    ParticipantRow,
    ReleaseRow,
    StatementRow,
)


@dataclass(frozen=True, slots=True)
class StoredMeeting:
    """What the server holds about one person in one meeting."""

    participant: ParticipantRow
    answers: tuple[StatementRow, ...]
    acknowledgements: Mapping[int, ServerSigned]  # by sequence; 0 is the enrolment's
    admitted: bool  # ever; what follows is of the meeting, and nothing for whoever was not
    release: str
    ready_at: int | None
    generations: int


class AnswerStore:
    """The answers of meetings, and the record of who has given them."""

    def __init__(self, database: Database, notary: Notary) -> None:
        self._database = database
        self._notary = notary

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
            row = await locked(session, meeting)
            charter = charters.parse(row.charter)
            participant = await enrolled(session, meeting, person)
            enrolment = statements.verify_enrolment(
                participant.enrolment, participant.signature, charter
            )
            last = await _last_statement(session, meeting, person)
            if last is not None and (last.body, last.signature) == (body, signature):
                known = await acknowledgements(session, self._notary, meeting, person)
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
            participant = await enrolled(session, meeting, person)
            charter = charters.parse(row.charter)
            last = await _last_statement(session, meeting, person)
            previous = None if last is None else statements.parse_answer(last.body)
            with refusing():
                enrolment = statements.verify_enrolment(
                    participant.enrolment, participant.signature, charter
                )
                return statements.verify_answer(body, signature, enrolment, charter, previous, None)

    async def record(self, meeting: str, person: str) -> StoredMeeting:
        """Return a person's own evidence; raises NotEnrolled."""
        async with self._database.read() as session:
            participant = await enrolled(session, meeting, person)
            answers = (
                await session.scalars(
                    select(StatementRow)
                    .where(StatementRow.meeting_id == meeting, StatementRow.person_id == person)
                    .order_by(StatementRow.sequence)
                )
            ).all()
            admitted = person in await load_everyone(session, meeting)
            release = await session.get(ReleaseRow, meeting) if admitted else None
            generations = await session.scalar(
                select(func.count())
                .select_from(GenerationRow)
                .where(GenerationRow.meeting_id == meeting)
            )
            acknowledged = await acknowledgements(session, self._notary, meeting, person)
            session.expunge_all()
            return StoredMeeting(
                participant=participant,
                answers=tuple(answers),
                acknowledgements=acknowledged,
                admitted=admitted,
                release="none" if release is None else release.state,
                ready_at=None if release is None else release.ready_at,
                generations=(generations or 0) if admitted else 0,
            )


async def acknowledgements(
    session: AsyncSession, notary: Notary, meeting: str, person: str
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
        found[sequence] = notary.acknowledge(
            record.meeting, record.person, statement, row.number, record.at
        )
    return found


async def _last_statement(session: AsyncSession, meeting: str, person: str) -> StatementRow | None:
    return await session.scalar(
        select(StatementRow)
        .where(StatementRow.meeting_id == meeting, StatementRow.person_id == person)
        .order_by(StatementRow.sequence.desc())
        .limit(1)
    )
