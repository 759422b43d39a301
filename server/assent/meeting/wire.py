"""Turns rows into what PROTOCOL.md section 2 calls them."""

from __future__ import annotations

from typing import Any

from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import encode
from assent_vault.store.models import MeetingRow, NoticeRow, VaultKeyRow


def meeting_wire(row: MeetingRow, charter: Charter) -> dict[str, Any]:
    """Return a meeting as PROTOCOL.md section 2 shows it."""
    return {
        "id": row.id,
        "title": row.title,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "locked": row.locked,
        "recording": charter.recording,
        "training": charter.training,
        "waiting_room": charter.waiting_room,
    }


def key_wire(key: VaultKeyRow | None) -> dict[str, str] | None:
    """Return a meeting's vault key, None where there is none, or no longer."""
    if key is None or key.destroyed_at is not None:
        return None
    return {"document": encode(key.certificate), "signature": encode(key.signature)}


def notice_wire(row: NoticeRow) -> dict[str, Any]:
    """Return the text of a notice."""
    return {"digest": encode(row.digest), "language": row.language, "text": row.text}
