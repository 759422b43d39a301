"""What stays in the database of a meeting whose time is over: nothing that tells who was in it.

Theory of operation. With the recording goes all that was written down about the people: the title,
the names as typed, when each came and left, their enrolments and answers, and the headers of the
recording, which name them. What stays is that there was a meeting, when, to which words its people
were asked, and that it was destroyed: its row with the charter, its vault key's public half, and
the deletion, so that an administrator can see that it was carried out.

A meeting that was exported is still in somebody's hands. Of it the enrolments and answers stay, as
signed, without a name or a sealed key, and the log's records of them: they prove that everyone
agreed, and without its public key nobody could take anything back any more.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.models import (
    Deletion,
    Epoch,
    ExportItem,
    JoinToken,
    Meeting,
    Participant,
    Statement,
)


async def forget_people(session: AsyncSession, meeting_id: str) -> None:
    """Forget who was in a meeting; in the transaction that destroys it."""
    await session.execute(update(Meeting).where(Meeting.id == meeting_id).values(title=""))
    await session.execute(delete(JoinToken).where(JoinToken.meeting_id == meeting_id))
    # What was ordered for one of them is part of what goes now.
    await session.execute(
        delete(Deletion).where(Deletion.meeting_id == meeting_id, Deletion.person_id.is_not(None))
    )
    if await is_exported(session, meeting_id):
        await session.execute(
            update(Participant)
            .where(Participant.meeting_id == meeting_id)
            .values(name="", left_at=None, removed_at=None)
        )
        await session.execute(
            update(Statement).where(Statement.meeting_id == meeting_id).values(sealed_seed=None)
        )
    else:
        await session.execute(delete(Statement).where(Statement.meeting_id == meeting_id))
        await session.execute(delete(Participant).where(Participant.meeting_id == meeting_id))


async def is_exported(session: AsyncSession, meeting_id: str) -> bool:
    """Tell whether a meeting is part of a data set."""
    found = await session.scalar(select(exists().where(ExportItem.meeting_id == meeting_id)))
    return bool(found)


async def forget_recording(session: AsyncSession, meeting_id: str) -> None:
    """Forget the epochs of a meeting, when the last of its objects was seen gone.

    Not before: a server that is still closing one has to find it, and must not find another.
    """
    await session.execute(delete(Epoch).where(Epoch.meeting_id == meeting_id))
