"""Small files that are replaced as a whole: atomic writes, durable when they return.

What is written lies under another name beside the file, ``.new-<name>``, until it is whole and
synced; then it gets its name, and the folder is synced. So whatever kills the process, or the
machine, the file has its old content or the new one, and never half of either. One process at a
time writes a file. What a dead one has left half-written means nothing; it goes at the next write.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from assent_vault.files import folders

HALF_PREFIX: Final = ".new-"


def replace(
    path: Path,
    content: bytes,
    *,
    mode: int = folders.PRIVATE_FILE,
    fsync: Callable[[int], None] | None = None,
) -> None:
    """Write ``content`` in place of what the file had, if it was there; raises OSError.

    The file is a new one with just this ``mode``. ``fsync`` is what makes a descriptor's content
    durable; a crash test hands in one that does not.
    """
    sync = fsync or os.fsync
    half = path.with_name(f"{HALF_PREFIX}{path.name}")
    half.unlink(missing_ok=True)
    try:
        # Never through a link, nor into a file that somebody else has open.
        descriptor = folders.create(half, os.O_WRONLY | os.O_EXCL | os.O_NOFOLLOW, mode)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            sync(descriptor)
        finally:
            os.close(descriptor)
        half.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise
    folders.sync(path.parent, sync)


def put_aside(path: Path, now: int) -> None:
    """Keep a file under another name, durably; fine where there is none. ``now`` in Unix ms.

    Raises OSError.
    """
    if path.exists():
        path.rename(path.with_name(f"{path.name}.before-{now}"))
        folders.sync(path.parent)
