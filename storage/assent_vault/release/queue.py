"""The queue of releases: one row for each meeting whose gate has opened.

::

    (none) ──consider──> cooling ──promote──> ready ──claim──> claimed ──commit──> exported
                            │                   │  <─give back─   │              │ ▲
                            └───────────────────┴──── drop ───────┘──> dropped   └─┘ once more

A row is never a permission. Whoever claims or commits has just had the gate decide, in the same
transaction, and hands the decision in; a row that somebody wrote by hand gets no further than
that. A claim is a lease: the holder renews it, and one that is not renewed can be taken over.
Every step can be repeated: it finds that it has been done.

What is exported stays so, and may be given once more, in another data set (``further``).

Every release that enters the queue is logged, by ``scribe``; and nothing is claimed on evidence of
which the log has no release.

Every function works inside a transaction of the caller. Those that name a meeting expect its row
to be locked (``database.lock_meeting``). Those over many meetings wait for no row that somebody
else has locked, so that they cannot wait for each other; the next round finds what they left.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import LeaseLost
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.log_writer import LogWriter
from assent_vault.store.given_meetings import weightiest
from assent_vault.store.models import ExportItemRow, ReleaseRow

# How long a claim lasts that nobody renews; the holder renews it four times as often.
LEASE_MS: Final = 60_000
# A meeting that could not be exported stays out of the queue until its evidence changes.
EXPORT_FAILED: Final = "export-"
# Until the gate has looked at it once more, because somebody asked for that.
RETRY_ASKED: Final = "retry-asked"


class QueueState(StrEnum):
    """Where a release stands."""

    COOLING = "cooling"
    READY = "ready"
    CLAIMED = "claimed"
    EXPORTED = "exported"
    DROPPED = "dropped"


async def row_of(session: AsyncSession, meeting_id: str) -> ReleaseRow | None:
    """Return the locked row of a release, as it is now."""
    return await session.scalar(
        select(ReleaseRow)
        .where(ReleaseRow.meeting_id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def consider(
    session: AsyncSession,
    meeting_id: str,
    decision: Release | Blocked,
    now: int,
    scribe: LogWriter,
) -> QueueState | None:
    """Let the gate's decision take effect: a release enters the queue, or leaves it.

    Call it whenever the gate has decided. Returns where the release stands then, None when it was
    never in the queue. What has been exported stays so.
    """
    row = await row_of(session, meeting_id)
    if isinstance(decision, Blocked):
        if row is None:
            return None
        if row.state != QueueState.EXPORTED:
            _drop(row, _reason(decision), now)
        return _state(row)
    if row is None:
        row = ReleaseRow(meeting_id=meeting_id, created_at=now)
        session.add(row)
    elif not _may_cool(row, decision):
        return _state(row)
    _cool(row, decision, now)
    await scribe.released(session, meeting_id, decision)
    return QueueState.COOLING


def _state(row: ReleaseRow) -> QueueState:
    """Return the row's state; one that nobody knows is as good as none."""
    return QueueState(row.state) if row.state in tuple(QueueState) else QueueState.DROPPED


def _may_cool(row: ReleaseRow, decision: Release) -> bool:
    """Tell whether a release begins to cool off anew; one that is under way or done does not."""
    state = _state(row)
    if state in (QueueState.CLAIMED, QueueState.EXPORTED):
        return False
    if row.evidence != decision.evidence_digest:
        return True
    # The same evidence cools off once, and what could not be exported could not be again.
    return state is QueueState.DROPPED and not (row.reason or "").startswith(EXPORT_FAILED)


def _cool(row: ReleaseRow, decision: Release, now: int) -> None:
    row.state = QueueState.COOLING
    row.evidence = decision.evidence_digest
    row.ready_at = decision.ready_at
    row.reason = None
    row.lease_token = None
    row.lease_until = None
    row.updated_at = now


async def cooled(session: AsyncSession, now: int) -> bool:
    """Tell whether there is anything to promote; only looks."""
    found = await session.scalar(
        select(ReleaseRow.meeting_id)
        .where(ReleaseRow.state == QueueState.COOLING, ReleaseRow.ready_at <= now)
        .limit(1)
    )
    return found is not None


async def promote(session: AsyncSession, now: int) -> int:
    """Make ready what has cooled off; return how many."""
    cooled = (
        select(ReleaseRow.meeting_id)
        .where(ReleaseRow.state == QueueState.COOLING, ReleaseRow.ready_at <= now)
        .with_for_update(skip_locked=True)
    )
    done = await session.scalars(
        update(ReleaseRow)
        .where(ReleaseRow.meeting_id.in_(cooled.scalar_subquery()))
        .values(state=QueueState.READY, updated_at=now)
        .returning(ReleaseRow.meeting_id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def is_claimable(now: int) -> ColumnElement[bool]:
    """Ready, or claimed by somebody who has not renewed the lease.

    Whoever selects by it only looks, and may look in a transaction that reads; the claim looks
    again.
    """
    return or_(
        ReleaseRow.state == QueueState.READY,
        and_(ReleaseRow.state == QueueState.CLAIMED, ReleaseRow.lease_until < now),
    )


async def claim(
    session: AsyncSession,
    meeting_id: str,
    decision: Release | Blocked,
    token: str,
    now: int,
    scribe: LogWriter,
) -> bool:
    """Take a lease on a release that ``is_claimable`` and that the gate has judged anew.

    False when it is not to be had: somebody else was faster, or the gate no longer opens, or it has
    not cooled off; in the last two cases the queue is put right.
    """
    row = await row_of(session, meeting_id)
    if row is None or not (
        row.state == QueueState.READY
        or (
            row.state == QueueState.CLAIMED
            and row.lease_until is not None
            and row.lease_until < now
        )
    ):
        return False
    if isinstance(decision, Blocked):
        _drop(row, _reason(decision), now)
        return False
    if decision.ready_at > now:
        # The row said that it had cooled off; what was signed says otherwise, and is believed.
        _cool(row, decision, now)
        await scribe.released(session, meeting_id, decision)
        return False
    row.state = QueueState.CLAIMED
    row.evidence = decision.evidence_digest
    row.ready_at = decision.ready_at
    row.lease_token = token
    row.lease_until = now + LEASE_MS
    row.updated_at = now
    # A setting may have changed since, or somebody have said yes once more, and nobody has looked.
    if not await scribe.has_released(session, meeting_id, decision):
        await scribe.released(session, meeting_id, decision)
    return True


async def renew(session: AsyncSession, token: str, now: int) -> frozenset[str]:
    """Renew every lease held under ``token``; return the meetings that are still held.

    A meeting that is missing was dropped, or taken over by somebody else: its work is in vain.
    """
    held = await session.scalars(
        update(ReleaseRow)
        .where(ReleaseRow.lease_token == token, ReleaseRow.state == QueueState.CLAIMED)
        .values(lease_until=now + LEASE_MS)
        .returning(ReleaseRow.meeting_id)
        .execution_options(synchronize_session=False)
    )
    return frozenset(held.all())


async def commit(
    session: AsyncSession,
    export_id: str,
    meeting_id: str,
    decision: Release | Blocked,
    token: str,
    now: int,
) -> bool:
    """Make the release exported, as part of ``export_id``; the last word on a withdrawal.

    ``decision`` is what the gate says inside this very transaction, with the meeting's row locked.
    True when the release counts as exported by this export, also when it did before. False when
    the gate no longer opens: the release is dropped, and nothing of it may be handed out. Raises
    LeaseLost when the claim is somebody else's by now.
    """
    row = await row_of(session, meeting_id)
    item = await session.get(ExportItemRow, (export_id, meeting_id))
    if row is not None and row.state == QueueState.EXPORTED and item is not None:
        return True
    if row is None or row.state != QueueState.CLAIMED or row.lease_token != token:
        raise LeaseLost("The claim on this release is not held any more.")
    if not isinstance(decision, Release) or decision.ready_at > now:
        _drop(row, "cooling-off" if isinstance(decision, Release) else _reason(decision), now)
        return False
    row.state = QueueState.EXPORTED
    row.evidence = decision.evidence_digest
    row.lease_token = None
    row.lease_until = None
    row.updated_at = now
    # A row that is there while the release is not exported was nobody's commit.
    await session.execute(
        delete(ExportItemRow).where(
            ExportItemRow.export_id == export_id, ExportItemRow.meeting_id == meeting_id
        )
    )
    session.add(ExportItemRow(export_id=export_id, meeting_id=meeting_id, committed_at=now))
    return True


async def give_back(
    session: AsyncSession, token: str, now: int, meeting_id: str | None = None
) -> None:
    """Make ready again what is held under ``token``: one meeting, or all of them.

    For a run that cannot go on.
    """
    held = [ReleaseRow.lease_token == token, ReleaseRow.state == QueueState.CLAIMED]
    if meeting_id is not None:
        held.append(ReleaseRow.meeting_id == meeting_id)
    await session.execute(
        update(ReleaseRow)
        .where(*held)
        .values(state=QueueState.READY, lease_token=None, lease_until=None, updated_at=now)
        .execution_options(synchronize_session=False)
    )


async def is_held(session: AsyncSession, meeting_id: str, token: str) -> bool:
    """Tell whether a release is claimed under ``token``."""
    row = await row_of(session, meeting_id)
    return row is not None and row.state == QueueState.CLAIMED and row.lease_token == token


async def drop(session: AsyncSession, meeting_id: str, reason: str, now: int) -> None:
    """Take a release out of the queue, unless it has been exported. Fine when there is none."""
    row = await row_of(session, meeting_id)
    if row is not None and row.state != QueueState.EXPORTED:
        _drop(row, reason, now)


async def retry(session: AsyncSession, meeting_id: str, now: int) -> bool:
    """Let what could not be exported be considered again, on the evidence that there is by then.

    It stays dropped until the gate has decided anew. False where its export has not failed.
    """
    row = await row_of(session, meeting_id)
    if row is None or row.state != QueueState.DROPPED:
        return False
    if not (row.reason or "").startswith(EXPORT_FAILED):
        return False
    _drop(row, RETRY_ASKED, now)
    return True


def _drop(row: ReleaseRow, reason: str, now: int) -> None:
    if row.state == QueueState.DROPPED and row.reason == reason:
        return
    row.state = QueueState.DROPPED
    row.reason = reason
    row.lease_token = None
    row.lease_until = None
    row.updated_at = now


def _reason(decision: Blocked) -> str:
    """Return the one reason that is written on a dropped release; the report has all of them."""
    code = weightiest(str(reason.code) for reason in decision.reasons)
    assert code is not None, "the gate is closed for a reason"
    return code
