"""The vault follows the log, with all its records, as a monitor would.

Theory of operation. The vault believes nothing that is in the database, and the log is in the
database. What it can rely on is that entries which it has seen do not change: it remembers the
head in a file of its own, and at start the entries in the database must lead to that head again.

Entries say nothing by themselves, so a withdrawal could still be hidden by taking the record away
from its entry, or by saying that it is of another meeting. Therefore every entry must open. Whose
an entry is, is told by the record that it commits to; for each meeting the follower keeps how many
entries are its own, and a digest that binds which. When the gate decides about a meeting, the rows
it is shown must be exactly those. And an entry that does not open could be anybody's: while there
is one, nothing at all is released. Only a ``destroyed`` record that the vault itself has signed
accounts for entries that have no record any more, all of one meeting.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import LogError, VaultError
from assent_vault.files import locks
from assent_vault.formats import suite
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import entry as entries
from assent_vault.ledger import note
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import NOTHING_BEFORE, Adopted, Destroyed
from assent_vault.ledger.merkle import HASH_BYTES
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.head_file import HeadFile, rolled_back
from assent_vault.store.log_tree import Tree
from assent_vault.store.models import LogEntryRow

NAME: Final = "log.head"
LOCK: Final = "log.lock"
"""Held while the head is written: processes that share a vault's folder have one between them."""
# Every record is written by ``entry.write``, so this much of it has but one spelling.
_OF_MEETING = re.compile(
    rb'\{"type":"assent/entry/[a-z-]+/v[12]","meeting":"([A-Za-z0-9_-]{22})"', re.ASCII
)
_DESTROYED = b'{"type":"' + Destroyed.TYPE.encode() + b'"'


@dataclass(frozen=True, slots=True)
class AccountOfLog:
    """The entries of a meeting, since it was destroyed last: how many, and which."""

    entries: int = 0
    digest: bytes = NOTHING_BEFORE
    unopened: int = 0

    def and_(self, index: int, entry: bytes, *, opens: bool) -> AccountOfLog:
        """Return the account with one more entry."""
        digest = entries.chain(self.digest, index, entry)
        return AccountOfLog(self.entries + 1, digest, self.unopened + (not opens))


NONE: Final = AccountOfLog()


@dataclass(frozen=True, slots=True)
class Told:
    """What the log tells of a meeting. ``whole`` is false where it may have told something else.

    ``records`` are the exact bytes of all records of it, in order.
    """

    whole: bool
    records: tuple[bytes, ...]

    @property
    def adopted(self) -> bool:
        """Whether anybody has said that they take it over; it can only take a release away."""
        return any(entries.type_of(record) == Adopted.TYPE for record in self.records)


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries that a ``destroyed`` record accounts for: how many, which, and their indices."""

    entries: int
    digest: bytes
    numbers: tuple[int, ...]


class Monitor:
    """Everything the vault knows of the log. ``start`` it before anything else."""

    def __init__(
        self, database: Database, folder: Path, identity: bytes, former: Sequence[bytes] = ()
    ) -> None:
        self._database = database
        self.identity = identity
        # Vaults whose meetings this one has taken over: what they have said to be gone is gone.
        self._identities = (identity, *former)
        self._file = HeadFile(folder / NAME)
        self._lock = folder / LOCK
        self._remembered: Head | None = None
        self._tree = Tree(
            (LogEntryRow.meeting_id, LogEntryRow.salt, LogEntryRow.record, LogEntryRow.signature),
            self._visit,
        )
        self._accounts: dict[str, AccountOfLog] = {}
        self._unopened = 0
        self._turn = asyncio.Lock()

    @property
    def head(self) -> Head:
        """The head of what was followed."""
        return self._tree.head

    @property
    def unopened(self) -> int:
        """How many entries have no record that they commit to, and nothing that accounts for it."""
        return self._unopened

    def account(self, meeting_id: str) -> AccountOfLog:
        """Return the account of a meeting, up to ``head``."""
        return self._accounts.get(meeting_id, NONE)

    async def start(self, *, known: bool = False) -> None:
        """Read the whole log; raises LogError unless it extends the head that is remembered.

        ``known`` says that this vault has been here before: then it must remember one.
        """
        content = await asyncio.to_thread(self._file.read)
        if content is None and known:
            raise LogError(
                "log-head-missing",
                "This vault has worked on the database before, but log.head in its folder is"
                " missing, so that nobody knows what of the log it had seen. Bring the file back,"
                " or give up releasing what there is: assent-vault adopt.",
            )
        await self._advance(None if content is None else _parse(content))

    async def follow(self) -> Head:
        """Read what has come since, and remember the head; raises LogError.

        Call it before what it is compared with is read.
        """
        return await self._advance(None)

    async def _advance(self, through: Head | None) -> Head:
        # In a transaction of its own, which is younger than all before: one that has begun earlier
        # would show a log that is shorter than what was read already.
        async with self._turn, self._database.read() as session:
            await self._tree.advance(session, through)
            head = self._tree.head
            if head != self._remembered:
                await asyncio.to_thread(self._remember, head)
            return head

    def _remember(self, head: Head) -> None:
        """Remember the head, unless another process has seen more."""
        with locks.held(self._lock):
            content = self._file.read()
            other = None if content is None else _parse(content)
            if other is not None and other.size == head.size and other != head:
                raise rolled_back()
            if other is None or other.size < head.size:
                self._file.write(_format(head))
        self._remembered = head

    def _visit(self, batch: Sequence[tuple[Any, ...]]) -> None:
        for index, entry, said, salt, record, signature in batch:
            if not _opens(entry, salt, record):
                # What is said of it is not believed, only set against what a record says later.
                self._unopened += 1
                self._count(said or "", index, entry, opens=False)
            elif _is_destroyed(record):
                self._close(record, signature)
            elif (meeting_id := _meeting_of(record)) is not None:
                self._count(meeting_id, index, entry, opens=True)

    def _count(self, meeting_id: str, index: int, entry: bytes, *, opens: bool) -> None:
        account = self._accounts.get(meeting_id, NONE)
        self._accounts[meeting_id] = account.and_(index, entry, opens=opens)

    def _close(self, body: bytes, signature: bytes | None) -> None:
        """Take a meeting's account as settled where the vault has said so, and of just that."""
        if not any(_is_signed(identity, body, signature) for identity in self._identities):
            return  # nobody's word
        try:
            record = entries.parse(body)
        except VaultError:
            return
        assert isinstance(record, Destroyed), "told by its type"
        meeting_id = suite.encode(record.meeting)
        account = self.account(meeting_id)
        if (account.entries, account.digest) == (record.entries, record.digest):
            self._unopened -= account.unopened
            self._accounts.pop(meeting_id, None)

    async def tell(self, session: AsyncSession, meeting_id: str) -> Told:
        """Return what the log tells of a meeting, from rows that are read in the caller's session.

        Call it right after ``follow``, with the meeting's row locked.
        """
        found = await self._read(session, meeting_id)
        whole = self._unopened == 0 and _account(found) == self.account(meeting_id)
        return Told(whole, tuple(row.record or b"" for row in found))

    async def settle(self, session: AsyncSession, meeting_id: str) -> Settled:
        """Return what a ``destroyed`` record is to account for, and which records go with it.

        It is never more than what is seen, here and now, to be of this meeting: an entry that does
        not open could hide something of another one, and is not accounted for.
        """
        found = await self._read(session, meeting_id)
        account = _account(found)
        return Settled(account.entries, account.digest, tuple(row.number for row in found))

    @staticmethod
    async def _read(session: AsyncSession, meeting_id: str) -> list[LogEntryRow]:
        """Return the rows whose record opens and is of the meeting, without ``destroyed`` ones."""
        return [
            row
            for row in await log_rows.of_meeting(session, meeting_id)
            if _opens(row.entry, row.salt, row.record)
            and not _is_destroyed(row.record)
            and _meeting_of(row.record) == meeting_id
        ]


def _is_signed(identity: bytes, body: bytes, signature: bytes | None) -> bool:
    try:
        suite.verify(identity, Destroyed.TYPE, body, signature or b"")
    except VaultError:
        return False
    return True


def _account(found: Sequence[LogEntryRow]) -> AccountOfLog:
    account = NONE
    for row in found:
        account = account.and_(row.number, row.entry, opens=True)
    return account


def _meeting_of(record: bytes | None) -> str | None:
    found = _OF_MEETING.match(record or b"")
    return None if found is None else found[1].decode("ascii")


def _opens(entry: bytes, salt: bytes | None, record: bytes | None) -> bool:
    """Tell whether an entry commits to this record."""
    if salt is None or record is None or len(salt) != entries.SALT_BYTES:
        return False
    return hashlib.sha256(salt + record).digest() == entry


def _is_destroyed(record: bytes | None) -> bool:
    return record is not None and record.startswith(_DESTROYED)


def _format(head: Head) -> bytes:
    return f"{head.size}\n{note.to_base64(head.root)}\n".encode()


def _parse(content: bytes) -> Head:
    """Read the file; one that cannot be read is no head that anything could extend."""
    lines = content.decode("ascii", "replace").split("\n")
    size = checkpoints.decimal(lines[0])
    if len(lines) != 3 or lines[2] or size is None:
        raise LogError("log-damaged", "The file with the head of the log cannot be read.")
    root = note.from_base64(lines[1])
    if len(root) != HASH_BYTES:
        raise LogError("log-damaged", "The file with the head of the log cannot be read.")
    return Head(size, root)
