"""Gathers the frames of one track into clusters of at most two seconds, and says when one is due.

A cluster counts from when the *oldest packet* in it arrived, not from when its frame was passed on,
so that what waited to be put in order is not kept any longer for it: after :data:`SPAN` everything
that arrived is on its way to the store, whether or not anything more comes.
"""

from __future__ import annotations

from dataclasses import dataclass

from assent.recording.webm import Block

SPAN = 1.4
"""Seconds. With a timer's tenth and the write itself, less than two seconds can ever be lost."""

LONGEST = 1900
"""Milliseconds from first to last frame: "Clusters that span at most two seconds"."""

LASTS = 5000
"""Milliseconds that a picture can stay up until the next one (FORMAT.md section 9)."""

LARGEST = 4 * 1024 * 1024
"""Bytes: 1.4 s of 24 Mbit/s. What is larger is stored sooner."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Frames that are stored together; times in milliseconds since the meeting began."""

    blocks: list[Block]
    start: int
    end: int
    size: int


class Segmenter:
    """The clusters of one track. Pure: the caller says what time it is, in seconds."""

    __slots__ = ("_blocks", "_end", "_last", "_oldest", "_size")

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._size = 0
        self._oldest = 0.0
        self._last = -1
        self._end = 0.0

    def place(self, time: float) -> int:
        """Return the time that a frame would have in its block."""
        return max(round(time), self._last + 1)

    def add(
        self, time: float, key: bool, data: bytes, arrival: float, duration: float
    ) -> Cluster | None:
        """Take the next frame; return the cluster it does not belong to any more, if there is one.

        Times never go back on a track: a frame that seems to be from before the last one (its clock
        has been corrected) is put right after it.
        """
        at = self.place(time)
        finished = None
        blocks = self._blocks
        if blocks and not duration:
            # A picture lasts until the next; the last of a cluster may have been stored before.
            last, was_key, content, _ = blocks[-1]
            if at - last <= LASTS:
                blocks[-1] = (last, was_key, content, at - last)
                self._end = at
        if blocks and (
            arrival - self._oldest >= SPAN
            or at - blocks[0][0] > LONGEST
            or self._size + len(data) > LARGEST
        ):
            finished = self.flush()
            blocks = self._blocks
        if not blocks or arrival < self._oldest:
            self._oldest = arrival
        blocks.append((at, key, data, 0))
        self._size += len(data)
        self._last = at
        self._end = at + duration
        return finished

    def due(self, now: float) -> Cluster | None:
        """Return the cluster if it has been gathering for long enough."""
        return self.flush() if self._blocks and now - self._oldest >= SPAN else None

    def flush(self) -> Cluster | None:
        """Return what there is; None if that is nothing."""
        if not self._blocks:
            return None
        start = self._blocks[0][0]
        # The next cluster may begin before the last packet of this one has sounded to its end, by
        # the rounding; an end is never claimed beyond the two seconds.
        end = min(max(round(self._end), self._last), start + 2000)
        cluster = Cluster(self._blocks, start, end, self._size)
        self._blocks = []
        self._size = 0
        return cluster

    def discard(self) -> None:
        """Forget what has been gathered."""
        self._blocks = []
        self._size = 0
