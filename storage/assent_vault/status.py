"""What the command line tells of the vault: counts and fingerprints, no names and no secrets."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter

from sqlalchemy import func, select

from assent_vault.store.database import Database
from assent_vault.store.heartbeat import last_heartbeat
from assent_vault.store.identities import all_identities
from assent_vault.store.models import (
    DeletionRow,
    ExportRow,
    GateReportRow,
    ReleaseRow,
    VaultKeyRow,
)


def fingerprint(key: bytes) -> str:
    """Return a vault's identity as people compare it."""
    return f"SHA256:{hashlib.sha256(key).hexdigest()}"


def utc(unix_ms: int) -> str:
    """Return a moment as people read it."""
    moment = dt.datetime.fromtimestamp(unix_ms / 1000, dt.UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


async def status(database: Database) -> list[str]:
    """Return lines on the worker, the gate, the queue, the exports and the deletions."""
    async with database.read() as session:
        beat = await last_heartbeat(session)
        releases = (
            await session.execute(
                select(ReleaseRow.state, func.count())
                .group_by(ReleaseRow.state)
                .order_by(ReleaseRow.state)
            )
        ).all()
        exports = (
            await session.execute(
                select(ExportRow.state, func.count())
                .group_by(ExportRow.state)
                .order_by(ExportRow.state)
            )
        ).all()
        left = await session.scalar(
            select(func.count()).select_from(DeletionRow).where(DeletionRow.confirmed_at.is_(None))
        )
        reports = await session.scalars(
            select(GateReportRow.reasons).where(GateReportRow.decision == "blocked")
        )
        blocked: Counter[str] = Counter()
        for reasons in reports:
            blocked.update({str(reason["code"]) for reason in json.loads(reasons)})
    lines = ["worker: never seen"]
    if beat is not None:
        lines = [f"worker: last sign of life {utc(beat.beat_at)}"]
        if beat.problem is not None:
            lines.append(f"worker: problem {beat.problem}")
    lines += [f"releases {state}: {count}" for state, count in releases]
    lines += [f"meetings blocked, {code}: {count}" for code, count in sorted(blocked.items())]
    lines += [f"exports {state}: {count}" for state, count in exports]
    lines.append(f"deletions not yet seen done: {left or 0}")
    return lines


async def keys(database: Database) -> list[str]:
    """Return the identity's fingerprint, and for each meeting's key what became of it."""
    async with database.read() as session:
        identities = [row.public_key for row in await all_identities(session)]
        rows = (
            await session.execute(
                select(
                    VaultKeyRow.meeting_id, VaultKeyRow.created_at, VaultKeyRow.destroyed_at
                ).order_by(VaultKeyRow.created_at, VaultKeyRow.meeting_id)
            )
        ).all()
    lines = [
        f"{'identity' if key == identities[-1] else 'former identity'} {fingerprint(key)}"
        for key in identities
    ]
    for meeting_id, created_at, destroyed_at in rows:
        fate = "in use" if destroyed_at is None else f"destroyed {utc(destroyed_at)}"
        lines.append(f"meeting {meeting_id} made {utc(created_at)} {fate}")
    return lines or ["no identity yet: the worker has never run"]
