"""Recalls: what is taken back of a meeting that was exported already, told to whoever has it.

Theory of operation. Which meetings are in which exports is told by the log, in records that this
vault, or one that it has taken over from, has signed. Whatever anybody says has an entry of the
log; so a scan looks at the exported meetings of which the log has something new, and at a start at
all of them. Where something was verifiably taken back (``withdrawals``), or the vault has logged
that it was, each export of the meeting gets a recall in its feed (``dataset.feed``).

A feed is written into the vault's own folder first, and then published in the database, for the
server to serve. Each step can be repeated, and is: what could not be written is found again by the
next scan, whatever ended this one. The folder is what the vault believes; what the database has is
believed where it is signed and goes on from there, so that a folder from a backup forks no feed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.dataset import feed as feeds
from assent_vault.dataset.feed import Feed, FeedError
from assent_vault.errors import DownloadError, VaultError
from assent_vault.files import folders, small_file
from assent_vault.formats import suite
from assent_vault.keys.keyring import Keyring
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Destroyed, Exported, Record, Withdrawn
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.models import LogEntryRow, RecallFeedRow
from assent_vault.worker.withdrawals import TakenBack

log = structlog.get_logger(__name__)

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class _Export:
    """An export as the log has it."""

    export: str
    manifest: bytes


class RecallFeeds:
    """Keeps the feeds of all exports. ``folder`` is theirs alone; ``now`` gives Unix ms."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        folder: Path,
        taken_back: Callable[[str], Awaitable[TakenBack | None]],
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._folder = folder
        self._taken_back = taken_back
        self._now = now
        self._seen = 0  # entries of the log
        self._exports: dict[str, set[_Export]] = {}  # by meeting
        self._turn = asyncio.Lock()  # two scans at once would fork a feed

    @property
    def _identities(self) -> tuple[bytes, ...]:
        return (self._keyring.identity_public, *self._keyring.former)

    async def scan(self) -> int:
        """Bring every feed to where it should be; return how many meetings were looked at.

        Nothing is passed over: what cannot be looked at or written is taken up by the next scan.
        """
        async with self._turn:
            return await self._scan()

    async def of(self, export_id: str) -> Feed:
        """Return the feed of an export with all that was taken back so far.

        Raises as ``scan`` does, and DownloadError where nobody can tell: it is told to be well only
        where it is.
        """
        await self.scan()
        known = (each for found in self._exports.values() for each in found)
        export = next((each for each in known if each.export == export_id), None)
        feed = None if export is None else await asyncio.to_thread(self._found, export)
        if feed is None:
            raise DownloadError("recalls-unknown", "What was taken back of it is not known.")
        return feed

    def _found(self, export: _Export) -> Feed | None:
        kept = self._kept(self._folder / f"{export.export}.jsonl")
        return None if kept is None else self._read(kept, export)

    async def _scan(self) -> int:
        async with self._database.read() as session:
            size = await log_rows.size(session)
            if size == self._seen:
                return 0
            new = await self._find_exports(session, size)
            looked_at = await self._find_meetings(session)
        due: dict[_Export, dict[str, str]] = {each: {} for each in new}
        failures: list[Exception] = []
        for meeting in looked_at:
            try:
                reason = await self._reason(meeting)
            except (VaultError, SQLAlchemyError, OSError) as error:
                failures.append(error)  # one that cannot be judged holds up no other
                continue
            if reason is not None:
                for each in self._exports[meeting]:
                    due.setdefault(each, {})[meeting] = reason
        for export, recalls in due.items():
            try:
                await self._bring_up(export, recalls)
            except (VaultError, SQLAlchemyError, OSError) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        self._seen = size
        return len(looked_at)

    async def _find_exports(self, session: AsyncSession, size: int) -> list[_Export]:
        """Read what the log has of exports since the last scan."""
        kind = Exported.TYPE.rpartition("/")[0]  # of each version
        start = b'{"type":"%s/' % kind.encode()
        found = []
        for row in await session.scalars(
            select(LogEntryRow)
            .where(
                LogEntryRow.number >= self._seen,
                LogEntryRow.number < size,
                func.substr(LogEntryRow.record, 1, len(start)) == start,
            )
            .order_by(LogEntryRow.number)
        ):
            record = self._believed(row)
            if isinstance(record, Exported):
                export = _Export(suite.encode(record.export), record.manifest)
                self._exports.setdefault(suite.encode(record.meeting), set()).add(export)
                found.append(export)
        return found

    async def _find_meetings(self, session: AsyncSession) -> list[str]:
        """Return the exported meetings of which there is something new; at first all of them."""
        exported = sorted(self._exports)
        if self._seen == 0:
            return exported
        found: list[str] = []
        for at in range(0, len(exported), _BATCH):
            found += (
                each
                for each in await session.scalars(
                    select(LogEntryRow.meeting_id)
                    .where(
                        LogEntryRow.number >= self._seen,
                        LogEntryRow.meeting_id.in_(exported[at : at + _BATCH]),
                    )
                    .distinct()
                )
                if each is not None
            )
        return found

    def _believed(self, row: LogEntryRow) -> Record | None:
        """Return a record that its entry commits to and a vault of ours has signed."""
        return log_rows.believed(row, self._identities)

    async def _reason(self, meeting: str) -> str | None:
        """Return why a meeting is not agreed to any more, None where it is."""
        found = await self._taken_back(meeting)
        if found is not None and found.everything:
            return feeds.DELETED
        if found is not None and found.answers:
            return feeds.WITHDRAWN
        if found is not None and found.acts:
            return feeds.REVOKED
        # What was carried out stays so, whatever has become of the rows that said it.
        async with self._database.read() as session:
            rows = await log_rows.of_meeting(session, meeting)
        for row in rows:
            if entries.type_of(row.record or b"") not in (Withdrawn.TYPE, Destroyed.TYPE):
                continue
            record = self._believed(row)
            if isinstance(record, Withdrawn):
                return feeds.WITHDRAWN
            if isinstance(record, Destroyed) and record.reason == feeds.DELETED:
                return feeds.DELETED
        return None

    async def _bring_up(self, export: _Export, recalls: dict[str, str]) -> None:
        """Have the feed of an export say at least this, here and in the database."""
        async with self._database.read() as session:
            row = await session.get(RecallFeedRow, export.export)
        published = None if row is None else await asyncio.to_thread(self._read, row.body, export)
        feed = await asyncio.to_thread(self._write, export, published, recalls)
        if row is not None and row.body == feed.body:
            return
        async with self._database.write() as session:
            await session.merge(
                RecallFeedRow(
                    export_id=export.export,
                    name=feeds.name_of(self._keyring.identity, export.export)
                    if row is None
                    else row.name,
                    body=feed.body,
                    entries=len(feed.recalls),
                    updated_at=self._now(),
                )
            )
        log.info("recalls-published", export=export.export, recalls=len(feed.recalls))

    def _write(self, export: _Export, published: Feed | None, recalls: dict[str, str]) -> Feed:
        """Write the feed into the folder, durably, before anybody else sees it."""
        place = self._folder / f"{export.export}.jsonl"
        feed = self._longest(export, self._kept(place), published)
        for meeting, reason in sorted(recalls.items()):
            if meeting not in feed.meetings:
                identity = self._keyring.identity
                feed = feeds.parse(feeds.extend(identity, feed, meeting, reason, self._now()))
        if self._kept(place) != feed.body:
            folders.make_private(self._folder)
            small_file.replace(place, feed.body)
        return feed

    def _longest(self, export: _Export, kept: bytes | None, published: Feed | None) -> Feed:
        mine = None if kept is None else self._read(kept, export)
        if mine is None and published is None:
            begun = feeds.begin(self._keyring.identity, export.export, export.manifest, self._now())
            return feeds.parse(begun)
        if mine is None or published is None:
            found = mine or published
            assert found is not None, "one of the two is there"
            return found
        try:
            feeds.must_extend(published, mine)
        except FeedError:
            return mine
        return published

    @staticmethod
    def _kept(place: Path) -> bytes | None:
        try:
            return place.read_bytes()
        except FileNotFoundError:
            return None

    def _read(self, body: bytes, export: _Export) -> Feed | None:
        """Return a feed that is of this export and signed by us; None where it is not."""
        try:
            feed = feeds.parse(body)
            feeds.check(feed, export.export, export.manifest, self._identities)
        except FeedError as error:
            log.warning("recalls-damaged", export=export.export, code=error.code)
            return None
        return feed
