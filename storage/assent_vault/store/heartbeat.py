"""The worker's sign of life: written by the worker, read by whoever depends on it."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.store.models import WorkerHeartbeatRow

WORKER: Final = "vault"
EVERY_SECONDS: Final = 5.0
"""Seconds between two signs of life."""

SILENT_MS: Final = 30_000
"""Six signs that did not come: the worker has gone, or hangs."""


async def last_heartbeat(session: AsyncSession) -> WorkerHeartbeatRow | None:
    """Return the last sign of life; None where no worker has ever given one."""
    return await session.get(WorkerHeartbeatRow, WORKER, populate_existing=True)


def is_silent(beat: WorkerHeartbeatRow | None, now: int) -> bool:
    """Tell whether a worker that runs would have been heard of since; ``now`` in Unix ms.

    One that was heard of in the future was heard of before the clock was set back.
    """
    return beat is None or abs(now - beat.beat_at) > SILENT_MS
