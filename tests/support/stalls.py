"""How long this machine did nothing for anybody: what a figure in seconds may be excused with.

A thread sleeps for a hundredth of a second, again and again, and notes by how much it overslept.
Where the whole machine is held up, so is the thread.
"""

from __future__ import annotations

import threading
import time
from typing import Final, Self

_STEP: Final = 0.01  # seconds
_USUAL: Final = 0.02  # seconds overslept that mean nothing


class Stalls:
    """Use it as a context manager; times are seconds since 1970, like ``time.time()``."""

    def __init__(self) -> None:
        self._found: list[tuple[float, float]] = []  # until when, and how long
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def between(self, since: float, until: float) -> float:
        """Return for how many seconds in all the machine was held up."""
        return sum(
            min(length, end - since)
            for end, length in tuple(self._found)
            if end > since and end - length < until
        )

    def _watch(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            time.sleep(_STEP)
            over = time.monotonic() - began - _STEP
            if over > _USUAL:
                self._found.append((time.time(), over))
