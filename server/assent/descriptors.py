"""Descriptors: how many files and sockets there may be, and what is kept back of them.

Whoever connects costs us one. When there are none left nothing can be opened any more, and a
recording could not be written: so connections get what is left over, and never what is kept for
the database, the objects, and the processes of our own.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path
from typing import Final

# More than this is of no use to one process, and some systems name a limit of billions.
ENOUGH: Final = 65_536
# The database has eight connections of three files each, the threads that store objects open two
# or three each, media processes and the worker have a few; and as much again.
RESERVE: Final = 256
LEAST: Final = 16
MOST_CONNECTIONS: Final = 10_000


def raise_limit() -> int:
    """Raise the limit of this process as far as it may; returns it. Children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()


def limit() -> int:
    """Return how many descriptors this process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH if soft == resource.RLIM_INFINITY else min(soft, ENOUGH)


def for_connections() -> int:
    """Return how many connections the web server may hold, beside all that is open now.

    An eighth of the limit is for connections of media that have not shown whose they are.
    """
    left = limit() - RESERVE - limit() // 8 - _open()
    return max(LEAST, min(left, MOST_CONNECTIONS))


def _open() -> int:
    with suppress(OSError):
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    return 64
