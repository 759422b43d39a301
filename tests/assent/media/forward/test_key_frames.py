from __future__ import annotations

import pytest

from assent.media.forward.key_frames import HASTE, HASTY, INTERVAL, TRIES, KeyFrames


def test_many_requests_are_one() -> None:
    frames = KeyFrames()
    assert frames.request(10.0)
    assert not any(frames.request(10.0 + n / 100) for n in range(20))


def test_asks_again_until_one_comes() -> None:
    frames = KeyFrames()
    assert frames.request(0.0)
    assert not frames.due(INTERVAL / 2)
    assert frames.due(INTERVAL)
    frames.arrived()
    assert not frames.due(INTERVAL * 3)


def test_a_request_soon_after_a_key_frame_is_kept() -> None:
    frames = KeyFrames()
    assert frames.request(0.0)
    frames.arrived()
    assert not frames.request(0.1)
    assert not frames.due(0.2)
    assert frames.due(INTERVAL)


def test_insisting_asks_soon_again_and_then_as_ever() -> None:
    frames = KeyFrames()
    assert frames.request(0.0)
    frames.arrived()
    frames.insist(0.1)
    asked = [n / 100 for n in range(10, 200) if frames.due(n / 100)]
    assert asked[: HASTY - 1] == pytest.approx([0.1 + HASTE * n for n in range(1, HASTY)], abs=0.02)
    assert asked[HASTY - 1] - asked[HASTY - 2] == pytest.approx(INTERVAL, abs=0.02)
    frames.arrived()
    assert not frames.due(10.0)
    assert frames.request(10.0)
    assert not frames.due(10.0 + HASTE)


def test_gives_up_on_who_sends_nothing_and_starts_over() -> None:
    frames = KeyFrames()
    frames.request(0.0)
    asked = 1 + sum(frames.due(n * INTERVAL) for n in range(1, 100))
    assert asked == TRIES
    assert not frames.wanted
    assert frames.request(1000.0)
