"""The estimate over scripted links: what it must reach, and how soon it must give way."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assent.media.congestion.bandwidth import (
    FIRST,
    LEAST,
    LOSS_INTERVAL,
    MAX_ACKNOWLEDGED,
    MOST,
    REMEMBERED,
    Bandwidth,
    Sent,
)
from support.scripted_path import LAYERS, Link, Moment, Viewer

FINE = tuple(range(100_000, 6_000_000, 100_000))  # as if one could send anything


def mean(moments: list[Moment]) -> float:
    return sum(moment.bitrate for moment in moments) / len(moments)


def sent(moments: list[Moment], layers: tuple[int, ...]) -> float:
    return sum(layers[m.layer] if m.layer >= 0 else 0 for m in moments) / len(moments)


def heard(moments: list[Moment]) -> float:
    """The share of sound that arrived within 400 ms."""
    return sum(m.sound is not None and m.sound < 0.4 for m in moments) / len(moments)


@pytest.mark.parametrize("capacity", [800_000, 2_000_000, 4_000_000])
def test_uses_four_fifths_of_a_path_and_no_more_than_it_has(capacity: int) -> None:
    viewer = Viewer(Link(lambda now: capacity), FINE)
    viewer.run(15)
    moments = viewer.run(30)
    assert sent(moments, FINE) > 0.8 * (capacity - 40_000)
    assert heard(moments) == 1.0
    assert max(m.sound for m in moments if m.sound is not None) < 0.3


def test_the_best_layer_is_reached_within_two_seconds_where_it_fits() -> None:
    viewer = Viewer(Link(lambda now: 3_000_000))
    viewer.run(2)
    assert {moment.layer for moment in viewer.run(20)} == {2}


def test_a_layer_that_does_not_fit_is_not_chosen() -> None:
    viewer = Viewer(Link(lambda now: 1_000_000))
    viewer.run(2)
    moments = viewer.run(60)
    assert {moment.layer for moment in moments} == {1}
    assert heard(moments) == 1.0


def test_a_drop_is_answered_within_a_second_and_forgotten_within_ten() -> None:
    viewer = Viewer(Link(lambda now: 300_000 if 10 <= now < 30 else 5_000_000))
    viewer.run(10.5)
    assert viewer.moments[-1].layer == 0 or viewer.run(0.5)[-1].layer <= 0
    moments = viewer.run(30 - viewer.now)
    assert {moment.layer for moment in moments} <= {0, -1}
    assert sum(moment.layer == 0 for moment in moments) > 0.9 * len(moments)
    assert heard(moments) > 0.99
    viewer.run(10)
    assert {moment.layer for moment in viewer.run(20)} == {2}


def test_random_loss_is_not_congestion() -> None:
    viewer = Viewer(Link(lambda now: 5_000_000, loss=lambda now: 0.1))
    viewer.run(5)
    assert {moment.layer for moment in viewer.run(30)} == {2}


def test_loss_that_comes_with_the_rate_is() -> None:
    """A policer: no queue at all, and what is above the rate is gone."""
    viewer = Viewer(Link(lambda now: 700_000, queue=0.02), FINE)
    viewer.run(10)
    moments = viewer.run(30)
    assert 0.5 * 700_000 < mean(moments) < 700_000
    assert heard(moments) > 0.9


def test_pictures_pause_where_there_is_only_room_for_sound() -> None:
    viewer = Viewer(Link(lambda now: 90_000))
    viewer.run(10)
    moments = viewer.run(20)
    assert {moment.layer for moment in moments} == {-1}
    assert heard(moments) > 0.99


def test_a_queue_that_was_full_from_the_beginning_is_seen() -> None:
    viewer = Viewer(Link(lambda now: 200_000))
    viewer.run(2)
    assert heard(viewer.run(30)) > 0.99
    assert 0 in {moment.layer for moment in viewer.run(10)}


def overused(*, standing: bool) -> Bandwidth:
    """Return an estimate of a path on which the delay of a little traffic has just grown."""
    bandwidth = Bandwidth(0.0)
    delay = 0.03
    for tick in range(100):
        now = tick * 0.05
        if tick > 60:
            delay += 0.012
        # One packet in each report overtakes the others, unless everything stands in a queue.
        quick = delay if standing else 0.03
        arrivals = [Sent(now, now + quick, 100), Sent(now + 0.02, now + 0.02 + delay, 600)]
        bandwidth.feedback(arrivals, now + 0.6)
    return bandwidth


def test_growing_delay_alone_does_not_take_the_last_picture() -> None:
    # A machine that is short of time delays in the same way.
    assert overused(standing=False).bitrate >= 150_000
    assert overused(standing=True).bitrate < 120_000


def test_a_pause_does_not_last_for_ever() -> None:
    """Where nothing is sent nothing is told: only a probe finds out that the path is free again."""
    bandwidth = overused(standing=False)
    now = 5.6
    assert bandwidth._trendline.state == "overuse"  # and so it stays, until packets come
    assert bandwidth.congested(now)
    assert bandwidth.probe(LAYERS[2], now) == 0
    assert any(bandwidth.probe(LAYERS[2], now + tick * 0.02) for tick in range(500))


def test_nothing_is_a_sign_of_congestion_before_there_is_one() -> None:
    viewer = Viewer(Link(lambda now: 5_000_000 if now < 5 else 200_000))
    viewer.run(4)
    assert not viewer.bandwidth.congested(viewer.now)
    viewer.run(3)
    assert viewer.bandwidth.congested(viewer.now)


def test_probes_only_for_what_is_wanted() -> None:
    bandwidth = Bandwidth(0.0)
    assert bandwidth.probe(0, 1.0) == 0
    assert bandwidth.probe(FIRST, 1.0) == 0
    assert bandwidth.probe(2 * FIRST, 1.0) > FIRST


def test_a_probe_that_nobody_answers_raises_nothing_and_comes_less_often() -> None:
    bandwidth = Bandwidth(0.0)
    began = []
    probing = False
    for tick in range(1500):
        rate = bandwidth.probe(10 * FIRST, tick * 0.02)
        if rate and not probing:
            began.append(tick * 0.02)
        probing = rate > 0
    assert bandwidth.bitrate == FIRST
    gaps = [round(later - earlier, 1) for earlier, later in pairwise(began)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 4 > gaps[0]


def test_feedback_that_says_nothing_arrived_lowers_it_to_the_least() -> None:
    bandwidth = Bandwidth(0.0)
    for second in range(120):
        packets = [Sent(second + n / 50, None, 1000) for n in range(50)]
        bandwidth.feedback(packets, second + 1 + LOSS_INTERVAL / 100)
    assert bandwidth.bitrate == LEAST
    assert bandwidth.lost == 1.0


def test_a_remb_counts_only_without_feedback() -> None:
    bandwidth = Bandwidth(0.0)
    bandwidth.maximum(LAYERS[2])
    assert bandwidth.bitrate == LAYERS[2]
    bandwidth.feedback([Sent(1.0, 1.03, 1000)], 1.1)
    bandwidth.maximum(LEAST)
    assert bandwidth.bitrate > LEAST


def test_loss_of_receiver_reports_counts_only_without_feedback() -> None:
    bandwidth = Bandwidth(0.0)
    for second in range(1, 4):
        bandwidth.report(0.0, float(second))
    grown = bandwidth.bitrate
    assert grown > FIRST
    bandwidth.report(0.4, 5.0)
    assert bandwidth.bitrate < grown


@pytest.mark.parametrize("ahead", [0.0, 432_000.0, -432_000.0])
def test_what_is_kept_of_arrivals_is_bounded_by_our_own_clock(ahead: float) -> None:
    """One arrival that is days off, or a clock that stands still, and reports for ten minutes."""
    bandwidth = Bandwidth(0.0)
    bandwidth.feedback([Sent(0.0, 1000.0 + ahead, 1200)], 0.0)
    most = 0
    for tick in range(6000):
        now = tick * 0.1
        arrived = 1000.0 if not ahead else 1000.0 + now
        bandwidth.feedback([Sent(now, arrived, 1200)] * 10, now)
        most = max(most, len(bandwidth._acknowledged))
    assert most <= 10 * 10 * REMEMBERED + 20
    assert bandwidth._acknowledged_size == sum(size for _, _, size in bandwidth._acknowledged)


def test_what_is_kept_of_arrivals_is_bounded_by_count() -> None:
    bandwidth = Bandwidth(0.0)
    for _ in range(10):
        bandwidth.feedback([Sent(0.0, 1000.0, 1)] * 1000, 0.0)
    assert len(bandwidth._acknowledged) == MAX_ACKNOWLEDGED


@pytest.mark.parametrize("bitrate", [0, 1, 1 << 60, (1 << 18) - 1 << 63])
def test_a_receivers_own_estimate_may_be_anything(bitrate: int) -> None:
    bandwidth = Bandwidth(0.0)
    bandwidth.maximum(bitrate)
    assert LEAST <= bandwidth.bitrate <= MOST
