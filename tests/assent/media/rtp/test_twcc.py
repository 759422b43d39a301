from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp.twcc import (
    LOST,
    MAX_FEEDBACKS,
    MAX_PENDING,
    MAX_STATUSES,
    TICK,
    Arrivals,
    MalformedFeedback,
    parse,
)


def told(arrivals: Arrivals) -> list[tuple[int, int]]:
    return [entry for body in arrivals.feedback() for entry in parse(body)]


def test_reads_runs_vectors_and_both_kinds_of_deltas() -> None:
    # Base 10, nine packets, reference 3 × 64 ms: two small ones, then seven symbols.
    body = bytes.fromhex("000a 0009 000003 07 2002 d240 04 08 10 ff00 05".replace(" ", ""))
    assert parse(body) == [
        (10, 772),
        (11, 780),
        (12, 796),
        (13, LOST),
        (14, 540),
        (15, 545),
        (16, LOST),
        (17, LOST),
        (18, LOST),
    ]
    one_bit = bytes.fromhex("fffe 0003 000001 00 a800 05 06".replace(" ", ""))
    assert parse(one_bit) == [(65534, 261), (65535, LOST), (0, 267)]


def test_a_large_delta_may_go_back() -> None:
    body = bytes.fromhex("0001 0002 000001 00 e800 0064 ffce".replace(" ", ""))
    assert parse(body) == [(1, 356), (2, 306)]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "0001 0001 000000",  # no head
        "0001 0001 000000 00",  # no chunk
        "0001 0001 000000 00 2001",  # no delta
        "0001 0001 000000 00 4001 00",  # half of a large delta
        "0001 0001 000000 00 6001 00",  # reserved
        "0001 0001 000000 00 2000 00",  # a run of none
        "0001 ffff 000000 00 3fff",  # everything there could be
    ],
)
def test_refuses_what_contradicts_itself(body: str) -> None:
    with pytest.raises(MalformedFeedback):
        parse(bytes.fromhex(body.replace(" ", "")))


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(MalformedFeedback):
        assert len(parse(body)) <= MAX_STATUSES


@given(
    st.integers(0, 65535),
    st.lists(st.tuples(st.integers(1, 30), st.floats(0.0, 0.3)), min_size=1, max_size=120),
)
def test_what_is_written_is_read_back(first: int, steps: list[tuple[int, float]]) -> None:
    arrivals = Arrivals()
    now, extended = 5000.0, first
    expected = {}
    for gap, wait in steps:
        extended += gap
        now += wait
        arrivals.receive(extended & 0xFFFF, now)
        expected[extended & 0xFFFF] = int(now / TICK) & 0xFFFFFFFF
    got = {sequence: at for sequence, at in told(arrivals) if at != LOST}
    assert got == expected
    assert arrivals.feedback() == []


def test_what_is_missing_is_told_as_lost_and_as_late() -> None:
    arrivals = Arrivals()
    for sequence in (1, 2, 4):
        arrivals.receive(sequence, 1.0)
    assert [entry[0] for entry in told(arrivals) if entry[1] == LOST] == [3]
    arrivals.receive(3, 1.1)
    arrivals.receive(5, 1.1)
    assert [entry[0] for entry in told(arrivals) if entry[1] != LOST] == [3, 5]


def test_a_gap_goes_on_where_the_last_feedback_ended() -> None:
    arrivals = Arrivals()
    arrivals.receive(1, 1.0)
    told(arrivals)
    arrivals.receive(4, 1.1)
    assert [sequence for sequence, at in told(arrivals) if at == LOST] == [2, 3]


def test_a_flood_is_bounded() -> None:
    arrivals = Arrivals()
    for sequence in range(5 * MAX_PENDING):
        arrivals.receive(sequence * 7 & 0xFFFF, 1.0)
    bodies = arrivals.feedback()
    assert sum(at != LOST for body in bodies for _, at in parse(body)) <= MAX_PENDING
    assert all(len(body) < 1200 for body in bodies)


def test_numbers_that_lie_far_apart_are_not_all_told() -> None:
    arrivals = Arrivals()
    for count in range(150):
        arrivals.receive(count * 9001 & 0xFFFF, 5.0 + count / 1500)
    assert len(arrivals.feedback()) == MAX_FEEDBACKS
    assert arrivals.feedback() == []
    arrivals.receive(151 * 9001 & 0xFFFF, 6.0)
    assert len(arrivals.feedback()) == 1
