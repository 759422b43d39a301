"""Takes up what administrators ask for: an export that failed for a meeting is tried once more.

A release that could not be exported stays out of the queue, because the same evidence would fail
again. Where the reason was not in the evidence (a disk, an object that has come back), somebody who
knows says so. Nothing is released by that: the gate looks at the meeting as at any other, and what
it lets pass has still to have cooled off by what people signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import select, update

from assent_vault.release import queue
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import ReleaseRetryRow

_AT_ONCE: Final = 100


class Retries:
    """Carries out the rows of ``release_retries``.

    ``now`` gives Unix milliseconds; ``look_anew`` has the gate look at meetings whatever is known
    of them. A worker that dies before that looks at every meeting when it starts.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], int],
        look_anew: Callable[[Iterable[str]], None],
    ) -> None:
        self._database = database
        self._now = now
        self._look_anew = look_anew

    async def take_up(self) -> int:
        """Put back what is asked for; return how many meetings the gate will look at anew."""
        async with self._database.read() as session:
            asked = (
                await session.scalars(
                    select(ReleaseRetryRow.meeting_id)
                    .where(ReleaseRetryRow.done_at.is_(None))
                    .distinct()
                    .limit(_AT_ONCE)
                )
            ).all()
        again = [meeting_id for meeting_id in asked if await self._put_back(meeting_id)]
        self._look_anew(again)
        return len(again)

    async def _put_back(self, meeting_id: str) -> bool:
        async with self._database.write() as session:
            there = await lock_meeting(session, meeting_id)
            done = there is not None and await queue.retry(session, meeting_id, self._now())
            await session.execute(
                update(ReleaseRetryRow)
                .where(ReleaseRetryRow.meeting_id == meeting_id, ReleaseRetryRow.done_at.is_(None))
                .values(done_at=self._now())
            )
        return done
