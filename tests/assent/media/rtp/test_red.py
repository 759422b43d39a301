"""Payloads of redundant audio, by hand from RFC 2198 and drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp import red

# Section 4, with dynamic payload types: a redundant block of 80 ms ago at 8 kHz, and the primary.
OLDER, NEW = b"older sound", b"new"
ONE = bytes.fromhex("ef 0a000b 6f".replace(" ", "")) + OLDER + NEW


def pack(blocks: list[tuple[int, bytes]], primary: bytes, payload_type: int = 111) -> bytes:
    """Write a payload, from the figure in section 3."""
    heads = b"".join(
        (1 << 31 | payload_type << 24 | offset << 10 | len(block)).to_bytes(4, "big")
        for offset, block in blocks
    )
    return heads + bytes([payload_type]) + b"".join(block for _, block in blocks) + primary


def test_the_headers_of_the_rfc_are_read() -> None:
    assert pack([(640, OLDER)], NEW) == ONE
    assert red.split(ONE, 111) == [(640, 5, 16), (0, 16, 19)]
    assert red.split(b"\x6fnew", 111) == [(0, 1, 4)]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x6f",  # a primary that is empty
        b"\x6e\x01",  # of another codec
        b"\xef",
        b"\xef\x0a\x00",
        b"\xef\x0a\x00\x0b",  # no primary
        ONE[:16],  # no byte left for the primary
        ONE[:10],  # not even the redundant block
        b"\xee" + ONE[1:],
        ONE[:4] + b"\x6e" + ONE[5:],
        pack([(0, OLDER)], NEW),  # two blocks of one time
        pack([(960, OLDER), (960, OLDER)], NEW),
        pack([(960, OLDER), (1920, OLDER)], NEW),
        pack([(100 - n, b"x") for n in range(red.MAX_REDUNDANT + 1)], NEW),
    ],
)
def test_what_is_malformed_is_refused_whole(payload: bytes) -> None:
    assert red.split(payload, 111) == []


offsets = st.lists(st.integers(1, red.MAX_OFFSET), unique=True, max_size=red.MAX_REDUNDANT).map(
    lambda drawn: sorted(drawn, reverse=True)
)


@given(offsets, st.data(), st.binary(min_size=1, max_size=1200), st.sampled_from([35, 63, 109]))
def test_what_was_written_is_read(
    drawn: list[int], data: st.DataObject, primary: bytes, other: int
) -> None:
    blocks = [(offset, data.draw(st.binary(max_size=1023))) for offset in drawn]
    payload = pack(blocks, primary)
    read = [(offset, payload[start:end]) for offset, start, end in red.split(payload, 111)]
    assert read == [*blocks, (0, primary)]
    assert red.renamed(payload, len(blocks), other) == pack(blocks, primary, other)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    for _, start, end in red.split(payload, 111):
        assert 0 < start <= end <= len(payload)
