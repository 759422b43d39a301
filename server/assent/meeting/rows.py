"""Rows that the stores of a meeting look for: the meeting's, a person's, its host's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import MeetingClosed, MeetingNotFound, MeetingOver, NotEnrolled
from assent_vault.store.database import lock_meeting
from assent_vault.store.models import AccountRow, MeetingRow, ParticipantRow


async def locked(session: AsyncSession, meeting: str) -> MeetingRow:
    """Take the meeting's row for this transaction; raises MeetingNotFound."""
    row = await lock_meeting(session, meeting)
    if row is None:
        raise MeetingNotFound
    return row


async def locked_running(session: AsyncSession, meeting: str) -> MeetingRow:
    """Take the row of a meeting that has not ended; raises MeetingNotFound, MeetingOver."""
    row = await locked(session, meeting)
    if row.ended_at is not None:
        raise MeetingOver
    return row


async def enrolled(session: AsyncSession, meeting: str, person: str) -> ParticipantRow:
    """Return the row of somebody who is not forgotten; raises NotEnrolled."""
    row = await session.get(ParticipantRow, (meeting, person))
    if row is None or row.forgotten_at is not None:
        raise NotEnrolled
    return row


async def must_be_open(session: AsyncSession, row: MeetingRow) -> None:
    """Raise MeetingClosed where the account of the meeting's host is shut out."""
    disabled = select(AccountRow.id).where(
        AccountRow.id == row.host_account, AccountRow.disabled_at.is_not(None)
    )
    if await session.scalar(disabled) is not None:
        raise MeetingClosed
