"""What somebody does to the log who may write to the database; and what tests ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.formats.generation_header import parse_generation
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Ended,
    Enrolled,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    Record,
)
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.models import (
    GenerationRow,
    HostActRow,
    HostCertificateRow,
    LogEntryRow,
    LogTileRow,
    MeetingRow,
    ParticipantRow,
    StatementRow,
)


async def records(database: Database, meeting_id: str | None = None) -> list[Record]:
    """Return what the log tells, of one meeting or of everything, in order."""
    async with database.read() as session:
        found = await session.scalars(select(LogEntryRow).order_by(LogEntryRow.number))
        return [
            entries.parse(row.record)
            for row in found
            if row.record is not None and meeting_id in (None, row.meeting_id)
        ]


async def cut_off(database: Database, size: int) -> None:
    """Make the log as short as it was once."""
    async with database.write() as session:
        await session.execute(delete(LogEntryRow).where(LogEntryRow.number >= size))
        for level in range(3):
            whole = size >> 8 * (level + 1)
            await session.execute(
                delete(LogTileRow).where(LogTileRow.level == level, LogTileRow.number >= whole)
            )


async def write_anew(database: Database) -> None:
    """Put a log in the place of what there is that tells what the tables say, and nothing else."""
    await cut_off(database, 0)
    async with database.write() as session:
        for record in await _told_by_tables(database):
            await log_rows.append(session, record)


async def _told_by_tables(database: Database) -> Sequence[Record]:
    found: list[Record] = []
    async with database.read() as session:
        for meeting in await session.scalars(select(MeetingRow)):
            found += await _told_of(session, meeting)
    return found


async def _told_of(session: AsyncSession, meeting: MeetingRow) -> list[Record]:
    """Return what an honest server would have logged of a meeting, in the order of its rows."""
    charter = charters.parse(meeting.charter)
    about: dict[str, Any] = {"meeting": charter.meeting, "at": 1}
    first: list[Record] = [MeetingCreated(charter=charter.digest, **about)]
    of = ParticipantRow.meeting_id == meeting.id
    for row in await session.scalars(select(ParticipantRow).where(of)):
        person: dict[str, Any] = {"person": suite.decode(row.person_id)}
        enrolment: dict[str, Any] = {"enrolment": suite.digest(row.enrolment)}
        first.append(Enrolled(**about, **person, **enrolment))
        if row.admitted_at is not None:
            first.append(Admitted(**about, **person, **enrolment))
    hosts = select(HostCertificateRow).where(HostCertificateRow.meeting_id == meeting.id)
    for host in await session.scalars(hosts):
        certificate = suite.digest(host.body)
        first.append(
            HostCertified(person=suite.decode(host.person_id), certificate=certificate, **about)
        )
    acts = select(HostActRow).where(HostActRow.meeting_id == meeting.id)
    for act in await session.scalars(acts.order_by(HostActRow.sequence)):
        first.append(HostArmed(act=suite.digest(act.body), **about))
    answers: dict[bytes, list[Answered]] = {}
    said = select(StatementRow).where(StatementRow.meeting_id == meeting.id)
    for each in await session.scalars(said.order_by(StatementRow.sequence)):
        who = suite.decode(each.person_id)
        answer: dict[str, Any] = {"sequence": each.sequence, "answer": suite.digest(each.body)}
        answers.setdefault(who, []).append(Answered(person=who, **about, **answer))
    later: list[Record] = []
    recorded = select(GenerationRow).where(GenerationRow.meeting_id == meeting.id)
    for generation in await session.scalars(recorded.order_by(GenerationRow.number)):
        # What a header names had been said by then, and nothing after it.
        for named in parse_generation(generation.header).people:
            given = answers.get(named.id, [])
            while named.answer in [one.answer for one in given]:
                later.append(given.pop(0))
        header: dict[str, Any] = {
            "number": generation.number,
            "header": suite.digest(generation.header),
        }
        opened = GenerationOpened(committer=None, boxes=generation.boxes, **about, **header)
        later.append(opened)
        if generation.close is not None:
            closing = suite.digest(generation.close)
            later.append(GenerationClosed(closing=closing, accepts=None, **about, **header))
    later += [one for given in answers.values() for one in given]
    if meeting.ended_at is not None:
        later.append(Ended(meeting=charter.meeting, at=meeting.ended_at))
    return first + later
