"""A recording as its people fetch it: what there is, and ciphertext; nothing here can open it.

Who may fetch a generation is said by its header and by nothing else: those whom it names as
present, and hosts, to whose keys its keys were sealed. Each gets their own boxes, never the
others', and no share of training. What was deleted is told as deleted, so that nobody takes it for
lost or for never recorded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import select

from assent.clock import Clock
from assent.errors import BadRequest, Forbidden, NotFound, StorageUnavailable
from assent.meeting.own_boxes import OwnBoxes, own_boxes
from assent.meeting.record_status import kept_until
from assent.meeting.watch_sessions import WatchSession, WatchSessions
from assent_vault.errors import BlobError, BlobMissing, FormatError
from assent_vault.formats.objects import (
    generation_boxes_key,
    generation_outer_key,
    generation_pairs_key,
    generation_segment_key,
)
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import Database
from assent_vault.store.models import (
    AccountRow,
    DeletionRow,
    GenerationRow,
    MeetingRow,
    ParticipantRow,
)

MOST_SEGMENTS = 256
"""Segments of one request: about half a minute of a meeting of six."""

_AHEAD = 6  # objects that are read while one is being sent
_LONGEST_SEQUENCE = 10**6


# What is looked at here of documents that the server itself has written; whoever watches checks the
# exact bytes. A closing lists tens of thousands of segments, which msgspec passes over.


class _Person(msgspec.Struct):
    id: str
    present: bool
    host: str | None


class _Recorded(msgspec.Struct):
    offset: int


class _Header(msgspec.Struct):
    at: int
    recorded: _Recorded
    people: list[_Person]


class _Closing(msgspec.Struct):
    ended: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch of a track: its segments from ``first`` to ``last``."""

    track: str
    first: int
    last: int


class Watching:
    """The recordings of one server, for those who were in them."""

    def __init__(self, database: Database, blobs: Blobs, clock: Clock, retention_days: int) -> None:
        self._database = database
        self._retention_days = retention_days
        self._blobs = blobs
        self._sessions = WatchSessions(clock)

    async def open(self, meeting: str, person: str) -> dict[str, Any]:
        """Open a session for somebody who has shown that they hold the seed of ``person``.

        Returns the token and what there is: PROTOCOL.md section 2, *outline*. Raises Forbidden for
        the host of a meeting whose account is shut out.
        """
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            assert row is not None, "the seed's holder is enrolled in it"
            generations = (
                await session.execute(
                    select(GenerationRow.number, GenerationRow.header, GenerationRow.close)
                    .where(GenerationRow.meeting_id == meeting)
                    .order_by(GenerationRow.number)
                )
            ).all()
            names = (
                await session.execute(
                    select(
                        ParticipantRow.person_id, ParticipantRow.name, ParticipantRow.is_host
                    ).where(ParticipantRow.meeting_id == meeting)
                )
            ).all()
            deletions = (
                await session.scalars(select(DeletionRow).where(DeletionRow.meeting_id == meeting))
            ).all()
            session.expunge_all()
        is_host = any(each == person and hosts for each, _, hosts in names)
        outline, present = await asyncio.to_thread(_outline, person, generations)
        token = self._sessions.open(
            meeting,
            person,
            frozenset(one["number"] for one in outline),
            row.host_account if is_host else None,
        )
        if is_host and not await self._may_watch(row.host_account):
            self._sessions.end(row.host_account)  # shut out at this very moment
            raise Forbidden
        return {
            "token": encode(token),
            "retain_until": kept_until(row, self._retention_days),
            "destroyed_at": row.destroyed_at,
            "running": row.ended_at is None,
            "others": len(generations) - len(outline),
            "generations": outline,
            "people": [
                {"person": each, "name": name, "host": host}
                for each, name, host in names
                if each in present
            ],
            "deleted": [
                {
                    "person": one.person_id,
                    "through_generation": one.through_generation,
                    "confirmed_at": one.confirmed_at,
                }
                for one in deletions
                if one.person_id is None or one.person_id in present
            ],
        }

    def end_hosts(self, account: str) -> None:
        """End what an account watches as a host."""
        self._sessions.end(account)

    async def _may_watch(self, account: str) -> bool:
        async with self._database.read() as session:
            row = await session.get(AccountRow, account)
            return row is not None and row.disabled_at is None

    async def generation(self, token: str, number: int, *, closing: bool) -> dict[str, Any]:
        """Return the documents of a generation, and the person's own boxes; raises NotFound."""
        session = self._session(token, number)
        async with self._database.read() as database:
            row = await database.get(GenerationRow, (session.meeting, number))
            if row is None:
                raise NotFound
            header, signed = row.header, row.signature
            closed, signature = row.close, row.close_signature
        if not closing:
            closed = signature = None
        own = await self._boxes(session, number)
        return {
            "number": number,
            "header": encode(header),
            "signature": encode(signed),
            "pair": None if own is None else own.pair,
            "secret": None if own is None else own.secret,
            "outer": None if own is None else own.outer,
            "closing": None
            if closed is None or signature is None
            else {"document": encode(closed), "signature": encode(signature)},
        }

    async def _boxes(self, session: WatchSession, number: int) -> OwnBoxes | None:
        """Return what was sealed to the person; None where everything was destroyed."""
        names = (generation_boxes_key, generation_pairs_key, generation_outer_key)
        try:
            boxes, pairs, outer = [
                await self._blobs.get(name(session.meeting, number)) for name in names
            ]
        except BlobMissing:
            return None
        except BlobError as error:
            raise StorageUnavailable from error
        return await asyncio.to_thread(
            own_boxes, session.person, boxes=boxes, pairs=pairs, outer=outer
        )

    async def segments(
        self, token: str, number: int, wanted: Sequence[Wanted]
    ) -> AsyncGenerator[bytes, None]:
        """Yield the objects that are wanted, in that order; b"" for each that is not there.

        Raises BadRequest or NotFound before the first of them, StorageUnavailable at any.
        """
        session = self._session(token, number)
        keys = list(_keys(session.meeting, number, wanted))
        waiting: deque[asyncio.Task[bytes]] = deque()
        rest = iter(keys)
        try:
            while True:
                waiting.extend(
                    asyncio.create_task(self._object(key))
                    for key in islice(rest, _AHEAD - len(waiting))
                )
                if not waiting:
                    return
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
                with suppress(asyncio.CancelledError, StorageUnavailable):
                    await task

    async def _object(self, key: str) -> bytes:
        try:
            return await self._blobs.get(key)
        except BlobMissing:
            return b""
        except BlobError as error:
            raise StorageUnavailable from error

    def _session(self, token: str, number: int) -> WatchSession:
        session = self._sessions.find(token)
        if number not in session.generations:
            raise NotFound  # there is none, or none for this person: nobody learns which
        return session


def _outline(
    person: str, generations: Sequence[Any]
) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """Return the generations that the person may watch, and who is in them."""
    outline = []
    present: set[str] = set()
    for number, header, close in generations:
        read = msgspec.json.decode(header, type=_Header)
        if not any(one.id == person and _watches(one) for one in read.people):
            continue
        present.update(one.id for one in read.people if one.present)
        closing = None if close is None else msgspec.json.decode(close, type=_Closing)
        outline.append(
            {
                "number": number,
                "offset": read.recorded.offset,
                "length": None if closing is None else max(0, closing.ended - read.at),
                "interrupted": closing is not None and closing.interrupted,
            }
        )
    return outline, frozenset(present)


def _watches(person: _Person) -> bool:
    """ "`watch` boxes are for everyone with `present` and for hosts" """
    return person.present or person.host is not None


def _keys(meeting: str, number: int, wanted: Sequence[Wanted]) -> list[str]:
    """Return the keys of what is wanted; raises BadRequest where it is no track, or too much."""
    keys: list[str] = []
    for one in wanted:
        try:
            track = Track.parse(one.track)
        except FormatError as error:
            raise BadRequest("That is not the name of a track.", field="parts") from error
        if not 0 <= one.first <= one.last < _LONGEST_SEQUENCE:
            raise BadRequest("A part goes from its first to its last segment.", field="parts")
        if len(keys) + one.last - one.first + 1 > MOST_SEGMENTS:
            raise BadRequest(f"At most {MOST_SEGMENTS} segments at once.", field="parts")
        keys += [
            generation_segment_key(meeting, number, track, sequence)
            for sequence in range(one.first, one.last + 1)
        ]
    return keys
