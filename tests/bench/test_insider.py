"""The bench of an insider runs against a real media process, and notices what depends on values."""

from __future__ import annotations

import pytest

from bench import insider
from bench.insider import Window, judge, run
from bench.load import Missing, build
from support.insider import KINDS


def window(
    cpu: float = 0.3, memory: int = 50_000_000, hostile: int = 0, lost: float = 0.0
) -> Window:
    return Window(30.0, cpu, memory, 3000, hostile, lost, 1.0, 5.0, 0.0)


CALM = [window()] * 4


@pytest.mark.parametrize(
    ("hostile", "problems"),
    [
        ([window(0.9, hostile=12_000)] * 9, 0),
        ([window(27.0, hostile=12_000)] * 9, 1),
        ([window(0.3 + 0.6 * n, hostile=12_000) for n in range(9)], 1),
        ([window(0.9, 50_000_000 + n * 10_000_000, hostile=12_000) for n in range(9)], 1),
        ([window(0.9, hostile=12_000, lost=0.02)] * 9, 1),
    ],
    ids=["flat", "dear", "dearer", "larger", "heard"],
)
def test_what_depends_on_what_is_said_is_a_problem(hostile: list[Window], problems: int) -> None:
    assert len(judge(CALM, hostile)[1]) == problems


async def test_every_kind_is_sent_to_a_real_media_process(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        build()
    except Missing as error:
        pytest.skip(str(error))
    monkeypatch.setattr(insider, "SLICE", 0.1)
    result = await run(10 / 60, 2 / 60, 10.0)
    assert result["kinds"] == len(KINDS) + 1
    assert result["insider"]["hostile"] > 1000
    assert result["insider"]["sound_lost"] < 0.5  # of a busy machine nothing better is asked
    assert result["dropped"]["drop-told"] > 0
    assert not {"memory grows", "the insider was not in the meeting"} & {*result["problems"]}
