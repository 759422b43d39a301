from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp.reception import (
    DUPLICATE,
    FIRST_WAIT,
    FURTHEST,
    MAX_SKIPPED,
    TRIES,
    Reception,
)


def received(sequences: list[int], *, patience: int = 64) -> tuple[Reception, list[int]]:
    reception = Reception(90000, patience)
    return reception, [reception.receive(number, 0, 0.0) for number in sequences]


def test_numbers_go_on_across_the_wrap() -> None:
    _, out = received([65534, 65535, 0, 1])
    assert [b - a for a, b in itertools.pairwise(out)] == [1, 1, 1]


def test_a_late_packet_counts_once() -> None:
    _, out = received([10, 12, 11, 11, 10])
    assert out[2] == out[0] + 1
    assert out[3:] == [DUPLICATE, DUPLICATE]


def test_what_came_before_the_first_is_a_duplicate() -> None:
    _, out = received([10, 9])
    assert out[1] == DUPLICATE


@given(st.lists(st.integers(0, 65535), max_size=80), st.lists(st.integers(0, 65535), max_size=20))
def test_no_number_is_passed_on_twice(arrivals: list[int], recovered: list[int]) -> None:
    reception = Reception(48000, 32)
    passed = []
    for index, sequence in enumerate(arrivals):
        passed.append(reception.receive(sequence, 0, index * 0.02))
        if index < len(recovered):
            passed.append(reception.recover(recovered[index]))
        reception.due(index * 0.02)
        assert len(reception.missing) <= 32
    fresh = [number for number in passed if number != DUPLICATE]
    assert len(set(fresh)) == len(fresh)


def test_reordering_is_given_a_moment() -> None:
    reception, _ = received([1, 3])
    assert reception.due(FIRST_WAIT / 2) == []
    assert reception.due(FIRST_WAIT) == [2]
    assert reception.due(FIRST_WAIT + 0.01) == []


def test_asking_grows_rare_and_ends() -> None:
    reception, _ = received([1, 3])
    times = [step / 100 for step in range(1000) if reception.due(step / 100)]
    assert len(times) == TRIES
    gaps = [round(b - a, 2) for a, b in itertools.pairwise(times)]
    assert gaps == sorted(gaps)
    assert reception.missing == {}
    assert reception.receive(2, 0, 10.0) == DUPLICATE  # given up


def test_a_gap_too_long_is_not_asked_for() -> None:
    reception, _ = received([1, 3, 200])
    assert reception.overruns == 1
    assert reception.missing == {}


def test_only_what_is_missing_is_recovered() -> None:
    reception, out = received([65535, 1])
    assert reception.recover(0) == out[0] + 1
    assert reception.recover(0) == DUPLICATE
    assert reception.recover(1) == DUPLICATE
    assert reception.recover(2) == DUPLICATE
    assert Reception(48000, 8).recover(1) == DUPLICATE


def test_reports_what_the_path_lost() -> None:
    reception, _ = received([1, 2, 3, 5])
    assert reception.due(FIRST_WAIT) == [4]
    assert reception.receive(4, 0, 0.1) > 0  # asked for, so sent again
    block = reception.block(9, 7, 8)
    assert block is not None
    assert (block.ssrc, block.last_report, block.delay) == (9, 7, 8)
    assert (block.lost, block.fraction_lost, block.highest) == (1, 256 // 5, 5)
    reception.receive(6, 0, 0.2)
    block = reception.block(9, 7, 8)
    assert block is not None
    assert (block.lost, block.fraction_lost) == (1, 0)


def test_late_packets_make_up_for_a_loss() -> None:
    reception, _ = received([1, 3])
    assert reception.block(1, 0, 0) is not None
    reception.receive(2, 0, 0.0)
    block = reception.block(1, 0, 0)
    assert block is not None
    assert (block.lost, block.fraction_lost) == (0, 0)


def test_there_is_nothing_to_report_before_the_first_packet() -> None:
    assert Reception(48000, 8).block(1, 0, 0) is None


def test_jitter_is_that_of_the_rfc() -> None:
    reception = Reception(8000, 8)
    for number in range(200):
        # Packets of 20 ms, every second one 10 ms late: each difference is 80 ticks.
        late = 0.010 if number % 2 else 0.0
        reception.receive(number, (2**32 - 8000 + number * 160) % 2**32, number * 0.020 + late)
    block = reception.block(1, 0, 0)
    assert block is not None
    assert 76 <= block.jitter <= 80


def test_gaps_by_the_hundred_are_not_asked_for_for_ever() -> None:
    """A stream of gaps, each as long as is still asked for, is taken for one too long to repair."""
    reception = Reception(90000, 256)
    noted = 0
    for number in range(1500):
        before = len(reception.missing)
        reception.receive(number * 250 & 0xFFFF, 0, number / 1500)
        noted += max(0, len(reception.missing) - before)
    assert noted <= MAX_SKIPPED
    assert reception.overruns > 1000


def test_who_skips_half_the_range_gets_no_further_than_numbers_go() -> None:
    reception = Reception(90000, 256)
    reception.receive(0, 0, 0.0)
    reception.highest = FURTHEST + 1
    sequence = FURTHEST + 1 & 0xFFFF
    assert reception.receive(sequence + 0x7000 & 0xFFFF, 0, 0.0) == DUPLICATE
    assert reception.receive(sequence + 1, 0, 0.0) == FURTHEST + 2
