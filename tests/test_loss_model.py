"""The bad line of the tests is as bad as it says, and no worse."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from support.loss_model import Impairment, Shaper


def through(
    bad: Impairment, count: int = 10_000, step: float = 0.001, size: int = 100
) -> list[tuple[float, int]]:
    """Send numbered packets, one each step; returns when each came out, in the order they did."""
    shaper = Shaper(bad, seed=1)
    out: list[tuple[float, int]] = []
    moment = 0.0
    for number in range(count):
        while (at := shaper.next_at) is not None and at <= moment:
            out += [(at, int.from_bytes(packet[:4], "big")) for packet in shaper.pop(at)]
        shaper.push(number.to_bytes(4, "big") + bytes(size - 4), moment)
        moment += step
    while (at := shaper.next_at) is not None:
        out += [(at, int.from_bytes(packet[:4], "big")) for packet in shaper.pop(at)]
    return out


def test_a_perfect_line_changes_nothing() -> None:
    assert [number for _, number in through(Impairment())] == list(range(10_000))


def test_delay_and_jitter_keep_the_order() -> None:
    out = through(Impairment(delay=0.05, jitter=0.02))
    assert [number for _, number in out] == list(range(10_000))
    late = [at - number * 0.001 for at, number in out]
    assert min(late) >= 0.0499
    assert 0.065 < max(late) < 0.0701


def test_some_overtake() -> None:
    out = [number for _, number in through(Impairment(delay=0.02, reorder=0.1))]
    assert sorted(out) == list(range(10_000))
    overtaken = sum(1 for before, after in pairwise(out) if after < before)
    assert 800 < overtaken < 1200


def test_loss_is_as_said() -> None:
    assert 7800 < len(through(Impairment(loss=0.2))) < 8200


def test_bursts_are_as_long_as_said() -> None:
    out = [number for _, number in through(Impairment(burst_start=0.005, burst_length=20))]
    gaps = {after - before - 1 for before, after in pairwise(out)} - {0}
    assert 20 in gaps
    assert all(gap >= 20 for gap in gaps)


def test_a_bottleneck_lets_through_its_rate_and_drops_the_rest() -> None:
    # 1.6 Mbit/s are offered, 0.8 fit: 1000 bytes every 10 ms.
    out = through(Impairment(rate=800_000, queue=20_000), count=2000, step=0.005, size=1000)
    assert 1000 <= len(out) <= 1022
    assert max(at - number * 0.005 for at, number in out) < 0.22


@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_the_same_seed_gives_the_same_line(seed: int, loss: float, reorder: float) -> None:
    def run() -> list[bytes]:
        shaper = Shaper(Impairment(delay=0.01, jitter=0.03, loss=loss, reorder=reorder), seed)
        for number in range(50):
            shaper.push(bytes([number]), number * 0.001)
        return shaper.pop(1.0)

    assert run() == run()
