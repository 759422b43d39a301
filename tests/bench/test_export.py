"""The benchmark of exports runs, on a few seconds of two people."""

from __future__ import annotations

from pathlib import Path

from bench.export import measure


def test_a_short_one(tmp_path: Path) -> None:
    found = measure(0.01, 2, 0.3, tmp_path)
    for name in ("without_speech", "with_speech"):
        one = found[name]
        assert (one["meetings"], one["tracks"]) == (2, 4)
        assert one["x_one_core"] > 0
        assert 20 < one["peak_mb"] < 300
        steps = one["steps"]
        assert {"fetch", "open", "join", "digest", "documents", "rest"} == steps.keys()
        assert steps["open"]["mb"] > 0
    assert found["with_speech"]["cpu_seconds_of_children"] > 0
    assert found["without_speech"]["cpu_seconds_of_children"] == 0


def test_one_that_is_killed(tmp_path: Path) -> None:
    found = measure(0.015, 2, 0.3, tmp_path, deaf=True, kills=3)
    assert "with_speech" not in found
    seen = found["killed"]
    assert (seen["same_bytes"], seen["finished_again"]) == (True, 0)
    assert 1 <= seen["kills"] <= 3, "so little is written that the last ones may come too late"
    assert len(set(seen["killed_at_mb"])) == seen["kills"], "at random"
    assert seen["finished_at_each"] == sorted(seen["finished_at_each"])
    assert not (tmp_path / "kept").exists()
