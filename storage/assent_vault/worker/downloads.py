"""Downloads: data sets that the worker hands to pages of administrators, sealed to their keys.

Theory of operation. A page draws a key pair and asks, through the server, for a data set: a row.
The worker begins it where that is allowed (``download_allowance``), looks at the folder, and seals
the tar of it piece by piece into the object store, a few chunks ahead of what the page has taken.
The server passes them on and opens none. What the page has taken is gone from the store; so is all
of a download that has ended, and whatever lies there and no row knows.

Nothing is kept but the row: each chunk has a key of its own and says where it stands, and the tar
is the same whenever it is read. So a worker that was killed goes on at the next chunk, with the
page that waits for it. What the disks or the store keep from being done is said in the row and
tried again; a data set that is not what was signed, or of which something was taken back, is not.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select, update

from assent_vault.dataset import tar_stream
from assent_vault.dataset.feed import Feed
from assent_vault.dataset.tar_stream import DataSetTar
from assent_vault.dataset.tree import HeldFolder
from assent_vault.errors import (
    BlobExists,
    BlobUnavailable,
    DownloadError,
    ExportError,
    FormatError,
)
from assent_vault.export import place_of
from assent_vault.files.space import Space
from assent_vault.formats import download as chunks
from assent_vault.formats import objects, suite
from assent_vault.formats.download import DownloadPlace
from assent_vault.keys.keyring import Keyring
from assent_vault.store import approval, download
from assent_vault.store.approval import REQUESTED
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database
from assent_vault.store.download import OPEN, RUNNING
from assent_vault.store.models import DownloadRow, ExportRow

log = structlog.get_logger(__name__)

STORE_UNAVAILABLE: Final = "store-unavailable"
"""Code of a download that waits for the object store."""
SWEEP_SECONDS: Final = 60.0
"""How often the store is searched for chunks that no row knows."""
_CHUNK: Final = re.compile(r"downloads/([A-Za-z0-9_-]{22})/([0-9]{6})\.chunk", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A data set as it was looked at, when ``recalled`` were not agreed to any more."""

    tar: DataSetTar
    manifest: bytes
    recalled: frozenset[str]


class Downloads:
    """Carries out the rows of ``export_downloads``, at most so many at a time.

    ``recalled`` brings the feed of an export up to what was said and returns it, or raises.
    ``now`` gives the Unix milliseconds to write down, ``surely`` those that have come for certain.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keyring: Keyring,
        exports_dir: Path,
        space: Space,
        recalled: Callable[[str], Awaitable[Feed]],
        now: Callable[[], int],
        surely: Callable[[], int],
        *,
        most: int,
        approvals: int,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._keyring = keyring
        self._exports_dir = exports_dir
        self._space = space
        self._recalled = recalled
        self._now = now
        self._surely = surely
        self._most = most
        self._approvals = approvals
        self._looked: dict[str, _Looked] = {}
        self._begun: set[str] = set()  # those that have had chunks, and may have some still

    async def carry_out(self) -> int:
        """Go on with every download until each waits for its page; return the chunks sealed."""
        sealed = 0
        going = True
        while going:
            rows = await self._open()
            self._forget({row.id for row in rows})
            running = [row.id for row in rows if row.state == RUNNING]
            going = False
            for row in rows:
                is_full = len(running) >= self._most > 0
                if row.state == REQUESTED and is_full and download.is_live(row, self._surely()):
                    continue  # it waits for its turn
                if await self._step(row):
                    going = True
                    sealed += row.state == RUNNING
                    running += [row.id] if row.state == REQUESTED else []
        await self._clear()
        return sealed

    def _forget(self, open_: set[str]) -> None:
        self._looked = {each: self._looked[each] for each in open_ & self._looked.keys()}

    async def _clear(self) -> None:
        """Take away what lies of downloads that have ended."""
        for ended in self._begun - {row.id for row in await self._open()}:
            await self._blobs.delete_prefix(objects.download_prefix(ended))
            self._begun.discard(ended)

    async def sweep(self) -> int:
        """Take away the chunks that no open download waits for; return how many there were."""
        there = [
            (key, found[1], int(found[2]))
            async for key, _ in self._blobs.list(objects.DOWNLOADS)
            if (found := _CHUNK.fullmatch(key)) is not None
        ]
        if not there:
            return 0
        # The rows are read after the store: a download has its row before it has a chunk.
        async with self._database.read() as session:
            rows = await session.execute(
                select(DownloadRow.id, DownloadRow.taken).where(DownloadRow.state == RUNNING)
            )
            taken = {row.id: row.taken for row in rows}
        gone = [key for key, id_, number in there if id_ not in taken or number < taken[id_]]
        for key in gone:
            await self._blobs.delete(key)
        return len(gone)

    async def _open(self) -> list[DownloadRow]:
        async with self._database.read() as session:
            rows = await session.scalars(
                select(DownloadRow)
                .where(DownloadRow.state.in_(OPEN))
                .order_by(DownloadRow.requested_at, DownloadRow.id)
                .limit(10 * download.MOST_OPEN)
            )
            return list(rows)

    async def _step(self, row: DownloadRow) -> bool:
        """Do one thing for a download; tells whether there may be another at once."""
        if not download.is_live(row, self._surely()):
            await self._end(row, approval.LAPSED, None)
            return False
        if self._most == 0:
            await self._end(row, download.FAILED, download.DOWNLOADS_OFF)
            return False
        if row.state == approval.PROPOSED:
            return False
        try:
            await self._require(row)
            if row.state == REQUESTED:
                return await self._begin(row)
            return await self._seal_next(row)
        except DownloadError as error:
            await self._end(row, download.FAILED, error.code)
        except FormatError:
            # An id that is none: the row is somebody else's.
            await self._end(row, download.FAILED, tar_stream.MISSING)
        except BlobUnavailable:
            await self._wait(row, STORE_UNAVAILABLE)
        return False

    async def _require(self, row: DownloadRow) -> None:
        """Raise DownloadError where this page may not have it, or not any more."""
        async with self._database.read() as session:
            if self._approvals:
                moment = max(self._now(), self._surely())
                missing = await approval.what_is_missing(session, row, moment)
            else:
                asker = await approval.are_administrators(session, row.requested_by)
                missing = None if asker else approval.APPROVAL_VOID
        if missing is not None:
            raise DownloadError(missing, "It may not be handed to this page.")

    async def _begin(self, row: DownloadRow) -> bool:
        tar = (await self._look(row)).tar
        count = chunks.chunks_of(tar.total)
        if count > objects.MOST_NUMBER:
            raise DownloadError("data-set-too-large", "It has too many chunks.")
        key = row.public_key
        if len(key) != suite.XWING_PUBLIC_BYTES or not suite.is_xwing_public(key):
            raise DownloadError("bad-key", "Nothing can be sealed to this key.")
        begun = await self._update(
            row, REQUESTED, state=RUNNING, octets=tar.total, chunks=count, error=None
        )
        if begun:
            log.info("download-begun", download=row.id, export=row.export_id, octets=tar.total)
        return begun

    async def _seal_next(self, row: DownloadRow) -> bool:
        self._begun.add(row.id)
        # Also where nothing is to be sealed now: what lies there has to be agreed to still.
        looked = await self._look(row)
        if looked.tar.total != row.octets or row.chunks is None:
            raise DownloadError(tar_stream.CHANGED_SET, "It is not as large as it was.")
        number = row.sealed
        if number >= min(row.chunks, row.taken + download.AHEAD):
            return False
        problem = await asyncio.to_thread(self._space.look)
        if problem is not None:
            await self._wait(row, problem)
            return False
        place = DownloadPlace(
            suite.decode(row.id, chunks.DOWNLOAD_BYTES),
            suite.decode(row.export_id, chunks.EXPORT_BYTES),
            looked.manifest,
            number,
            looked.tar.total,
        )
        data = await asyncio.to_thread(self._sealed, looked.tar, place, row.public_key)
        await self._put(row, number, data)
        return await self._update(row, RUNNING, sealed=number + 1, error=None)

    def _sealed(self, tar: DataSetTar, place: DownloadPlace, public: bytes) -> bytes:
        plaintext = tar.read(place.begin, place.size)
        return chunks.seal_chunk(place, plaintext, public, self._keyring.identity)

    async def _put(self, row: DownloadRow, number: int, data: bytes) -> None:
        key = objects.chunk_key(row.id, number)
        try:
            await self._blobs.put(key, data)
        except BlobExists:
            # Put by a worker that was killed before it could say so: nobody was given it.
            await self._blobs.delete(key)
            await self._blobs.put(key, data)

    async def _look(self, row: DownloadRow) -> _Looked:
        """Return the tar of a data set; it is looked at anew where more was taken back since."""
        recalled = (await self._recalled(row.export_id)).meetings
        looked = self._looked.get(row.id)
        if looked is not None and looked.recalled == recalled:
            return looked
        async with self._database.read() as session:
            export = await session.get(ExportRow, row.export_id)
        if export is None or export.state != "done" or export.manifest_digest is None:
            raise DownloadError(tar_stream.MISSING, "There is no such data set.")
        manifest, place = export.manifest_digest, self._place(export)
        tar = await asyncio.to_thread(self._read, export.id, place, manifest, recalled)
        self._looked[row.id] = looked = _Looked(tar, manifest, recalled)
        return looked

    def _place(self, export: ExportRow) -> Path:
        """Return where it lies: nowhere but where this worker writes them, whatever a row says."""
        try:
            place = place_of(self._exports_dir, export.id, None)
        except ExportError as error:
            raise DownloadError(tar_stream.MISSING, "There is no such data set.") from error
        if export.folder is not None and Path(export.folder) != place:
            raise DownloadError("data-set-elsewhere", "It was written to a folder of its own.")
        return place

    def _read(
        self, export: str, place: Path, manifest: bytes, recalled: frozenset[str]
    ) -> DataSetTar:
        tree = HeldFolder(place)
        identities = (self._keyring.identity_public, *self._keyring.former)
        files = tar_stream.listed(tree, export, manifest, identities, recalled)
        return DataSetTar(tree, tar_stream.FOLDER.format(export), files)

    async def _wait(self, row: DownloadRow, code: str) -> None:
        """Say what a download waits for; it is tried again."""
        if row.error != code:
            await self._update(row, row.state, error=code)

    async def _end(self, row: DownloadRow, state: str, code: str | None) -> None:
        if await self._update(row, row.state, state=state, error=code, finished_at=self._now()):
            log.info("download-ended", download=row.id, state=state, code=code)

    async def _update(self, row: DownloadRow, was: str, /, **values: object) -> bool:
        """Write to a row that is in that state still; tells whether it was."""
        async with self._database.write() as session:
            found = await session.execute(
                update(DownloadRow)
                .where(DownloadRow.id == row.id, DownloadRow.state == was)
                .values(**values)
                .returning(DownloadRow.id)
            )
            return found.scalar_one_or_none() is not None
