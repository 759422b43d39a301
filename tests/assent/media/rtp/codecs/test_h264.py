from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp.codecs.h264 import Profile, answered, profile, starts_key_frame

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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((one, Profile.CONSTRAINED_BASELINE) for one in ("42e01f", "42E01F", "42c01f", "42400b")),
        *((one, Profile.CONSTRAINED_BASELINE) for one in ("424029", "4d801f", "4de028", "58c00a")),
        *((one, Profile.BASELINE) for one in ("42001f", "42000d", "42800a", "588015")),
        *((one, None) for one in ("4d001f", "4d401f", "58001f", "580015", "640c1f", "64001f")),
        *((one, None) for one in ("42e11f", "42ff1f", "6e001f", "f4001f", "2c001f", "7a1015")),
        *((one, None) for one in ("", "42e0", "42e01f0", "42e01g", "0x42e0", " 42e01", "4२e01f")),
    ],
)
def test_table_5_names_the_profile(text: str, expected: Profile | None) -> None:
    assert profile(text) is expected


def test_every_spelling_is_of_one_profile_at_most() -> None:
    """As RFC 6184 table 5 has it: every profile_idc and profile-iop there is."""
    found = {
        (idc, iop): profile(f"{idc:02x}{iop:02x}1f") for idc in range(256) for iop in range(256)
    }
    constrained = {key for key, one in found.items() if one is Profile.CONSTRAINED_BASELINE}
    assert {idc for idc, _ in constrained} == {0x42, 0x4D, 0x58}
    assert all(iop & 0x0F == 0 for _, iop in constrained)
    assert sum(1 for idc, _ in constrained if idc == 0x42) == 8
    assert sum(1 for idc, _ in constrained if idc == 0x4D) == 8
    assert sum(1 for idc, _ in constrained if idc == 0x58) == 4
    assert sum(1 for one in found.values() if one is Profile.BASELINE) == 8 + 4


def test_the_answer_is_of_the_same_profile() -> None:
    assert answered("42000d", asymmetric=True) == "42001f"
    assert answered("42C028", asymmetric=True) == "42c028"
    assert answered("42000d", asymmetric=False) == "42000d"
