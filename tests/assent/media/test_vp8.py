from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.vp8 import starts_key_frame


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x10\x00", True),
        (b"\x10\x01", False),  # inverse key-frame flag
        (b"\x00\x00", False),  # not the start of a partition
        (b"\x11\x00", False),  # not the first partition
        (b"\x90\x80\x05\x00", True),  # picture id of 7 bits
        (b"\x90\x80\x85\x05\x00", True),  # of 15 bits
        (b"\x90\xe0\x85\x05\x09\x20\x00", True),  # as Chromium sends it: id, TL0PICIDX, TID
        (b"\x90\xe0\x85\x05\x09\x20\x01", False),
        (b"\x90\x10\x00\x00", True),  # key index alone
        (b"\x90\xe0\x85\x05\x09\x20", False),  # truncated
        (b"\x90\x80", False),
        (b"\x10", False),
        (b"", False),
    ],
)
def test_finds_key_frames(payload: bytes, expected: bool) -> None:
    assert starts_key_frame(payload) is expected


@given(st.binary(max_size=8))
def test_no_bytes_at_all_raise(payload: bytes) -> None:
    starts_key_frame(payload)
