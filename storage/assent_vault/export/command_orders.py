"""Orders of the command line to a running worker: files in the vault's own folder, one an export.

A row in the database may be anybody's who has come into the server. That an export was asked for by
whoever runs the vault is told by a file where only they can write, and where the keys are: it has
the digest of what is asked for, so that the row can ask for nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import msgspec

from assent_vault.errors import ExportError
from assent_vault.export.place import place_of
from assent_vault.files import folders, small_file
from assent_vault.store.export_order import ExportOrder


class CommandOrders:
    """The orders in one vault's folder."""

    def __init__(self, vault_dir: Path) -> None:
        self._folder = vault_dir / "orders"

    def give(self, export_id: str, order: ExportOrder) -> None:
        """Order an export; raises ExportError ``cannot-write``."""
        try:
            folders.make_private(self._folder)
            small_file.replace(self._at(export_id), _digest(order))
        except OSError as error:
            raise ExportError("cannot-write", "The vault's folder cannot be written.") from error

    def has(self, export_id: str, order: ExportOrder) -> bool:
        """Tell whether just this was ordered; what cannot be read was not."""
        try:
            with self._at(export_id).open("rb") as file:
                found = file.read(hashlib.sha256().digest_size + 1)
        except (OSError, ExportError):
            return False
        return hmac.compare_digest(found, _digest(order))

    def forget(self, export_id: str) -> None:
        """Take an order away whose export has ended; raises OSError, ExportError."""
        self._at(export_id).unlink(missing_ok=True)

    def _at(self, export_id: str) -> Path:
        return place_of(self._folder, export_id, None)


def _digest(order: ExportOrder) -> bytes:
    return hashlib.sha256(msgspec.json.encode(order, order="sorted")).digest()
