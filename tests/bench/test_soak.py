"""The soak runs against the real server, and notices what grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.soak import LEAST, Sample, judge, soak


def samples(
    memory: float, descriptors: int, tasks: int, count: int = 60, teeth: float = 0.0
) -> list[Sample]:
    """Return a sample of each minute; memory rises by MB an hour, the others by each minute."""
    return [
        Sample(
            minute / 60,
            {"web": 80 + memory * minute / 60 + teeth * (minute % 11) / 11},
            {"web": 90.0},
            {"web": 30 + descriptors * minute},
            {"web": 10},
            {"web": 14 + tasks * minute},
        )
        for minute in range(count)
    ]


@pytest.mark.parametrize(
    ("memory", "descriptors", "tasks", "found"),
    [(0.0, 0, 0, 0), (0.5, 0, 0, 0), (2.0, 0, 0, 2), (0.0, 1, 0, 1), (0.0, 0, 1, 1)],
)
def test_what_grows_is_a_problem(memory: float, descriptors: int, tasks: int, found: int) -> None:
    _, problems = judge(samples(memory, descriptors, tasks))
    assert len(problems) == found, problems


def test_what_is_filled_once_is_no_problem() -> None:
    hour = samples(0.0, 0, 0)
    for sample in hour[:25]:
        sample.uss["web"] -= 30 * (1 - sample.hour / hour[25].hour)
    assert judge(hour)[1] == []


def test_small_teeth_are_no_problem() -> None:
    assert judge(samples(0.0, 0, 0, teeth=1.0))[1] == []


def test_teeth_that_hide_a_rise_are_a_problem_of_their_own() -> None:
    _, problems = judge(samples(0.0, 0, 0, teeth=12.0))
    assert len(problems) == 2
    assert all("too restless" in problem for problem in problems)


def test_a_few_samples_say_nothing_of_memory() -> None:
    figures, problems = judge(samples(50.0, 0, 0, LEAST))
    assert problems == []
    assert figures["mb_per_hour"] == {}


async def test_meetings_come_and_go_and_nothing_is_left(tmp_path: Path) -> None:
    """A few short rounds. Memory is for the long run; here nothing may be left of who was there."""
    found = await soak(0, 0, tmp_path / "server", rounds=3, pace=0.1)
    assert found["problems"] == []
    first, *_, last = found["series"]
    assert set(first["uss"]) >= {"web", "worker", "media0"}
    # Every kind of thing was done, and media arrived at those who were there.
    did = found["did"]
    assert all(count > 0 for count in did.values()), did
    assert last["tasks"] == first["tasks"]
    # The database's connections are opened when they are needed, up to eight, of two files each.
    more = {name: count - first["descriptors"][name] for name, count in last["descriptors"].items()}
    assert more["media0"] <= 0, more
    assert sum(more.values()) < did["joins"] / 2, more
