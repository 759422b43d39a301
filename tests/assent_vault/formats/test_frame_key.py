"""Keys of frames: each part of what they are made of makes another key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError
from assent_vault.formats.frame_key import (
    LAYERS,
    MAX_COUNT,
    MAX_GENERATION,
    SLOTS,
    STREAMS,
    FrameNumber,
    KeyId,
    Sender,
    counter,
    frame_base_key,
)
from assent_vault.formats.sframe import SframeHeader
from assent_vault.formats.track import SOURCES

SECRET, H, ADA, PAGE = (bytes([number]) * 32 for number in range(4))
SENDER = Sender(ADA, PAGE, "camera")
KEY = KeyId(1, 0, 0)
KEYS = st.builds(
    KeyId,
    st.integers(1, MAX_GENERATION),
    st.integers(0, SLOTS - 1),
    st.integers(0, STREAMS - 1),
)


@given(KEYS, st.integers(0, LAYERS - 1), st.integers(0, MAX_COUNT))
def test_a_number_is_read_as_it_was_written(key: KeyId, layer: int, count: int) -> None:
    header = SframeHeader(int(key), counter(layer, count))
    assert FrameNumber.parse(header) == FrameNumber(key, layer, count)
    assert len(header.to_bytes()) <= 11


@given(st.integers(0, 1 << 50), st.integers(0, 1 << 34))
def test_a_number_that_is_read_is_the_one_that_is_written(kid: int, ctr: int) -> None:
    try:
        found = FrameNumber.parse(SframeHeader(kid, ctr))
    except FormatError:
        return
    assert (int(found.key), counter(found.layer, found.count)) == (kid, ctr)


def test_every_part_makes_another_key() -> None:
    keys = {frame_base_key(SECRET, H, SENDER, KEY), frame_base_key(H, SECRET, SENDER, KEY)}
    keys |= {frame_base_key(SECRET, other, SENDER, KEY) for other in (ADA, PAGE)}
    keys.add(frame_base_key(SECRET, H, Sender(PAGE, ADA, "camera"), KEY))
    keys |= {frame_base_key(SECRET, H, replace(SENDER, source=one), KEY) for one in SOURCES}
    keys |= {frame_base_key(SECRET, H, SENDER, KeyId(1, 0, stream)) for stream in range(STREAMS)}
    assert len(keys) == 2 + 2 + 1 + len(SOURCES) - 1 + STREAMS - 1


@pytest.mark.parametrize(
    "key",
    [
        KeyId(0, 0, 0),
        KeyId(MAX_GENERATION + 1, 0, 0),
        KeyId(1, -1, 0),
        KeyId(1, SLOTS, 0),
        KeyId(1, 0, -1),
        KeyId(1, 0, STREAMS),
    ],
)
def test_after_the_last_slot_there_is_no_key(key: KeyId) -> None:
    with pytest.raises(ValueError, match="generation from 1"):
        frame_base_key(SECRET, H, SENDER, key)


def test_what_is_no_source_has_no_key() -> None:
    for source in ("", "chat", "camera\0"):
        with pytest.raises(ValueError, match="source"):
            frame_base_key(SECRET, H, replace(SENDER, source=source), KEY)


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_lengths(wrong: bytes) -> None:
    for args in (
        (wrong, H, SENDER, KEY),
        (SECRET, wrong, SENDER, KEY),
        (SECRET, H, Sender(wrong, PAGE, "camera"), KEY),
        (SECRET, H, Sender(ADA, wrong, "camera"), KEY),
    ):
        with pytest.raises(ValueError, match="32 bytes"):
            frame_base_key(*args)


@pytest.mark.parametrize(("layer", "count"), [(-1, 0), (LAYERS, 0), (0, -1), (0, MAX_COUNT + 1)])
def test_counters_have_bounds(layer: int, count: int) -> None:
    with pytest.raises(ValueError, match="30 bits"):
        counter(layer, count)
