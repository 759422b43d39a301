"""Segments of generations: header and bytes; what opens them is in keys/test_relayed_opening.py."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError
from assent_vault.formats import generation_segment as segment
from assent_vault.formats.generation_header import MAX_NUMBER
from assent_vault.formats.generation_segment import GenerationSegment
from assent_vault.formats.segment import MAX_HEADER_BYTES, context
from assent_vault.formats.track import SOURCES, Track
from assent_vault.keys.unsealing import decrypt_segment

KEY = bytes(range(32))
HEADER = GenerationSegment(
    meeting=bytes(16),
    number=1,
    header=bytes(32),
    track=str(Track(bytes(32), "camera")),
    codec="vp8",
    sequence=0,
    start=5,
    end=2005,
)
TIME = st.integers(0, 2**52)


@given(
    st.builds(
        GenerationSegment,
        meeting=st.binary(min_size=16, max_size=16),
        number=st.integers(1, MAX_NUMBER),
        header=st.binary(min_size=32, max_size=32),
        track=st.builds(
            lambda person, source: str(Track(person, source)),
            st.binary(min_size=32, max_size=32),
            st.sampled_from(SOURCES),
        ),
        codec=st.sampled_from(segment.STORED_CODECS),
        sequence=TIME,
        start=TIME,
        end=st.just(2**53 - 1),
    ),
    st.binary(max_size=300),
)
def test_round_trip(header: GenerationSegment, plaintext: bytes) -> None:
    found, written, ciphertext = segment.parse_generation_segment(
        segment.seal_generation_segment(header, plaintext, KEY)
    )
    assert found == header
    assert written == header.to_bytes()
    assert decrypt_segment(written, ciphertext, KEY) == plaintext
    assert plaintext not in ciphertext or len(plaintext) < 8


def test_large_segment() -> None:
    plaintext = os.urandom(1_000_000)  # many chunks
    _, written, ciphertext = segment.parse_generation_segment(
        segment.seal_generation_segment(HEADER, plaintext, KEY)
    )
    assert decrypt_segment(written, ciphertext, KEY) == plaintext


def test_layout() -> None:
    data = segment.seal_generation_segment(HEADER, b"x", KEY)
    written = HEADER.to_bytes()
    assert data[:4] == len(written).to_bytes(4, "big")
    assert data[4 : 4 + len(written)] == written
    expected = hashlib.sha256(data[: 4 + len(written)]).digest()
    assert context(written) == expected


def test_header_stays_small() -> None:
    largest = 2**53 - 1
    header = replace(
        HEADER,
        track=str(Track(bytes(32), "screen-audio")),
        codec="opus",
        number=MAX_NUMBER,
        sequence=largest,
        start=largest,
        end=largest,
    )
    assert len(header.to_bytes()) < MAX_HEADER_BYTES / 2


def test_what_cannot_be_read_is_not_written() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"track": "x"},
        {"codec": "h264"},
        {"number": 0},
        {"number": MAX_NUMBER + 1},
        {"start": -1},
        {"start": 9, "end": 8},
        {"meeting": b""},
        {"header": b""},
    )
    for change in wrong:
        with pytest.raises(FormatError):
            segment.seal_generation_segment(replace(HEADER, **change), b"", KEY)


def test_segment_may_take_no_time() -> None:
    """Sequence 0 is a WebM header without any media."""
    header = replace(HEADER, start=7, end=7)
    assert segment.parse_generation_segment_header(header.to_bytes()) == header


def test_cut_short() -> None:
    data = segment.seal_generation_segment(HEADER, b"", KEY)
    for length in range(4 + len(HEADER.to_bytes())):
        with pytest.raises(FormatError):
            segment.parse_generation_segment(data[:length])


def test_nothing_after_the_header_is_a_ciphertext_that_does_not_open() -> None:
    data = segment.seal_generation_segment(HEADER, b"", KEY)
    _, written, ciphertext = segment.parse_generation_segment(data[: 4 + len(HEADER.to_bytes())])
    assert ciphertext == b""
    with pytest.raises(SealError):
        decrypt_segment(written, ciphertext, KEY)


def test_another_suite() -> None:
    other = HEADER.to_bytes().replace(b"assent-2", b"assent-1")
    with pytest.raises(FormatError) as caught:
        segment.parse_generation_segment_header(other)
    assert caught.value.field == "suite"


def test_largest_header() -> None:
    written = HEADER.to_bytes()
    padded = written + b" " * (MAX_HEADER_BYTES - len(written))
    found, _, _ = segment.parse_generation_segment(len(written).to_bytes(4, "big") + written)
    assert found == HEADER
    with pytest.raises(FormatError, match="is not spelled"):
        segment.parse_generation_segment(len(padded).to_bytes(4, "big") + padded)


def test_header_that_claims_to_be_large() -> None:
    for length in (MAX_HEADER_BYTES + 1, 2**32 - 1):
        with pytest.raises(FormatError, match="has a header over"):
            segment.parse_generation_segment(length.to_bytes(4, "big") + b" " * 2000)
