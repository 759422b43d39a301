"""The soak runs against the real server, and notices what grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.soak import LEAST, Sample, judge, slope, soak


def samples(memory: float, descriptors: int, tasks: int, count: int = 20) -> list[Sample]:
    """Return a sample of each minute; memory rises by MB an hour, the others by each minute."""
    return [
        Sample(
            minute / 60,
            {"web": 80 + memory * minute / 60 + (0.01 if minute % 2 else 0.0)},
            {"web": 90.0},
            {"web": 30 + descriptors * minute},
            {"web": 10},
            {"web": 14 + tasks * minute},
        )
        for minute in range(count)
    ]


@pytest.mark.parametrize(
    ("memory", "descriptors", "tasks", "found"),
    [(0.0, 0, 0, 0), (0.5, 0, 0, 0), (5.0, 0, 0, 2), (0.0, 1, 0, 1), (0.0, 0, 1, 1)],
)
def test_what_grows_is_a_problem(memory: float, descriptors: int, tasks: int, found: int) -> None:
    _, problems = judge(samples(memory, descriptors, tasks))
    assert len(problems) == found, problems


def test_a_few_samples_say_nothing_of_memory() -> None:
    assert slope([0.0, 1.0], [0.0, 5.0]) is None
    _, problems = judge(samples(5.0, 0, 0, LEAST // 2))
    assert problems == []


def test_a_line_is_found() -> None:
    assert slope([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0]) == pytest.approx((2.0, 0.0))


async def test_meetings_come_and_go_and_nothing_is_left(tmp_path: Path) -> None:
    found = await soak(1.8, 24.0, tmp_path / "server")
    assert found["problems"] == []
    assert found["minutes"] >= 1.8
    assert set(found["series"][0]["uss"]) >= {"web", "worker", "media0"}
    # Every kind of thing was done, and media arrived at those who were there.
    assert all(count > 0 for count in found["did"].values()), found["did"]
