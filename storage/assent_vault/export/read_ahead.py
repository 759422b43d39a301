"""Objects of a track, read in batches, and always one batch ahead of who opens them.

Each object by itself would cost a way to the loop and back, on which whoever opens waits for
nothing but threads that wake one another. Memory holds two batches, whatever the length.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from typing import Final

from assent_vault.store.blobs import Blobs

MOST: Final = 8
"""Objects of a batch, which are read side by side."""
LARGEST: Final = 1 << 20
"""Bytes of a batch, but for one object that is larger by itself."""

Wanted = tuple[str, int]
"""The key of an object, and how many bytes it is said to have."""


class ReadAhead:
    """Reads for a thread that is not the loop's; ``loop`` is where ``blobs`` belong."""

    def __init__(self, blobs: Blobs, loop: asyncio.AbstractEventLoop) -> None:
        self._blobs = blobs
        self._loop = loop

    def read(self, wanted: Iterable[Wanted]) -> Generator[bytes, None, None]:
        """Yield the objects in their order; raises what ``Blobs.get`` does.

        Of one that is not there it is raised before its batch is yielded.
        """
        batches = _batches(wanted)
        coming = self._begin(next(batches, None))
        try:
            while coming is not None:
                found = self._wait(coming)
                coming = self._begin(next(batches, None))
                while found:
                    yield found.popleft()
        finally:
            if coming is not None:
                coming.cancel()

    def _begin(self, keys: list[str] | None) -> Future[list[bytes]] | None:
        if keys is None:
            return None
        return asyncio.run_coroutine_threadsafe(self._get(keys), self._loop)

    @staticmethod
    def _wait(coming: Future[list[bytes]]) -> deque[bytes]:
        return deque(coming.result())

    async def _get(self, keys: list[str]) -> list[bytes]:
        found = await asyncio.gather(*map(self._blobs.get, keys), return_exceptions=True)
        whole = []
        for one in found:  # when all have come to their end: none is left behind
            if isinstance(one, BaseException):
                raise one
            whole.append(one)
        return whole


def _batches(wanted: Iterable[Wanted]) -> Iterator[list[str]]:
    """Yield the keys of batches; what is said of sizes only bounds them from below."""
    keys: list[str] = []
    held = 0
    for key, size in wanted:
        if keys and (len(keys) == MOST or held + size > LARGEST):
            yield keys
            keys, held = [], 0
        keys.append(key)
        held += size
    if keys:
        yield keys
