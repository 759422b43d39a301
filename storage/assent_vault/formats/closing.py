"""What a closing lists: every segment that a generation holds (FORMAT-2.md section 11).

It is all there is of the generation: an object that it does not name is no part of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assent_vault.formats import document, suite
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track

MAX_SPAN_MS: Final = 24 * 60 * 60 * 1000  # far above what a segment holds; keeps sums small


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment that a generation holds: its place, and the digest and size of the whole object."""

    track: str
    sequence: int
    digest: bytes
    size: int
    start: int
    end: int

    @property
    def has_media(self) -> bool:
        """Whether there is sound or a picture in it: sequence 0 is the WebM header alone."""
        return self.sequence > 0


def write_entries(segments: Iterable[SegmentEntry]) -> list[dict[str, str | int]]:
    """Write what is listed, in its order."""
    return [
        {
            "track": entry.track,
            "sequence": entry.sequence,
            "digest": encode(entry.digest),
            "size": entry.size,
            "start": entry.start,
            "end": entry.end,
        }
        for entry in sorted(segments, key=lambda entry: (entry.track, entry.sequence))
    ]


def parse_entries(items: Iterable[document.Fields]) -> tuple[SegmentEntry, ...]:
    """Read what is listed; raises FormatError."""
    segments = []
    track, expected = "", 0
    for item in items:
        entry = _parse_entry(item, track)
        # "ordered by track, then sequence, and every track's sequences run from 0 without a gap"
        if entry.track < track:
            item.fail("track", "is out of order")
        if entry.track != track:
            track, expected = entry.track, 0
        if entry.sequence != expected:
            item.fail("sequence", "does not run from 0 without a gap")
        expected += 1
        segments.append(entry)
    return tuple(segments)


def _parse_entry(fields: document.Fields, before: str) -> SegmentEntry:
    """Read an entry; ``before`` is the track of the one before, which nearly always is its own."""
    fields.only("track", "sequence", "digest", "size", "start", "end")
    track = fields.text("track")
    if track != before:
        track = str(Track.parse(track, field=fields.at("track")))
    entry = SegmentEntry(
        track=track,
        sequence=fields.integer("sequence"),
        digest=fields.b64("digest", suite.DIGEST_BYTES),
        size=fields.integer("size", least=1),
        start=fields.integer("start"),
        end=fields.integer("end"),
    )
    if entry.end < entry.start:
        fields.fail("end", "is before the start")
    if entry.end - entry.start > MAX_SPAN_MS:
        fields.fail("end", "is more than a day after the start")
    return entry
