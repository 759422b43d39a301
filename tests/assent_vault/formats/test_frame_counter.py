"""Counters never repeat, windows refuse what does."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.formats import frame_counter
from assent_vault.formats.frame_counter import (
    PICTURE_WINDOW,
    SOUND_WINDOW,
    FrameCounter,
    ReplayWindow,
    StreamNumbers,
)
from assent_vault.formats.frame_key import LAYERS, STREAMS


@given(st.lists(st.integers(0, LAYERS - 1), max_size=200))
def test_no_counter_is_given_twice(layers: list[int]) -> None:
    counter = FrameCounter()
    taken = [counter.take(layer) for layer in layers]
    assert len(set(taken)) == len(taken)
    for layer in range(LAYERS):
        mine = [ctr for ctr, of in zip(taken, layers, strict=True) if of == layer]
        assert mine == [4 * n + layer for n in range(len(mine))], "a gap means loss"


def test_a_counter_that_is_used_up_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_counter, "MAX_COUNT", 1)
    counter = FrameCounter()
    assert [counter.take(1), counter.take(1), counter.take(2)] == [1, 5, 2]
    for _ in range(2):
        with pytest.raises(ValueError, match="used up"):
            counter.take(1)


def test_a_counter_is_neither_copied_nor_stored() -> None:
    counter = FrameCounter()
    for again in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="repeats"):
            again(counter)


@pytest.mark.parametrize("layer", [-1, LAYERS])
def test_there_are_three_layers(layer: int) -> None:
    with pytest.raises(ValueError, match="three layers"):
        FrameCounter().take(layer)


def test_streams_are_used_up() -> None:
    streams = StreamNumbers()
    assert [streams.take() for _ in range(STREAMS)] == list(range(STREAMS))
    for _ in range(2):
        with pytest.raises(ValueError, match="used up"):
            streams.take()


COUNTS = st.lists(st.integers(0, 3 * SOUND_WINDOW), max_size=60)


@given(st.lists(st.integers(0, 3 * PICTURE_WINDOW), max_size=60))
def test_pictures_come_once_and_not_too_late(counts: list[int]) -> None:
    come_once(ReplayWindow.of_pictures(), PICTURE_WINDOW, counts)


@given(COUNTS)
def test_sound_comes_once_and_not_too_late(counts: list[int]) -> None:
    come_once(ReplayWindow.of_sound(), SOUND_WINDOW, counts)


def come_once(window: ReplayWindow, late: int, counts: list[int]) -> None:
    """Check what a window admits against what a set would."""
    seen = set[int]()
    for count in counts:
        fresh = count not in seen and count > max(seen, default=-1) - late
        assert window.admit(count) == fresh
        if fresh:
            seen.add(count)
