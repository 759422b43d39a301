"""Copies of a SQLite database, made before its tables are changed, beside it.

``<file>.<revision>.before-upgrade`` is the database as it was under that revision, whole and
consistent, for its owner's eyes alone. It is there for an upgrade that goes wrong, and for nothing
else: it holds names and answers that the database itself will destroy when their time comes, so
that it goes after a day, and of all there are at most three.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from assent_vault.errors import DatabaseError
from assent_vault.files import folders

SUFFIX: Final = ".before-upgrade"
KEPT: Final = 3
KEPT_SECONDS: Final = 24 * 3600
_PATIENCE_SECONDS: Final = 30.0


def copy(file: Path, revision: str) -> Path:
    """Copy the database while others may be using it; durable when it returns.

    Raises DatabaseError ``database-copy`` where that cannot be done: nothing is changed then.
    """
    final = file.with_name(f"{file.name}.{revision}{SUFFIX}")
    half = final.with_name(f"{final.name}.new")
    try:
        half.unlink(missing_ok=True)
        os.close(os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with (
            contextlib.closing(sqlite3.connect(file, timeout=_PATIENCE_SECONDS)) as source,
            contextlib.closing(sqlite3.connect(half)) as target,
        ):
            source.backup(target)
        _sync(half)
        half.rename(final)
        folders.sync(file.parent)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise DatabaseError(
            "database-copy",
            "The database is to be upgraded, and no copy of it could be made first"
            f" ({type(error).__name__}). Nothing was changed.",
        ) from error
    return final


def clear(file: Path, now: float) -> int:
    """Remove copies that are a day old, and all but the newest; return how many.

    ``now`` in Unix seconds. One that cannot be removed is left for the next time.
    """
    found = []
    for path in file.parent.glob(f"{file.name}.*{SUFFIX}"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path))
    found.sort(reverse=True)
    gone = 0
    for place, (made, path) in enumerate(found):
        # A copy of tomorrow is one that a clock was wrong for, and does not stay for ever.
        if place >= KEPT or abs(now - made) > KEPT_SECONDS:
            with contextlib.suppress(OSError):
                path.unlink()
                gone += 1
    return gone


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
