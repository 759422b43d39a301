"""Takes away what must not be there any more: keys, tracks, whole meetings.

Theory of operation. What people have signed is the only reason to take something of theirs away
before its time, so every chain of statements is verified first, as far as it verifies.

- Who has withdrawn training, or recording, has taken back the meeting's release: its private key
  is destroyed, in the folder first and then in its row, and the release leaves the queue.
- Who has withdrawn recording has their tracks removed from every epoch there was. A deletion is
  written down for it and stays until it was seen done: every epoch it concerns is closed, so that
  nothing can arrive any more, and nothing is left of the person's tracks.
- Whose time is over loses everything: key, objects, all that tells who was there (``remains``), and
  what the log's entries about it commit to.

What was done is logged, in the transaction that writes it down. Each step can be repeated, and is,
until it has been seen done; whatever kills the worker, the next one begins again with what people
have signed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, func, or_, select, true, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault import charter as charters
from assent_vault import queue, remains, statement, suite
from assent_vault.blobs import Blobs
from assent_vault.charter import Charter
from assent_vault.database import Database, lock_meeting
from assent_vault.errors import FormatError, VaultError
from assent_vault.evidence import load_people
from assent_vault.gate import Blocked, Code, PersonEvidence, Reason
from assent_vault.judge import report
from assent_vault.keyring import Keyring
from assent_vault.ledger.follow import Follower
from assent_vault.models import Deletion, Epoch, Meeting, VaultKey
from assent_vault.objects import meeting_prefix, track_prefix
from assent_vault.scribe import Scribe
from assent_vault.statement import Answer, Will
from assent_vault.track import SOURCES, Track

WITHDRAWN: Final = "withdrawn"
RETENTION: Final = "retention"
_CLOSING_MS: Final = 24 * 60 * 60 * 1000
# How many deletions one round works on; the others follow in the next.
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a person took back a yes to recording, with the answer of this sequence."""

    person: bytes
    sequence: int

    def deletion_id(self, meeting_id: str) -> str:
        """Return the one id that the deletion for this withdrawal has."""
        text = f"assent/deletion/v1\0{meeting_id}\0{suite.encode(self.person)}\0{self.sequence}"
        return suite.encode(hashlib.sha256(text.encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What the people of a meeting have verifiably taken back."""

    answers: tuple[Answer, ...]  # those that take something back
    recordings: tuple[Withdrawal, ...]


def taken_back(charter: Charter, people: tuple[PersonEvidence, ...]) -> TakenBack:
    """Find what was withdrawn in all that people have signed. Pure."""
    answers = []
    recordings = []
    for person in people:
        before = (Will.UNANSWERED, Will.UNANSWERED)
        for answer in _verified(charter, person):
            now = (answer.recording, answer.training)
            if any(
                is_ is Will.WITHDRAWN and was is not is_
                for was, is_ in zip(before, now, strict=True)
            ):
                answers.append(answer)
            if now[0] is Will.WITHDRAWN and before[0] is not Will.WITHDRAWN:
                recordings.append(Withdrawal(answer.person, answer.sequence))
            before = now
    return TakenBack(tuple(answers), tuple(recordings))


def _verified(charter: Charter, person: PersonEvidence) -> Iterator[Answer]:
    """Yield a person's answers as far as they verify, each after the one before."""
    try:
        enrolment = statement.verify_enrolment(person.enrolment, person.signature, charter)
        previous: Answer | None = None
        for given in person.answers:
            previous = statement.verify_chained(
                given.body, given.signature, enrolment, charter, previous
            )
            yield previous
    except VaultError:
        return  # what follows is nobody's word; the gate blocks for it


class Eraser:
    """Carries out withdrawals, deletions and the end of retention."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keyring: Keyring,
        follower: Follower,
        scribe: Scribe,
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._keyring = keyring
        self._follower = follower
        self._scribe = scribe
        self._now = now
        self._after = ""  # the last deletion that was worked on

    async def heed(self, meeting_id: str) -> None:
        """Carry out what people of the meeting have withdrawn; call it when answers have come."""
        found = await self._taken_back(meeting_id)
        if found is None or not found.answers:
            return
        await self._destroy_key(meeting_id)
        async with self._database.write() as session:
            if await lock_meeting(session, meeting_id) is None:
                return
            await self._mark_key(session, meeting_id)
            await queue.drop(session, meeting_id, WITHDRAWN, self._now())
            for withdrawal in found.recordings:
                await self._order(session, meeting_id, withdrawal)
            for answer in found.answers:
                await self._scribe.withdrawn(session, answer)

    async def _taken_back(self, meeting_id: str) -> TakenBack | None:
        async with self._database.read() as session:
            meeting = await session.get(Meeting, meeting_id)
            if meeting is None:
                return None
            try:
                charter = charters.parse(meeting.charter)
            except VaultError:
                return None
            if suite.encode(charter.meeting) != meeting_id:
                return None
            people = await load_people(session, meeting_id)
        return await asyncio.to_thread(taken_back, charter, people)

    async def _order(self, session: AsyncSession, meeting_id: str, withdrawal: Withdrawal) -> None:
        """Write down what has to go because of a withdrawal, once.

        Whoever agrees anew is recorded in epochs that open after that, so those there are now are
        the ones to clear. That may take too much, when both answers came between two rounds of the
        worker; it cannot take too little, for an epoch has its row before it has objects.
        """
        if await session.get(Deletion, withdrawal.deletion_id(meeting_id)) is not None:
            return
        last = await session.scalar(
            select(func.max(Epoch.number)).where(Epoch.meeting_id == meeting_id)
        )
        session.add(
            Deletion(
                id=withdrawal.deletion_id(meeting_id),
                meeting_id=meeting_id,
                person_id=suite.encode(withdrawal.person),
                through_epoch=last or 0,
                reason=WITHDRAWN,
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
            update(VaultKey)
            .where(VaultKey.meeting_id == meeting_id, VaultKey.destroyed_at.is_(None))
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
                    select(Meeting.id)
                    .outerjoin(VaultKey, VaultKey.meeting_id == Meeting.id)
                    .where(
                        Meeting.id == meeting_id,
                        or_(VaultKey.destroyed_at.is_not(None), Meeting.destroyed_at.is_not(None)),
                    )
                )
            if marked is not None:
                await self._destroy_key(meeting_id)

    # The end of retention.

    async def end_retention(self) -> int:
        """Destroy the meetings whose time is over; return how many."""
        async with self._database.read() as session:
            over = (await session.scalars(self._over(self._now()).limit(_BATCH))).all()
        for meeting_id in over:
            await self._destroy_key(meeting_id)
            async with self._database.write() as session:
                await self._destroy(session, meeting_id)
        return len(over)

    @staticmethod
    def _over(now: int) -> Select[str]:
        """Select the meetings whose time is over. One that goes on is never cut short by it."""
        return select(Meeting.id).where(
            Meeting.retain_until <= now,
            Meeting.destroyed_at.is_(None),
            or_(Meeting.ended_at.is_not(None), Meeting.expires_at <= now),
        )

    async def _destroy(self, session: AsyncSession, meeting_id: str) -> None:
        now = self._now()
        meeting = await lock_meeting(session, meeting_id)
        if meeting is None or meeting.destroyed_at is not None:
            return
        meeting.destroyed_at = now
        await self._mark_key(session, meeting_id)
        await queue.drop(session, meeting_id, "retention-over", now)
        over = Blocked((Reason(Code.DESTROYED, 0), Reason(Code.RETENTION_OVER, 0)))
        await report(session, meeting_id, over, now)
        await remains.forget_people(session, meeting_id)
        whole = hashlib.sha256(f"assent/deletion/v1\0{meeting_id}\0".encode()).digest()[:16]
        await session.merge(
            Deletion(
                id=suite.encode(whole),
                meeting_id=meeting_id,
                person_id=None,
                through_epoch=None,
                reason=RETENTION,
                requested_at=now,
                confirmed_at=None,
            )
        )
        await self._scribe.destroyed(
            session,
            meeting_id,
            RETENTION,
            self._follower,
            keep_records=await remains.is_exported(session, meeting_id),
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
                    select(Deletion)
                    .where(Deletion.confirmed_at.is_(None), Deletion.id > self._after)
                    .order_by(Deletion.id)
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

    async def _clear(self, row: Deletion) -> bool:
        """Take away what a deletion is about; True when it was seen gone for good."""
        if row.person_id is None:
            return await self._clear_meeting(row)
        return await self._clear_person(row, row.person_id)

    async def _clear_meeting(self, row: Deletion) -> bool:
        async with self._database.read() as session:
            meeting = await session.get(Meeting, row.meeting_id)
        if meeting is None or meeting.destroyed_at is None:
            return False  # not ours, and so no reason to take anything away
        try:
            suite.decode(row.meeting_id, suite.MEETING_BYTES)
        except FormatError:
            return False  # not the id of a meeting, and perhaps a path to somewhere else
        # Whether anything can still arrive is asked first: what arrives, arrives before. A server
        # that has not closed an epoch after a day will not; it is not waited for for ever.
        over = await self._is_closed(row) or self._now() - row.requested_at >= _CLOSING_MS
        gone = await self._blobs.delete_prefix(meeting_prefix(row.meeting_id)) == 0
        return gone and over and await self._confirm(row)

    async def _clear_person(self, row: Deletion, person_id: str) -> bool:
        found = await self._taken_back(row.meeting_id)
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
        for epoch in range(1, (row.through_epoch or 0) + 1):
            for source in SOURCES:
                prefix = track_prefix(row.meeting_id, epoch, Track(withdrawal.person, source))
                gone = await self._blobs.delete_prefix(prefix) == 0 and gone
        return gone and closed and await self._confirm(row)

    async def _is_closed(self, row: Deletion) -> bool:
        async with self._database.read() as session:
            open_epochs = await session.scalar(
                select(func.count())
                .select_from(Epoch)
                .where(
                    Epoch.meeting_id == row.meeting_id,
                    true() if row.person_id is None else Epoch.number <= (row.through_epoch or 0),
                    Epoch.close.is_(None),
                )
            )
        return open_epochs == 0

    async def _confirm(self, row: Deletion) -> bool:
        async with self._database.write() as session:
            await lock_meeting(session, row.meeting_id)
            await session.execute(
                update(Deletion).where(Deletion.id == row.id).values(confirmed_at=self._now())
            )
            if row.person_id is None:
                await remains.forget_recording(session, row.meeting_id)
            await self._scribe.erased(session, row.meeting_id, row.person_id)
        return True
