"""What stays in the database of a meeting whose time is over: nothing that tells who was in it.

Theory of operation. With the recording goes all that was written down about the people: the title,
the names as typed, when each came and left, their enrolments and answers, what hosts have signed,
and the headers of the recording, which name them. What stays is that there was a meeting, when, to
which words its people were asked, and that it was destroyed: its row with the charter, its vault
key's public half, and the deletion, so that an administrator can see that it was carried out.

A meeting that was exported is still in somebody's hands. Of it the enrolments and answers stay, as
signed, without a name or a sealed key, and the log's records of them: they prove that everyone
agreed, and without its public key nobody could take anything back any more. That is of everyone in
it (``everyone``); who was never let in has no part in the proof.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import (
    DeletionRow,
    ExportItemRow,
    GenerationRow,
    HostActRow,
    HostCertificateRow,
    JoinTokenRow,
    MeetingRow,
    ParticipantRow,
    RevocationRow,
    StatementRow,
)


async def forget_people(session: AsyncSession, meeting_id: str) -> None:
    """Forget who was in a meeting; in the transaction that destroys it."""
    await session.execute(update(MeetingRow).where(MeetingRow.id == meeting_id).values(title=""))
    for of_hosts in (HostActRow, HostCertificateRow):
        await session.execute(delete(of_hosts).where(of_hosts.meeting_id == meeting_id))
    await session.execute(delete(JoinTokenRow).where(JoinTokenRow.meeting_id == meeting_id))
    # What was ordered for one of them is part of what goes now. That the whole of it was deleted
    # tells of nobody, and stays.
    await session.execute(
        delete(DeletionRow).where(
            DeletionRow.meeting_id == meeting_id, DeletionRow.person_id.is_not(None)
        )
    )
    exported = await is_exported(session, meeting_id)
    if not exported:
        await session.execute(
            delete(RevocationRow).where(
                RevocationRow.meeting_id == meeting_id, RevocationRow.person_id.is_not(None)
            )
        )
    if exported:
        # Who was never let in is in nobody's hands, and proves nothing.
        counted = await load_everyone(session, meeting_id)
        for kind in (StatementRow, ParticipantRow):
            await session.execute(
                delete(kind).where(kind.meeting_id == meeting_id, kind.person_id.not_in(counted))
            )
        await session.execute(
            update(ParticipantRow)
            .where(ParticipantRow.meeting_id == meeting_id)
            .values(
                name="", salt=b"", brought=None, link_ordinal=None, left_at=None, removed_at=None
            )
        )
        await session.execute(
            update(StatementRow)
            .where(StatementRow.meeting_id == meeting_id)
            .values(sealed_seed=None)
        )
    else:
        await session.execute(delete(StatementRow).where(StatementRow.meeting_id == meeting_id))
        await session.execute(delete(ParticipantRow).where(ParticipantRow.meeting_id == meeting_id))


async def is_exported(session: AsyncSession, meeting_id: str) -> bool:
    """Tell whether a meeting is part of a data set."""
    found = await session.scalar(select(exists().where(ExportItemRow.meeting_id == meeting_id)))
    return bool(found)


async def forget_recording(session: AsyncSession, meeting_id: str) -> None:
    """Forget the generations of a meeting, when the last of its objects was seen gone.

    Not before: a server that is still closing one has to find it, and must not find another.
    """
    await session.execute(delete(GenerationRow).where(GenerationRow.meeting_id == meeting_id))
