"""How long Opus packets sound; packets that break RFC 6716 sound not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.recording.opus import duration
from support.publishing import opus as encoded


def toc(config: int, code: int) -> bytes:
    return bytes([config << 3 | code])


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (toc(1, 0) + b"x" * 30, 20),
        (toc(0, 0), 10),  # nothing coded: a packet that DTX sends
        (toc(3, 0) + b"x", 60),
        (toc(15, 0) + b"x", 20),
        (toc(16, 0) + b"x", 2.5),
        (toc(31, 0) + b"x" * 1275, 20),
        (toc(31, 1) + b"x" * 60, 40),
        (toc(31, 2) + b"\x03" + b"x" * 10, 40),
        (toc(31, 2) + b"\xfc\x01" + b"x" * 300, 40),  # 252 + 4 · 1 bytes, then the rest
        (toc(31, 3) + b"\x03" + b"x" * 30, 60),
        (toc(31, 3) + b"\x83\x05\x06" + b"x" * 20, 60),  # each of its own length
        (toc(31, 3) + b"\x42\x04" + b"x" * 24, 40),  # four bytes of padding
        (toc(31, 3) + b"\x41\xff\x00" + bytes(254) + b"xx", 20),
        (toc(16, 3) + b"\x30" + b"x" * 48, 120),
    ],
)
def test_durations(packet: bytes, expected: float) -> None:
    assert duration(packet) == expected


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        toc(31, 0) + b"x" * 1276,
        toc(31, 1) + b"x" * 61,  # two frames of one length, and an odd number of bytes
        toc(31, 1) + b"x" * 2552,
        toc(31, 2),
        toc(31, 2) + b"\x05xx",
        toc(31, 2) + b"\xfc",
        toc(31, 3),
        toc(31, 3) + b"\x00",  # no frame
        toc(31, 3) + b"\x07" + b"x" * 7,  # 140 ms
        toc(31, 3) + b"\x03" + b"x" * 31,
        toc(31, 3) + b"\x83\x05",
        toc(31, 3) + b"\x83\x05\xff" + b"x" * 20,
        toc(31, 3) + b"\x42",
        toc(31, 3) + b"\x42\xff\xff",
        toc(31, 3) + b"\x42\x20xx",
    ],
)
def test_malformed(packet: bytes) -> None:
    assert duration(packet) == 0


def test_what_an_encoder_gives() -> None:
    assert {duration(packet) for packet in encoded(440, 1)} == {20}


@given(st.binary(max_size=1500))
def test_nothing_breaks_it(packet: bytes) -> None:
    assert 0 <= duration(packet) <= 120
