from __future__ import annotations

from assent.media.budget import WINDOW, Budget


def test_cuts_at_the_number_of_packets_and_starts_anew() -> None:
    budget = Budget(packets=40, octets=10**9)
    assert [budget.spend(1, 5.0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert budget.spend(1, 5.0 + WINDOW)


def test_cuts_at_the_number_of_octets() -> None:
    budget = Budget(packets=10**6, octets=4000)
    assert [budget.spend(300, 5.0) for _ in range(5)] == [True] * 3 + [False] * 2
