from __future__ import annotations

from assent.media.congestion.trendline import Trendline


def states(delay_of: list[float], spacing: float = 0.02) -> list[str]:
    trendline = Trendline()
    seen = []
    for number, delay in enumerate(delay_of):
        trendline.add(number * spacing, number * spacing + delay)
        seen.append(trendline.state)
    return seen


def test_a_steady_path_is_normal() -> None:
    assert set(states([0.03] * 200)) == {"normal"}


def test_jitter_is_normal() -> None:
    wobble = [0.03 + 0.004 * (number * 7 % 5) for number in range(300)]
    assert set(states(wobble)) == {"normal"}


def test_a_growing_queue_is_overuse_within_a_second() -> None:
    seen = states([0.03] * 50 + [0.03 + 0.004 * number for number in range(50)])
    assert "overuse" not in seen[:50]
    assert "overuse" in seen


def test_a_queue_that_drains_is_underuse() -> None:
    seen = states([0.03] * 30 + [0.4 - 0.008 * number for number in range(40)])
    assert seen[-1] == "underuse"


def test_packets_of_one_burst_are_one_group() -> None:
    trendline = Trendline()
    # Ten packets leave at once and arrive one after the other: that is no queue that grows.
    for frame in range(60):
        for number in range(10):
            trendline.add(frame * 0.033, frame * 0.033 + 0.03 + number * 0.002)
        assert trendline.state == "normal"


def test_a_long_silence_begins_anew() -> None:
    trendline = Trendline()
    for number in range(60):
        trendline.add(number * 0.02, number * 0.02 + 0.03 + 0.004 * number)
    trendline.add(20.0, 20.5)
    assert trendline.state == "normal"


def test_old_packets_change_nothing() -> None:
    trendline = Trendline()
    for number in range(60):
        trendline.add(number * 0.02, number * 0.02 + 0.03)
        trendline.add(number * 0.02 - 0.5, number * 0.02 + 0.03)
    assert trendline.state == "normal"
