"""The clocks of streams outlive generations, and do not pile up."""

from __future__ import annotations

from assent.recording.clocks import MOST, MOST_EACH, Clocks


def test_a_stream_keeps_its_clock() -> None:
    clocks = Clocks(1000.0)
    first = clocks.stream("ann", "camera", 1, 90_000)
    assert clocks.stream("ann", "camera", 1, 90_000) is first
    assert clocks.stream("ann", "camera", 2, 90_000) is not first
    assert clocks.stream("ben", "camera", 1, 90_000) is not first


def test_streams_of_a_publisher_share_what_is_known_of_its_clock() -> None:
    clocks = Clocks(0.0)
    sound = clocks.stream("ann", "microphone", 1, 48_000)
    assert clocks.stream("ann", "camera", 2, 90_000)._peer is sound._peer
    assert clocks.stream("ben", "camera", 2, 90_000)._peer is not sound._peer


def test_those_not_heard_of_for_longest_are_forgotten() -> None:
    clocks = Clocks(0.0)
    kept = clocks.stream("ann", "camera", 0, 90_000)
    for ssrc in range(1, 2 * MOST):
        clocks.stream(f"peer {ssrc}", "camera", ssrc, 90_000)
        assert clocks.stream("ann", "camera", 0, 90_000) is kept
    assert len(clocks._streams) == len(clocks._peers) == MOST


def test_times_are_of_the_meeting() -> None:
    assert Clocks(1000.0).meeting_time(1001.5) == 1500


def test_who_connects_again_and_again_pushes_out_nobody_else() -> None:
    clocks = Clocks(0.0)
    kept = clocks.stream("ben", "camera", 1, 90_000)
    for ssrc in range(2 * MOST):
        clocks.stream("ann", "camera", ssrc, 90_000)
    assert clocks.stream("ben", "camera", 1, 90_000) is kept
    assert len(clocks._streams) == MOST_EACH + 1
    assert sum(map(len, clocks._mine.values())) == len(clocks._streams)
