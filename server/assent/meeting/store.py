"""What a meeting writes down, and how it finds it again after a restart.

Every method is one transaction, and what is said or happens in it is appended to the log before it
ends. Each kind of row has a store of its own; meetings themselves are here.
"""

from __future__ import annotations

from sqlalchemy import select, update

from assent.errors import MeetingNotFound
from assent.meeting.answer_store import AnswerStore
from assent.meeting.generation_store import GenerationStore
from assent.meeting.host_store import HostStore
from assent.meeting.participant_store import ParticipantStore
from assent.meeting.rows import locked, must_be_open
from assent.transparency import Notary
from assent_vault.errors import SignatureError
from assent_vault.formats import charter as charters
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.suite import decode
from assent_vault.ledger import entry as logged
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.models import (
    GenerationRow,
    MeetingRow,
    NoticeRow,
    ParticipantRow,
    VaultKeyRow,
)


class Store:
    """The rows of meetings that are going on."""

    def __init__(self, database: Database, notary: Notary) -> None:
        self._database = database
        self.participants = ParticipantStore(database, notary)
        self.answers = AnswerStore(database, notary)
        self.generations = GenerationStore(database)
        self.hosts = HostStore(database)

    @property
    def database(self) -> Database:
        """The database, for those who read more than is kept of meetings that go on."""
        return self._database

    async def meeting(self, meeting: str) -> MeetingRow:
        """Return the meeting's row; raises MeetingNotFound."""
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            if row is None:
                raise MeetingNotFound
            session.expunge(row)
            return row

    async def must_be_open(self, meeting: str) -> None:
        """Raise MeetingClosed where the account of a meeting's host is shut out."""
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            if row is None:
                raise MeetingNotFound
            await must_be_open(session, row)

    async def begun_by(self, account: str) -> list[str]:
        """Return the meetings of an account that have begun and not ended."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(MeetingRow.id).where(
                    MeetingRow.host_account == account,
                    MeetingRow.started_at.is_not(None),
                    MeetingRow.ended_at.is_(None),
                )
            )
            return list(rows.all())

    async def unfinished(self) -> list[str]:
        """Return the meetings that have begun and have not ended, or have an open generation."""
        async with self._database.read() as session:
            live = select(MeetingRow.id).where(
                MeetingRow.started_at.is_not(None), MeetingRow.ended_at.is_(None)
            )
            torn = select(GenerationRow.meeting_id).where(GenerationRow.close.is_(None))
            return list((await session.scalars(live.union(torn))).all())

    async def expired(self, now: int) -> list[str]:
        """Return the meetings whose time is over, and whose end nobody has noted."""
        async with self._database.read() as session:
            return list(
                await session.scalars(
                    select(MeetingRow.id).where(
                        MeetingRow.started_at.is_not(None),
                        MeetingRow.ended_at.is_(None),
                        MeetingRow.expires_at <= now,
                    )
                )
            )

    async def vault_key(self, meeting: str) -> VaultKeyRow | None:
        """Return the meeting's vault key, None where there is none (yet)."""
        async with self._database.read() as session:
            row = await session.get(VaultKeyRow, meeting)
            if row is not None:
                session.expunge(row)
            return row

    @staticmethod
    def verified_key(row: VaultKeyRow, charter: charters.Charter) -> vault_keys.VaultKey:
        """Check a vault key against the vault that the charter names; raises VaultError."""
        key = vault_keys.verify(row.certificate, row.signature, charter.vault)
        if key.meeting != charter.meeting:
            raise SignatureError("The vault key is another meeting's.")
        return key

    async def notices(self, digests: list[bytes]) -> list[NoticeRow]:
        """Return the texts of ``digests``, by language."""
        async with self._database.read() as session:
            rows = (
                await session.scalars(
                    select(NoticeRow)
                    .where(NoticeRow.digest.in_(digests))
                    .order_by(NoticeRow.language)
                )
            ).all()
            session.expunge_all()
            return list(rows)

    async def set_flags(self, meeting: str, *, locked: bool, armed: bool) -> None:
        """Note what the host wishes."""
        async with self._database.write() as session:
            await session.execute(
                update(MeetingRow)
                .where(MeetingRow.id == meeting)
                .values(locked=locked, armed=armed)
            )

    async def ended(self, meeting: str, now: int, retention_days: int) -> None:
        """Note that the meeting is over, for good, and log it.

        It is kept for as long as everyone has signed, or as is set now where that is shorter.
        """
        async with self._database.write() as session:
            row = await locked(session, meeting)
            first = row.ended_at is None
            if first:
                row.ended_at = now
                row.armed = False
                signed = charters.parse(row.charter)
                row.retain_until = min(
                    row.retain_until, signed.kept_until(now, retention_days=retention_days)
                )
            await session.execute(
                update(ParticipantRow)
                .where(
                    ParticipantRow.meeting_id == meeting,
                    ParticipantRow.admitted_at.is_not(None),
                    ParticipantRow.left_at.is_(None),
                )
                .values(left_at=now)
            )
            if first:
                await log.append(session, logged.Ended(meeting=decode(meeting), at=now))
