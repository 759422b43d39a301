"""Lays the tracks of a meeting on one timeline.

Time in a recording counts from when the meeting began; in a data set it counts from the first thing
that was recorded, in milliseconds. Pauses between generations stay, as stretches where no track has
anything.

A generation's header is drawn up, and made durable, while the one before still goes on; so where
one begins and ends is not what its header says but what is in it. One ends where the next begins,
at the latest: what of a last packet sounds on belongs to the next.

Where the store or the power went at the wrong moment, a track has its header in a generation and
no media. There is nothing in it to lay out, and it holds up nothing else: it is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import ExportError
from assent_vault.export.unlocked import UnlockedStretch
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.track import Track

LONGEST: Final = 48 * 3_600_000
"""Milliseconds of a timeline, at most: sound covers all of it, however little there is."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one generation has of a track: its segments, in a row; ``end`` is the generation's."""

    generation: UnlockedStretch
    entries: tuple[SegmentEntry, ...]
    end: int


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One track over all generations, in their order."""

    track: Track
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A generation on the timeline: from ``start`` to ``end``, in milliseconds.

    ``header`` is the digest of its header; ``lost`` are ranges of its slots, each from the first to
    the last, that do not open though everyone has granted them.
    """

    number: int
    header: bytes
    start: int
    end: int
    interrupted: bool
    lost: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A meeting laid out. ``base`` is the 0 of the timeline, since the meeting began."""

    base: int
    duration: int
    stretches: tuple[Stretch, ...]
    tracks: tuple[TrackPlan, ...]


def lay_out(generations: Iterable[UnlockedStretch]) -> Timeline:
    """Lay out what the generations, in their order, hold. There must be a segment with media.

    Raises ExportError ``timeline-too-long``.
    """
    ordered = [
        each for each in generations if any(entry.has_media for entry in each.closing.segments)
    ]
    begins = [_begin(each) for each in ordered]
    for index in reversed(range(len(begins) - 1)):
        begins[index] = min(begins[index], begins[index + 1])
    base = begins[0]
    parts: dict[str, list[Part]] = {}
    stretches = []
    for index, (generation, begin) in enumerate(zip(ordered, begins, strict=True)):
        end = max(begin, max(entry.end for entry in generation.closing.segments))
        if index + 1 < len(begins):
            end = min(end, begins[index + 1])
        by_track: dict[str, list[SegmentEntry]] = {}
        for entry in generation.closing.segments:
            by_track.setdefault(entry.track, []).append(entry)
        for name, entries in by_track.items():
            if not any(entry.has_media for entry in entries):
                continue
            parts.setdefault(name, []).append(Part(generation, tuple(entries), end))
        stretches.append(
            Stretch(
                number=generation.number,
                header=generation.digest,
                start=begin - base,
                end=end - base,
                interrupted=generation.closing.interrupted,
                lost=_ranges(generation.lost),
            )
        )
    duration = max(stretch.end for stretch in stretches)
    if duration > LONGEST:
        raise ExportError("timeline-too-long", "The meeting spans more time than can be written.")
    return Timeline(
        base=base,
        duration=duration,
        stretches=tuple(stretches),
        tracks=tuple(
            TrackPlan(Track.parse(name), tuple(found)) for name, found in sorted(parts.items())
        ),
    )


def _begin(generation: UnlockedStretch) -> int:
    return min(entry.start for entry in generation.closing.segments if entry.has_media)


def _ranges(slots: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return slots as ranges, in order, with at least one slot between one and the next."""
    found: list[tuple[int, int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] + 1 == slot:
            found[-1] = (found[-1][0], slot)
        else:
            found.append((slot, slot))
    return tuple(found)
