"""How an export has ended, and the stable code of what went wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assent_vault.errors import (
    BlobUnavailable,
    ExportError,
    KeyringError,
    LeaseLost,
    LogError,
    VaultError,
)

TAKEN: Final = "export-taken"
"""The error where somebody else holds the export, and has it in hand."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an export ended. ``error`` is a stable code; with some meetings left out it is there,
    though the others were exported."""

    export_id: str
    folder: Path | None
    meetings: int
    failed: int
    error: str | None


def code_of(error: VaultError) -> str:
    """Return the stable code for what went wrong with a whole export."""
    if isinstance(error, (ExportError, LogError)):
        return error.code
    for kind, code in (
        (BlobUnavailable, "objects-unavailable"),
        (KeyringError, "vault-unavailable"),
        (LeaseLost, "lease-lost"),
    ):
        if isinstance(error, kind):
            return code
    return "internal"
