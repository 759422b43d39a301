"""A data set that was given before, as the log has it: what its next version is made from.

Which meetings it has, and the digest of its manifest, are in records that this vault has signed;
rows of the database only tell where in the log to look.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import ExportError
from assent_vault.formats import suite
from assent_vault.keys.keyring import Keyring
from assent_vault.ledger.entry import Exported
from assent_vault.store import log_rows
from assent_vault.store.export_order import ExportOrder
from assent_vault.store.models import ExportItemRow

UNKNOWN: Final = "former-unknown"


@dataclass(frozen=True, slots=True)
class FormerDataSet:
    """Its id, the digest of its manifest, and its meetings."""

    export_id: str
    manifest: bytes
    meetings: frozenset[str]


async def former(
    session: AsyncSession, export_id: str, identities: Collection[bytes]
) -> FormerDataSet:
    """Return a data set as these vaults have logged it; raises ExportError ``former-unknown``."""
    named = await session.scalars(
        select(ExportItemRow.meeting_id).where(ExportItemRow.export_id == export_id)
    )
    meetings: set[str] = set()
    manifests: set[bytes] = set()
    for meeting_id in named.all():
        for row in await log_rows.of_meeting(session, meeting_id):
            record = log_rows.believed(row, identities)
            if not isinstance(record, Exported) or suite.encode(record.export) != export_id:
                continue
            if suite.encode(record.meeting) == meeting_id:
                meetings.add(meeting_id)
                manifests.add(record.manifest)
    if len(manifests) != 1:
        raise ExportError(UNKNOWN, "The log has no such data set.")
    return FormerDataSet(export_id, manifests.pop(), frozenset(meetings))


async def settled(
    session: AsyncSession, asked: ExportOrder, keyring: Keyring
) -> tuple[ExportOrder, frozenset[str] | None]:
    """Return what is asked for with what it replaces, and the meetings that it is made from.

    Both as the log says, where a data set is made again; None where it is made from whatever is
    released. Raises ExportError ``former-unknown``.
    """
    again = asked.options.again
    if again is None:
        return asked, None
    found = await former(session, again, (keyring.identity_public, *keyring.former))
    options = msgspec.structs.replace(asked.options, replaces=suite.encode(found.manifest))
    return msgspec.structs.replace(asked, options=options), found.meetings
