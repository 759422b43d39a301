"""Counts open codecs in every Python process that starts with this folder on its path.

Python imports a module of this name by itself, so the server and its worker run unchanged, and
tell on themselves: each writes the most codecs it ever held open at once, and the most for
pictures, to a file named by its process id, in the folder that ``PYTHON_COUNT_CODECS_INTO`` names
(what begins with ``PYTHON`` reaches the media processes as well). A decoder lives as long as the
track it decodes, so looking four times a second misses none.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from itertools import chain, starmap
from pathlib import Path


def _count() -> tuple[int, int]:
    # Not imported here: a process that never loads the library has nothing to count.
    library = sys.modules.get("av")
    base = getattr(library, "CodecContext", None)
    if base is None:
        return 0, 0
    # Among all objects are some that another thread is just making, and that break where anybody
    # else holds them. So the list is made, gone through and dropped within one call of C code:
    # no other thread runs during it.
    kinds = frozenset({base, *base.__subclasses__()})
    everything = chain.from_iterable(starmap(gc.get_objects, [()]))
    if sum(map(kinds.__contains__, map(type, everything))) == 0:
        return 0, 0
    # Only where there are codecs at all: which of them are open. A remuxer has some that are not.
    everything = chain.from_iterable(starmap(gc.get_objects, [()]))
    opened = [each for each in list(filter(base.__instancecheck__, everything)) if each.is_open]
    return len(opened), sum(each.type == "video" for each in opened)


def _watch(folder: Path) -> None:
    path = folder / str(os.getpid())
    most = pictures = 0
    while True:
        every, of_pictures = _count()
        most, pictures = max(most, every), max(pictures, of_pictures)
        half = path.with_suffix(".new")
        half.write_text(f"{most} {pictures} {' '.join(sys.argv[:2])}")
        half.rename(path)
        time.sleep(0.25)


if os.environ.get("PYTHON_COUNT_CODECS_INTO"):
    threading.Thread(
        target=_watch, args=(Path(os.environ["PYTHON_COUNT_CODECS_INTO"]),), daemon=True
    ).start()
