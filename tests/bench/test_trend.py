"""A small leak is noticed in an hour, and what only goes up and down is not taken for one."""

from __future__ import annotations

import random

import pytest

from bench.trend import Trend, trend

HALF = [minute / 60 for minute in range(31, 61)]  # the second half of an hour


def saw(minute: int, period: float, height: float, phase: float) -> float:
    return height * ((minute + phase) % period) / period


def row(leak: float, seed: int, height: float) -> Trend:
    """Return the trend of MB in use: a leak in MB/h, teeth of 3 to 15 minutes, and noise."""
    noise = random.Random(seed)
    period, phase = noise.uniform(3, 15), noise.uniform(0, 15)
    found = trend(
        HALF,
        [
            80 + leak * minute / 60 + saw(minute, period, height, phase) + noise.gauss(0, 0.05)
            for minute in range(31, 61)
        ],
    )
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_of_two_megabytes_an_hour_is_noticed(seed: int) -> None:
    found = row(2.0, seed, 0.2)
    assert 1.0 <= found.low <= 2.0 <= found.high


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("height", [0.0, 0.5, 3.5])
def test_teeth_are_no_leak(height: float, seed: int) -> None:
    found = row(0.0, seed, height)
    assert found.low < 1.0
    if height < 1:
        assert found.high < 2.0, "nor is anything hidden by them"


def test_teeth_would_be_one_if_neighbours_were_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_for_leaks() -> int:
        found = (
            trend(HALF, [80 + saw(minute, 17, 3.5, phase) for minute in range(31, 61)])
            for phase in range(17)
        )
        return sum(one is not None and one.low >= 1.0 for one in found)

    assert taken_for_leaks() == 0
    monkeypatch.setattr("bench.trend._alike", lambda _: 1.0)
    assert taken_for_leaks() > 0


def test_a_line_is_found_and_odd_samples_do_not_move_it() -> None:
    values = [80 + 3 * hour for hour in HALF]
    values[4] += 40
    values[20] -= 40
    found = trend(HALF, values)
    assert found is not None
    assert found.rise == pytest.approx(3.0)


def test_what_does_not_change_has_no_trend() -> None:
    assert trend(HALF, [80.0] * len(HALF)) == Trend(0.0, 0.0, 0.0)


def test_three_samples_say_nothing() -> None:
    assert trend([0.0, 1.0, 2.0], [0.0, 5.0, 9.0]) is None
