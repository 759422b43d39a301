"""Locks of exports that run, in the vault's folder: who writes one, and whose lease is dead.

Theory of operation. Several processes may share a vault's folder (``keyring``). While one of them
writes an export, or mends what is left of one, it holds the export's lock, which the kernel gives
back whenever it dies. In the lock's file stand the tokens that the export's row may have got from
who holds it. So whoever gets the lock knows two things: nobody else of this vault touches the
export's folder now; and a lease under one of these tokens is a dead process's, and need not be
waited for. A lease under any other token may be somebody's who shares nothing with us but the
database: until it has run out it is left alone. A process that hangs keeps its lock, and with it
its folder, even when its lease has run out.

The file needs not survive a power cut: where it has gone or is half written, a lease is waited for.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from assent_vault.files import folders, locks

FOLDER: Final = "running"
"""Where they are, in the vault's folder."""
_MOST: Final = 4  # tokens; more than the last matter only where one was killed between two lines
_LARGEST: Final = 1024


class RunLock:
    """The lock of one export, held. ``former`` are the tokens of those who have died with it."""

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock: int | None = lock
        found = os.pread(lock, _LARGEST, 0).decode("ascii", "replace").split("\n")
        # What follows the last line feed was not written to its end.
        self.former = frozenset(found[:-1][:_MOST])
        self._tokens = found[:-1][:_MOST]

    def write(self, token: str) -> None:
        """Say under which token the export's row is claimed, before it is; raises OSError."""
        assert self._lock is not None, "it is held"
        self._tokens = [token, *self._tokens][:_MOST]
        content = "".join(f"{one}\n" for one in self._tokens).encode("ascii", "replace")
        os.pwrite(self._lock, content, 0)
        os.ftruncate(self._lock, len(content))

    def remove(self) -> None:
        """Take the file away, for the export has come to its end."""
        with suppress(OSError):  # an old one tells of tokens that no row has any more
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it. Its file stays, unless it was removed."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RunLocks:
    """All locks of a vault's exports. Its methods wait for the disk and raise OSError."""

    def __init__(self, vault: Path) -> None:
        self._folder = vault / FOLDER

    def names(self) -> list[str]:
        """Return the exports that have a lock's file: those that run, and some that did."""
        try:
            return sorted(path.name for path in self._folder.iterdir())
        except FileNotFoundError:
            return []

    def take(self, export_id: str) -> RunLock | None:
        """Take the lock of an export, whose id is one (``place_of``); None where it is taken."""
        folders.make_private(self._folder)
        path = self._folder / export_id
        while True:
            try:
                lock = locks.take(path)
            except BlockingIOError:
                return None
            try:
                # Whoever had it may have taken the file away after we had opened it.
                if os.path.samestat(os.fstat(lock), path.stat(follow_symlinks=False)):
                    return RunLock(path, lock)
            except FileNotFoundError:
                pass
            except OSError:
                os.close(lock)
                raise
            os.close(lock)
