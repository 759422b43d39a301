"""The vault worker: the one process that holds the vault's private keys, but for more to export.

Theory of operation. The worker listens to nobody. It looks at the database, in rounds, for what it
is there to do; each kind of work is a *duty* with rounds of its own, so that a long export does not
keep a new meeting waiting for its key, and one that fails does not keep the others from theirs:

- keys: a new meeting where training is offered gets its key, within one short interval;
- watch: where anything about a meeting has changed, withdrawals are carried out, and if the meeting
  is over the gate decides; releases that have cooled off become ready;
- erase: what has to go goes, until it was seen gone; meetings whose time is over are destroyed;
- strangers: whoever was never let in, and was forgotten by the server, leaves no rows;
- retries: what could not be exported, and is asked for once more, is looked at anew;
- exports: what was asked for is written where it may be, by others as well (``shares``); recalls:
  what is taken back of it later is published; sizes: what is released is measured for who asks;
- downloads: what was written is handed to the pages that may have it, sealed; chunks: what is left
  of that in the store goes;
- clock: what is known of the time is looked at and kept (``reckoning``); nothing that cannot be
  undone goes by a clock that is in doubt;
- beat: a sign of life, and what keeps a duty from being done, for whoever asks.

Nothing that the worker finds in the database is an order by itself. It releases what the gate says
it may, on what people have signed; it takes away what people have signed to take away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from assent_vault import malloc
from assent_vault.clock.timekeeper import EVERY_SECONDS as CLOCK_SECONDS
from assent_vault.clock.timekeeper import Timekeeper, steady_ms, unix_ms
from assent_vault.config import VaultSettings
from assent_vault.errors import KeyringError, LogError, VaultError
from assent_vault.export import ExportRun, Outcome, commanded, new_id
from assent_vault.export.approval import ApprovalCheck
from assent_vault.export.command_orders import CommandOrders
from assent_vault.export.progress import Seen
from assent_vault.export.run_lock import RunLocks
from assent_vault.files.space import MEGABYTE, Space
from assent_vault.keys.keyring import Keyring
from assent_vault.release import queue
from assent_vault.release.change_scan import Change, ChangeScan
from assent_vault.release.decision import Blocked, Code
from assent_vault.release.gate_service import GateService
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.monitor import Monitor
from assent_vault.store.blobs import Blobs, open_blobs
from assent_vault.store.database import Database
from assent_vault.store.export_order import NOTHING_SAID, ExportOrder
from assent_vault.store.heartbeat import EVERY_SECONDS, WORKER
from assent_vault.store.identities import current_identity
from assent_vault.store.models import (
    VaultIdentityRow,
    WorkerHeartbeatRow,
)
from assent_vault.worker.downloads import SWEEP_SECONDS, Downloads
from assent_vault.worker.duties import Duties, Duty
from assent_vault.worker.erasure import Eraser
from assent_vault.worker.export_requests import ExportRequests
from assent_vault.worker.meeting_keys import MeetingKeys
from assent_vault.worker.problems import is_taken, problem_code, say_why_not
from assent_vault.worker.recalls import RecallFeeds
from assent_vault.worker.retries import Retries
from assent_vault.worker.strangers import Strangers

log = structlog.get_logger(__name__)

# What may speak against a release today and not tomorrow, though nothing in the database changes.
_PASSING: Final = (Code.SEGMENTS_DAMAGED, Code.NOT_LOGGED, Code.RETENTION_OVER)


class Worker:
    """The duties, and what they share. Make one with ``open``, ``run`` it, ``close`` it."""

    def __init__(
        self,
        settings: VaultSettings,
        database: Database,
        blobs: Blobs,
        keyring: Keyring,
        clock: Timekeeper,
        *,
        shares: bool = False,
    ) -> None:
        self._settings = settings
        self._shares = shares
        self._database = database
        self._blobs = blobs
        self._keyring = keyring
        self._clock = clock
        self._now = now = clock.now
        self._started_at = now()
        cooling_off_ms = settings.cooling_off_seconds * 1000
        self.scribe = LogWriter(keyring.identity, now)
        self.follower = Monitor(
            database, settings.vault_dir, keyring.identity_public, keyring.former
        )
        self.judge = GateService(
            database, blobs, keyring.holds, self.follower, self.scribe, cooling_off_ms,
            settings.retention_days, now,
        )  # fmt: skip
        self.eraser = Eraser(
            database, blobs, keyring, self.follower, self.scribe, settings.retention_days,
            now, clock.surely,
        )  # fmt: skip
        locks = RunLocks(settings.vault_dir)
        space = Space(settings.disks(), settings.free_space_floor_mb * MEGABYTE)
        orders = CommandOrders(settings.vault_dir)
        self.exports = ExportRun(
            database, blobs, keyring, self.judge, self.scribe, now, clock.surely, space, locks,
            ApprovalCheck(settings.export_approvals, orders, lambda: max(now(), clock.surely())),
        )  # fmt: skip
        self.requests = ExportRequests(
            database, self.exports, settings.exports_dir.absolute(), locks, orders,
            now, clock.surely,
        )  # fmt: skip
        self.recalls = RecallFeeds(
            database, keyring, settings.vault_dir / "recalls", self.eraser.taken_back, now
        )
        self.downloads = Downloads(
            database, blobs, keyring, settings.exports_dir.absolute(), space, self.recalls.of,
            now, clock.surely, most=settings.export_downloads, approvals=settings.export_approvals,
        )  # fmt: skip
        self._keys = MeetingKeys(database, keyring, now, clock.surely)
        self._strangers = Strangers(database)
        self._changes = ChangeScan(database, now, self.eraser.is_destroyed)
        self.retries = Retries(database, now, self._changes.forget)
        self._duties = Duties()
        self._has_worked = False  # since memory was given back

    @classmethod
    async def open(
        cls,
        settings: VaultSettings,
        now: Callable[[], int] = unix_ms,
        steady: Callable[[], int] = steady_ms,
        boot: str | None = None,
        *,
        migrate: bool = True,
        shares: bool = False,
    ) -> Worker:
        """Take the vault's folder, migrate the database, and mend what a dead worker has left.

        Without ``migrate`` a database of another version is refused instead. With ``shares`` the
        folder is shared with the one worker that has it, and any others, to do nothing but export.
        ``now`` is the clock on the wall, ``steady`` the one that nobody sets, both in milliseconds,
        and ``boot`` what the latter counts from: the machine's own where none is given.

        Raises KeyringError when another worker has the folder, or the database belongs to another
        vault; LogError when the database's log does not extend what was seen of it before;
        DatabaseError, BlobUnavailable.
        """
        try:
            keyring = await asyncio.to_thread(Keyring, settings.vault_dir, shares=shares)
        except KeyringError as error:
            if not (is_taken(error) or shares):
                await say_why_not(settings, error, now)
            raise
        database: Database | None = None
        blobs: Blobs | None = None
        try:
            database = Database(settings.database_url)
            await (database.migrate() if migrate and not shares else database.require_current())
            blobs = await asyncio.to_thread(open_blobs, settings.objects_url)
            known = settings.vault_dir / "clock.known"
            clock = await Timekeeper.open(known, database, now, steady, boot, keeps=not shares)
            worker = cls(settings, database, blobs, keyring, clock, shares=shares)
            await worker._begin()
        except BaseException as error:
            await _close(database, blobs, keyring)
            if isinstance(error, KeyringError | LogError) and not shares:
                await say_why_not(settings, error, now)
            raise
        return worker

    async def _begin(self) -> None:
        known = await self._recognise()
        # An older database than was seen before is not worked on at all.
        await self.follower.start(known=known)
        if self._shares:
            if not known:
                raise KeyringError("The vault's own worker has not worked on this database yet.")
        else:
            if not known:
                await self._introduce()
            await self.eraser.destroy_marked_keys()
        await self.requests.recover()

    async def _recognise(self) -> bool:
        """Whether the database knows this vault; raises KeyringError where it knows another."""
        async with self._database.read() as session:
            current = await current_identity(session)
        if current is None:
            return False
        if current != self._keyring.identity_public:
            raise KeyringError(
                "The database belongs to a vault with another identity. Bring back the identity.key"
                " that its meetings name, or give up releasing them: assent-vault adopt.",
                "vault-other-identity",
            )
        return True

    async def _introduce(self) -> None:
        """Write down the vault's public key; the server makes no meeting before it knows it."""
        async with self._database.write() as session:
            if await current_identity(session) is None:
                mine = self._keyring.identity_public
                session.add(VaultIdentityRow(public_key=mine, created_at=self._now()))
                return
        await self._recognise()

    async def run(self, stop: asyncio.Event) -> None:
        """Do all duties until ``stop`` is set; each is then left where it can be taken up again."""
        poll = self._settings.poll_interval_ms / 1000
        slow = max(poll, 0.5)
        exports = Duty("exports", self.export_requested, slow)
        clock = Duty("clock", self.keep_time, CLOCK_SECONDS)
        if self._shares:
            rest = Duty("rest", self.rest, EVERY_SECONDS)
            await self._duties.run((exports, clock, rest), stop)
            return
        await self._duties.run(
            (
                Duty("keys", self.make_keys, poll),
                Duty("watch", self.watch, poll),
                Duty("erase", self.erase, slow),
                Duty("strangers", self.forget_strangers, slow),
                Duty("retries", self.retries.take_up, slow),
                exports,
                Duty("sizes", self.requests.measure, slow),
                Duty("recalls", self.recalls.scan, slow),
                Duty("downloads", self.downloads.carry_out, poll),
                Duty("chunks", self.downloads.sweep, SWEEP_SECONDS),
                clock,
                Duty("beat", self.beat, EVERY_SECONDS),
            ),
            stop,
        )

    async def close(self) -> None:
        """Let go of everything; the vault's folder last."""
        with suppress(OSError):  # a little less is known at the next start
            await asyncio.to_thread(self._clock.save)
        await _close(self._database, self._blobs, self._keyring)

    # The duties, one round of each.

    async def make_keys(self) -> int:
        """Make the key of every meeting that waits for one; return how many."""
        return await self._keys.make()

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
            cooled = await queue.cooled(session, self._clock.surely())
        if cooled:
            async with self._database.write() as session:
                await queue.promote(session, self._clock.surely())
        if failures:
            raise failures[0]
        return len(changed)

    async def _look_at(self, change: Change) -> None:
        # Withdrawals first: they hold whether or not the meeting is over, or can be judged.
        await self.eraser.heed(change.meeting_id)
        decision = await self.judge.judge(change.meeting_id) if change.over else None
        # What was missing may come back, and a clock be set right, without any row telling.
        passing = isinstance(decision, Blocked) and any(
            reason.code in _PASSING for reason in decision.reasons
        )
        self._changes.seen(change, again=passing)

    async def erase(self) -> None:
        """Destroy what has outlived its time, and clear away what has to go."""
        await self._database.clear_copies()
        await self.eraser.end_retention()
        await self.eraser.sweep()
        await self.requests.clear()

    async def forget_strangers(self) -> None:
        """Take away the rows of those whom the server has forgotten."""
        self._changes.forget(await self._strangers.take_away())

    async def export_requested(self) -> int:
        """Carry out the exports that were asked for and nobody else does; return how many."""
        done = await self.requests.carry_out()
        self._has_worked = self._has_worked or done > 0
        return done

    async def export_to(
        self,
        final: Path,
        seen: Seen | None,
        asked: ExportOrder = NOTHING_SAID,
        *,
        anew: bool = False,
    ) -> Outcome:
        """Export at once, to a folder of the caller's choice; for the command line.

        Withdrawals and releases that nobody has looked at yet are looked at first. One of the same
        that was interrupted there goes on, unless ``anew``; raises ExportError ``other-export``.
        """
        try:
            await self.watch()
        except (VaultError, OSError) as error:
            # Whatever could not be looked at is looked at again before it is claimed.
            log.warning("watch-failed", code=problem_code(error))
        token, now = new_id(), self._clock.surely()
        export_id = await commanded.begin(self._database, final, asked, token, now, anew=anew)
        return await self.exports.run(export_id, final, seen, token, commanded=True)

    async def keep_time(self) -> None:
        """Look at the clock, and remember what is known of the time."""
        await self._clock.keep(self._database)

    async def rest(self) -> None:
        """Give memory back that was worked with."""
        if self._has_worked:
            self._has_worked = False
            await asyncio.to_thread(malloc.give_back)

    async def beat(self) -> None:
        """Give a sign of life, with the first of the problems there are; and memory back.

        A clock in doubt comes before all others: it is why nothing is destroyed or released.
        """
        await self.rest()
        problem = self._clock.problem() or self._duties.problem()
        async with self._database.write() as session:
            await session.merge(
                WorkerHeartbeatRow(
                    name=WORKER,
                    started_at=self._started_at,
                    beat_at=self._now(),
                    problem=problem,
                )
            )


async def _close(database: Database | None, blobs: Blobs | None, keyring: Keyring) -> None:
    try:
        if blobs is not None:
            await blobs.close()
        if database is not None:
            await database.close()
    finally:
        await asyncio.to_thread(keyring.close)
