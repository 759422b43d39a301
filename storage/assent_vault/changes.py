"""Finds the meetings about which anything has changed since they were last looked at.

One query counts what each meeting has: people let in, statements, epochs, closings, deletions. Who
has the same counts as before has nothing new to be judged, because rows of evidence are only ever
added. It saves work and decides nothing: a row that was changed behind the program's back keeps its
counts, and meets the gate at the claim and at the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ScalarSelect, func, or_, select

from assent_vault.database import Database
from assent_vault.models import Deletion, Epoch, Meeting, Participant, Statement, VaultKey
from assent_vault.models import Release as ReleaseRow

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
        .where(column == Meeting.id, *conditions)
        .correlate(Meeting)
        .scalar_subquery()
    )


_QUERY = (
    select(
        Meeting.id,
        Meeting.ended_at,
        Meeting.retain_until,
        _count(Participant.meeting_id, Participant.admitted_at.is_not(None)),
        _count(Statement.meeting_id),
        _count(Epoch.meeting_id),
        _count(Epoch.meeting_id, Epoch.close.is_not(None)),
        _count(Deletion.meeting_id),
        VaultKey.created_at,
        VaultKey.destroyed_at,
    )
    .outerjoin(VaultKey, VaultKey.meeting_id == Meeting.id)
    .outerjoin(ReleaseRow, ReleaseRow.meeting_id == Meeting.id)
    .where(
        Meeting.destroyed_at.is_(None),
        # A meeting that has not begun has nobody in it who could have said anything.
        or_(Meeting.started_at.is_not(None), Meeting.ended_at.is_not(None)),
    )
)


class Changes:
    """Remembers what each meeting looked like. ``now`` gives Unix milliseconds."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        self._known: dict[str, Change] = {}
        self._again: set[str] = set()

    async def find(self) -> list[Change]:
        """Return the meetings to look at. Report each with ``seen`` when that is done."""
        now = self._now()
        async with self._database.read() as session:
            rows = (await session.execute(_QUERY)).all()
        current = [Change(row[0], row[1] is not None, tuple(row[1:]), now) for row in rows]
        # What is not there any more is forgotten: memory is bounded by the meetings there are.
        ids = {change.meeting_id for change in current}
        self._known = {key: value for key, value in self._known.items() if key in ids}
        self._again &= ids
        return [change for change in current if self._is_new(change)]

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
        self._known[change.meeting_id] = change
        if again:
            self._again.add(change.meeting_id)
        else:
            self._again.discard(change.meeting_id)
