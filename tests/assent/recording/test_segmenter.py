"""Clusters: never longer than two seconds, never later than they may be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assent.recording.segmenter import LARGEST, LASTS, SPAN, Cluster, Segmenter


def fill(segmenter: Segmenter, count: int, begin: int = 0) -> list[Cluster]:
    """Hand in frames, one every 20 ms, that arrive at once."""
    found = []
    for number in range(begin, begin + count):
        time = number * 20
        out = segmenter.add(time, True, b"x", time / 1000, 20)
        if out is not None:
            found.append(out)
    return found


def test_a_cluster_is_finished_after_its_span() -> None:
    segmenter = Segmenter()
    [first] = fill(segmenter, 100)
    assert (first.start, first.end) == (0, 1400)
    rest = segmenter.flush()
    assert rest is not None
    assert (rest.start, rest.end) == (1400, 2000)
    assert segmenter.flush() is None


def test_silence_does_not_hold_it_back() -> None:
    segmenter = Segmenter()
    fill(segmenter, 5)
    assert segmenter.due(SPAN - 0.01) is None
    due = segmenter.due(SPAN)
    assert due is not None
    assert (due.start, due.end) == (0, 100)
    assert segmenter.due(100) is None


def test_what_waited_elsewhere_counts_from_its_arrival() -> None:
    segmenter = Segmenter()
    segmenter.add(0, True, b"x", 10.4, 20)
    segmenter.add(20, True, b"x", 10.0, 20)  # arrived before, was passed on after
    assert segmenter.due(10.0 + SPAN) is not None


def test_times_never_go_back_nor_stand_still() -> None:
    segmenter = Segmenter()
    for time in (100.0, 99.6, 50.0, 100.4, 200.0):
        segmenter.add(time, True, b"x", 0.0, 20)
    cluster = segmenter.flush()
    assert cluster is not None
    assert [at for at, _, _, _ in cluster.blocks] == [100, 101, 102, 103, 200]


def test_a_gap_begins_another_cluster() -> None:
    segmenter = Segmenter()
    assert segmenter.add(0, True, b"x", 0.0, 20) is None
    first = segmenter.add(5000, True, b"x", 0.1, 20)
    assert first is not None
    assert (first.start, first.end) == (0, 20)


def test_what_is_large_is_stored_sooner() -> None:
    segmenter = Segmenter()
    large = bytes(LARGEST // 2 + 1)
    assert segmenter.add(0, True, large, 0.0, 0) is None
    first = segmenter.add(33, False, large, 0.033, 0)
    assert first is not None
    assert first.size == len(large)


def test_a_picture_lasts_until_the_next_as_far_as_that_is_known() -> None:
    segmenter = Segmenter()
    times = [0.0, 40.0, 1040.0]
    assert all(segmenter.add(time, True, b"x", time / 1000, 0) is None for time in times)
    first = segmenter.add(2040.0, True, b"x", 2.04, 0)  # it closes the cluster, and says how long
    assert first is not None
    assert [last for _, _, _, last in first.blocks] == [40, 1000, 1000]
    assert (first.start, first.end) == (0, 2000)
    second = segmenter.due(2.04 + SPAN)
    assert second is not None
    assert [last for _, _, _, last in second.blocks] == [0], "nobody knows yet"
    assert (second.start, second.end) == (2040, 2040)


def test_a_picture_does_not_last_over_a_gap() -> None:
    segmenter = Segmenter()
    segmenter.add(0.0, True, b"x", 0.0, 0)
    first = segmenter.add(LASTS + 1.0, True, b"x", 0.1, 0)
    assert first is not None
    assert [last for _, _, _, last in first.blocks] == [0]


def test_sound_says_itself_how_long_it_lasts() -> None:
    segmenter = Segmenter()
    fill(segmenter, 5)
    cluster = segmenter.flush()
    assert cluster is not None
    assert {last for _, _, _, last in cluster.blocks} == {0}


def test_what_is_discarded_is_gone() -> None:
    segmenter = Segmenter()
    fill(segmenter, 5)
    segmenter.discard()
    assert segmenter.flush() is None


@given(
    st.lists(st.tuples(st.floats(-3000, 10_000), st.floats(0, 2), st.floats(0, 120)), max_size=100)
)
def test_whatever_comes_clusters_are_short_and_in_order(
    script: list[tuple[float, float, float]],
) -> None:
    segmenter = Segmenter()
    clusters = []
    now = time = 0.0
    for step, wait, duration in script:
        now += wait
        time = max(0.0, time + step)
        clusters += [segmenter.due(now), segmenter.add(time, True, b"x", now, duration)]
    clusters.append(segmenter.flush())
    found = [cluster for cluster in clusters if cluster is not None]
    assert sum(len(cluster.blocks) for cluster in found) == len(script)
    for cluster in found:
        times = [at for at, _, _, _ in cluster.blocks]
        assert times[0] == cluster.start
        assert cluster.start <= times[-1] <= cluster.end <= cluster.start + 2000
    everything = [at for cluster in found for at, _, _, _ in cluster.blocks]
    assert all(before < after for before, after in pairwise(everything))
