"""What has been opened of a recording, stretch by stretch, for whoever writes it."""

from __future__ import annotations

from typing import Protocol

from assent_vault.formats.closing import SegmentEntry


class OpenTrack(Protocol):
    """One track of a stretch, whose segments are opened in their order."""

    def open(self, data: bytes, entry: SegmentEntry) -> bytes:
        """Return the plaintext of a segment; raises FormatError, SealError."""


class ListedSegments(Protocol):
    """What a verified closing says."""

    @property
    def segments(self) -> tuple[SegmentEntry, ...]:
        """All there is of the stretch, ordered by track and sequence."""

    @property
    def interrupted(self) -> bool:
        """Whether something may be missing at its end."""


class UnlockedStretch(Protocol):
    """A stretch of a recording in which the people stay the same."""

    @property
    def number(self) -> int:
        """Which one it is of the meeting, from 1."""

    @property
    def digest(self) -> bytes:
        """That of its header."""

    @property
    def lost(self) -> frozenset[int]:
        """Its slots that do not open, though everyone has granted them."""

    @property
    def closing(self) -> ListedSegments:
        """How it ended."""

    def track(self, name: str) -> OpenTrack:
        """Return a track of it, from its first segment on; ValueError where keys are forgotten."""

    def segment_key(self, meeting_id: str, entry: SegmentEntry) -> str:
        """Return the name of a segment's object."""
