"""How a check of a receipt fails: with a code of FORMAT.md section 14.1."""

from __future__ import annotations

from assent_vault.errors import VaultError


class Fails(VaultError):
    """A check has failed. ``item`` is the number of the statement or entry to blame, from 0."""

    def __init__(self, code: str, item: int | None = None) -> None:
        self.code = code
        self.item = item
        super().__init__(code)
