"""Writes receipts: all that one person can hold in their hands of one meeting (FORMAT.md 14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import NotEnrolled, ReceiptErased
from assent.transparency.notary import Notary
from assent.transparency.publisher import LogPublisher
from assent_vault.errors import FormatError
from assent_vault.formats import charter as charters
from assent_vault.formats import document
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.checkpoint import Checkpoint
from assent_vault.ledger.documents import ServerSigned
from assent_vault.ledger.entry import (
    Answered,
    Enrolled,
    MeetingCreated,
    NoticePublished,
    Record,
)
from assent_vault.ledger.proof import Proof
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.log_rows import Prover
from assent_vault.store.meeting_rows import load_everyone
from assent_vault.store.models import (
    LogEntryRow,
    MeetingRow,
    NoticeRow,
    ParticipantRow,
    StatementRow,
    VaultKeyRow,
)

TYPE = "assent/receipt/v1"


@dataclass(frozen=True, slots=True)
class _Logged:
    """An entry that the person may see."""

    row: LogEntryRow
    record: Record

    @property
    def statement(self) -> bytes | None:
        """The digest of the statement that it is about, None where it is about none."""
        match self.record:
            case Enrolled(enrolment=statement) | Answered(answer=statement):
                return statement
        return None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database has of a person under a head, all at one moment."""

    charter: Charter
    vault_key: VaultKeyRow | None
    notices: list[dict[str, str]]
    statements: list[ServerSigned]
    logged: list[_Logged]


class Receipts:
    """Writes them from what is in the database, and proves each entry under the head shown."""

    def __init__(self, database: Database, publisher: LogPublisher, notary: Notary) -> None:
        self._database = database
        self._publisher = publisher
        self._notary = notary

    async def write(self, meeting: str, person: str) -> bytes:
        """Return the receipt of a person, who has shown that they are it.

        Raises NotEnrolled, ReceiptErased; LogError where the log cannot be shown.
        """
        async with self._database.read() as session:
            size = await log_rows.size(session)
        checkpoint = await self._publisher.covering(size - 1)
        # A younger transaction: the head may be over more than there was a moment ago. All of it
        # that concerns the person is in the receipt, and nothing else: two can be compared.
        async with self._database.read() as session:
            found = await _find(session, meeting, person, checkpoint.head.size)
            prover = Prover(session, checkpoint.head.size)
            proven = [
                (logged, await self._prove(prover, logged.row, checkpoint))
                for logged in found.logged
            ]
        return document.write(
            {
                "type": TYPE,
                "charter": encode(found.charter.body),
                "vault_key": None
                if found.vault_key is None
                else ServerSigned(found.vault_key.certificate, found.vault_key.signature).to_wire(),
                "log": self._notary.log_document.to_wire(),
                "notices": found.notices,
                "statements": [self._statement(said, proven) for said in found.statements],
                "entries": [entry for logged, entry in proven if logged.statement is None],
            }
        )

    def _statement(
        self, said: ServerSigned, proven: list[tuple[_Logged, dict[str, Any]]]
    ) -> dict[str, Any]:
        statement = digest(said.body)
        for logged, entry in proven:
            record = logged.record
            if logged.statement == statement and isinstance(record, Enrolled | Answered):
                acknowledgement = self._notary.acknowledge(
                    record.meeting, record.person, statement, logged.row.number, record.at
                )
                return {
                    **said.to_wire(),
                    "acknowledgement": acknowledgement.to_wire(),
                    "entry": entry,
                }
        raise ReceiptErased

    async def _prove(
        self, prover: Prover, row: LogEntryRow, checkpoint: Checkpoint
    ) -> dict[str, Any]:
        proof = Proof(row.number, await prover.inclusion(row.number), checkpoint)
        # What would not convince anybody is not handed out.
        proof.verify(row.entry, self._notary.verifier)
        assert row.salt is not None, "only what opens is proven"
        assert row.record is not None, "only what opens is proven"
        return {
            "index": row.number,
            "salt": encode(row.salt),
            "record": encode(row.record),
            "signature": None if row.signature is None else encode(row.signature),
            "proof": proof.to_text(),
        }


async def _find(session: AsyncSession, meeting: str, person: str, size: int) -> _Found:
    row = await session.get(MeetingRow, meeting)
    participant = await session.get(ParticipantRow, (meeting, person))
    if row is None or participant is None or participant.forgotten_at is not None:
        raise NotEnrolled
    charter = charters.parse(row.charter)
    admitted = person in await load_everyone(session, meeting)
    logged = await _logged(session, charter, decode(person), size, admitted=admitted)
    # What was said since the head was taken is for the next receipt.
    later = {each.statement for each in logged if each.row.number >= size}
    found = _Found(
        charter=charter,
        vault_key=await session.get(VaultKeyRow, meeting),
        notices=await _notices(session, charter),
        statements=[
            said
            for said in await _statements(session, participant)
            if digest(said.body) not in later
        ],
        logged=[each for each in logged if each.row.number < size],
    )
    session.expunge_all()
    return found


async def _logged(
    session: AsyncSession, charter: Charter, person: bytes, size: int, *, admitted: bool
) -> list[_Logged]:
    """Return what was logged that concerns a person, and no other person, in order.

    What was recorded and became of it concerns those who were ever let in, and nobody else. The
    notice is the one under a head of ``size`` entries.
    """
    notices = await session.scalars(
        select(LogEntryRow).where(LogEntryRow.meeting_id.is_(None)).order_by(LogEntryRow.number)
    )
    published = [
        logged
        for logged in _read(notices.all())
        if logged.row.number < size
        and isinstance(logged.record, NoticePublished)
        and logged.record.version == charter.notice_version
        and dict(logged.record.texts) == dict(charter.notices)
    ]
    own = [
        logged
        for logged in _read(await log_rows.of_meeting(session, encode(charter.meeting)))
        if logged.record.of == charter.meeting
        and getattr(logged.record, "person", None) in (None, person)
        and (admitted or isinstance(logged.record, MeetingCreated | Enrolled | Answered))
    ]
    return [*published[-1:], *own]


def _read(found: Sequence[LogEntryRow]) -> Iterator[_Logged]:
    for row in found:
        if row.record is None or row.salt is None:
            continue
        try:
            yield _Logged(row, entries.parse(row.record))
        except FormatError:
            continue  # nobody's


async def _statements(session: AsyncSession, participant: ParticipantRow) -> list[ServerSigned]:
    answers = await session.scalars(
        select(StatementRow)
        .where(
            StatementRow.meeting_id == participant.meeting_id,
            StatementRow.person_id == participant.person_id,
        )
        .order_by(StatementRow.sequence)
    )
    return [
        ServerSigned(participant.enrolment, participant.signature),
        *(ServerSigned(said.body, said.signature) for said in answers),
    ]


async def _notices(session: AsyncSession, charter: Charter) -> list[dict[str, str]]:
    found = await session.scalars(
        select(NoticeRow).where(NoticeRow.digest.in_(list(charter.notices.values())))
    )
    texts = {row.digest: row.text for row in found}
    return [
        {"language": language, "text": texts[digest_]}
        for language, digest_ in sorted(charter.notices.items())
    ]
