"""One export from start to end: claim, write, commit, publish.

Theory of operation. What is written is invisible until the commit: it lies in a folder with another
name. The commit is one transaction. It locks every meeting of the data set, has the gate decide
about each once more, and only if all are still released, on the very evidence that was exported,
does it make them exported; so a withdrawal that was acknowledged before is seen, and one that
comes later finds the release exported. A meeting that fell out is taken out of the folder, and the
commit is tried again with the others. Then the folder gets its name.

What was exported before may be once more: without a claim, and else as the first time.

A worker may be killed anywhere; ``recovery`` tells what follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import ExportError, LeaseLost, VaultError
from assent_vault.export import selection
from assent_vault.export.approval import ApprovalCheck
from assent_vault.export.claims import Claims
from assent_vault.export.description import DataSet, MeetingEntry
from assent_vault.export.folder import Folder
from assent_vault.export.former import settled
from assent_vault.export.journal import Journal, JournalHead
from assent_vault.export.lease import DONE, Lease
from assent_vault.export.lost_slots import log_lost
from assent_vault.export.meeting import NOTHING_WANTED, MeetingWriter, ReleasedMeeting, folders_of
from assent_vault.export.outcome import TAKEN, Outcome, code_of
from assent_vault.export.progress import Meter, Progress, Seen
from assent_vault.export.pseudonym import Pseudonyms
from assent_vault.export.recovery import end, stop
from assent_vault.export.run_lock import RunLock, RunLocks
from assent_vault.files.space import Space
from assent_vault.keys.keyring import Keyring
from assent_vault.release import queue
from assent_vault.release.decision import Release
from assent_vault.release.evidence_reader import Checks
from assent_vault.release.gate_service import GateService
from assent_vault.release.log_writer import LogWriter
from assent_vault.store import export_order as requests
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database
from assent_vault.store.models import ExportRow

log = structlog.get_logger(__name__)

# The commit locks this many meetings at most; what is left over goes into the next export.
MOST_MEETINGS: Final = requests.MOST_EXPORTED
# These concern one meeting; any other ends the export.
_OF_A_MEETING: Final = ("segments-damaged", "bad-evidence", "no-frames", "timeline-too-long")


_Written = dict[str, tuple[MeetingEntry, Checks]]
# Claimed meetings that are in the folder, whole, and the checks they were released on.


class ExportRun:
    """Runs exports, one at a time, for whoever holds the keyring.

    ``now`` gives the Unix milliseconds to write down; ``surely`` those that have come for certain:
    whether something has cooled off, and whether a lease has run out, goes by these. ``space`` is
    of the disks that what people say depends on, ``approval`` is asked before one begins.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keyring: Keyring,
        judge: GateService,
        scribe: LogWriter,
        now: Callable[[], int],
        surely: Callable[[], int],
        space: Space,
        locks: RunLocks,
        approval: ApprovalCheck,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._space = space
        self._locks = locks
        self._approval = approval
        self._is_commanded = False
        self._keyring = keyring
        self._judge = judge
        self._scribe = scribe
        self._now = now
        self._surely = surely
        self._lease = Lease(database, surely)
        self._claims = self._claims_of(self._lease)
        self._asked = requests.NOTHING_SAID
        self._created = 0
        self.listens = True  # sound is decoded to tell who speaks when: by far the most to do

    def _claims_of(self, lease: Lease) -> Claims:
        return Claims(
            self._database, self._keyring, self._judge, self._scribe, lease, self._now, self._surely
        )

    async def run(
        self,
        export_id: str,
        final: Path,
        seen: Seen | None = None,
        token: str | None = None,
        *,
        commanded: bool = False,
    ) -> Outcome:
        """Write what is released and asked for into ``final``, a folder that does not exist yet.

        The export's row must be there, and waiting, or held under ``token``; nobody approves one
        that is ``commanded`` by whoever holds the keyring. ``seen`` is told how far it has come.
        Whatever goes wrong is in the outcome and in the row, but for ``TAKEN``: somebody else does
        it. Only a database that is away raises, and leaves the row to ``recover``.
        """
        lock = await asyncio.to_thread(self._locks.take, export_id)
        if lock is None:
            return Outcome(export_id, None, 0, 0, TAKEN)
        self._is_commanded = commanded
        self._lease = Lease(self._database, self._surely, token)
        self._claims = self._claims_of(self._lease)
        with lock:
            await asyncio.to_thread(lock.write, self._lease.token)
            try:
                if not await self._lease.take_export(export_id, lock.former):
                    return Outcome(export_id, None, 0, 0, TAKEN)
            except ExportError as error:
                return Outcome(export_id, None, 0, 0, error.code)
            return await self._run(export_id, final, lock, seen)

    async def _run(self, export_id: str, final: Path, lock: RunLock, seen: Seen | None) -> Outcome:
        """Run an export that is claimed; nobody else touches its folder."""
        folder = Folder(final, self._space)
        meter = Meter(seen, lambda now: self._count(export_id, now))
        try:
            meetings, failed = await self._until_commit(export_id, folder, final, meter)
        except asyncio.CancelledError:
            await self._undo(export_id, folder, lock)
            raise
        except VaultError as error:
            code = code_of(error)
            log.warning("export-failed", export=export_id, code=code)
            await self._undo(export_id, folder, lock, code)
            return Outcome(export_id, None, 0, 0, code)
        # From here on it has happened; what goes wrong now is mended by `recover`.
        await asyncio.to_thread(folder.publish)
        left_out = "some-meetings-failed" if failed else None
        await self._finish(export_id, left_out)
        await asyncio.to_thread(lock.remove)
        log.info("export-done", export=export_id, meetings=meetings, failed=failed)
        return Outcome(export_id, final, meetings, failed, left_out)

    async def _until_commit(
        self,
        export_id: str,
        folder: Folder,
        final: Path,
        meter: Meter,
    ) -> tuple[int, int]:
        """Write and commit; return how many meetings are in, and how many could not be exported."""
        journal = Journal(folder)
        head = await asyncio.to_thread(self._taken_up, export_id, folder, journal)
        weights, head = await self._start(export_id, meter, head)
        await asyncio.to_thread(journal.begin, head)
        self._created = head.created
        async with self._lease.renewed(export_id):
            async with meter.told():
                written, failed = await self._write_all(folder, journal, head, weights, meter)
            return await self._commit(export_id, final, folder, written), failed

    # Claiming and writing.

    @staticmethod
    def _taken_up(export_id: str, folder: Folder, journal: Journal) -> JournalHead | None:
        """Return the head of this very export where a run that was killed has left it."""
        head = journal.head()
        if head is None or head.export != export_id:
            folder.begin()
            return None
        folder.take_up()
        return head

    async def _start(
        self, export_id: str, meter: Meter, head: JournalHead | None
    ) -> tuple[dict[str, int], JournalHead]:
        """Begin, or go on; return how many bytes each meeting has that is asked for."""
        async with self._database.write() as session:
            row = await self._lease.held_row(session, export_id)
            asked = requests.read(row.recipient, row.purpose, row.options)
            if not self._is_commanded:
                await self._approval.require(session, row, asked)
            self._asked, among = await settled(session, asked, self._keyring)
            if head is None:
                found = await selection.claimable(
                    session, asked.options, self._surely(), MOST_MEETINGS, among
                )
            else:
                found = list(head.meetings)
            weights = await selection.weights(session, found, asked.options)
            meter.begin(len(weights), sum(weights.values()))
            row.meetings_total = len(weights)
            row.meetings_done = 0
            row.octets_total = sum(weights.values())
            row.octets_done = 0
            row.error = None
            head = head or JournalHead(
                export_id,
                self._now(),
                Pseudonyms.draw(),
                asked.recipient,
                asked.purpose,
                requests.write(asked.options),
                tuple(weights),
            )
        return weights, head

    async def _write_all(
        self,
        folder: Folder,
        journal: Journal,
        head: JournalHead,
        weights: dict[str, int],
        meter: Meter,
    ) -> tuple[_Written, int]:
        """Write each meeting that is not whole already, and that may be claimed now."""
        writer = MeetingWriter(
            self._blobs,
            folder,
            Pseudonyms(head.key),
            self._lease.holds,
            meter.opened,
            self._asked.options,
            listens=self.listens,
        )
        written: _Written = {}
        failed = await asyncio.to_thread(journal.failed, head)
        await self._clear(folder, head, weights)
        for found, weight in weights.items():
            claim = await self._claim(found)
            if claim is None:
                await self._take_out(folder, found)
                await meter.passed(weight, whole=False)
                continue
            released, checks = claim
            entry = await asyncio.to_thread(journal.finished, found)
            try:
                if entry is None or entry.evidence != released.evidence_digest:
                    await self._remove(folder, found)
                    entry = await writer.write(released)
                    await asyncio.to_thread(journal.finish, entry, folders_of(found))
                written[found] = entry, checks
            except LeaseLost:
                await self._take_out(folder, found)
            except ExportError as error:
                if error.code == NOTHING_WANTED:
                    await self._claims.give_back(found)
                elif error.code in _OF_A_MEETING:
                    failed += 1
                    await asyncio.to_thread(journal.fail, found)
                    await self._claims.drop(found, error.code)
                else:
                    raise
                await self._take_out(folder, found)
            await meter.passed(weight, whole=found in written)
        return written, failed

    async def _claim(self, meeting_id: str) -> tuple[ReleasedMeeting, Checks] | None:
        again = self._asked.options.takes_exported
        return await self._claims.claim(meeting_id, again=again)

    async def _clear(self, folder: Folder, head: JournalHead, weights: dict[str, int]) -> None:
        """Take out at once what an earlier run has written and nobody may claim any more."""
        async with self._database.read() as session:
            standing = await selection.standing(session, weights, self._asked.options)
        for meeting_id in set(head.meetings) - standing:
            await self._take_out(folder, meeting_id)

    async def _take_out(self, folder: Folder, meeting_id: str) -> None:
        self._lease.let_go(meeting_id)
        await self._remove(folder, meeting_id)

    @staticmethod
    async def _remove(folder: Folder, meeting_id: str) -> None:
        await asyncio.to_thread(Journal(folder).forget, meeting_id)
        for place in folders_of(meeting_id):
            await asyncio.to_thread(folder.remove, place)

    async def _count(self, export_id: str, now: Progress) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(ExportRow)
                .where(ExportRow.id == export_id, ExportRow.lease_token == self._lease.token)
                .values(meetings_done=now.meetings, octets_done=now.octets)
            )

    # The commit.

    async def _commit(self, export_id: str, final: Path, folder: Folder, written: _Written) -> int:
        """Commit what is still released, all at once; return how many meetings that are.

        Each time the gate no longer lets a meeting, it is taken out, and the rest is tried again.
        """
        while written:
            digest = await self._write_manifest(export_id, folder, written)
            async with self._lease.turn, self._database.write() as session:
                standing: dict[str, Release] = {}
                for meeting_id in sorted(written):
                    entry, checks = written[meeting_id]
                    decision = await self._claims.stands(
                        session, export_id, meeting_id, checks, entry.evidence
                    )
                    if decision is not None:
                        standing[meeting_id] = decision
                if not (fallen := written.keys() - standing):
                    await log_lost(session, self._scribe, (written[each][0] for each in standing))
                    await self._make_exported(session, export_id, final, standing, digest)
                    return len(written)
            for meeting_id in fallen:
                del written[meeting_id]
                await self._take_out(folder, meeting_id)
        raise ExportError("nothing-to-export", "No meeting is ready to be exported.")

    async def _write_manifest(self, export_id: str, folder: Folder, written: _Written) -> bytes:
        # Arrow takes 36 MB, which a worker that exports nothing has no use for.
        from assent_vault.export import documents

        data_set = DataSet(
            export_id,
            self._created,
            self._keyring.identity_public,
            tuple(written[meeting_id][0] for meeting_id in sorted(written)),
            self._asked,
        )
        return await asyncio.to_thread(documents.write, folder, data_set, self._keyring.identity)

    async def _make_exported(
        self,
        session: AsyncSession,
        export_id: str,
        final: Path,
        standing: dict[str, Release],
        digest: bytes,
    ) -> None:
        for meeting_id, decision in standing.items():
            done = await self._claims.commit(session, export_id, meeting_id, decision)
            assert done, "the gate has let it in this very transaction"
        row = await self._lease.held_row(session, export_id)
        row.manifest_digest = digest
        row.folder = str(final)
        row.meetings_done = row.meetings_total = len(standing)
        for meeting_id, decision in standing.items():
            await self._scribe.exported(
                session,
                meeting_id,
                export_id,
                digest,
                decision,
                self._asked.recipient,
                self._asked.purpose,
            )

    # The end.

    async def _finish(self, export_id: str, error: str | None) -> None:
        async with self._database.write() as session:
            row = await session.get(ExportRow, export_id, with_for_update=True)
            # Whoever has taken it up meanwhile, from another machine, brings it to its end.
            if row is not None and row.lease_token == self._lease.token:
                end(row, DONE, error, self._now())

    async def _undo(
        self, export_id: str, folder: Folder, lock: RunLock, code: str | None = None
    ) -> None:
        """Take back a run before its commit: with a code it has failed, without it waits anew.

        What one that waits has written stays, for the run that takes it up; and what somebody else
        has taken up already is theirs, the row and, as far as they reach it, the folder.
        """
        if code is not None:
            with suppress(ExportError):
                if await self._lease.has_export(export_id):
                    await asyncio.to_thread(folder.discard)
        async with self._database.write() as session:
            await queue.give_back(session, self._lease.token, self._now())
            try:
                row = await self._lease.held_row(session, export_id)
            except (ExportError, LeaseLost):
                return
            stop(row, code, self._now())
        await asyncio.to_thread(lock.remove)
