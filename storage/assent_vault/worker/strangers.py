"""Strangers: those who enrolled in a meeting and were never let in. Takes their rows away.

Theory of operation. Whoever has a meeting's link can enrol in it, so what is kept of those who are
not let in is bounded: where they are too many, or a day later, the server forgets them. It says so
in their row, and can do no more, for it may not take away what people have said. The rows go here,
with what they answered at the door.

The server's word is the reason, and never enough: nobody goes of whom their row, the header of an
generation or the log says that they were let in (``everyone``). They are asked under the lock of
the meeting's row, which whoever lets somebody in holds, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import ParticipantRow, StatementRow

# Rows in one round, and in one transaction; the others follow in the next.
_BATCH: Final = 500


class Strangers:
    """Takes away the rows of whom the server has forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after = ("", "")  # the last row that was looked at

    async def take_away(self) -> list[str]:
        """Take away what there is, so much in each round; return in which meetings any went.

        The rounds go through all rows in turn, so that those which must stay keep no others.
        """
        async with self._database.read() as session:
            rows = (
                await session.execute(
                    select(ParticipantRow.meeting_id, ParticipantRow.person_id)
                    .where(
                        ParticipantRow.forgotten_at.is_not(None),
                        (ParticipantRow.meeting_id > self._after[0])
                        | (
                            (ParticipantRow.meeting_id == self._after[0])
                            & (ParticipantRow.person_id > self._after[1])
                        ),
                    )
                    .order_by(ParticipantRow.meeting_id, ParticipantRow.person_id)
                    .limit(_BATCH)
                )
            ).all()
        self._after = (rows[-1][0], rows[-1][1]) if len(rows) == _BATCH else ("", "")
        found: dict[str, list[str]] = {}
        for meeting_id, person_id in rows:
            found.setdefault(meeting_id, []).append(person_id)
        changed = []
        for meeting_id, people in found.items():
            async with self._database.write() as session:
                if await _take_away(session, meeting_id, people):
                    changed.append(meeting_id)
        return changed


async def _take_away(session: AsyncSession, meeting_id: str, people: Sequence[str]) -> int:
    """Take away those of ``people`` who are strangers still; return how many."""
    await lock_meeting(session, meeting_id)
    # Who has come back since is not forgotten any more.
    still = await session.scalars(
        select(ParticipantRow.person_id).where(
            ParticipantRow.meeting_id == meeting_id,
            ParticipantRow.person_id.in_(people),
            ParticipantRow.forgotten_at.is_not(None),
        )
    )
    going = frozenset(still) - await load_everyone(session, meeting_id)
    for table in (StatementRow, ParticipantRow):
        await session.execute(
            delete(table).where(table.meeting_id == meeting_id, table.person_id.in_(going))
        )
    return len(going)
