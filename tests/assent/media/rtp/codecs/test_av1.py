from __future__ import annotations

import pytest

from assent.media.rtp.codecs.av1 import starts_key_frame


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x18\x0a", True),  # N, one element
        (b"\x58\x0a", True),  # its last element goes on in the next packet
        (b"\x10\x0a", False),
        (b"\x98\x0a", False),  # the rest of an OBU
        (b"\x18", False),
        (b"", False),
    ],
)
def test_finds_the_beginning_of_a_sequence(payload: bytes, expected: bool) -> None:
    assert starts_key_frame(payload) is expected
