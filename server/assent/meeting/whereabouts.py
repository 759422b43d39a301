"""Where a person's part of a recording is by now: kept, deleted, or in which data set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from assent_vault.database import Database
from assent_vault.models import Deletion, Export, ExportItem, Meeting, Release
from assent_vault.suite import encode


async def whereabouts(database: Database, meeting: str, person: str) -> dict[str, Any]:
    """Return what *record* in PROTOCOL.md section 2 says of it.

    ``deletions`` are the person's own and those of the whole meeting. A deletion is confirmed when
    the worker has seen that nothing is left.
    """
    async with database.read() as session:
        row = await session.get(Meeting, meeting)
        assert row is not None, "whoever asks has found it"
        release = await session.get(Release, meeting)
        deletions = await session.scalars(
            select(Deletion)
            .where(
                Deletion.meeting_id == meeting,
                or_(Deletion.person_id == person, Deletion.person_id.is_(None)),
            )
            .order_by(Deletion.requested_at, Deletion.id)
        )
        exported = (
            await session.execute(
                select(ExportItem.export_id, ExportItem.committed_at, Export.manifest_digest)
                .join(Export, Export.id == ExportItem.export_id)
                .where(ExportItem.meeting_id == meeting)
            )
        ).one_or_none()
        return {
            "retain_until": row.retain_until,
            "destroyed_at": row.destroyed_at,
            "dropped_because": None if release is None else release.reason,
            "deletions": [
                {
                    "whole": one.person_id is None,
                    "requested_at": one.requested_at,
                    "confirmed_at": one.confirmed_at,
                }
                for one in deletions
            ],
            "exported": None
            if exported is None
            else {
                "data_set": exported.export_id,
                "at": exported.committed_at,
                "manifest": None
                if exported.manifest_digest is None
                else encode(exported.manifest_digest),
            },
        }
