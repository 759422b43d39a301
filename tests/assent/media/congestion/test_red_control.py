"""When a path loses so much sound that it should come twice."""

from __future__ import annotations

from assent.media.congestion.red_control import ENOUGH, FRACTION, HOLD, PERIOD, RedController


def test_a_good_path_gets_every_sound_once() -> None:
    path = RedController()
    for second in range(600):
        if second % 2 == 0:
            path.missed(1, float(second))  # fewer than ENOUGH in each period
        path.report(FRACTION - 1, float(second))
        assert not path.wanted(float(second))


def test_what_is_asked_for_again_turns_it_on_for_a_while() -> None:
    path = RedController()
    path.missed(ENOUGH - 1, 0.0)
    assert not path.wanted(0.0)
    path.missed(1, PERIOD)
    assert path.wanted(PERIOD)
    assert path.wanted(PERIOD + HOLD - 0.1)
    assert not path.wanted(PERIOD + HOLD)


def test_so_does_what_a_report_says() -> None:
    path = RedController()
    path.report(FRACTION, 0.0)
    assert path.wanted(HOLD - 0.1)
    assert not path.wanted(HOLD)
