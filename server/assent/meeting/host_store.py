"""Certificates and acts of hosts, stored as they were signed, and logged."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from assent.errors import StaleAct, TooManyActs
from assent.meeting.rows import locked_running
from assent_vault.formats.host_acts import Arming, HostAct, Removing
from assent_vault.formats.host_certificate import HostCertificate
from assent_vault.formats.suite import digest, encode
from assent_vault.ledger import entry as logged
from assent_vault.ledger.host_course import MOST_HOSTS
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database
from assent_vault.store.models import HostActRow, HostCertificateRow


@dataclass(frozen=True, slots=True)
class StoredSigned:
    """A document with its signature; nobody has believed it yet."""

    body: bytes
    signature: bytes


class HostStore:
    """What hosts of meetings have signed, and who made them hosts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def certificates(self, meeting: str) -> list[tuple[str, StoredSigned]]:
        """Return the certificates of a meeting by person, in the order in which they came."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(HostCertificateRow)
                .where(HostCertificateRow.meeting_id == meeting)
                .order_by(HostCertificateRow.received_at, HostCertificateRow.person_id)
            )
            return [(row.person_id, StoredSigned(row.body, row.signature)) for row in rows]

    async def acts(self, meeting: str) -> list[StoredSigned]:
        """Return the acts of a meeting, in their order."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(HostActRow)
                .where(HostActRow.meeting_id == meeting)
                .order_by(HostActRow.sequence)
            )
            return [StoredSigned(row.body, row.signature) for row in rows]

    async def certify(self, certificate: HostCertificate, signature: bytes, now: int) -> None:
        """Keep a certificate, the first of a person; raises TooManyActs, MeetingOver."""
        meeting, person = encode(certificate.meeting), encode(certificate.person)
        async with self._database.write() as session:
            await locked_running(session, meeting)
            if await session.get(HostCertificateRow, (meeting, person)) is not None:
                return
            # Those of whoever was forgotten count as well: the rows are what is bounded.
            kept = select(func.count()).select_from(HostCertificateRow)
            of_it = kept.where(HostCertificateRow.meeting_id == meeting)
            if (await session.scalar(of_it) or 0) >= MOST_HOSTS:
                raise TooManyActs
            session.add(
                HostCertificateRow(
                    meeting_id=meeting,
                    person_id=person,
                    body=certificate.body,
                    signature=signature,
                    received_at=now,
                )
            )
            await log.append(
                session,
                logged.HostCertified(
                    meeting=certificate.meeting,
                    person=certificate.person,
                    certificate=digest(certificate.body),
                    at=now,
                ),
            )

    async def act(self, act: HostAct, signature: bytes, now: int) -> None:
        """Keep an act; raises StaleAct where there is one of its number, MeetingOver."""
        meeting = encode(act.meeting)
        async with self._database.write() as session:
            await locked_running(session, meeting)
            if await session.get(HostActRow, (meeting, act.sequence)) is not None:
                raise StaleAct
            session.add(
                HostActRow(
                    meeting_id=meeting,
                    sequence=act.sequence,
                    body=act.body,
                    signature=signature,
                    received_at=now,
                )
            )
            record = _record_of(act, now)
            if record is not None:
                await log.append(session, record)


def _record_of(act: HostAct, now: int) -> logged.Record | None:
    """Return what is logged of an act; of one that lets somebody in, ``admitted`` is."""
    match act:
        case Arming():
            return logged.HostArmed(meeting=act.meeting, act=act.digest, at=now)
        case Removing():
            return logged.PersonRemoved(
                meeting=act.meeting, person=act.person, act=act.digest, at=now
            )
        case _:
            return None
