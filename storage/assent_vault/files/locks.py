"""Locks that the kernel keeps and gives back when a process dies, however it died: ``flock``.

They hold between the processes of one machine. A lock's file is for its owner alone, and is never
followed if it is a link. All functions raise OSError.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def take(path: Path, *, shared: bool = False) -> int:
    """Lock a file, which is made where there is none, until the returned descriptor is closed.

    ``shared`` is beside others that share it. Raises BlockingIOError where it is taken.
    """
    lock = _open(path)
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock that nobody keeps for long, waiting for it where it is taken."""
    lock = _open(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
