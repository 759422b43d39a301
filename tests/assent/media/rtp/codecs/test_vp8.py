from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp.codecs.vp8 import height, picture_ids, shift, starts_key_frame


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
    height(payload)
    picture_ids(payload)
    assert len(shift(1, 1)(payload)) == len(payload)


KEY_HEADER = b"\x50\x2a\x00\x9d\x01\x2a\x00\x05\xd0\x42"  # 1280 × 720, the latter upscaled


def test_reads_the_height_of_a_key_frame() -> None:
    assert height(b"\x90\xe0\x85\x05\x09\x20" + KEY_HEADER) == 720
    assert height(b"\x10" + KEY_HEADER) == 720
    assert height(b"\x10" + KEY_HEADER[:-1]) in (0, 0xD0)
    assert height(b"\x10\x01" + bytes(9)) == 0


@pytest.mark.parametrize(
    ("payload", "found", "shifted"),
    [
        (b"\x90\xe0\x85\x05\x09\x20\x00", (0x505, 9), (0x506, 12)),
        (b"\x90\xe0\xff\xff\xff\x20\x00", (0x7FFF, 255), (0, 2)),  # both wrap
        (b"\x90\x80\x85\x05\x00\x00\x00", (0x505, -1), (0x506, -1)),
        (b"\x90\x80\x7f\x00\x00\x00\x00", (127, -1), (0, -1)),  # seven bits
        (b"\x90\xc0\x05\x09\x00\x00\x00", (5, 9), (6, 12)),
        (b"\x90\x40\x09\x00\x00\x00\x00", (-1, 9), (-1, 12)),
        (b"\x10\x00\x00\x00\x00\x00\x00", (-1, -1), (-1, -1)),
    ],
)
def test_running_numbers_are_read_and_written_anew(
    payload: bytes, found: tuple[int, int], shifted: tuple[int, int]
) -> None:
    assert picture_ids(payload) == found
    written = shift(1, 3)(payload)
    assert picture_ids(written) == shifted
    assert shift(-1, -3)(written) == payload
    assert written[5:] == payload[5:]
