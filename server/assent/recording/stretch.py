"""What a stretch of a recording is stored as, for whoever captures it: names, keys, documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.webm import Block

ClusterMaker = Callable[[Sequence[Block]], bytes]
"""Makes a cluster of one track's blocks; called in a thread, in their order, once for each."""


class RecordedStretch(Protocol):
    """One stretch of a meeting in which the people stay the same, and its keys."""

    @property
    def number(self) -> int:
        """Which one it is of the meeting, from 1."""

    @property
    def present(self) -> frozenset[str]:
        """The ids of those who can be heard in it."""

    @property
    def until(self) -> float:
        """Nothing of it is from then on; milliseconds since the meeting began."""

    def lane_key(self, track: str) -> bytes:
        """Return what the segments of a track are sealed under."""

    def cluster_maker(self, person: str, source: str, codec: str) -> ClusterMaker:
        """Return what makes the clusters of a track; once for each track."""

    def segment_key(self, track: str, sequence: int) -> str:
        """Return the name of a segment's object."""

    def seal(
        self, track: str, codec: str, sequence: int, start: int, end: int, data: bytes, key: bytes
    ) -> bytes:
        """Return the object of a segment; each is asked for once."""

    def forget(self) -> None:
        """Forget every key: nothing more is stored."""

    def close(
        self, lasted: int, interrupted: bool, entries: Sequence[SegmentEntry]
    ) -> tuple[bytes, bytes]:
        """Return its closing, ``lasted`` milliseconds after it was opened, and the signature."""

    @property
    def closing_keys(self) -> tuple[str, str]:
        """The names of the closing's object and of its signature's."""
