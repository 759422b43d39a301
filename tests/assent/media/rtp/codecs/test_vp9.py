from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp.codecs.vp9 import starts_key_frame


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x08\x00", True),  # B alone
        (b"\x88\x85\x05\x00", True),  # with a picture id
        (b"\x48\x00", False),  # predicted
        (b"\x00\x00", False),  # not the beginning
        (b"\xa8\x85\x05\x00\x00", True),  # layer indices, lowest
        (b"\xa8\x85\x05\x02\x00", False),  # spatial layer 1
        (b"\xa8\x85\x05\x20\x00", True),  # temporal layer 1
        (b"\xa8\x85\x05", False),
        (b"\xa8", False),
        (b"\x08", False),
        (b"", False),
    ],
)
def test_finds_key_frames(payload: bytes, expected: bool) -> None:
    assert starts_key_frame(payload) is expected


@given(st.binary(max_size=8))
def test_no_bytes_at_all_raise(payload: bytes) -> None:
    starts_key_frame(payload)
