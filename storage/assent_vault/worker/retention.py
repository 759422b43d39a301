"""Whose time is over: by what was signed, by what is set, and by what is written down for it.

Theory of operation. When a recording is destroyed is promised in the words that people sign, and
stands in the charter. A column can bring that forward and never put it off, and so can a setting.
Asking the columns costs nothing and is done each round; going through every meeting, to hold its
columns against its charter and the log, is done at the start and then once in a while.

A meeting counts as destroyed when the record of it is in the log, signed by its vault: this one, or
the one that its charter names and that has not been taken over by then. A column that says so is
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import FormatError, SignatureError, VaultError
from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.formats.charter import Charter
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Adopted, Destroyed, Ended, Record
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.models import LogEntryRow, MeetingRow

# Columns that were changed to put something off are found within this time.
AUDIT_MS: Final = 60_000
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class _Columns:
    """What is written down of a meeting's end; Unix milliseconds."""

    ended_at: int | None
    expires_at: int
    retain_until: int


class Retention:
    """Finds the meetings that must go. ``now`` gives Unix milliseconds."""

    def __init__(
        self,
        database: Database,
        identity: bytes,
        former: Iterable[bytes],
        retention_days: int | None,
        now: Callable[[], int],
    ) -> None:
        """``former`` are the identities of vaults whose meetings this one has taken over."""
        self._database = database
        self._identity = identity
        self._former = frozenset(former)
        self._retention_days = retention_days
        self._now = now
        self._audited_at: int | None = None
        self._charters: dict[str, Charter | None] = {}
        self._ended: dict[str, int] = {}
        self._destroyed: set[str] = set()

    async def over(self, most: int) -> list[str]:
        """Return meetings whose time is over, ``most`` of them at the most."""
        now = self._now()
        found = await self._by_columns(now, most)
        if len(found) < most and self._is_due(now):
            found += [one for one in await self._audit(now, most) if one not in found]
            # Where there were too many for one round, the next goes on with them.
            self._audited_at = None if len(found) >= most else now
        return found[:most]

    def _is_due(self, now: int) -> bool:
        # Whichever way the clock went, so that setting it back does not keep anybody from looking.
        return self._audited_at is None or abs(now - self._audited_at) >= AUDIT_MS

    async def _by_columns(self, now: int, most: int) -> list[str]:
        async with self._database.read() as session:
            rows = await session.scalars(
                select(MeetingRow.id)
                .where(
                    MeetingRow.retain_until <= now,
                    MeetingRow.destroyed_at.is_(None),
                    # One that goes on is never cut short by it.
                    or_(MeetingRow.ended_at.is_not(None), MeetingRow.expires_at <= now),
                )
                .limit(most)
            )
            return list(rows)

    async def _audit(self, now: int, most: int) -> list[str]:
        found: list[str] = []
        after = ""
        while len(found) < most:
            async with self._database.read() as session:
                page = (
                    await session.execute(
                        select(
                            MeetingRow.id,
                            MeetingRow.ended_at,
                            MeetingRow.expires_at,
                            MeetingRow.retain_until,
                            MeetingRow.destroyed_at,
                        )
                        .where(MeetingRow.id > after)
                        .order_by(MeetingRow.id)
                        .limit(_PAGE)
                    )
                ).all()
                for row in page:
                    if row.id in self._destroyed:
                        continue
                    columns = _Columns(row.ended_at, row.expires_at, row.retain_until)
                    if await self._is_over(session, row.id, columns, now) and not (
                        row.destroyed_at is not None and await self.is_destroyed(session, row.id)
                    ):
                        found.append(row.id)
            if len(page) < _PAGE:
                break
            after = page[-1].id
        return found

    async def _is_over(
        self, session: AsyncSession, meeting_id: str, columns: _Columns, now: int
    ) -> bool:
        charter = await self._charter(session, meeting_id)
        if charter is None:
            # Nobody can have signed it. What is written down is all there is.
            ended = columns.ended_at is not None or columns.expires_at <= now
            return ended and columns.retain_until <= now
        ended_at = columns.ended_at
        if ended_at is None and min(charter.expires, columns.expires_at) > now:
            return False
        logged = await self._logged_end(session, meeting_id, charter)
        signed = charter.kept_until(
            ended_at, columns.expires_at, logged, retention_days=self._retention_days
        )
        return min(columns.retain_until, signed) <= now

    async def _charter(self, session: AsyncSession, meeting_id: str) -> Charter | None:
        if meeting_id not in self._charters:
            body = await session.scalar(
                select(MeetingRow.charter).where(MeetingRow.id == meeting_id)
            )
            try:
                charter = None if body is None else charters.parse(body)
            except VaultError:
                charter = None
            if charter is not None and suite.encode(charter.meeting) != meeting_id:
                charter = None
            self._charters[meeting_id] = charter
        return self._charters[meeting_id]

    async def _logged_end(
        self, session: AsyncSession, meeting_id: str, charter: Charter
    ) -> int | None:
        if meeting_id not in self._ended:
            for record, _ in await _records(session, meeting_id, Ended):
                if record.of == charter.meeting:
                    self._ended[meeting_id] = record.at
        return self._ended.get(meeting_id)

    async def is_destroyed(self, session: AsyncSession, meeting_id: str) -> bool:
        """Tell whether a meeting's vault itself has written into the log that it destroyed it."""
        if meeting_id in self._destroyed:
            return True
        charter = await self._charter(session, meeting_id)
        vaults = {self._identity} | ({charter.vault} & self._former if charter else set())
        for record, row in await _records(session, meeting_id, Adopted, Destroyed):
            if suite.encode(record.of or b"") != meeting_id:
                continue
            signer = next((each for each in vaults if _is_signed(each, row)), None)
            if isinstance(record, Adopted) and signer == self._identity:
                vaults = {self._identity}
            elif isinstance(record, Destroyed) and signer is not None:
                self._destroyed.add(meeting_id)
                self._charters.pop(meeting_id, None)
                self._ended.pop(meeting_id, None)
                return True
        return False


def _is_signed(identity: bytes, row: LogEntryRow) -> bool:
    body = row.record or b""
    try:
        suite.verify(identity, entries.type_of(body), body, row.signature or b"")
    except SignatureError:
        return False
    return True


async def _records(
    session: AsyncSession, meeting_id: str, *kinds: type[Record]
) -> list[tuple[Record, LogEntryRow]]:
    """Return a meeting's records of these kinds, each as its entry commits to it, in order."""
    types = {kind.TYPE for kind in kinds}
    found = []
    for row in await log.of_meeting(session, meeting_id):
        if row.salt is None or row.record is None or entries.type_of(row.record) not in types:
            continue
        try:
            if entries.commit(row.salt, row.record) == row.entry:
                found.append((entries.parse(row.record), row))
        except (FormatError, ValueError):
            continue  # nobody's record
    return found
