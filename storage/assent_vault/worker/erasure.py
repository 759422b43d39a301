"""Takes away what must not be there any more: keys, tracks, whole meetings.

Theory of operation. What was verifiably taken back (``withdrawals``) is the only reason to take
something away before its time.

- Who has withdrawn training, or recording, or for whom it was done, has taken back the meeting's
  release: its private key is destroyed, in the folder first and then in its row, and the release
  leaves the queue.
- Who has withdrawn recording, or for whom it was done, has their tracks removed from every
  generation there was. A deletion is written down for it and stays until it was seen done: every
  generation it concerns is closed, so that nothing can arrive any more, and nothing is left of the
  person's tracks.
- A meeting whose time is over, or which was deleted, loses everything: key, objects, all that tells
  who was there (``redaction``), and what the log's entries about it commit to.

What was done is logged, in the transaction that writes it down. Each step can be repeated, and is,
until it has been seen done; whatever kills the worker, the next one begins again with what people
have signed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Final

from sqlalchemy import func, or_, select, true, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import FormatError, VaultError
from assent_vault.formats import charter as charters
from assent_vault.formats import objects, suite
from assent_vault.formats.objects import generation_track_prefix, meeting_prefix
from assent_vault.formats.track import SOURCES, Track
from assent_vault.keys.keyring import Keyring
from assent_vault.release import queue
from assent_vault.release.decision import Blocked, Code, Reason
from assent_vault.release.evidence_reader import load_people
from assent_vault.release.gate_service import report
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.monitor import Monitor
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.meeting_rows import load_everyone, load_revocations
from assent_vault.store.models import DeletionRow, GenerationRow, MeetingRow, VaultKeyRow
from assent_vault.worker import redaction
from assent_vault.worker.retention import Retention
from assent_vault.worker.withdrawals import REVOKED, TakenBack, Withdrawal, taken_back

WITHDRAWN: Final = "withdrawn"
RETENTION: Final = "retention"
DELETED: Final = "deleted"
# What the gate would say of a meeting that was destroyed for that, and of how many acts.
_WHY: Final = {RETENTION: Code.RETENTION_OVER, DELETED: Code.REVOKED}
_ONE_ACT: Final = {RETENTION: 0, DELETED: 1}
_CLOSING_MS: Final = 24 * 60 * 60 * 1000
# How many deletions one round works on; the others follow in the next.
_BATCH = 100


class Eraser:
    """Carries out withdrawals, deletions and the end of retention."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keyring: Keyring,
        follower: Monitor,
        scribe: LogWriter,
        retention_days: int | None,
        now: Callable[[], int],
        surely: Callable[[], int],
    ) -> None:
        """``now`` is for what is written down, ``surely`` the moment that has come for certain."""
        self._database = database
        self._blobs = blobs
        self._keyring = keyring
        self._follower = follower
        self._scribe = scribe
        self._now = now
        self._surely = surely
        self._retention = Retention(
            database, keyring.identity_public, keyring.former, retention_days, surely
        )
        self._after = ""  # the last deletion that was worked on

    async def is_destroyed(self, session: AsyncSession, meeting_id: str) -> bool:
        """Tell whether the log has it that the vault destroyed a meeting."""
        return await self._retention.is_destroyed(session, meeting_id)

    async def heed(self, meeting_id: str) -> None:
        """Carry out what was taken back in a meeting; call it when answers or acts have come."""
        found = await self.taken_back(meeting_id)
        if found is None or not (found.answers or found.acts):
            return
        await self._destroy_key(meeting_id)
        if found.everything:
            async with self._database.write() as session:
                await self._destroy(session, meeting_id, DELETED)
            return
        async with self._database.write() as session:
            if await lock_meeting(session, meeting_id) is None:
                return
            await self._mark_key(session, meeting_id)
            reason = WITHDRAWN if found.answers else REVOKED
            await queue.drop(session, meeting_id, reason, self._now())
            for withdrawal in found.recordings:
                await self._order(session, meeting_id, withdrawal)
            for answer in found.answers:
                await self._scribe.withdrawn(session, answer)
            for act in found.acts:
                await self._scribe.revoked(session, act)

    async def taken_back(self, meeting_id: str) -> TakenBack | None:
        """Return what was verifiably taken back in a meeting; None where there is no such."""
        async with self._database.read() as session:
            meeting = await session.get(MeetingRow, meeting_id)
            if meeting is None:
                return None
            try:
                charter = charters.parse(meeting.charter)
            except VaultError:
                return None
            if suite.encode(charter.meeting) != meeting_id:
                return None
            people = await load_people(session, meeting_id)
            everyone = await load_everyone(session, meeting_id)
            acts = await load_revocations(session, meeting_id)
        return await asyncio.to_thread(taken_back, charter, people, everyone, acts)

    async def _order(self, session: AsyncSession, meeting_id: str, withdrawal: Withdrawal) -> None:
        """Write down what has to go because of a withdrawal, once.

        Whoever agrees anew is recorded in generations that open after that, so those there are now
        are the ones to clear. That may take too much, when both answers came between two rounds of
        the worker; it cannot take too little, for one has its row before it has objects.
        """
        if await session.get(DeletionRow, withdrawal.deletion_id(meeting_id)) is not None:
            return
        last = await session.scalar(
            select(func.max(GenerationRow.number)).where(GenerationRow.meeting_id == meeting_id)
        )
        session.add(
            DeletionRow(
                id=withdrawal.deletion_id(meeting_id),
                meeting_id=meeting_id,
                person_id=suite.encode(withdrawal.person),
                through_generation=last or 0,
                reason=WITHDRAWN if withdrawal.by is None else REVOKED,
                requested_at=self._now(),
            )
        )

    # Keys.

    async def _destroy_key(self, meeting_id: str) -> None:
        try:
            meeting = suite.decode(meeting_id, suite.MEETING_BYTES)
        except FormatError:
            return  # never the id of a meeting, so there never was a key
        await asyncio.to_thread(self._keyring.destroy, meeting)

    async def _mark_key(self, session: AsyncSession, meeting_id: str) -> None:
        await session.execute(
            update(VaultKeyRow)
            .where(VaultKeyRow.meeting_id == meeting_id, VaultKeyRow.destroyed_at.is_(None))
            .values(destroyed_at=self._now())
        )

    async def destroy_marked_keys(self) -> None:
        """Destroy every key that is said to be destroyed, but is there; once at start.

        A folder that came back from a backup has such keys.
        """
        held = await asyncio.to_thread(self._keyring.meetings)
        for meeting in held:
            meeting_id = suite.encode(meeting)
            async with self._database.read() as session:
                marked = await session.scalar(
                    select(MeetingRow.id)
                    .outerjoin(VaultKeyRow, VaultKeyRow.meeting_id == MeetingRow.id)
                    .where(
                        MeetingRow.id == meeting_id,
                        or_(
                            VaultKeyRow.destroyed_at.is_not(None),
                            MeetingRow.destroyed_at.is_not(None),
                        ),
                    )
                )
            if marked is not None:
                await self._destroy_key(meeting_id)

    # The end of retention.

    async def end_retention(self) -> int:
        """Destroy the meetings whose time is over; return how many."""
        over = await self._retention.over(_BATCH)
        for meeting_id in over:
            await self._destroy_key(meeting_id)
            async with self._database.write() as session:
                await self._destroy(session, meeting_id, RETENTION)
        return len(over)

    async def _destroy(self, session: AsyncSession, meeting_id: str, reason: str) -> None:
        now = self._now()
        meeting = await lock_meeting(session, meeting_id)
        # Said to be destroyed is not destroyed: the log has to have it.
        if meeting is None or await self._retention.is_destroyed(session, meeting_id):
            return
        meeting.destroyed_at = now
        await self._mark_key(session, meeting_id)
        why = _WHY[reason]
        await queue.drop(session, meeting_id, why, now)
        over = Blocked((Reason(Code.DESTROYED, 0), Reason(why, _ONE_ACT[reason])))
        await report(session, meeting_id, over, now)
        await redaction.forget_people(session, meeting_id)
        whole = hashlib.sha256(f"assent/deletion/v1\0{meeting_id}\0".encode()).digest()[:16]
        await session.merge(
            DeletionRow(
                id=suite.encode(whole),
                meeting_id=meeting_id,
                person_id=None,
                through_generation=None,
                reason=reason,
                requested_at=now,
                confirmed_at=None,
            )
        )
        await self._scribe.destroyed(
            session,
            meeting_id,
            reason,
            self._follower,
            keep_records=await redaction.is_exported(session, meeting_id),
        )

    # Objects.

    async def sweep(self) -> int:
        """Work on deletions that have not been seen done, some in each round; return how many stay.

        The rounds go through all of them in turn, so that those which cannot be done yet do not
        keep others waiting.
        """
        async with self._database.read() as session:
            rows = (
                await session.scalars(
                    select(DeletionRow)
                    .where(DeletionRow.confirmed_at.is_(None), DeletionRow.id > self._after)
                    .order_by(DeletionRow.id)
                    .limit(_BATCH)
                )
            ).all()
        self._after = rows[-1].id if len(rows) == _BATCH else ""
        left = 0
        failure: Exception | None = None
        for row in rows:
            try:
                left += not await self._clear(row)
            except (VaultError, SQLAlchemyError, OSError) as error:
                failure = error  # one that cannot be done holds up no other
        if failure is not None:
            raise failure
        return left

    async def _clear(self, row: DeletionRow) -> bool:
        """Take away what a deletion is about; True when it was seen gone for good."""
        if row.person_id is None:
            return await self._clear_meeting(row)
        return await self._clear_person(row, row.person_id)

    async def _clear_meeting(self, row: DeletionRow) -> bool:
        try:
            suite.decode(row.meeting_id, suite.MEETING_BYTES)
        except FormatError:
            return False  # not the id of a meeting, and perhaps a path to somewhere else
        async with self._database.read() as session:
            if not await self._retention.is_destroyed(session, row.meeting_id):
                return False  # not ours, and so no reason to take anything away
        # Whether anything can still arrive is asked first: what arrives, arrives before. A server
        # that has not closed a generation after a day will not; it is not waited for for ever.
        over = await self._is_closed(row) or self._surely() - row.requested_at >= _CLOSING_MS
        gone = await self._blobs.delete_prefix(meeting_prefix(row.meeting_id)) == 0
        return gone and over and await self._confirm(row)

    async def _clear_person(self, row: DeletionRow, person_id: str) -> bool:
        found = await self.taken_back(row.meeting_id)
        ordered = (
            {}
            if found is None
            else {each.deletion_id(row.meeting_id): each for each in found.recordings}
        )
        withdrawal = ordered.get(row.id)
        if withdrawal is None or suite.encode(withdrawal.person) != person_id:
            return False  # nobody has signed for this
        # Whether all is closed is asked first: what arrives, arrives before.
        closed = await self._is_closed(row)
        gone = True
        for number in await self._stored_generations(row):
            for source in SOURCES:
                prefix = generation_track_prefix(
                    row.meeting_id, number, Track(withdrawal.person, source)
                )
                gone = await self._blobs.delete_prefix(prefix) == 0 and gone
        return gone and closed and await self._confirm(row)

    async def _stored_generations(self, row: DeletionRow) -> list[int]:
        """Return the generations that a deletion is about, as far as anything is stored of them."""
        found = set()
        async for key, _ in self._blobs.list(meeting_prefix(row.meeting_id)):
            found.add(objects.generation_of(row.meeting_id, key))
        last = row.through_generation
        return sorted(each for each in found if each is not None and (last is None or each <= last))

    async def _is_closed(self, row: DeletionRow) -> bool:
        async with self._database.read() as session:
            still_open = await session.scalar(
                select(func.count())
                .select_from(GenerationRow)
                .where(
                    GenerationRow.meeting_id == row.meeting_id,
                    true()
                    if row.through_generation is None
                    else GenerationRow.number <= row.through_generation,
                    GenerationRow.close.is_(None),
                )
            )
        return still_open == 0

    async def _confirm(self, row: DeletionRow) -> bool:
        async with self._database.write() as session:
            await lock_meeting(session, row.meeting_id)
            await session.execute(
                update(DeletionRow).where(DeletionRow.id == row.id).values(confirmed_at=self._now())
            )
            if row.person_id is None:
                await redaction.forget_recording(session, row.meeting_id)
            await self._scribe.erased(session, row.meeting_id, row.person_id)
        return True
