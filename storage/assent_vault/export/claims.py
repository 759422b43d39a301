"""Claims on released meetings, for one run: taken, held to at the commit, given back, or dropped.

The gate decides each time, in the transaction that acts on it; a row of the queue is no permission.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.export.lease import Lease
from assent_vault.export.meeting import ReleasedMeeting
from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.keys.keyring import Keyring
from assent_vault.release import further, queue
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.evidence_reader import Checks
from assent_vault.release.gate_service import GateService, report
from assent_vault.release.log_writer import LogWriter
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import NoticeRow

log = structlog.get_logger(__name__)


class Claims:
    """The claims that are held under a lease; ``now`` and ``surely`` as of ``ExportRun``."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        judge: GateService,
        scribe: LogWriter,
        lease: Lease,
        now: Callable[[], int],
        surely: Callable[[], int],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._judge = judge
        self._scribe = scribe
        self._lease = lease
        self._now = now
        self._surely = surely

    async def claim(
        self, meeting_id: str, *, again: bool = False
    ) -> tuple[ReleasedMeeting, Checks] | None:
        """Claim a meeting, if the gate still lets it; the queue is put right if not.

        With ``again`` one that is exported already is taken, too, on which there is no claim.
        """
        checks = await self._judge.prepare(meeting_id)
        async with self._database.write() as session:
            # Whoever has locked it is done in a moment; left out, it would wait for another export.
            if await lock_meeting(session, meeting_id) is None:
                return None
            seen = await self._judge.look(session, meeting_id, checks)
            if seen is None:
                return None
            evidence, decision = seen
            await report(session, meeting_id, decision, self._now())
            meeting = suite.decode(meeting_id, suite.MEETING_BYTES)
            private = await asyncio.to_thread(self._keyring.meeting_private, meeting)
            if isinstance(decision, Release) and private is None:
                return None  # taken back a moment ago; the next look at it says so
            now = self._surely()
            is_again = False
            if not await queue.claim(
                session, meeting_id, decision, self._lease.token, now, self._scribe
            ):
                if not again:
                    return None
                is_again = await further.may_give(session, meeting_id, decision, now, self._scribe)
                if not is_again:
                    return None
            assert isinstance(decision, Release), "only a release can be claimed"
            assert private is not None, "looked at above"
            wanted = list(charters.parse(evidence.charter).notices.values())
            rows = await session.scalars(select(NoticeRow).where(NoticeRow.digest.in_(wanted)))
            notices = {row.digest: row.text.encode() for row in rows}
        self._lease.take(meeting_id, again=is_again)
        return ReleasedMeeting(evidence, decision.evidence_digest, private, notices), checks

    async def stands(
        self,
        session: AsyncSession,
        export_id: str,
        meeting_id: str,
        checks: Checks,
        evidence: bytes,
    ) -> Release | None:
        """Lock a meeting and ask the gate once more; put the queue right if it does not stand.

        ``evidence`` is the digest that was written.
        """
        if await lock_meeting(session, meeting_id) is None:
            return None
        again = self._lease.is_again(meeting_id)
        if not again and not await queue.is_held(session, meeting_id, self._lease.token):
            return None
        decision = await self._judge.decide(session, meeting_id, checks)
        if decision is None:
            return None
        if isinstance(decision, Blocked):
            await report(session, meeting_id, decision, self._now())
            await queue.consider(session, meeting_id, decision, self._now(), self._scribe)
            return None
        if decision.evidence_digest != evidence or decision.ready_at > self._surely():
            # Still released, but not on what was written: the next export takes it as it is then.
            await queue.give_back(session, self._lease.token, self._now(), meeting_id)
            return None
        if again and not await further.stands_again(
            session, export_id, meeting_id, decision, self._surely(), self._scribe
        ):
            return None
        return decision

    async def commit(
        self, session: AsyncSession, export_id: str, meeting_id: str, decision: Release
    ) -> bool:
        """Make a meeting that stands a part of the export; False where it is none after all."""
        if self._lease.is_again(meeting_id):
            return await further.commit_again(
                session, export_id, meeting_id, decision, self._surely(), self._scribe
            )
        return await queue.commit(
            session, export_id, meeting_id, decision, self._lease.token, self._surely()
        )

    async def give_back(self, meeting_id: str) -> None:
        """Leave a meeting to another export."""
        async with self._database.write() as session:
            await queue.give_back(session, self._lease.token, self._now(), meeting_id)

    async def drop(self, meeting_id: str, code: str) -> None:
        """Take a meeting out of the queue that cannot be exported; ``code`` says why."""
        log.warning("meeting-not-exported", meeting=meeting_id, code=code)
        async with self._database.write() as session:
            if await lock_meeting(session, meeting_id) is None:
                return
            if await queue.is_held(session, meeting_id, self._lease.token):
                await queue.drop(session, meeting_id, queue.EXPORT_FAILED + code, self._now())
