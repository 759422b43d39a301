"""A log as it is served to everybody: its checkpoint and its tiles, under a URL or in a folder.

What is served may be anything. Nothing here is believed before its signature, or its proof, is.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import note, tiles
from assent_vault.ledger.checkpoint import Checkpoint, Head
from assent_vault.ledger.merkle import HASH_BYTES, verify_consistency
from assent_vault.ledger.note import Verifier

_MOST_BYTES: Final = max(note.MAX_BYTES, tiles.WIDTH * HASH_BYTES)
_PATIENCE_SECONDS: Final = 30


class Served:
    """The log under ``place``: an address that begins with https:// or http://, or a folder."""

    def __init__(self, place: str) -> None:
        self.place = place.rstrip("/")
        self._is_url = place.startswith(("https://", "http://"))

    def checkpoint(self, log: Verifier) -> Checkpoint:
        """Return the newest head, which ``log`` has signed; raises LogError, OSError."""
        return checkpoints.verify(self._read("checkpoint"), log)

    def show_grown(self, old: Head, new: Head) -> None:
        """Raise LogError ``log-proof`` unless the tiles show that one head grew from the other.

        Raises LogError of another code, or OSError, where they show nothing.
        """
        proof = tiles.consistency(old.size, new.size, lambda path: self._read(f"tile/{path}"))
        verify_consistency(old.size, old.root, new.size, new.root, proof)

    def _read(self, path: str) -> bytes:
        """Read a file, but no more of it than it can be, and a byte to tell."""
        if not self._is_url:
            with (Path(self.place) / path).open("rb") as file:
                return file.read(_MOST_BYTES + 1)
        # The scheme was looked at; a redirection keeps to http and https, too.
        request = urllib.request.Request(f"{self.place}/{path}")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310
                body = answer.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise LogError("log-format", f"There is no {path}: HTTP {error.code}.") from error
        assert isinstance(body, bytes)
        return body
