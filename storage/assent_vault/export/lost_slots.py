"""Slots of a meeting that do not open, though everyone has granted them: said in the log."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.export.description import MeetingEntry
from assent_vault.release.log_writer import LogWriter


async def log_lost(
    session: AsyncSession, scribe: LogWriter, meetings: Iterable[MeetingEntry]
) -> None:
    """Log what was found lost in meetings that are being committed to a data set."""
    for meeting in meetings:
        for stretch in meeting.stretches:
            if stretch.lost:
                await scribe.slots_lost(session, meeting.meeting, stretch.header, stretch.lost)
