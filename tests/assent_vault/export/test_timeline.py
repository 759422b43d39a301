"""Tracks on one timeline: where it begins and ends, what is on it, and how long it may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from assent_vault.errors import ExportError
from assent_vault.export.generation_unlock import UnlockedGeneration
from assent_vault.export.timeline import LONGEST, Stretch, lay_out
from assent_vault.formats import suite
from assent_vault.formats.closing import SegmentEntry

ADA = f"{suite.encode(bytes(32))}.microphone"
BO = f"{suite.encode(bytes([1] * 32))}.microphone"


@dataclass(frozen=True)
class _Headed:
    digest: bytes


@dataclass(frozen=True)
class _Opened:
    lost: frozenset[int]


@dataclass(frozen=True)
class _Closed:
    number: int
    segments: tuple[SegmentEntry, ...]
    interrupted: bool = False


def generation(
    number: int,
    *spans: tuple[str, int, int],
    interrupted: bool = False,
    lost: Iterable[int] = (),
) -> UnlockedGeneration:
    """Return one with a segment for each span, the header of each track before its first."""
    entries: list[SegmentEntry] = []
    counted: dict[str, int] = {}
    for track, start, end in spans:
        if track not in counted:
            entries.append(SegmentEntry(track, 0, bytes(32), 1, start, start))
        counted[track] = counted.get(track, 0) + 1
        if end > start:
            entries.append(SegmentEntry(track, counted[track], bytes(32), 1, start, end))
    closing: Any = _Closed(number, tuple(entries), interrupted)
    header: Any = _Headed(bytes([number]) * 32)
    opened: Any = _Opened(frozenset(lost))
    return UnlockedGeneration(header, closing, opened)


def stretch(number: int, start: int, end: int, interrupted: bool) -> Stretch:
    return Stretch(number, bytes([number]) * 32, start, end, interrupted, ())


def test_it_begins_with_the_first_thing_recorded() -> None:
    found = lay_out(
        [generation(1, (ADA, 5000, 7000), (BO, 4000, 9000)), generation(2, (ADA, 20_000, 21_000))]
    )
    assert (found.base, found.duration) == (4000, 17_000)
    assert found.stretches == (stretch(1, 0, 5000, False), stretch(2, 16_000, 17_000, False))
    assert [len(plan.parts) for plan in found.tracks] == [2, 1]


def test_a_generation_ends_where_the_next_begins() -> None:
    found = lay_out(
        [generation(1, (ADA, 0, 6000), interrupted=True), generation(2, (ADA, 5000, 8000))]
    )
    assert found.stretches == (stretch(1, 0, 5000, True), stretch(2, 5000, 8000, False))
    assert [part.end for plan in found.tracks for part in plan.parts] == [5000, 8000]


def test_what_has_a_header_and_no_media_is_passed_over() -> None:
    found = lay_out([generation(1, (ADA, 0, 0)), generation(2, (ADA, 0, 0), (BO, 3000, 4000))])
    assert found.base == 3000
    assert [str(plan.track) for plan in found.tracks] == [BO]
    assert [each.number for each in found.stretches] == [2]


def test_slots_that_are_lost_are_named_as_ranges() -> None:
    found = lay_out([generation(1, (ADA, 0, 2000), lost=[9, 3, 4, 5, 255])])
    assert found.stretches[0].lost == ((3, 5), (9, 9), (255, 255))


@pytest.mark.parametrize("over", [0, 1])
def test_it_may_be_two_days_long_and_no_longer(over: int) -> None:
    generations = [
        generation(1, (ADA, 1000, 2000)),
        generation(2, (ADA, LONGEST, 1000 + LONGEST + over)),
    ]
    if not over:
        assert lay_out(generations).duration == LONGEST
        return
    with pytest.raises(ExportError) as refused:
        lay_out(generations)
    assert refused.value.code == "timeline-too-long"
