"""The vault worker: the one process that holds the vault's private keys.

Theory of operation. The worker listens to nobody. It looks at the database, in rounds, for what it
is there to do; each kind of work is a *duty* with rounds of its own, so that a long export does not
keep a new meeting waiting for its key, and one that fails does not keep the others from theirs:

- keys: a new meeting where training is offered gets its key, within one short interval;
- watch: where anything about a meeting has changed, withdrawals are carried out, and if the meeting
  is over the gate decides; releases that have cooled off become ready;
- erase: what has to go goes, until it was seen gone; meetings whose time is over are destroyed;
- exports: what the administrator has asked for is written;
- beat: a sign of life, and what keeps a duty from being done, for whoever asks.

Nothing that the worker finds in the database is an order by itself. It releases what the gate says
it may, on what people have signed; it takes away what people have signed to take away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from assent_vault import arenas, queue, suite
from assent_vault import charter as charters
from assent_vault.blobs import Blobs, open_blobs
from assent_vault.changes import Change, Changes
from assent_vault.config import VaultSettings
from assent_vault.database import Database, lock_meeting
from assent_vault.erasure import Eraser
from assent_vault.errors import (
    BlobError,
    DatabaseError,
    ExportError,
    KeyringError,
    LogError,
    VaultError,
)
from assent_vault.export import ExportRun, Outcome, new_id, recover, unfinished
from assent_vault.gate import Blocked, Code
from assent_vault.heartbeat import EVERY, WORKER
from assent_vault.judge import Judge
from assent_vault.keyring import Keyring
from assent_vault.ledger.follow import Follower
from assent_vault.models import Export, Meeting, VaultIdentity, VaultKey, WorkerHeartbeat
from assent_vault.scribe import Scribe

log = structlog.get_logger(__name__)

# With a longer one than is waited for a sign of life, a fault would be told as a death.
_LONGEST_PAUSE: Final = 15.0


def unix_ms() -> int:
    """Return the machine's clock, in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Worker:
    """The duties, and what they share. Make one with ``open``, ``run`` it, ``close`` it."""

    def __init__(
        self,
        settings: VaultSettings,
        database: Database,
        blobs: Blobs,
        keyring: Keyring,
        now: Callable[[], int] = unix_ms,
    ) -> None:
        self._settings = settings
        self._database = database
        self._blobs = blobs
        self._keyring = keyring
        self._now = now
        self._started_at = now()
        cooling_off_ms = settings.cooling_off_seconds * 1000
        self.scribe = Scribe(keyring.identity, now)
        self.follower = Follower(database, settings.vault_dir, keyring.identity_public)
        self.judge = Judge(
            database, blobs, keyring, self.follower, self.scribe, cooling_off_ms, now
        )
        self.eraser = Eraser(database, blobs, keyring, self.follower, self.scribe, now)
        self.exports = ExportRun(database, blobs, keyring, self.judge, self.scribe, now)
        self._changes = Changes(database, now)
        self._problems: dict[str, str] = {}
        self._has_worked = False  # since memory was given back

    @classmethod
    async def open(cls, settings: VaultSettings, now: Callable[[], int] = unix_ms) -> Worker:
        """Take the vault's folder, migrate the database, and mend what a dead worker has left.

        Raises KeyringError when another worker has the folder, or the database belongs to another
        vault; LogError when the database's log does not extend what was seen of it before;
        DatabaseError, BlobUnavailable.
        """
        keyring = await asyncio.to_thread(Keyring, settings.vault_dir)
        database: Database | None = None
        blobs: Blobs | None = None
        try:
            database = Database(settings.database_url)
            await database.migrate()
            blobs = await asyncio.to_thread(open_blobs, settings.objects_url)
            worker = cls(settings, database, blobs, keyring, now)
            await worker._begin()
        except BaseException:
            await _close(database, blobs, keyring)
            raise
        return worker

    async def _begin(self) -> None:
        # An older database than was seen before is not worked on at all.
        await self.follower.start()
        await self._introduce()
        await self.eraser.destroy_marked_keys()
        await recover(self._database, self._exports_dir, self._now)

    @property
    def _exports_dir(self) -> Path:
        return self._settings.exports_dir.absolute()

    async def _introduce(self) -> None:
        """Write down the vault's public key; the server makes no meeting before it knows it."""
        mine = self._keyring.identity_public
        async with self._database.write() as session:
            known = (await session.scalars(select(VaultIdentity.public_key))).all()
            if not known:
                session.add(VaultIdentity(public_key=mine, created_at=self._now()))
            elif list(known) != [mine]:
                raise KeyringError("The database belongs to a vault with another identity.")

    async def run(self, stop: asyncio.Event) -> None:
        """Do all duties until ``stop`` is set; each is then left where it can be taken up again."""
        poll = self._settings.poll_interval_ms / 1000
        slow = max(poll, 0.5)
        duties = [
            asyncio.create_task(self._keep_doing(name, duty, pause))
            for name, duty, pause in (
                ("keys", self.make_keys, poll),
                ("watch", self.watch, poll),
                ("erase", self.erase, slow),
                ("exports", self.export_requested, slow),
                ("beat", self.beat, EVERY),
            )
        ]
        log.info("worker-ready")
        try:
            await stop.wait()
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
            log.info("worker-stopped")

    async def close(self) -> None:
        """Let go of everything; the vault's folder last."""
        await _close(self._database, self._blobs, self._keyring)

    async def _keep_doing(
        self, name: str, duty: Callable[[], Awaitable[object]], pause: float
    ) -> None:
        """Do a duty again and again. One that fails is done again after a longer pause."""
        wait = pause
        while True:
            try:
                await duty()
            # Whatever it was, the next round may do better, and nothing was released by it.
            except Exception as error:
                code = problem_code(error)
                wait = min(max(wait * 2, pause), _LONGEST_PAUSE)
                if self._problems.get(name) != code:
                    log.exception("duty-failed", duty=name, code=code)
                self._problems[name] = code
            else:
                wait = pause
                if self._problems.pop(name, None) is not None:
                    log.info("duty-recovered", duty=name)
            await asyncio.sleep(wait)

    # The duties, one round of each.

    async def make_keys(self) -> int:
        """Make the key of every meeting that waits for one; return how many."""
        async with self._database.read() as session:
            waiting = (
                await session.execute(
                    select(Meeting.id, Meeting.charter)
                    .outerjoin(VaultKey, VaultKey.meeting_id == Meeting.id)
                    .where(
                        VaultKey.meeting_id.is_(None),
                        Meeting.ended_at.is_(None),
                        Meeting.destroyed_at.is_(None),
                        Meeting.expires_at > self._now(),
                    )
                )
            ).all()
        made = 0
        for meeting_id, body in waiting:
            made += await self._make_key(meeting_id, body)
        return made

    async def _make_key(self, meeting_id: str, body: bytes) -> bool:
        try:
            charter = charters.parse(body)
        except VaultError:
            return False  # no meeting at all, and nobody's key would help it
        if (
            not charter.training
            or suite.encode(charter.meeting) != meeting_id
            or charter.vault != self._keyring.identity_public
        ):
            return False
        now = self._now()
        key = await asyncio.to_thread(self._keyring.make_meeting_key, charter.meeting, now)
        async with self._database.write() as session:
            meeting = await lock_meeting(session, meeting_id)
            if meeting is None or await session.get(VaultKey, meeting_id) is not None:
                return False
            session.add(
                VaultKey(
                    meeting_id=meeting_id,
                    certificate=key.body,
                    signature=key.signature,
                    created_at=now,
                )
            )
        return True

    async def watch(self) -> int:
        """Look at every meeting about which anything has changed; return how many."""
        changed = await self._changes.find()
        failures: list[Exception] = []
        try:
            # Whether or not there is anything to decide: what was seen cannot be taken back.
            await self.follower.follow()
        except (LogError, OSError) as error:
            failures.append(error)  # nothing is released; withdrawals are carried out all the same
        self._has_worked = self._has_worked or bool(changed)
        for change in changed:
            try:
                await self._look_at(change)
            except (VaultError, SQLAlchemyError, OSError) as error:
                failures.append(error)  # one meeting that cannot be looked at holds up no other
        async with self._database.read() as session:
            cooled = await queue.cooled(session, self._now())
        if cooled:
            async with self._database.write() as session:
                await queue.promote(session, self._now())
        if failures:
            raise failures[0]
        return len(changed)

    async def _look_at(self, change: Change) -> None:
        # Withdrawals first: they hold whether or not the meeting is over, or can be judged.
        await self.eraser.heed(change.meeting_id)
        decision = await self.judge.judge(change.meeting_id) if change.over else None
        # What was missing may come back without any row telling.
        damaged = isinstance(decision, Blocked) and any(
            reason.code in (Code.SEGMENTS_DAMAGED, Code.NOT_LOGGED) for reason in decision.reasons
        )
        self._changes.seen(change, again=damaged)

    async def erase(self) -> None:
        """Destroy what has outlived its time, and clear away what has to go."""
        await self.eraser.end_retention()
        await self.eraser.sweep()

    async def export_requested(self) -> int:
        """Carry out the exports that were asked for, one after the other; return how many."""
        # None is ours: a predecessor's last transaction may have come to its end after our start.
        if await unfinished(self._database):
            await recover(self._database, self._exports_dir, self._now)
        done = 0
        while True:
            async with self._database.read() as session:
                found = await session.scalar(
                    select(Export.id)
                    .where(Export.state == "requested")
                    .order_by(Export.requested_at, Export.id)
                    .limit(1)
                )
            if found is None:
                return done
            self._has_worked = True
            try:
                await self.exports.run(found, self._exports_dir / found)
            except Exception:
                # It is mended as at a start, when the database is back.
                await recover(self._database, self._exports_dir, self._now)
                raise
            done += 1

    async def export_to(self, final: Path, progress: Callable[[int, int], None]) -> Outcome:
        """Export at once, to a folder of the caller's choice; for the command line.

        Withdrawals and releases that nobody has looked at yet are looked at first.
        """
        try:
            await self.watch()
        except (VaultError, OSError) as error:
            # Whatever could not be looked at is looked at again before it is claimed.
            log.warning("watch-failed", code=problem_code(error))
        export_id = new_id()
        async with self._database.write() as session:
            # With a folder of its own: no worker begins it anew should this process die.
            session.add(
                Export(id=export_id, state="running", folder=str(final), requested_at=self._now())
            )
        return await self.exports.run(export_id, final, progress)

    async def beat(self) -> None:
        """Give a sign of life, with the first of the problems there are; and memory back."""
        if self._has_worked:
            self._has_worked = False
            await asyncio.to_thread(arenas.give_back)
        problem = next((self._problems[name] for name in sorted(self._problems)), None)
        async with self._database.write() as session:
            await session.merge(
                WorkerHeartbeat(
                    name=WORKER,
                    started_at=self._started_at,
                    beat_at=self._now(),
                    problem=problem,
                )
            )


def is_taken(error: KeyringError) -> bool:
    """Tell whether another worker has the vault's folder."""
    return isinstance(error.__cause__, BlockingIOError)


def problem_code(error: Exception) -> str:
    """Return the stable code of what kept a duty from being done."""
    if isinstance(error, (DatabaseError, ExportError, LogError)):
        return error.code
    for kinds, code in (
        ((SQLAlchemyError,), "database-unavailable"),
        ((BlobError,), "objects-unavailable"),
        ((KeyringError, OSError), "vault-unavailable"),
    ):
        if isinstance(error, kinds):
            return code
    return "internal"


async def _close(database: Database | None, blobs: Blobs | None, keyring: Keyring) -> None:
    try:
        if blobs is not None:
            await blobs.close()
        if database is not None:
            await database.close()
    finally:
        await asyncio.to_thread(keyring.close)
