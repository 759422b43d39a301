"""Where a head is remembered, out of the reach of whoever brings back an older database."""

from __future__ import annotations

import os
from pathlib import Path

from assent_vault.errors import LogError


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
        half = self._path.with_suffix(".new")
        half.unlink(missing_ok=True)
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._written = content


def rolled_back() -> LogError:
    """Return the error for a database whose log does not extend what was shown before."""
    return LogError(
        "log-rolled-back",
        "The database's log does not extend a head that was shown before. It is an older database,"
        " or another one; bring back the newest.",
    )
