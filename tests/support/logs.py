"""What somebody does to the log who may write to the database; and what tests ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from assent_vault import charter as charters
from assent_vault import suite
from assent_vault.database import Database
from assent_vault.ledger import entry as entries
from assent_vault.ledger import rows
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Enrolled,
    EpochClosed,
    EpochOpened,
    MeetingCreated,
    Record,
)
from assent_vault.models import Epoch, LogEntry, LogTile, Meeting, Participant, Statement


async def records(database: Database, meeting_id: str | None = None) -> list[Record]:
    """Return what the log tells, of one meeting or of everything, in order."""
    async with database.read() as session:
        found = await session.scalars(select(LogEntry).order_by(LogEntry.number))
        return [
            entries.parse(row.record)
            for row in found
            if row.record is not None and meeting_id in (None, row.meeting_id)
        ]


async def cut_off(database: Database, size: int) -> None:
    """Make the log as short as it was once."""
    async with database.write() as session:
        await session.execute(delete(LogEntry).where(LogEntry.number >= size))
        for level in range(3):
            whole = size >> 8 * (level + 1)
            await session.execute(
                delete(LogTile).where(LogTile.level == level, LogTile.number >= whole)
            )


async def write_anew(database: Database) -> None:
    """Put a log in the place of what there is that tells what the tables say, and nothing else."""
    await cut_off(database, 0)
    async with database.write() as session:
        for record in await _told_by_tables(database):
            await rows.append(session, record)


async def _told_by_tables(database: Database) -> Sequence[Record]:
    found: list[Record] = []
    async with database.read() as session:
        for meeting in await session.scalars(select(Meeting)):
            charter = charters.parse(meeting.charter)
            about: dict[str, Any] = {"meeting": charter.meeting, "at": 1}
            found.append(MeetingCreated(charter=charter.digest, **about))
            of = Participant.meeting_id == meeting.id
            for row in await session.scalars(select(Participant).where(of)):
                person: dict[str, Any] = {"person": suite.decode(row.person_id)}
                enrolment: dict[str, Any] = {"enrolment": suite.digest(row.enrolment)}
                found.append(Enrolled(**about, **person, **enrolment))
                if row.admitted_at is not None:
                    found.append(Admitted(**about, **person, **enrolment))
            said = select(Statement).where(Statement.meeting_id == meeting.id)
            for each in await session.scalars(said.order_by(Statement.sequence)):
                answer: dict[str, Any] = {
                    "sequence": each.sequence,
                    "answer": suite.digest(each.body),
                }
                found.append(Answered(person=suite.decode(each.person_id), **about, **answer))
            for epoch in await session.scalars(select(Epoch).where(Epoch.meeting_id == meeting.id)):
                header: dict[str, Any] = {
                    "epoch": epoch.number,
                    "header": suite.digest(epoch.header),
                }
                found.append(EpochOpened(**about, **header))
                if epoch.close is not None:
                    closing = suite.digest(epoch.close)
                    found.append(EpochClosed(**about, **header, closing=closing))
    return found
