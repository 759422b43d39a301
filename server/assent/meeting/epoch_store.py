"""Epochs as they are stored and logged: that one begins, and how it ended."""

from __future__ import annotations

from sqlalchemy import select

from assent.errors import MeetingOver
from assent.meeting.rows import locked
from assent_vault.formats.suite import decode, digest
from assent_vault.ledger import entry as logged
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.models import EpochRow


class EpochStore:
    """The epochs of meetings: begun before their keys are used, closed once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, meeting: str) -> list[tuple[int, bytes, bool]]:
        """Return number, header and whether it is closed, of every epoch, in order."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(EpochRow.number, EpochRow.header, EpochRow.close.is_not(None))
                .where(EpochRow.meeting_id == meeting)
                .order_by(EpochRow.number)
            )
            return [(number, header, closed) for number, header, closed in rows]

    async def opened(self, meeting: str, number: int, header: bytes, now: int) -> None:
        """Note that an epoch begins; before its keys are used."""
        async with self._database.write() as session:
            row = await locked(session, meeting)
            if row.ended_at is not None:
                raise MeetingOver
            session.add(EpochRow(meeting_id=meeting, number=number, header=header, opened_at=now))
            await log.append(
                session,
                logged.EpochOpened(
                    meeting=decode(meeting), epoch=number, header=digest(header), at=now
                ),
            )

    async def closed(
        self, meeting: str, number: int, closing: bytes, signature: bytes, now: int
    ) -> None:
        """Note how an epoch ended; the first closing stays."""
        async with self._database.write() as session:
            await locked(session, meeting)
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
