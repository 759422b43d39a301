"""Tracks on one timeline: where it begins and ends, what is on it, and how long it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from assent_vault.errors import ExportError
from assent_vault.export.timeline import LONGEST, Stretch, lay_out
from assent_vault.export.unlock import UnlockedEpoch
from assent_vault.formats import suite
from assent_vault.formats.closing import SegmentEntry

ADA = f"{suite.encode(bytes(32))}.microphone"
BO = f"{suite.encode(bytes([1] * 32))}.microphone"


@dataclass(frozen=True)
class _Numbered:
    epoch: int


@dataclass(frozen=True)
class _Closed:
    segments: tuple[SegmentEntry, ...]
    interrupted: bool = False


def epoch(number: int, *spans: tuple[str, int, int], interrupted: bool = False) -> UnlockedEpoch:
    """Return an epoch with a segment for each span, the header of each track before its first."""
    entries: list[SegmentEntry] = []
    counted: dict[str, int] = {}
    for track, start, end in spans:
        if track not in counted:
            entries.append(SegmentEntry(track, 0, bytes(32), 1, start, start))
        counted[track] = counted.get(track, 0) + 1
        if end > start:
            entries.append(SegmentEntry(track, counted[track], bytes(32), 1, start, end))
    closing = _Closed(tuple(entries), interrupted)
    return UnlockedEpoch(cast("Any", _Numbered(number)), cast("Any", closing), None)


def test_it_begins_with_the_first_thing_recorded() -> None:
    found = lay_out(
        [epoch(1, (ADA, 5000, 7000), (BO, 4000, 9000)), epoch(2, (ADA, 20_000, 21_000))]
    )
    assert (found.base, found.duration) == (4000, 17_000)
    assert found.stretches == (Stretch(1, 0, 5000, False), Stretch(2, 16_000, 17_000, False))
    assert [len(plan.parts) for plan in found.tracks] == [2, 1]


def test_an_epoch_ends_where_the_next_begins() -> None:
    found = lay_out([epoch(1, (ADA, 0, 6000), interrupted=True), epoch(2, (ADA, 5000, 8000))])
    assert found.stretches == (Stretch(1, 0, 5000, True), Stretch(2, 5000, 8000, False))
    assert [part.end for plan in found.tracks for part in plan.parts] == [5000, 8000]


def test_what_has_a_header_and_no_media_is_passed_over() -> None:
    found = lay_out([epoch(1, (ADA, 0, 0)), epoch(2, (ADA, 0, 0), (BO, 3000, 4000))])
    assert found.base == 3000
    assert [str(plan.track) for plan in found.tracks] == [BO]
    assert [stretch.epoch for stretch in found.stretches] == [2]


@pytest.mark.parametrize("over", [0, 1])
def test_it_may_be_two_days_long_and_no_longer(over: int) -> None:
    epochs = [
        epoch(1, (ADA, 1000, 2000)),
        epoch(2, (ADA, LONGEST, 1000 + LONGEST + over)),
    ]
    if not over:
        assert lay_out(epochs).duration == LONGEST
        return
    with pytest.raises(ExportError) as refused:
        lay_out(epochs)
    assert refused.value.code == "timeline-too-long"
