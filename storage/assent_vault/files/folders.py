"""Folders and files that this process makes: for itself alone, or for a group that shares them.

Server and worker may be two users of one machine. What they share, the database and the objects,
lies in a folder that its operator has made for a group of both: writable by that group, and with
the set-group-ID bit, so that whatever is made in it belongs to the group. In such a folder, and
nowhere else, what we make gives the group what it needs, whatever the umask says. What belongs to
one process is for its user alone, in such a folder too.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

PRIVATE_FOLDER: Final = 0o700
SHARED_FOLDER: Final = 0o770  # the set-group-ID bit is inherited
PRIVATE_FILE: Final = 0o600
SHARED_FILE: Final = 0o660
READ_FILE: Final = 0o640
"""Of a file that never changes: the group reads it, and removes it by its rights on the folder."""

UMASK: Final = 0o007
"""Of the whole process, so that nobody else sees for a moment what only our group should."""


def is_shared(folder: Path) -> bool:
    """Tell whether what is made in a folder is for its group as well. Raises OSError."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP)


def make(folder: Path) -> list[Path]:
    """Make a folder and those above it, each shared where the one above is; return the new ones.

    Raises OSError.
    """
    if folder.is_dir():
        return []
    made = make(folder.parent)
    return [*made, folder] if make_one(folder, shared=is_shared(folder.parent)) else made


def make_one(folder: Path, *, shared: bool) -> bool:
    """Make one folder; False where it was there. Raises OSError."""
    wanted = SHARED_FOLDER if shared else PRIVATE_FOLDER
    while True:
        try:
            folder.mkdir(mode=wanted)
            break
        except FileExistsError:
            if folder.is_dir():
                return False
            if os.path.lexists(folder):
                raise
            # Somebody has removed it since: it is not there, and is made.
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o777 != wanted:  # a umask that takes more away than ours
        folder.chmod(mode & ~0o777 | wanted)
    return True


def make_private(folder: Path) -> list[Path]:
    """Make a folder that its owner alone can look into, or close one that stands open.

    Returns the new ones, as ``make``. Raises OSError; PermissionError where it is somebody else's.
    """
    made = make(folder.parent)
    if make_one(folder, shared=False):
        made.append(folder)
    found = folder.stat()
    # Root is whoever it likes to be.
    if os.geteuid() not in (0, found.st_uid):
        raise PermissionError(f"{folder} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o7077:
        folder.chmod(PRIVATE_FOLDER)
    return made


def create(path: Path, flags: int, mode: int) -> int:
    """Open a file that may have to be made, with just this mode then. Raises OSError."""
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags | os.O_CLOEXEC)
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
            os.fchmod(descriptor, mode)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def sync(folder: Path, fsync: Callable[[int], None] | None = None) -> None:
    """Make the names in a folder durable, those that have gone included. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        (fsync or os.fsync)(descriptor)
    finally:
        os.close(descriptor)
