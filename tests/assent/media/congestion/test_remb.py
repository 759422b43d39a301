from __future__ import annotations

from assent.media.congestion.remb import FLOOR, PER_AUDIO, PER_VIDEO, RembLimit


def test_starts_generous() -> None:
    assert RembLimit().update(1, 1, 0.0) == PER_VIDEO + PER_AUDIO


def test_gives_way_to_loss_and_recovers() -> None:
    ceiling = RembLimit()
    top = ceiling.update(1, 1, 0.0)
    lower = [ceiling.update(1, 1, 0.3) for _ in range(5)]
    assert lower == sorted(lower, reverse=True)
    assert lower[-1] < top / 2
    held = ceiling.update(1, 1, 0.05)
    assert held == lower[-1]
    for _ in range(40):
        held = ceiling.update(1, 1, 0.0)
    assert held == top


def test_never_falls_to_nothing() -> None:
    ceiling = RembLimit()
    for _ in range(200):
        value = ceiling.update(1, 1, 1.0)
    assert value == FLOOR
    assert RembLimit().update(0, 1, 1.0) == min(FLOOR, PER_AUDIO)


def test_another_track_gets_its_share() -> None:
    ceiling = RembLimit()
    ceiling.update(1, 0, 0.0)
    halved = ceiling.update(1, 0, 0.5)
    assert ceiling.update(2, 0, 0.05) == 2 * halved
    assert ceiling.update(0, 0, 0.0) == 0
