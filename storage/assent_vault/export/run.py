"""One export from start to end: claim, write, commit, publish.

Theory of operation. What is written is invisible until the commit: it lies in a folder with another
name. The commit is one transaction. It locks every meeting of the data set, has the gate decide
about each once more, and only if all are still released, on the very evidence that was exported,
does it make them exported; so a withdrawal that was acknowledged before is seen, and one that
comes later finds the release exported. A meeting that fell out is taken out of the folder, and the
commit is tried again with the others. Then the folder gets its name.

A worker may be killed anywhere; ``recovery`` tells what follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import (
    BlobUnavailable,
    ExportError,
    KeyringError,
    LeaseLost,
    LogError,
    VaultError,
)
from assent_vault.export.description import DataSet, MeetingEntry
from assent_vault.export.folder import Folder
from assent_vault.export.lease import Lease
from assent_vault.export.meeting import MeetingWriter, ReleasedMeeting, folders_of
from assent_vault.export.pseudonym import Pseudonyms
from assent_vault.export.recovery import DONE, FAILED, RUNNING, end, stop
from assent_vault.files.space import Space
from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.keys.keyring import Keyring
from assent_vault.release import queue
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.evidence_reader import Checks
from assent_vault.release.gate_service import GateService, report
from assent_vault.release.log_writer import LogWriter
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import ExportRow, NoticeRow

log = structlog.get_logger(__name__)

# The commit locks this many meetings at most; what is left over goes into the next export.
MOST_MEETINGS: Final = 100
# These concern one meeting; any other ends the export.
_OF_A_MEETING: Final = ("segments-damaged", "bad-evidence", "no-frames", "timeline-too-long")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an export ended. ``error`` is a stable code; with some meetings left out it is there,
    though the others were exported."""

    export_id: str
    folder: Path | None
    meetings: int
    failed: int
    error: str | None


@dataclass(frozen=True, slots=True)
class _Written:
    """A claimed meeting that is in the folder, whole, and the evidence it was released on."""

    entry: MeetingEntry
    checks: Checks

    @property
    def meeting_id(self) -> str:
        """The meeting's id."""
        return self.entry.meeting


class ExportRun:
    """Runs exports, one at a time, for whoever holds the keyring.

    ``now`` gives the Unix milliseconds to write down; ``surely`` those that have come for certain:
    whether something has cooled off, and whether a lease has run out, goes by these. ``space`` is
    of the disks that what people say depends on.
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
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._space = space
        self._keyring = keyring
        self._judge = judge
        self._scribe = scribe
        self._now = now
        self._surely = surely
        self._lease = Lease(database, surely)
        self.listens = True
        """Whether sound is decoded to tell who speaks when; by far the most that there is to do."""

    async def run(
        self, export_id: str, final: Path, progress: Callable[[int, int], None] | None = None
    ) -> Outcome:
        """Write everything that is released into ``final``, a folder that does not exist yet.

        The export's row must be there. ``progress`` is called with meetings written and meetings in
        all. Whatever goes wrong is in the outcome and in the row; only a database that is away
        raises, and leaves the row to ``recover``.
        """
        self._lease = Lease(self._database, self._surely)
        folder = Folder(final, self._space)
        try:
            meetings, failed = await self._until_commit(export_id, folder, final, progress)
        except asyncio.CancelledError:
            await self._undo(export_id, folder)
            raise
        except VaultError as error:
            code = _code(error)
            log.warning("export-failed", export=export_id, code=code)
            await self._undo(export_id, folder, code)
            return Outcome(export_id, None, 0, 0, code)
        # From here on it has happened; what goes wrong now is mended by `recover`.
        await asyncio.to_thread(folder.publish)
        left_out = "some-meetings-failed" if failed else None
        await self._finish(export_id, left_out)
        log.info("export-done", export=export_id, meetings=meetings, failed=failed)
        return Outcome(export_id, final, meetings, failed, left_out)

    async def _until_commit(
        self,
        export_id: str,
        folder: Folder,
        final: Path,
        progress: Callable[[int, int], None] | None,
    ) -> tuple[int, int]:
        """Write and commit; return how many meetings are in, and how many could not be exported."""
        await asyncio.to_thread(folder.begin)
        total = await self._start(export_id)
        async with self._lease.renewed(export_id):
            written, failed = await self._write_all(export_id, folder, total, progress)
            return await self._commit(export_id, final, folder, written), failed

    # Claiming and writing.

    async def _start(self, export_id: str) -> int:
        async with self._database.write() as session:
            row = await self._row(session, export_id)
            total = min(await queue.claimable(session, self._surely()), MOST_MEETINGS)
            row.state = RUNNING
            row.lease_token = self._lease.token
            row.lease_until = self._surely() + queue.LEASE_MS
            row.meetings_total = total
            row.meetings_done = 0
            row.error = None
        return total

    @staticmethod
    async def _row(session: AsyncSession, export_id: str) -> ExportRow:
        row = await session.get(ExportRow, export_id, with_for_update=True, populate_existing=True)
        if row is None or row.state in (DONE, FAILED) or row.manifest_digest is not None:
            raise ExportError("export-missing", "There is no such export to be carried out.")
        return row

    async def _write_all(
        self,
        export_id: str,
        folder: Folder,
        total: int,
        progress: Callable[[int, int], None] | None,
    ) -> tuple[dict[str, _Written], int]:
        writer = MeetingWriter(
            self._blobs, folder, Pseudonyms(), self._lease.holds, listens=self.listens
        )
        written: dict[str, _Written] = {}
        failed = 0
        after = ""
        while len(written) < MOST_MEETINGS:
            async with self._database.read() as session:
                found = await queue.next_claimable(session, self._surely(), after)
            if found is None:
                break
            after = found
            claim = await self._claim(found)
            if claim is None:
                continue
            released, checks = claim
            try:
                written[found] = _Written(await writer.write(released), checks)
            except LeaseLost:
                await self._take_out(folder, found)
            except ExportError as error:
                if error.code not in _OF_A_MEETING:
                    raise
                failed += 1
                await self._take_out(folder, found)
                await self._drop(found, error.code)
            else:
                await self._count(export_id, len(written), max(total, len(written)))
                if progress is not None:
                    progress(len(written), max(total, len(written)))
        return written, failed

    async def _claim(self, meeting_id: str) -> tuple[ReleasedMeeting, Checks] | None:
        """Claim a meeting, if the gate still lets it; the queue is put right if not."""
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
            if not await queue.claim(
                session, meeting_id, decision, self._lease.token, self._surely(), self._scribe
            ):
                return None
            assert isinstance(decision, Release), "only a release can be claimed"
            assert private is not None, "looked at above"
            notices = await _notices(session, charters.parse(evidence.charter).notices.values())
        self._lease.take(meeting_id)
        return ReleasedMeeting(evidence, decision.evidence_digest, private, notices), checks

    async def _take_out(self, folder: Folder, meeting_id: str) -> None:
        self._lease.let_go(meeting_id)
        for place in folders_of(meeting_id):
            await asyncio.to_thread(folder.remove, place)

    async def _drop(self, meeting_id: str, code: str) -> None:
        log.warning("meeting-not-exported", meeting=meeting_id, code=code)
        async with self._database.write() as session:
            if await lock_meeting(session, meeting_id) is None:
                return
            if await queue.is_held(session, meeting_id, self._lease.token):
                await queue.drop(session, meeting_id, queue.EXPORT_FAILED + code, self._now())

    async def _count(self, export_id: str, done: int, total: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(ExportRow)
                .where(ExportRow.id == export_id, ExportRow.lease_token == self._lease.token)
                .values(meetings_done=done, meetings_total=total)
            )

    # The commit.

    async def _commit(
        self, export_id: str, final: Path, folder: Folder, written: dict[str, _Written]
    ) -> int:
        """Commit what is still released, all at once; return how many meetings that are.

        Each time the gate no longer lets a meeting, it is taken out, and the rest is tried again.
        """
        while written:
            digest = await self._write_manifest(export_id, folder, written)
            async with self._lease.turn, self._database.write() as session:
                standing: dict[str, Release] = {}
                for meeting_id in sorted(written):
                    decision = await self._stands(session, written[meeting_id])
                    if decision is not None:
                        standing[meeting_id] = decision
                fallen = written.keys() - standing
                if not fallen:
                    await self._make_exported(session, export_id, final, standing, digest)
                    return len(written)
            for meeting_id in fallen:
                del written[meeting_id]
                await self._take_out(folder, meeting_id)
        raise ExportError("nothing-to-export", "No meeting is ready to be exported.")

    async def _write_manifest(
        self, export_id: str, folder: Folder, written: dict[str, _Written]
    ) -> bytes:
        # Arrow takes 36 MB, which a worker that exports nothing has no use for.
        from assent_vault.export import documents

        data_set = DataSet(
            export_id,
            self._now(),
            self._keyring.identity_public,
            tuple(written[meeting_id].entry for meeting_id in sorted(written)),
        )
        return await asyncio.to_thread(documents.write, folder, data_set, self._keyring.identity)

    async def _stands(self, session: AsyncSession, written: _Written) -> Release | None:
        """Lock a meeting and ask the gate once more; put the queue right if it does not stand."""
        if await lock_meeting(session, written.meeting_id) is None:
            return None
        if not await queue.is_held(session, written.meeting_id, self._lease.token):
            return None
        decision = await self._judge.decide(session, written.meeting_id, written.checks)
        if decision is None:
            return None
        if isinstance(decision, Blocked):
            await report(session, written.meeting_id, decision, self._now())
            await queue.consider(session, written.meeting_id, decision, self._now(), self._scribe)
            return None
        if decision.evidence_digest != written.entry.evidence or decision.ready_at > self._surely():
            # Still released, but not on what was written: the next export takes it as it is then.
            await queue.give_back(session, self._lease.token, self._now(), written.meeting_id)
            return None
        return decision

    async def _make_exported(
        self,
        session: AsyncSession,
        export_id: str,
        final: Path,
        standing: dict[str, Release],
        digest: bytes,
    ) -> None:
        for meeting_id, decision in standing.items():
            done = await queue.commit(
                session, export_id, meeting_id, decision, self._lease.token, self._surely()
            )
            assert done, "the gate has let it in this very transaction"
        row = await self._row(session, export_id)
        if row.lease_token != self._lease.token:
            raise LeaseLost("The claim on this export is not held any more.")
        row.manifest_digest = digest
        row.folder = str(final)
        row.meetings_done = row.meetings_total = len(standing)
        for meeting_id, decision in standing.items():
            await self._scribe.exported(session, meeting_id, export_id, digest, decision)

    # The end.

    async def _finish(self, export_id: str, error: str | None) -> None:
        async with self._database.write() as session:
            row = await session.get(ExportRow, export_id, with_for_update=True)
            if row is not None:
                end(row, DONE, error, self._now())

    async def _undo(self, export_id: str, folder: Folder, code: str | None = None) -> None:
        """Take back a run before its commit: with a code it has failed, without it waits anew."""
        with suppress(ExportError):
            await asyncio.to_thread(folder.discard)
        async with self._database.write() as session:
            await queue.give_back(session, self._lease.token, self._now())
            row = await session.get(ExportRow, export_id, with_for_update=True)
            if row is None or row.state in (DONE, FAILED) or row.manifest_digest is not None:
                return
            stop(row, code, self._now())


async def _notices(session: AsyncSession, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    rows = await session.scalars(select(NoticeRow).where(NoticeRow.digest.in_(list(digests))))
    return {row.digest: row.text.encode() for row in rows}


def _code(error: VaultError) -> str:
    """Return the stable code for what went wrong with a whole export."""
    if isinstance(error, (ExportError, LogError)):
        return error.code
    for kind, code in (
        (BlobUnavailable, "objects-unavailable"),
        (KeyringError, "vault-unavailable"),
        (LeaseLost, "lease-lost"),
    ):
        if isinstance(error, kind):
            return code
    return "internal"
