from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.h264 import starts_key_frame

SPS, PPS, IDR = b"\x67\x42", b"\x68\xce", b"\x65\x88"


def stap(*units: bytes) -> bytes:
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (SPS, True),
        (PPS, False),
        (IDR, False),  # no one who comes late can decode it alone
        (b"\x41\x9a", False),
        (stap(SPS, PPS), True),  # as Chromium sends it
        (stap(PPS, SPS, IDR), True),
        (stap(PPS, IDR), False),
        (stap(SPS)[:-1], False),  # truncated
        (b"\x7c\x87\x42", True),  # FU-A, start, SPS
        (b"\x7c\x07\x42", False),
        (b"\x7c\x85\x88", False),  # FU-A, start, IDR
        (b"\x67", False),
        (b"", False),
    ],
)
def test_finds_where_a_decoder_can_begin(payload: bytes, expected: bool) -> None:
    assert starts_key_frame(payload) is expected


@given(st.binary(max_size=12))
def test_no_bytes_at_all_raise(payload: bytes) -> None:
    starts_key_frame(payload)
    starts_key_frame(b"\x78" + payload)
