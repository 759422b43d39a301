"""What a data folder holds: FORMAT.md sections 10, 16, 17 and 18."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from interop.release.documents import Bad, b64, digest, sign_public, unb64

_REVISION = "0020"
_SLOTS, _SLOT, _HEADER = 512, 1024, 4096


class Held:
    """One data folder, read only. ``vault`` and ``objects`` may be elsewhere."""

    def __init__(self, database: Path, vault: Path, objects: Path) -> None:
        self._rows = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._rows.row_factory = sqlite3.Row
        self._rows.execute("BEGIN")  # one view of all
        self._vault = vault
        self._objects = objects
        [revision] = self._rows.execute("SELECT version_num FROM alembic_version").fetchone()
        if revision != _REVISION:
            raise Bad("tables of another version")
        self.identity = sign_public((vault / "identity.key").read_bytes())
        former = vault / "identity.former"
        lines = former.read_text("ascii").splitlines() if former.exists() else []
        self.identities = [self.identity, *(unb64(line, 32) for line in lines)]
        last = self.rows("vault_identity", order="created_at, public_key")[-1]
        if last["public_key"] != self.identity:
            raise Bad("a database of another vault")
        self.head = (vault / "log.head").read_bytes()

    def rows(self, table: str, meeting: str | None = None, order: str = "1") -> list[Any]:
        """Return the rows of a table, those of a meeting where one is named."""
        column = "id" if table == "meetings" else "meeting_id"
        where, values = ("", ()) if meeting is None else (f" WHERE {column} = ?", (meeting,))
        query = f"SELECT * FROM {table}{where} ORDER BY {order}"
        return self._rows.execute(query, values).fetchall()

    def private(self, meeting: str) -> bytes | None:
        """Return the private half of a meeting's vault key."""
        path = self._vault / "meetings" / f"{meeting}.key"
        return path.read_bytes() if path.exists() else None

    def beside(self, meeting: str, number: int, name: str) -> bytes:
        """Return a document of a generation: its ``boxes``, ``pairs`` or ``outer``."""
        return self._object(meeting, number, f"{name}.json")

    def segment(self, meeting: str, number: int, track: str, sequence: int) -> bytes:
        """Return the object of a segment."""
        return self._object(meeting, number, f"tracks/{track}/{sequence:06}.segment")

    def _object(self, meeting: str, number: int, name: str) -> bytes:
        path = self._objects / "meetings" / meeting / "generations" / f"{number:06}" / name
        if not path.is_file():
            raise Bad("an object is missing")
        return path.read_bytes()

    def owed(self, meeting: str) -> int:
        """Return how many answers of a meeting are owed, or may be."""
        path = self._objects / ".reserve"
        if not path.exists():
            return 0
        content = path.read_bytes()
        title = b"assent/owed/v1\n"
        if len(content) != _HEADER + _SLOTS * _SLOT or not content.startswith(title):
            return 1
        owed = int(content[64] != 0)
        for number in range(_SLOTS):
            slot = content[_HEADER + number * _SLOT :][:_SLOT]
            owed += slot[0] != 0 and _of(slot) in (None, meeting)
        return owed


def _of(slot: bytes) -> str | None:
    """Return which meeting a slot is of; None where it cannot be read."""
    content = slot[35 : 35 + int.from_bytes(slot[1:3], "big")]
    if slot[0] != 1 or digest(content) != slot[3:35]:
        return None
    try:
        said = json.loads(content[2 : 2 + int.from_bytes(content[:2], "big")])
        return b64(unb64(said["meeting"], 16))
    except (ValueError, KeyError, TypeError, Bad):
        return None
