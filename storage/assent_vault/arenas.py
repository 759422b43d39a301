"""Keeps threads from holding on to memory that they have no more use for.

The C library of most Linux systems gives threads heaps of their own, up to eight for each core, so
that they need not wait for one another. Each keeps what it once needed most, whether or not it ever
does again. The threads here, one for each connection to SQLite and those of the event loop, take
turns anyway: two heaps serve them as well.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

_M_ARENA_MAX: Final = -8  # malloc.h of glibc
_ARENAS: Final = 2  # the first thread's, and one for all others


def share() -> bool:
    """Let all threads but the first share one heap; call it before any thread is started.

    Returns False, with nothing done, where the C library is another one, or where whoever runs the
    program has chosen with ``MALLOC_ARENA_MAX`` or ``GLIBC_TUNABLES``.
    """
    chosen = "MALLOC_ARENA_MAX" in os.environ or "arena_max" in os.environ.get("GLIBC_TUNABLES", "")
    if chosen:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, _ARENAS) == 1)
