"""The clock jumps a day, either way, between any two things that happen: no decision changes.

What was said first is told by sequence and digest, never by time. Two things are about time by
their nature, and are looked at by themselves: the cooling-off and the end of retention. A clock
that is wrong can shorten or lengthen both, and do nothing else; a person's own clock only delays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from assent_vault import objects
from assent_vault.gate import Blocked, Release
from assent_vault.statement import Will
from support.takes import tone
from support.vault import COOLING_OFF_SECONDS, HOUR, Stage, StagedMeeting

SOUND = {"microphone": tone(440, 100)}
DAY = 24 * HOUR
Step = Callable[[StagedMeeting], Awaitable[object]]


def comes(meeting: StagedMeeting) -> Awaitable[object]:
    return meeting.comes()


def says(who: int, recording: Will, training: Will) -> Step:
    return lambda meeting: meeting.says(meeting.people[who], recording, training)


def record(meeting: StagedMeeting) -> Awaitable[object]:
    return meeting.record([(person, SOUND) for person in meeting.people])


def end(meeting: StagedMeeting) -> Awaitable[object]:
    return meeting.end()


def looks(meeting: StagedMeeting) -> Awaitable[object]:
    return meeting.stage.worker.watch()


YES = (comes, comes, says(0, Will.YES, Will.YES), says(1, Will.YES, Will.YES), record, end, looks)
STORIES: dict[str, tuple[Step, ...]] = {
    "all agree": YES,
    "one comes round": (
        comes,
        says(0, Will.NO, Will.NO),
        says(0, Will.YES, Will.YES),
        record,
        end,
    ),
    "one takes back": (*YES, says(1, Will.YES, Will.WITHDRAWN), looks),
    "one takes back, and agrees to be recorded": (
        *YES[:5],
        says(0, Will.WITHDRAWN, Will.WITHDRAWN),
        says(0, Will.YES, Will.WITHDRAWN),
        end,
    ),
    "one only looks in": (*YES[:5], comes, end, looks),
}
DECISIONS = {
    "all agree": set(),
    "one comes round": set(),
    "one takes back": {"withdrawn", "vault-key-missing"},
    "one takes back, and agrees to be recorded": {"withdrawn", "vault-key-missing", "destroyed"},
    "one only looks in": {"not-answered"},
}


async def told(stage: Stage, story: str, jumps: dict[int, int]) -> set[str]:
    """Return why a meeting is blocked at the end of a story, with jumps before some steps."""
    meeting = await stage.meeting(expires_at=10**14)
    for number, step in enumerate(STORIES[story]):
        stage.clock.pass_(jumps.get(number, 0) + 1000)
        await step(meeting)
    await stage.worker.watch()
    decision = await stage.worker.judge.judge(meeting.id)
    assert decision is not None
    if isinstance(decision, Blocked):
        return {str(reason.code) for reason in decision.reasons}
    return set()


@pytest.mark.parametrize("day", [DAY, -DAY], ids=["ahead", "back"])
@pytest.mark.parametrize("story", STORIES)
async def test_no_decision_changes(stage: Stage, story: str, day: int) -> None:
    assert await told(stage, story, {}) == DECISIONS[story]
    for before in range(len(STORIES[story])):
        assert await told(stage, story, {before: day}) == DECISIONS[story], before
        stage.clock.pass_(-day)  # and right again


async def test_every_other_step_on_another_day(stage: Stage) -> None:
    for story, steps in STORIES.items():
        jumps = {number: DAY if number % 2 else -DAY for number in range(len(steps))}
        assert await told(stage, story, jumps) == DECISIONS[story]


# What is about time by its nature.


async def export(stage: Stage, name: str) -> int:
    return (await stage.worker.export_to(stage.exports / name, lambda *_: None)).meetings


async def test_a_clock_that_is_set_back_makes_the_cooling_off_longer(stage: Stage) -> None:
    await stage.released(1, **SOUND)
    await stage.worker.watch()
    stage.clock.pass_(-DAY + COOLING_OFF_SECONDS * 1000 + 1000)
    assert await export(stage, "early") == 0
    stage.clock.pass_(DAY)
    assert await export(stage, "then") == 1


async def test_a_clock_that_was_ahead_when_a_yes_came_delays(stage: Stage) -> None:
    meeting = await stage.meeting(expires_at=10**14)
    stage.clock.pass_(DAY)
    for step in (comes, says(0, Will.YES, Will.YES), record, end):
        await step(meeting)
    stage.clock.pass_(-DAY + 2 * COOLING_OFF_SECONDS * 1000)
    assert await export(stage, "early") == 0
    # It can be taken back for as long.
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    stage.clock.pass_(2 * DAY)
    assert await export(stage, "late") == 0


async def test_a_clock_that_jumps_ahead_cuts_the_cooling_off_and_nothing_else(
    stage: Stage,
) -> None:
    agreed, silent = await stage.released(1, **SOUND), await stage.meeting()
    ada = await silent.comes()
    await silent.comes()
    await silent.says(ada, Will.YES, Will.YES)
    await silent.record([(ada, SOUND)])
    await silent.end()
    withdrawn = await stage.released(1, **SOUND)
    await withdrawn.says(withdrawn.people[0], Will.YES, Will.WITHDRAWN)
    stage.clock.pass_(DAY)
    assert await export(stage, "x") == 1
    assert await stage.state(agreed) == "exported"
    assert await stage.state(silent) is None
    assert await stage.state(withdrawn) != "exported"


async def test_retention_goes_by_the_clock_and_is_never_undone(stage: Stage) -> None:
    """Ahead by less than what is left: nothing. By more: destroyed, and setting it back is late."""
    meeting = await stage.released(1, **SOUND)
    await meeting.change(retain_until=stage.clock.now() + 2 * DAY)
    prefix = objects.meeting_prefix(meeting.id)
    stage.clock.pass_(DAY)
    await stage.worker.erase()
    assert isinstance(await stage.worker.judge.judge(meeting.id), Release)
    stage.clock.pass_(DAY)
    await stage.worker.erase()
    stage.clock.pass_(-10 * DAY)
    decision = await stage.worker.judge.judge(meeting.id)
    assert isinstance(decision, Blocked)
    assert "destroyed" in {str(reason.code) for reason in decision.reasons}
    await stage.worker.erase()
    assert [key async for key, _ in stage.blobs.list(prefix)] == []
