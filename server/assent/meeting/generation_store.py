"""Recorded generations as they are stored and logged: that one begins, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import NotEnrolled
from assent.meeting.generation_draft import holds
from assent.meeting.generations import AdmittedPerson, HeaderStale
from assent.meeting.rows import locked, locked_running
from assent_vault.formats.statement import parse_answer, parse_enrolment
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.ledger import entry as logged
from assent_vault.ledger.relayed_committing import CommittedGeneration
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import GenerationRow, ParticipantRow, StatementRow


class GenerationStore:
    """The generations of meetings: begun before their keys are used, closed once.

    Implements :class:`.generations.GenerationLedger`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stored(self, meeting: str) -> Sequence[tuple[bytes, bool]]:
        """See GenerationLedger."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(GenerationRow.header, GenerationRow.close.is_not(None))
                .where(GenerationRow.meeting_id == meeting)
                .order_by(GenerationRow.number)
            )
            return [(header, closed) for header, closed in rows]

    async def admitted(self, meeting: str) -> Sequence[AdmittedPerson]:
        """See GenerationLedger. Documents were verified when they were stored."""
        async with self._database.read() as session:
            enrolments = await _enrolments(session, meeting)
            answers = await _last_answers(session, meeting)
        return [
            AdmittedPerson(
                parse_enrolment(body),
                parse_answer(answers[person]) if person in answers else None,
            )
            for person, body in enrolments.items()
        ]

    async def opened(self, committed: CommittedGeneration, now: int) -> None:
        """See GenerationLedger; before any of its keys is used."""
        header = committed.header
        recorded = header.recorded
        assert recorded is not None, "nothing is stored of a live generation"
        meeting = encode(header.meeting)
        async with self._database.write() as session:
            await locked_running(session, meeting)
            # Whoever answers or is let in takes the same lock: nothing comes in between.
            admitted = _digests(await _enrolments(session, meeting))
            if not holds(header, admitted, _digests(await _last_answers(session, meeting))):
                raise HeaderStale
            boxes = digest(committed.boxes)
            session.add(
                GenerationRow(
                    meeting_id=meeting,
                    number=recorded.number,
                    header=header.body,
                    signature=committed.signature,
                    boxes=boxes,
                    opened_at=now,
                )
            )
            await log.append(
                session,
                logged.GenerationOpened(
                    meeting=header.meeting,
                    number=recorded.number,
                    header=header.digest,
                    committer=None,
                    boxes=boxes,
                    at=now,
                ),
            )

    async def closed(
        self, meeting: str, number: int, closing: bytes, signature: bytes, now: int
    ) -> None:
        """See GenerationLedger."""
        async with self._database.write() as session:
            await locked(session, meeting)
            row = await session.get(GenerationRow, (meeting, number))
            if row is None or row.close is not None:
                return
            row.close, row.close_signature, row.closed_at = closing, signature, now
            await log.append(
                session,
                logged.GenerationClosed(
                    meeting=decode(meeting),
                    number=number,
                    header=digest(row.header),
                    closing=digest(closing),
                    accepts=None,
                    at=now,
                ),
            )


async def _enrolments(session: AsyncSession, meeting: str) -> dict[str, bytes]:
    """Return the enrolment of everyone who was ever let in; raises NotEnrolled for a lost one."""
    everyone = await load_everyone(session, meeting)
    rows = await session.execute(
        select(ParticipantRow.person_id, ParticipantRow.enrolment).where(
            ParticipantRow.meeting_id == meeting
        )
    )
    found = {person: body for person, body in rows if person in everyone}
    if found.keys() != everyone:
        # A header could not name them, and one that leaves somebody out is never signed.
        raise NotEnrolled
    return found


async def _last_answers(session: AsyncSession, meeting: str) -> dict[str, bytes]:
    """Return the last answer of each who has given one."""
    last = (
        select(StatementRow.person_id, func.max(StatementRow.sequence).label("sequence"))
        .where(StatementRow.meeting_id == meeting)
        .group_by(StatementRow.person_id)
        .subquery()
    )
    rows = await session.execute(
        select(StatementRow.person_id, StatementRow.body)
        .join(
            last,
            (last.c.person_id == StatementRow.person_id)
            & (last.c.sequence == StatementRow.sequence),
        )
        .where(StatementRow.meeting_id == meeting)
    )
    return {row.person_id: row.body for row in rows}


def _digests(bodies: Mapping[str, bytes]) -> dict[bytes, bytes]:
    return {decode(person): digest(body) for person, body in bodies.items()}
