"""Who was in a meeting, and what was taken back for them: read from its rows and its records.

For whoever has to know it, server and worker alike. What the gate believes of it is another matter
and is decided there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import VaultError
from assent_vault.formats.everyone import everyone
from assent_vault.formats.generation_header import GenerationHeader, parse_generation
from assent_vault.ledger import meeting_history
from assent_vault.ledger.entry import Admitted, Revoked
from assent_vault.ledger.revocation import Revocation
from assent_vault.store import log_rows as log
from assent_vault.store.models import GenerationRow, ParticipantRow, RevocationRow


async def load_revocations(session: AsyncSession, meeting_id: str) -> tuple[Revocation, ...]:
    """Read what was taken back for others in a meeting, from its rows and from the log."""
    logged = await log.signed_of_type(session, [meeting_id], Revoked.TYPE)
    return (
        *await load_acts(session, meeting_id),
        *(
            Revocation(record, signature)
            for _, record, signature in logged
            if signature is not None
        ),
    )


async def load_acts(session: AsyncSession, meeting_id: str) -> list[Revocation]:
    """Read what was taken back for others in a meeting, from its rows alone."""
    rows = await session.scalars(
        select(RevocationRow)
        .where(RevocationRow.meeting_id == meeting_id)
        .order_by(RevocationRow.at, RevocationRow.id)
        .execution_options(populate_existing=True)
    )
    return [Revocation(row.body, row.signature) for row in rows]


@dataclass(frozen=True, slots=True)
class _Row:
    """A participant's row, as far as it tells who was let in."""

    person_id: str
    admitted: bool


async def load_everyone(session: AsyncSession, meeting_id: str) -> frozenset[str]:
    """Read who was ever let into a meeting, by their ids; nothing where there is no such meeting.

    What cannot be read tells of nobody here; where it matters the gate blocks for it.
    """
    found = await load_everyone_of(session, [meeting_id])
    return found[meeting_id]


async def load_everyone_of(
    session: AsyncSession, meeting_ids: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Do as ``load_everyone`` does for several meetings at once."""
    let_in: dict[str, list[_Row]] = {each: [] for each in meeting_ids}
    for meeting_id, person_id, admitted_at in await session.execute(
        select(
            ParticipantRow.meeting_id, ParticipantRow.person_id, ParticipantRow.admitted_at
        ).where(ParticipantRow.meeting_id.in_(meeting_ids))
    ):
        let_in[meeting_id].append(_Row(person_id, admitted_at is not None))
    headers: dict[str, list[bytes]] = {each: [] for each in meeting_ids}
    for meeting_id, header in await session.execute(
        select(GenerationRow.meeting_id, GenerationRow.header).where(
            GenerationRow.meeting_id.in_(meeting_ids)
        )
    ):
        headers[meeting_id].append(header)
    logged = await log.records_of_type(session, meeting_ids, Admitted.TYPE)
    return {
        each: everyone(
            let_in[each],
            _readable(headers[each]),
            meeting_history.admitted(each, logged[each]),
        )
        for each in meeting_ids
    }


def _readable(headers: Sequence[bytes]) -> Iterator[GenerationHeader]:
    for body in headers:
        try:
            yield parse_generation(body)
        except VaultError:
            continue
