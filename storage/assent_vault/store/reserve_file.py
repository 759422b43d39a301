"""The reserve of a folder of objects: a file that has its room, and is written in place.

It can be written when the disk is full, which no other file can. What is in it is whoever's who
asked for it (``owed``).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from assent_vault.files import small_file

NAME: Final = ".reserve"
_MOST_BYTES: Final = 64 * 1024 * 1024


class ReserveFile:
    """The file ``.reserve`` in a folder. All methods wait for the disk, and raise OSError."""

    def __init__(self, folder: Path, mode: int, fsync: Callable[[int], None]) -> None:
        self._path = folder / NAME
        self._mode = mode
        self._fsync = fsync

    def make(self, content: bytes) -> bytes:
        """Have one as large as ``content``, which a new one is made of; return what is in it."""
        found = self.read()
        if len(found) == len(content):
            return found
        # What was there before, of another size, is not lost: its beginning goes on.
        new = (found + content[len(found) :])[: len(content)]
        small_file.replace(self._path, new, mode=self._mode, fsync=self._fsync)
        return self.read()

    def read(self) -> bytes:
        """Return what is in it; b"" where none was made."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return b""
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_MOST_BYTES)

    def write(self, offset: int, data: bytes) -> None:
        """Write within it, durably. Raises ValueError where that would take any room."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if offset < 0 or offset + len(data) > os.fstat(descriptor).st_size:
                raise ValueError("outside of the reserve")
            rest, at = memoryview(data), offset
            while rest:
                written = os.pwrite(descriptor, rest, at)
                rest, at = rest[written:], at + written
            self._fsync(descriptor)
        finally:
            os.close(descriptor)
