"""Answers of a hearing process: a round trip, and everything that cannot be true."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.hearing import wire
from assent_vault.hearing.wire import Heard

HEARD = Heard(((0, 90), (400, 1000)), -23.5, None, 0.25)


def test_a_round_trip() -> None:
    assert wire.read(wire.write(HEARD), 1000) == HEARD


def answer(*turns: tuple[int, int], level: float = -20.0, clipped: float = 0.0) -> bytes:
    head = struct.pack("<4sIddd", b"HRD1", len(turns), level, math.nan, clipped)
    return head + b"".join(struct.pack("<II", *turn) for turn in turns)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        wire.write(HEARD)[:-1],
        wire.write(HEARD) + b"\0",
        b"HRD2" + wire.write(HEARD)[4:],
        answer((0, 1001)),
        answer((500, 400)),
        answer((500, 500)),
        answer((0, 500), (400, 600)),
        answer((500, 600), (0, 100)),
        answer(level=math.inf),
        answer(level=-120.1),
        answer(level=1.0),
        answer(clipped=-0.1),
        answer(clipped=1.1),
        answer(clipped=math.nan),
        answer(*((2 * n, 2 * n + 1) for n in range(400))),
    ],
)
def test_what_cannot_be_true_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError):
        wire.read(said, 1000)


@given(st.binary(max_size=200))
def test_anything_else_is_refused_too(said: bytes) -> None:
    with pytest.raises(ValueError):
        wire.read(said, 1000)


def test_the_largest_answer_there_can_be_is_read() -> None:
    turns = tuple((390 * n, 390 * n + 90) for n in range(10_000))
    heard = Heard(turns, None, None, 0.0)
    assert wire.read(wire.write(heard), 3_900_000) == heard
