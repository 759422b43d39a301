from __future__ import annotations

from assent.media.rate_window import WINDOW, RateWindow


def test_cuts_at_the_number_of_packets_and_starts_anew() -> None:
    budget = RateWindow(packets=40, octets=10**9)
    assert [budget.spend(1, 5.0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert budget.spend(1, 5.0 + WINDOW)


def test_cuts_at_the_number_of_octets() -> None:
    budget = RateWindow(packets=10**6, octets=4000)
    assert [budget.spend(300, 5.0) for _ in range(5)] == [True] * 3 + [False] * 2
