"""What the command line tells of the vault: counts and fingerprints, no names and no secrets."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter

from sqlalchemy import func, select

from assent_vault.database import Database
from assent_vault.heartbeat import last_heartbeat
from assent_vault.models import (
    Deletion,
    Export,
    GateReport,
    Release,
    VaultIdentity,
    VaultKey,
)


def _time(unix_ms: int) -> str:
    moment = dt.datetime.fromtimestamp(unix_ms / 1000, dt.UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


async def status(database: Database) -> list[str]:
    """Return lines on the worker, the gate, the queue, the exports and the deletions."""
    async with database.read() as session:
        beat = await last_heartbeat(session)
        releases = (
            await session.execute(
                select(Release.state, func.count()).group_by(Release.state).order_by(Release.state)
            )
        ).all()
        exports = (
            await session.execute(
                select(Export.state, func.count()).group_by(Export.state).order_by(Export.state)
            )
        ).all()
        left = await session.scalar(
            select(func.count()).select_from(Deletion).where(Deletion.confirmed_at.is_(None))
        )
        reports = await session.scalars(
            select(GateReport.reasons).where(GateReport.decision == "blocked")
        )
        blocked: Counter[str] = Counter()
        for reasons in reports:
            blocked.update({str(reason["code"]) for reason in json.loads(reasons)})
    lines = ["worker: never seen"]
    if beat is not None:
        lines = [f"worker: last sign of life {_time(beat.beat_at)}"]
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
        identities = (await session.scalars(select(VaultIdentity.public_key))).all()
        rows = (
            await session.execute(
                select(VaultKey.meeting_id, VaultKey.created_at, VaultKey.destroyed_at).order_by(
                    VaultKey.created_at, VaultKey.meeting_id
                )
            )
        ).all()
    lines = [f"identity SHA256:{hashlib.sha256(key).hexdigest()}" for key in identities]
    for meeting_id, created_at, destroyed_at in rows:
        fate = "in use" if destroyed_at is None else f"destroyed {_time(destroyed_at)}"
        lines.append(f"meeting {meeting_id} made {_time(created_at)} {fate}")
    return lines or ["no identity yet: the worker has never run"]
