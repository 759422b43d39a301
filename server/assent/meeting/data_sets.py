"""The data sets that a meeting is in, for whom, and its recalls: for everyone who was let in.

The server vouches for none of it but the fetching: the log has a record of the export, and a recall
is the very line that the vault has signed, both of which a browser checks. No other line of a feed
is shown, nor its address: what else is in the data set is nobody's in this meeting.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode, encode
from assent_vault.store.given_meetings import MOST_DATA_SETS
from assent_vault.store.models import ExportItemRow, ExportRow, RecallFeedRow, RecallFetchRow


async def data_sets_of(session: AsyncSession, meeting: str) -> list[dict[str, Any]]:
    """Return what ``exported`` of a *record* in PROTOCOL.md section 2 says."""
    found = await session.execute(
        select(ExportItemRow.committed_at, ExportRow)
        .join(ExportRow, ExportRow.id == ExportItemRow.export_id)
        .where(ExportItemRow.meeting_id == meeting)
        .order_by(ExportItemRow.committed_at.desc(), ExportRow.id)
        .limit(MOST_DATA_SETS)
    )
    return [
        {
            "data_set": export.id,
            "at": at,
            "manifest": None if export.manifest_digest is None else encode(export.manifest_digest),
            "recipient": export.recipient,
            "purpose": export.purpose,
            "recall": await _recall(session, export.id, meeting),
        }
        for at, export in found.all()
    ]


async def _recall(session: AsyncSession, export_id: str, meeting: str) -> dict[str, Any] | None:
    body = await session.scalar(
        select(RecallFeedRow.body).where(
            RecallFeedRow.export_id == export_id, RecallFeedRow.entries > 0
        )
    )
    found = None if body is None else _line_of(body, meeting)
    if found is None:
        return None
    line, sequence = found
    # A feed with so many recalls or more has this one.
    first, last = (
        await session.execute(
            select(func.min(RecallFetchRow.first_at), func.max(RecallFetchRow.last_at)).where(
                RecallFetchRow.export_id == export_id, RecallFetchRow.entries >= sequence
            )
        )
    ).one()
    fetched = None if first is None else {"first_at": first, "last_at": last}
    return {"line": line, "fetched": fetched}


def _line_of(body: bytes, meeting: str) -> tuple[str, int] | None:
    """Return the line of a feed that recalls a meeting, and which one that is, from 1 on."""
    for sequence, line in enumerate(body.splitlines()):
        try:
            said = json.loads(decode(json.loads(line)["payload"]))
            if sequence > 0 and said["meeting"] == meeting:
                return line.decode("ascii"), sequence
        except (FormatError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # what is damaged proves nothing to anybody; the worker mends it
    return None
