"""What no row knows: left by a database that was lost, and kept by nobody's word.

Recordings, vault keys and half-written data sets are found by listing where they lie, and held
against the rows afterwards, in this order: a meeting has its row before it has a key, a generation
before it has objects, and an export before it has a folder. So what is listed and then has no row
has none to come, whoever else is at work meanwhile. Before anything is taken away it is looked at
once more. What is not named as we name things is nobody's, and stays.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select

from assent_vault.errors import FormatError, VaultError
from assent_vault.export.folder import PARTIAL_NAME
from assent_vault.formats import suite
from assent_vault.formats.objects import generation_prefix, meeting_prefix
from assent_vault.keys import keyring
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database
from assent_vault.store.identities import current_identity
from assent_vault.store.models import ExportRow, GenerationRow, MeetingRow

log = structlog.get_logger(__name__)

_OBJECT: Final = re.compile(r"meetings/([A-Za-z0-9_-]{22})/(?:generations/([0-9]{6,9})/)?.+")
_BUSY: Final = ("requested", "running")


class OrphanKind(StrEnum):
    """What is left over."""

    MEETING = "recording of a meeting without a row"
    GENERATION = "stretch of recording without a row"
    KEY = "vault key of a meeting without a row"
    EXPORT = "half-written data set of no export"


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something that no row knows; ``octets`` in ``objects`` files."""

    kind: OrphanKind
    meeting: str  # or the export
    number: int = 0
    objects: int = 1
    octets: int = 0


class Unsure(VaultError):
    """The database is not the one that these things can be held against; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """Where to look. ``vault`` is left out where it is not on this machine."""

    database: Database
    blobs: Blobs
    vault: Path | None
    exports: Path

    async def check(self) -> None:
        """Raise Unsure where the database is empty, or another vault's."""
        async with self.database.read() as session:
            known = await current_identity(session)
            any_meeting = await session.scalar(select(MeetingRow.id).limit(1))
        if self.vault is not None:
            mine = await asyncio.to_thread(keyring.identity_in, self.vault)
            if mine is not None and known != mine:
                raise Unsure("another-vault", "The database is not this vault's.")
        if any_meeting is None:
            raise Unsure("database-empty", "The database knows of no meeting at all.")

    async def find(self) -> list[Orphan]:
        """Return all that no row knows; takes nothing away."""
        found = [*await self._objects()]
        if self.vault is not None:
            keys = await asyncio.to_thread(keyring.meetings_in, self.vault)
            known = await self._meetings([suite.encode(one) for one in keys])
            found += [
                Orphan(OrphanKind.KEY, suite.encode(one), octets=suite.KEY_BYTES)
                for one in keys
                if suite.encode(one) not in known
            ]
        return found + await self._exports()

    async def _objects(self) -> list[Orphan]:
        sizes: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        async for key, octets in self.blobs.list("meetings/"):
            named = _OBJECT.fullmatch(key)
            if named is not None and _is_meeting(named[1]):
                size = sizes[named[1], int(named[2] or 0)]
                size[0] += 1
                size[1] += octets
        known = await self._meetings({meeting for meeting, _ in sizes})
        found = []
        whole: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (meeting, number), (objects, octets) in sorted(sizes.items()):
            if meeting not in known:
                whole[meeting][0] += objects
                whole[meeting][1] += octets
            elif number and not await self._has_generation(meeting, number):
                found.append(Orphan(OrphanKind.GENERATION, meeting, number, objects, octets))
        return [Orphan(OrphanKind.MEETING, one, 0, *size) for one, size in whole.items()] + found

    async def _meetings(self, ids: Collection[str]) -> set[str]:
        known: set[str] = set()
        wanted = sorted(ids)
        async with self.database.read() as session:
            for start in range(0, len(wanted), 500):
                page = select(MeetingRow.id).where(MeetingRow.id.in_(wanted[start : start + 500]))
                known |= set(await session.scalars(page))
        return known

    async def _has_generation(self, meeting: str, number: int) -> bool:
        async with self.database.read() as session:
            return await session.get(GenerationRow, (meeting, number)) is not None

    async def _exports(self) -> list[Orphan]:
        there = await asyncio.to_thread(_partial, self.exports)
        async with self.database.read() as session:
            busy = set(
                await session.scalars(select(ExportRow.id).where(ExportRow.state.in_(_BUSY)))
            )
        return [
            Orphan(OrphanKind.EXPORT, name, 0, objects, octets)
            for name, objects, octets in there
            if name not in busy
        ]

    async def remove(self, orphan: Orphan) -> bool:
        """Take one away, unless a row knows it by now; tells whether it did."""
        if not await self._is_one(orphan):
            return False
        if orphan.kind is OrphanKind.KEY:
            assert self.vault is not None, "it was found there"
            meeting = suite.decode(orphan.meeting, suite.MEETING_BYTES)
            await asyncio.to_thread(keyring.destroy_in, self.vault, meeting)
        elif orphan.kind is OrphanKind.EXPORT:
            folder = self.exports / PARTIAL_NAME.format(orphan.meeting)
            await asyncio.to_thread(shutil.rmtree, folder)
        elif orphan.kind is OrphanKind.GENERATION:
            await self.blobs.delete_prefix(generation_prefix(orphan.meeting, orphan.number))
        else:
            await self.blobs.delete_prefix(meeting_prefix(orphan.meeting))
        log.info(
            "orphan-removed",
            kind=orphan.kind.name.lower(),
            objects=orphan.objects,
            octets=orphan.octets,
        )
        return True

    async def _is_one(self, orphan: Orphan) -> bool:
        if orphan.kind is OrphanKind.EXPORT:
            async with self.database.read() as session:
                row = await session.get(ExportRow, orphan.meeting)
            return row is None or row.state not in _BUSY
        if orphan.kind is OrphanKind.GENERATION:
            return not await self._has_generation(orphan.meeting, orphan.number)
        return not await self._meetings([orphan.meeting])


def _is_meeting(text: str) -> bool:
    try:
        suite.decode(text, suite.MEETING_BYTES)
    except FormatError:
        return False
    return True


def _partial(folder: Path) -> list[tuple[str, int, int]]:
    """Return the exports that have a half-written folder, each with its files and their size."""
    before, _, after = PARTIAL_NAME.partition("{}")
    found = []
    for path in sorted(folder.glob(f"{before}*{after}")):
        if path.is_symlink() or not path.is_dir():
            continue
        sizes = [
            os.lstat(Path(inner, name)).st_size
            for inner, _, names in os.walk(path)
            for name in names
        ]
        found.append((path.name[len(before) : -len(after)], len(sizes), sum(sizes)))
    return found


def lines(orphans: list[Orphan]) -> list[str]:
    """Return what was found, for people: each, and the sum of each kind."""
    told = [
        f"{one.kind}: {one.meeting}{f' generation {one.number}' if one.number else ''},"
        f" {one.objects} files, {one.octets} bytes"
        for one in orphans
    ]
    for kind in OrphanKind:
        of_kind = [one for one in orphans if one.kind is kind]
        if of_kind:
            octets = sum(one.octets for one in of_kind)
            told.append(f"{len(of_kind)} × {kind}: {octets} bytes in all")
    return told
