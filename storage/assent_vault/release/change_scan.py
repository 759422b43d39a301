"""Finds the meetings about which anything has changed since they were last looked at.

One query counts what each meeting has: people let in, statements, acts, generations, closings,
deletions. Who has the same counts as before has nothing new to be judged, because rows of evidence
are only ever added; where any were taken away, with strangers, counts say nothing (``forget``). It
saves work and decides nothing: a row that was changed behind the program's back keeps its counts,
and meets the gate at the claim and at the commit. That a meeting is destroyed, and is looked at no
more, is told by the log, and not by its row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ScalarSelect, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.database import Database
from assent_vault.store.models import (
    DeletionRow,
    GenerationRow,
    MeetingRow,
    ParticipantRow,
    ReleaseRow,
    RevocationRow,
    StatementRow,
    VaultKeyRow,
)

_AGAIN_MS: Final = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A meeting to look at; ``over`` when the gate has something to decide."""

    meeting_id: str
    over: bool
    counts: tuple[Any, ...]
    found_at: int


def _count(column: Any, *conditions: Any) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(column.class_)
        .where(column == MeetingRow.id, *conditions)
        .correlate(MeetingRow)
        .scalar_subquery()
    )


_QUERY = (
    select(
        MeetingRow.id,
        MeetingRow.ended_at,
        MeetingRow.retain_until,
        _count(ParticipantRow.meeting_id, ParticipantRow.admitted_at.is_not(None)),
        _count(StatementRow.meeting_id),
        _count(GenerationRow.meeting_id),
        _count(GenerationRow.meeting_id, GenerationRow.close.is_not(None)),
        _count(DeletionRow.meeting_id),
        _count(RevocationRow.meeting_id),
        VaultKeyRow.created_at,
        VaultKeyRow.destroyed_at,
    )
    .outerjoin(VaultKeyRow, VaultKeyRow.meeting_id == MeetingRow.id)
    .outerjoin(ReleaseRow, ReleaseRow.meeting_id == MeetingRow.id)
    .where(
        # A meeting that has not begun has nobody in it who could have said anything; but it can be
        # deleted.
        or_(
            MeetingRow.started_at.is_not(None),
            MeetingRow.ended_at.is_not(None),
            exists().where(RevocationRow.meeting_id == MeetingRow.id),
        ),
    )
)


class ChangeScan:
    """Remembers what each meeting looked like. ``now`` gives Unix milliseconds.

    ``is_destroyed`` tells whether the log has it that a meeting was destroyed.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], int],
        is_destroyed: Callable[[AsyncSession, str], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._is_destroyed = is_destroyed
        self._now = now
        self._known: dict[str, Change] = {}
        self._again: set[str] = set()
        self._forgotten: set[str] = set()  # since the last ``find``

    async def find(self) -> list[Change]:
        """Return the meetings to look at. Report each with ``seen`` when that is done."""
        now = self._now()
        self._forgotten.clear()
        async with self._database.read() as session:
            there = or_(
                MeetingRow.destroyed_at.is_(None), MeetingRow.id.in_(await self._only_said(session))
            )
            rows = (await session.execute(_QUERY.where(there))).all()
        current = [Change(row[0], row[1] is not None, tuple(row[1:]), now) for row in rows]
        # What is not there any more is forgotten: memory is bounded by the meetings there are.
        ids = {change.meeting_id for change in current}
        self._known = {key: value for key, value in self._known.items() if key in ids}
        self._again &= ids
        return [change for change in current if self._is_new(change)]

    async def _only_said(self, session: AsyncSession) -> list[str]:
        """Return the meetings that a row says are destroyed, and the log does not."""
        said = await session.scalars(
            select(MeetingRow.id).where(MeetingRow.destroyed_at.is_not(None))
        )
        return [each for each in said.all() if not await self._is_destroyed(session, each)]

    def _is_new(self, change: Change) -> bool:
        known = self._known.get(change.meeting_id)
        return (
            known is None
            or known.counts != change.counts
            or (
                change.meeting_id in self._again
                and not 0 <= change.found_at - known.found_at < _AGAIN_MS
            )
        )

    def seen(self, change: Change, *, again: bool) -> None:
        """Remember that a meeting was looked at as it was then.

        With ``again`` it is looked at once more after ten minutes, even if no row has changed.
        """
        if change.meeting_id in self._forgotten:
            return
        self._known[change.meeting_id] = change
        if again:
            self._again.add(change.meeting_id)
        else:
            self._again.discard(change.meeting_id)

    def forget(self, meeting_ids: Iterable[str]) -> None:
        """Have meetings looked at whatever their counts; call it when rows were taken away.

        One that is being looked at now may have been counted before that.
        """
        for meeting_id in meeting_ids:
            self._known.pop(meeting_id, None)
            self._forgotten.add(meeting_id)
