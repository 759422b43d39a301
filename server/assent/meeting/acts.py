"""Taking back for others: what hosts, administrators and the operator do, and how it is found.

An act is stored as an answer is: in one transaction, with the meeting's row locked and the record
appended to the log, so that of an act and an export one is first, and the other sees it. It only
ever takes away (``revocation.py``), whatever the meeting's state, and done again it is
the same act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import MeetingNotFound, NotFound
from assent_vault.formats import charter as charters
from assent_vault.formats.suite import DIGEST_BYTES, decode, encode
from assent_vault.ledger import revocation
from assent_vault.ledger.entry import Revoked
from assent_vault.store import log_rows as log
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.meeting_rows import load_everyone, load_revocations
from assent_vault.store.models import MeetingRow, ParticipantRow, RevocationRow, StatementRow

Purpose = Literal["training", "recording", "meeting"]
Role = Literal["host", "administrator", "operator"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: in which role, and with which account; the operator's command has none."""

    role: Role
    account: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody who was ever let in, by the name that they typed."""

    person: str
    name: str
    host: bool
    acts: tuple[Revoked, ...]


class Acts:
    """What is taken back for others, in every meeting of this server."""

    def __init__(self, database: Database, server_key: Ed25519PrivateKey) -> None:
        self._database = database
        self._key = server_key

    async def take_back(
        self, meeting: str, person: str | None, purpose: Purpose, actor: Actor, now: int
    ) -> Revoked:
        """Store an act and return it, or the one that has done as much before.

        ``person`` is None exactly for a meeting. Raises MeetingNotFound; NotFound for somebody who
        was never let in, of whom there is nothing to take back.
        """
        async with self._database.write() as session:
            row = await lock_meeting(session, meeting)
            if row is None:
                raise MeetingNotFound
            if person is not None and person not in await load_everyone(session, meeting):
                raise NotFound("Nobody of that id was in this meeting.", field="person")
            wanted = Revoked(
                meeting=decode(meeting),
                person=None if person is None else decode(person, DIGEST_BYTES),
                purpose=purpose,
                sequence=0 if person is None else await self._said(session, meeting, person),
                by=actor.role,
                at=now,
            )
            wanted.check()
            for done in await self._of(session, row):
                if revocation.covers(done, wanted):
                    return done
            act = revocation.sign(wanted, self._key)
            session.add(
                RevocationRow(
                    id=revocation.row_id(wanted),
                    meeting_id=meeting,
                    person_id=person,
                    body=act.body,
                    signature=act.signature,
                    account_id=actor.account,
                    at=now,
                )
            )
            await log.append(session, wanted, self._key)
        return wanted

    @staticmethod
    async def _said(session: AsyncSession, meeting: str, person: str) -> int:
        last = await session.scalar(
            select(func.max(StatementRow.sequence)).where(
                StatementRow.meeting_id == meeting, StatementRow.person_id == person
            )
        )
        return last or 0

    @staticmethod
    async def _of(session: AsyncSession, row: MeetingRow) -> tuple[Revoked, ...]:
        """Return the acts of a meeting that verify."""
        acts = await load_revocations(session, row.id)
        return revocation.verified(acts, charters.parse(row.charter)) if acts else ()

    async def of(self, meeting: str) -> tuple[Revoked, ...]:
        """Return what was taken back for others in a meeting, in the order of their rows."""
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            return () if row is None else await self._of(session, row)

    async def among(self, meetings: Sequence[str]) -> frozenset[str]:
        """Return those of the meetings in which there is any act; reads rows alone."""
        if not meetings:
            return frozenset()
        async with self._database.read() as session:
            found = await session.scalars(
                select(RevocationRow.meeting_id)
                .where(RevocationRow.meeting_id.in_(meetings))
                .distinct()
            )
            return frozenset(found)

    async def people(self, meeting: str) -> tuple[Listed, ...]:
        """Return everyone in a meeting by name, without a word of what they have answered."""
        async with self._database.read() as session:
            row = await session.get(MeetingRow, meeting)
            if row is None:
                raise MeetingNotFound
            counted = await load_everyone(session, meeting)
            acts = await self._of(session, row)
            people = (
                await session.scalars(
                    select(ParticipantRow)
                    .where(ParticipantRow.meeting_id == meeting)
                    .order_by(ParticipantRow.name, ParticipantRow.person_id)
                )
            ).all()
            return tuple(
                Listed(
                    each.person_id,
                    each.name,
                    each.is_host,
                    tuple(act for act in acts if _person(act) == each.person_id),
                )
                for each in people
                if each.person_id in counted
            )


def concerning(acts: Sequence[Revoked], person: str) -> tuple[Revoked, ...]:
    """Return the acts for a person, and those on the whole meeting."""
    return tuple(act for act in acts if _person(act) in (None, person))


def whole(acts: Sequence[Revoked]) -> Revoked | None:
    """Return the act that deleted the meeting, None where nobody did."""
    return next((act for act in acts if act.purpose == revocation.MEETING), None)


def covered(acts: Sequence[Revoked], person: str) -> int:
    """Return up to which of their answers a person's yes to recording was taken back; 0 for none.

    A yes with a higher number is one that they have signed since.
    """
    return max(
        (
            act.sequence
            for act in acts
            if _person(act) == person and act.purpose == revocation.RECORDING
        ),
        default=0,
    )


def act_wire(act: Revoked) -> dict[str, Any]:
    """Return an act as PROTOCOL.md section 2 shows it."""
    return {"purpose": act.purpose, "by": act.by, "at": act.at, "sequence": act.sequence}


def _person(act: Revoked) -> str | None:
    return None if act.person is None else encode(act.person)
