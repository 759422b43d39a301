"""Lays the tracks of a meeting on one timeline.

Time in a recording counts from when the meeting began; in a data set it counts from where the first
epoch begins, in milliseconds. Pauses between epochs stay, as stretches where no track has anything.

Where the store or the power went at the wrong moment, a track has its header in an epoch and no
media. There is nothing in it to lay out, and it holds up nothing else: it is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assent_vault.epoch import SegmentEntry
from assent_vault.export.unlock import OpenEpoch
from assent_vault.track import Track


@dataclass(frozen=True, slots=True)
class Part:
    """What one epoch has of a track: its segments, in a row."""

    epoch: OpenEpoch
    entries: tuple[SegmentEntry, ...]


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One track over all epochs, in their order."""

    track: Track
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """An epoch on the timeline: from ``start`` to ``end``, in milliseconds."""

    epoch: int
    start: int
    end: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A meeting laid out. ``base`` is the 0 of the timeline, since the meeting began."""

    base: int
    duration: int
    stretches: tuple[Stretch, ...]
    tracks: tuple[TrackPlan, ...]


def lay_out(epochs: Iterable[OpenEpoch]) -> Timeline:
    """Lay out what the epochs, in their order, hold. There must be a segment with media."""
    ordered = [
        epoch for epoch in epochs if any(entry.has_media for entry in epoch.closing.segments)
    ]
    base = ordered[0].header.offset
    parts: dict[str, list[Part]] = {}
    stretches = []
    for epoch in ordered:
        by_track: dict[str, list[SegmentEntry]] = {}
        for entry in epoch.closing.segments:
            by_track.setdefault(entry.track, []).append(entry)
        for name, entries in by_track.items():
            if not any(entry.has_media for entry in entries):
                continue
            parts.setdefault(name, []).append(Part(epoch, tuple(entries)))
        stretches.append(
            Stretch(
                epoch=epoch.header.epoch,
                start=max(0, epoch.header.offset - base),
                end=max(0, max(entry.end for entry in epoch.closing.segments) - base),
                interrupted=epoch.closing.interrupted,
            )
        )
    return Timeline(
        base=base,
        duration=max(stretch.end for stretch in stretches),
        stretches=tuple(stretches),
        tracks=tuple(
            TrackPlan(Track.parse(name), tuple(found)) for name, found in sorted(parts.items())
        ),
    )
