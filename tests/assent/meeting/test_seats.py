"""Seats: what their tokens tell, and that nobody else can make one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadToken
from assent.meeting import seats
from assent_vault.formats.suite import decode, encode

KEY = bytes(range(32))
MEETING = encode(bytes(16))


@given(st.booleans(), st.integers(0, 2**48 - 1))
def test_a_seat_is_what_was_handed_out(host: bool, now: int) -> None:
    token = seats.hand_out(KEY, MEETING, host=host, now=now)
    seat = seats.parse(KEY, MEETING, token)
    assert seat is not None
    assert (seat.meeting, seat.host, seat.at) == (MEETING, host, now)
    assert seat.token_hash == hashlib.sha256(decode(token)).digest()
    assert token != seats.hand_out(KEY, MEETING, host=host, now=now)


def test_no_bit_of_it_can_be_another() -> None:
    token = decode(seats.hand_out(KEY, MEETING, host=False, now=1))
    for bit in range(8 * len(token)):
        changed = bytearray(token)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadToken):
            seats.parse(KEY, MEETING, encode(bytes(changed)))


def test_it_is_of_one_meeting_and_one_server() -> None:
    token = seats.hand_out(KEY, MEETING, host=True, now=1)
    with pytest.raises(BadToken):
        seats.parse(KEY, encode(bytes(15) + b"x"), token)
    with pytest.raises(BadToken):
        seats.parse(bytes(32), MEETING, token)


def test_other_tokens_are_looked_for_elsewhere() -> None:
    assert seats.parse(KEY, MEETING, encode(bytes(32))) is None
    with pytest.raises(BadToken):
        seats.parse(KEY, MEETING, "no base64url!")
