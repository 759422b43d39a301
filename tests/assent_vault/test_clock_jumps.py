"""The clock jumps, either way, between any two things that happen: no decision changes.

What was said first is told by sequence and digest, never by time. Two things are about time by
their nature, and are looked at by themselves: the cooling-off and the end of retention. A clock
that is wrong lengthens both and shortens neither; a person's own clock only delays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from assent_vault.clock.timekeeper import confirm
from assent_vault.formats import objects
from assent_vault.formats.statement import Will
from assent_vault.release.decision import Blocked, Release
from assent_vault.store.models import MeetingRow, ParticipantRow, WorkerHeartbeatRow
from support.sample_media import tone
from support.vault import COOLING_OFF_SECONDS, HOUR, StagedMeeting, VaultScene

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


async def told(stage: VaultScene, story: str, jumps: dict[int, int]) -> set[str]:
    """Return why a meeting is blocked at the end of a story, with jumps before some steps."""
    meeting = await stage.meeting(expires_at=10**14)
    for number, step in enumerate(STORIES[story]):
        stage.clock.jump(jumps.get(number, 0))
        stage.clock.pass_(1000)
        await step(meeting)
    await stage.worker.watch()
    decision = await stage.worker.judge.judge(meeting.id)
    assert decision is not None
    if isinstance(decision, Blocked):
        return {str(reason.code) for reason in decision.reasons}
    return set()


@pytest.mark.parametrize("day", [DAY, -DAY], ids=["ahead", "back"])
@pytest.mark.parametrize("story", STORIES)
async def test_no_decision_changes(stage: VaultScene, story: str, day: int) -> None:
    assert await told(stage, story, {}) == DECISIONS[story]
    for before in range(len(STORIES[story])):
        assert await told(stage, story, {before: day}) == DECISIONS[story], before
        stage.clock.jump(-day)  # and right again


async def test_every_other_step_on_another_day(stage: VaultScene) -> None:
    for story, steps in STORIES.items():
        jumps = {number: DAY if number % 2 else -DAY for number in range(len(steps))}
        assert await told(stage, story, jumps) == DECISIONS[story]


# What is about time by its nature.


async def export(stage: VaultScene, name: str) -> int:
    return (await stage.worker.export_to(stage.exports / name, lambda *_: None)).meetings


async def test_a_clock_that_is_set_back_makes_the_cooling_off_longer(stage: VaultScene) -> None:
    await stage.released(1, **SOUND)
    await stage.worker.watch()
    stage.clock.jump(-DAY)
    stage.clock.pass_(COOLING_OFF_SECONDS * 1000 + 1000)
    assert await export(stage, "early") == 0
    stage.clock.jump(DAY)
    assert await export(stage, "then") == 1


async def test_a_clock_that_was_ahead_when_a_yes_came_delays(stage: VaultScene) -> None:
    meeting = await stage.meeting(expires_at=10**14)
    stage.clock.jump(DAY)
    for step in (comes, says(0, Will.YES, Will.YES), record, end):
        await step(meeting)
    stage.clock.jump(-DAY)
    stage.clock.pass_(2 * COOLING_OFF_SECONDS * 1000)
    assert await export(stage, "early") == 0
    # It can be taken back for as long.
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    stage.clock.pass_(2 * DAY)
    assert await export(stage, "late") == 0


async def at_a_start(stage: VaultScene, jump: int) -> None:
    await stage.close()
    stage.clock.jump(jump)
    await stage.open()


async def while_it_runs(stage: VaultScene, jump: int) -> None:
    stage.clock.jump(jump)


WHEN = pytest.mark.parametrize("set_clock", [at_a_start, while_it_runs])
JUMPS = pytest.mark.parametrize(
    "jump", [100 * DAY, -3650 * DAY, 2 * DAY], ids=["100 days ahead", "10 years back", "2 days"]
)


async def rounds(stage: VaultScene) -> None:
    """Do all that a worker does by itself."""
    await stage.worker.make_keys()
    await stage.worker.watch()
    await stage.worker.erase()
    await stage.worker.keep_time()
    await stage.worker.beat()


async def all_there_is(stage: VaultScene) -> list[object]:
    """Return what must not be lost: meetings, who was there, keys, objects."""
    async with stage.database.read() as session:
        meetings = (await session.execute(select(MeetingRow.id, MeetingRow.destroyed_at))).all()
        people = (await session.scalars(select(ParticipantRow.person_id))).all()
    keys = [path.name for path in stage.settings.vault_dir.rglob("*") if path.is_file()]
    stored = [key async for key, _ in stage.blobs.list("meetings/")]
    return [sorted(map(str, each)) for each in (meetings, people, keys, stored)]


def runs(stage: VaultScene, hours: int) -> None:
    """Let a worker run that looks at the clock once a minute."""
    for _ in range(hours * 60):
        stage.clock.pass_(60_000)
        stage.worker._clock.now()


async def problem(stage: VaultScene) -> str | None:
    async with stage.database.read() as session:
        beat = await session.get(WorkerHeartbeatRow, "vault")
    assert beat is not None
    return beat.problem


@WHEN
@JUMPS
async def test_nothing_is_destroyed_or_released_by_a_clock_that_jumps(
    stage: VaultScene, jump: int, set_clock: Callable[[VaultScene, int], Awaitable[None]]
) -> None:
    """And when it is set right everything goes on: what is due by then is done, and no more."""
    released = await stage.released(1, **SOUND)
    await released.change(retain_until=stage.clock.now() + DAY)
    other = await stage.released(1, **SOUND)
    await other.change(retain_until=stage.clock.now() + 300 * DAY)
    await rounds(stage)
    before = await all_there_is(stage)
    await set_clock(stage, jump)
    for number in range(3):
        await rounds(stage)
        assert await export(stage, f"x{number}") == 0
        stage.clock.pass_(60_000)
    assert await problem(stage) == "clock-unconfirmed"
    assert await all_there_is(stage) == before
    if jump < 0:
        assert await stage.state(released) == await stage.state(other) == "cooling"

    await set_clock(stage, -jump)
    await rounds(stage)
    assert await problem(stage) is None
    stage.clock.pass_(COOLING_OFF_SECONDS * 1000)
    await rounds(stage)
    assert await stage.state(released) == await stage.state(other) == "ready"
    stage.clock.pass_(DAY)
    await rounds(stage)
    assert await stage.state(released) == "dropped"
    assert [key async for key, _ in stage.blobs.list(objects.meeting_prefix(released.id))] == []
    assert isinstance(await stage.worker.judge.judge(other.id), Release)


async def test_it_is_not_held_for_ever(stage: VaultScene) -> None:
    """After three days in which the clock ran evenly it is believed, though nobody has looked."""
    meeting = await stage.released(1, **SOUND)
    await meeting.change(retain_until=stage.clock.now() + 90 * DAY)
    await at_a_start(stage, 100 * DAY)
    await rounds(stage)
    for hours in range(0, 72, 12):
        assert [key async for key, _ in stage.blobs.list("meetings/")] != [], hours
        assert await problem(stage) == "clock-unconfirmed"
        runs(stage, 12)
        await at_a_start(stage, 0)  # being started again does not begin it anew
        await rounds(stage)
    await rounds(stage)
    assert await problem(stage) is None
    assert [key async for key, _ in stage.blobs.list("meetings/")] == []


async def test_a_person_can_say_that_the_clock_is_right(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    await meeting.change(retain_until=stage.clock.now() + 90 * DAY)
    await at_a_start(stage, 100 * DAY)
    for wrong in (0, 100 * DAY - HOUR):  # whoever vouches for another time vouches for nothing
        async with stage.database.write() as session:
            await confirm(session, stage.clock.at + wrong)
        await rounds(stage)
        assert await problem(stage) == "clock-unconfirmed"
    async with stage.database.write() as session:
        await confirm(session, stage.clock.now() + 1000)
    await stage.worker.keep_time()
    await rounds(stage)
    assert await problem(stage) is None
    assert [key async for key, _ in stage.blobs.list("meetings/")] == []


async def test_a_server_that_was_off_for_a_night_does_what_is_due_after_as_long(
    stage: VaultScene,
) -> None:
    await stage.released(1, **SOUND)
    await rounds(stage)
    await at_a_start(stage, 10 * HOUR)
    await rounds(stage)
    assert await problem(stage) is None  # nobody has to be told
    assert await export(stage, "early") == 0
    runs(stage, 10)
    assert await export(stage, "then") == 1


async def test_without_a_file_the_log_tells_what_was_known(stage: VaultScene) -> None:
    """The version before kept none, and a copy of the database alone has none."""
    meeting = await stage.released(1, **SOUND)
    await meeting.change(retain_until=stage.clock.now() + 90 * DAY)
    await stage.close()
    (stage.settings.vault_dir / "clock.known").unlink()
    stage.clock.jump(100 * DAY)
    await stage.open()
    await rounds(stage)
    assert await problem(stage) == "clock-unconfirmed"
    assert [key async for key, _ in stage.blobs.list("meetings/")] != []


async def test_retention_is_never_undone(stage: VaultScene) -> None:
    """Before its time: nothing. After it: destroyed, and setting the clock back is late."""
    meeting = await stage.released(1, **SOUND)
    await meeting.change(retain_until=stage.clock.now() + 2 * DAY)
    prefix = objects.meeting_prefix(meeting.id)
    stage.clock.pass_(DAY)
    await stage.worker.erase()
    assert isinstance(await stage.worker.judge.judge(meeting.id), Release)
    stage.clock.pass_(DAY)
    await stage.worker.erase()
    stage.clock.jump(-10 * DAY)
    decision = await stage.worker.judge.judge(meeting.id)
    assert isinstance(decision, Blocked)
    assert "destroyed" in {str(reason.code) for reason in decision.reasons}
    await stage.worker.erase()
    assert [key async for key, _ in stage.blobs.list(prefix)] == []
