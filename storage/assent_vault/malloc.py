"""Keeps the C library from holding on to memory that nobody has use for any more.

The C library of most Linux systems gives threads heaps of their own, up to eight for each core, so
that they need not wait for one another. Each keeps what it once needed most, whether or not it ever
does again. The threads here, one for each connection to SQLite and those of the event loop, take
turns anyway: two heaps serve them as well.

A large block is memory of its own, gone when it is freed; but the first one that is freed teaches
the library to take the next of its size from the heap, and to keep twice as much free at its end.
What a process holds would go up and down by megabytes with what it has read and written last.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

_M_ARENA_MAX: Final = -8  # malloc.h of glibc
_M_MMAP_THRESHOLD: Final = -3
_ARENAS: Final = 2  # the first thread's, and one for all others
_LARGE: Final = 128 * 1024  # bytes: what the library begins with


def share() -> bool:
    """Let all threads but the first share one heap, and what is large have none.

    Call it before any thread is started. Returns False, with nothing done, where the C library is
    another one, or where whoever runs the program has chosen with ``MALLOC_ARENA_MAX`` or
    ``GLIBC_TUNABLES``.
    """
    chosen = "MALLOC_ARENA_MAX" in os.environ or "arena_max" in os.environ.get("GLIBC_TUNABLES", "")
    if chosen:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, _ARENAS) and mallopt(_M_MMAP_THRESHOLD, _LARGE))


def give_back() -> None:
    """Give back every page that is free; call it after work that needed many.

    By itself the library gives back only what is free at the end of its heap. Pages in between that
    nobody uses stay, and a process whose work comes and goes would hold a little more each time.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return  # another C library, with ways of its own
    trim(0)
