"""Has the gate decide about meetings, and lets the decision take effect.

Judging takes two steps, for reading and verifying a recording takes long and a transaction must
not. ``prepare`` reads the objects and has the gate decide, outside of any transaction. ``look``
reads the rows once more, inside the transaction that acts on the decision and with the meeting's
row locked, and decides about what it finds then. Where that is the same evidence to the last byte,
the decision is known already, for the gate is a pure function; where it is not, the gate is asked.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import FormatError
from assent_vault.formats import suite
from assent_vault.release import evidence_reader, gate, queue
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.evidence import Evidence, SegmentCheck, evidence_digest
from assent_vault.release.evidence_reader import Checks, KeyHere
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.monitor import Monitor
from assent_vault.store import owed
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import GateReportRow, GenerationRow

# What was found whole is not read again; exporting reads it anyway, and compares it once more.
_REMEMBERED_CHECKS = 20_000
_REMEMBERED_DECISIONS = 2_000


class _Unread(Enum):
    UNREAD = "unread"


_UNREAD: Final = _Unread.UNREAD


class GateService:
    """The gate, with all it needs. ``now`` gives Unix milliseconds."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        key_here: KeyHere,
        follower: Monitor,
        scribe: LogWriter,
        cooling_off_ms: int,
        retention_days: int | None,
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._key_here = key_here
        self._follower = follower
        self._scribe = scribe
        self._cooling_off_ms = cooling_off_ms
        self._retention_days = retention_days
        self._now = now
        self._whole: OrderedDict[tuple[str, int, bytes], SegmentCheck] = OrderedDict()
        self._decided: OrderedDict[tuple[bytes, bool], Release | Blocked] = OrderedDict()

    async def prepare(self, meeting_id: str) -> Checks:
        """Read every object of the meeting that has not been found whole before, and decide.

        Raises BlobUnavailable when the store cannot be read: then nothing can be decided.
        """
        checks = await self._read_objects(meeting_id)
        async with self._database.read() as session:
            await self.look(session, meeting_id, checks)
        return checks

    async def _read_objects(self, meeting_id: str) -> Checks:
        async with self._database.read() as session:
            rows = (
                await session.execute(
                    select(GenerationRow.number, GenerationRow.close)
                    .where(GenerationRow.meeting_id == meeting_id, GenerationRow.close.is_not(None))
                    .order_by(GenerationRow.number)
                )
            ).all()
            closings = [(number, closing) for number, closing in rows if closing is not None]
        checks: dict[bytes, SegmentCheck] = {}
        for number, closing in closings:
            check = await self._check(meeting_id, number, closing)
            if check is not None:
                checks[check.closing] = check
        return checks

    async def _check(self, meeting_id: str, number: int, closing: bytes) -> SegmentCheck | None:
        place = (meeting_id, number, suite.digest(closing))
        known = self._whole.get(place)
        if known is not None:
            self._whole.move_to_end(place)
            return known
        check = await evidence_reader.check_segments(self._blobs, meeting_id, number, closing)
        if check is not None and check.whole:
            self._whole[place] = check.check
            while len(self._whole) > _REMEMBERED_CHECKS:
                self._whole.popitem(last=False)
        return None if check is None else check.check

    async def look(
        self, session: AsyncSession, meeting_id: str, checks: Checks
    ) -> tuple[Evidence, Release | Blocked] | None:
        """Return the evidence as it is in this transaction, and what the gate says of it.

        None when there is no such meeting. Call it with the meeting's row locked.
        """
        try:
            suite.decode(meeting_id, suite.MEETING_BYTES)
        except FormatError:
            return None
        # Raises where it cannot be read: what people have taken back is then not known.
        reserve = owed.read(await self._blobs.read_reserve())
        found = await evidence_reader.load(
            session,
            meeting_id,
            key_here=self._key_here,
            checks=checks,
            follower=self._follower,
            cooling_off_ms=self._cooling_off_ms,
            retention_days=self._retention_days,
            now=self._now(),
            owed=reserve.of(meeting_id),
        )
        return None if found is None else (found, await asyncio.to_thread(self._decide, found))

    def _decide(self, found: Evidence) -> Release | Blocked:
        """Ask the gate, unless it has decided about this very evidence before.

        The digest is over all but the time and the head of the log; time enters the decision in one
        place only, and the head in none. A release is known until its time is over.
        """
        key = (evidence_digest(found), found.now >= found.retain_until)
        decision = self._decided.get(key)
        over = isinstance(decision, Release) and found.now >= decision.kept_until
        if decision is None or over:
            decision = self._decided[key] = gate.decide(found)
            while len(self._decided) > _REMEMBERED_DECISIONS:
                self._decided.popitem(last=False)
        # The log has gone on with other meetings since.
        return decision if isinstance(decision, Blocked) else replace(decision, head=found.log.head)

    async def decide(
        self, session: AsyncSession, meeting_id: str, checks: Checks
    ) -> Release | Blocked | None:
        """Return what the gate says; None when there is no such meeting."""
        seen = await self.look(session, meeting_id, checks)
        return None if seen is None else seen[1]

    async def judge(self, meeting_id: str) -> Release | Blocked | None:
        """Decide about a meeting, put the queue right, and report to the administrator's page."""
        decision = await self._judge_once(meeting_id)
        if decision is _UNREAD:
            # A generation was closed between the reading and the transaction. It is no damage yet.
            decision = await self._judge_once(meeting_id, last=True)
        assert decision is not _UNREAD, "asked for whatever it is"
        return decision

    async def _judge_once(
        self, meeting_id: str, *, last: bool = False
    ) -> Release | Blocked | _Unread | None:
        """Judge once; _UNREAD, and nothing done, where a closing's objects were not read."""
        checks = await self.prepare(meeting_id)
        async with self._database.write() as session:
            if await lock_meeting(session, meeting_id) is None:
                return None
            seen = await self.look(session, meeting_id, checks)
            if seen is None:
                return None
            found, decision = seen
            if not last and any(
                each.closing is not None and each.check is None for each in found.generations
            ):
                return _UNREAD
            await report(session, meeting_id, decision, self._now())
            await queue.consider(session, meeting_id, decision, self._now(), self._scribe)
            return decision


async def report(
    session: AsyncSession, meeting_id: str, decision: Release | Blocked, now: int
) -> None:
    """Write down what the gate said, for people to read. Nothing decides anything by it."""
    blocked = isinstance(decision, Blocked)
    reasons = decision.reasons if isinstance(decision, Blocked) else ()
    await session.merge(
        GateReportRow(
            meeting_id=meeting_id,
            decision="blocked" if blocked else "release",
            reasons=json.dumps([{"code": str(each.code), "count": each.count} for each in reasons]),
            decided_at=now,
        )
    )
