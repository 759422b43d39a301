"""Opens the generations of a relayed meeting, each with everyone's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent_vault.errors import SealError
from assent_vault.export.unlocked import OpenTrack
from assent_vault.formats import objects
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import GenerationClosing
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.keys.relayed_opening import (
    GenerationDocuments,
    OpenedGeneration,
    open_relayed,
)
from assent_vault.release.generation_review import ReviewedGeneration


@dataclass(frozen=True, slots=True)
class UnlockedGeneration:
    """A generation whose segments can be opened; ``opened`` is None where it has none.

    Implements :class:`.unlocked.UnlockedStretch`.
    """

    header: GenerationHeader
    closing: GenerationClosing
    opened: OpenedGeneration | None

    @property
    def number(self) -> int:
        """See UnlockedStretch."""
        return self.closing.number

    @property
    def digest(self) -> bytes:
        """See UnlockedStretch."""
        return self.header.digest

    @property
    def lost(self) -> frozenset[int]:
        """See UnlockedStretch."""
        return frozenset() if self.opened is None else self.opened.lost

    def track(self, name: str) -> OpenTrack:
        """See UnlockedStretch."""
        assert self.opened is not None, "a generation with segments has been opened"
        return self.opened.track(name)

    def segment_key(self, meeting_id: str, entry: SegmentEntry) -> str:
        """See UnlockedStretch."""
        return objects.generation_segment_key(meeting_id, self.number, entry.track, entry.sequence)

    def forget(self) -> None:
        """Let go of its keys."""
        if self.opened is not None:
            self.opened.forget()


def unlock_generations(
    reviewed: Sequence[ReviewedGeneration],
    documents: Mapping[int, GenerationDocuments],
    private: bytes,
    trains: Mapping[bytes, bytes],
) -> tuple[UnlockedGeneration, ...]:
    """Open every generation that has segments; the others hold nothing that could be opened.

    ``reviewed`` is what the gate has just released on, ``documents`` what stands beside each header
    that has segments, by number, ``private`` the meeting's vault key, ``trains`` everyone's by
    person id. Raises FormatError, GenerationError, SealError, KeyError: then nothing is opened.
    """
    found = []
    for each in reviewed:
        if each.closing is None:
            raise SealError("A generation is not closed.")
        opened = None
        if each.closing.segments:
            beside = documents[each.closing.number]
            opened = open_relayed(each.header, beside, private, trains)
        found.append(UnlockedGeneration(each.header, each.closing, opened))
    return tuple(found)
