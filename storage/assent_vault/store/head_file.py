"""Where a head is remembered, out of the reach of whoever brings back an older database."""

from __future__ import annotations

from pathlib import Path

from assent_vault.errors import LogError
from assent_vault.files import small_file


class HeadFile:
    """One small file, always whole, that survives a power cut; for the owner's eyes alone.

    All methods wait for the disk, and raise OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: bytes | None = None

    def read(self) -> bytes | None:
        """Return what is remembered; None where nothing has ever been."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, content: bytes) -> None:
        """Remember ``content`` in place of what was remembered; durable when it returns."""
        if content == self._written:
            return
        small_file.replace(self._path, content)
        self._written = content


def rolled_back() -> LogError:
    """Return the error for a database whose log does not extend what was shown before."""
    return LogError(
        "log-rolled-back",
        "The database's log does not extend a head that was shown before. It is an older database,"
        " or another one; bring back the newest.",
    )
