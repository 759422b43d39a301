"""Sealed frames: what stays in the clear, and how large they may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError
from assent_vault.formats.frame_cipher import (
    CODECS,
    MAX_FRAME_BYTES,
    MAX_SEALED_BYTES,
    clear_bytes,
    parse_frame,
    read_ms,
    seal_frame,
)
from assent_vault.formats.frame_key import MAX_COUNT, MAX_GENERATION, KeyId, counter
from assent_vault.formats.sframe import SframeKey

KEY = SframeKey(bytes(32), int(KeyId(1, 2, 3)))


@pytest.mark.parametrize(
    ("codec", "first", "length"),
    [
        ("vp8", 0x50, 10),
        ("vp8", 0xB1, 3),
        ("vp8", 0x51, 3),
        ("opus", 0x78, 1),
        ("opus", 0x79, 1),
        ("opus", 0x7A, 1),
        ("opus", 0x7B, 2),
        ("vp9", 0x82, 0),
    ],
)
def test_what_stays_in_the_clear(codec: str, first: int, length: int) -> None:
    assert clear_bytes(codec, first) == length
    frame = bytes([first]) + bytes(range(100, 140))
    sealed = seal_frame(KEY, 4, codec, 0, frame)
    assert sealed[:length] == frame[:length]
    assert frame[length : length + 8] not in sealed, "all the rest is encrypted"


@given(st.sampled_from(sorted(CODECS)), st.binary(max_size=40), st.binary(max_size=40))
def test_whatever_comes_is_taken_apart_or_refused(codec: str, head: bytes, data: bytes) -> None:
    try:
        sealed = parse_frame(codec, head + data)
    except FormatError:
        return
    assert sealed.prefix + sealed.ciphertext == head + data
    assert sealed.metadata == bytes([CODECS[codec]]) + sealed.prefix


def test_a_frame_has_a_largest_size() -> None:
    last = SframeKey(bytes(32), int(KeyId(MAX_GENERATION, 255, 255)))
    frame = bytes([0x82]) + bytes(MAX_FRAME_BYTES - 1)
    sealed = seal_frame(last, counter(2, MAX_COUNT), "vp9", 0, frame)
    assert len(sealed) == MAX_SEALED_BYTES
    parse_frame("vp9", sealed)
    with pytest.raises(FormatError, match="over"):
        seal_frame(KEY, 0, "vp9", 0, frame + b"\0")
    with pytest.raises(FormatError, match="over"):
        parse_frame("vp9", sealed + b"\0")


def test_a_time_is_within_the_slot() -> None:
    for ms in (-1, 2_000):
        with pytest.raises(ValueError, match="two seconds"):
            seal_frame(KEY, 0, "opus", ms, b"\x78")
    assert read_ms(bytes.fromhex("07cf")) == 1_999
    for wrong in ("07d0", "ffff", "07", ""):
        with pytest.raises(FormatError, match="slot"):
            read_ms(bytes.fromhex(wrong))


def test_another_codec_is_not_sealed() -> None:
    with pytest.raises(KeyError):
        seal_frame(KEY, 0, "h264", 0, b"\x65frame")
