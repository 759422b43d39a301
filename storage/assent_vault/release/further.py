"""What is exported, and is given once more: in the next version of a data set, or to somebody else.

Its release stays exported, whatever comes of it. Nobody has to be kept from it while somebody else
does the same, so it is no claim: who writes a data set is told by the row of that, and each has a
meeting once. As in ``queue`` a row is no permission: whoever asks has just had the gate decide, in
the same transaction and with the meeting's row locked, and hands the decision in.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.release.decision import Blocked, Release
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.queue import QueueState, row_of
from assent_vault.store.given_meetings import MOST_DATA_SETS, count_data_sets, has_key
from assent_vault.store.models import ExportItemRow, ReleaseRow


async def may_give(
    session: AsyncSession,
    meeting_id: str,
    decision: Release | Blocked,
    now: int,
    scribe: LogWriter,
) -> bool:
    """Tell whether what is exported may be given once more, as the gate has just decided.

    A release on other evidence than the last that was logged is logged before it counts: once here,
    and so it is there at the commit. Nothing is claimed.
    """
    row = await row_of(session, meeting_id)
    if row is None or row.state != QueueState.EXPORTED or isinstance(decision, Blocked):
        return False
    if await count_data_sets(session, meeting_id) >= MOST_DATA_SETS:
        return False
    if not await scribe.has_released(session, meeting_id, decision):
        await scribe.released(session, meeting_id, decision)
    return decision.ready_at <= now


async def still_given(session: AsyncSession, meetings: Iterable[str]) -> frozenset[str]:
    """Return those of these that are exported, and of which nobody says that the key has gone.

    Work on any other is in vain; what decides is the commit.
    """
    found = await session.scalars(
        select(ReleaseRow.meeting_id).where(ReleaseRow.meeting_id.in_(list(meetings)), has_key())
    )
    return frozenset(found)


async def stands_again(
    session: AsyncSession,
    export_id: str,
    meeting_id: str,
    decision: Release | Blocked,
    now: int,
    scribe: LogWriter,
) -> bool:
    """Tell whether what is exported may become a part of ``export_id``, too.

    ``decision`` as for ``commit``. The release that was logged last must be on this evidence: none
    can be logged in between, for the export's record says that it was decided at a head that has
    all that came before.
    """
    row = await row_of(session, meeting_id)
    if row is None or row.state != QueueState.EXPORTED:
        return False
    if not isinstance(decision, Release) or decision.ready_at > now:
        return False
    if not await scribe.has_released(session, meeting_id, decision):
        return False
    return await count_data_sets(session, meeting_id, but=export_id) < MOST_DATA_SETS


async def commit_again(
    session: AsyncSession,
    export_id: str,
    meeting_id: str,
    decision: Release | Blocked,
    now: int,
    scribe: LogWriter,
) -> bool:
    """Make what is exported a part of ``export_id``, too; the last word on a withdrawal.

    For who holds the row of the export, in this transaction. True when it is part of it, once
    however often it is said. False when nothing of it may be handed out; it stays exported.
    """
    if not await stands_again(session, export_id, meeting_id, decision, now, scribe):
        return False
    assert isinstance(decision, Release), "it stands"
    row = await row_of(session, meeting_id)
    assert row is not None, "it stands"
    row.evidence = decision.evidence_digest
    row.ready_at = decision.ready_at
    if await session.get(ExportItemRow, (export_id, meeting_id)) is None:
        session.add(ExportItemRow(export_id=export_id, meeting_id=meeting_id, committed_at=now))
    return True
