"""Server and worker killed at random points of a meeting: nothing lost, nothing wrongly opened."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from support.commands import EXPORT
from support.data_folder import CONTAINER_MARKS, files, search, spellings
from support.media import listen, look, stretches
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server
from support.stalls import Stalls

pytestmark = pytest.mark.browser

KILLS = 10
# What is promised, in seconds. A machine that stood still meanwhile has that much more.
LOST = 2.0  # of a recording that a kill may cost
ON_ITS_WAY = 0.5  # what had not reached the server, or not the disk


async def back(person: Person, since: float, stalls: Stalls) -> float:
    """Wait until a page has its meeting again; returns how long it took by the page's own clock."""
    await all_say([person], "recording")
    until = await person.reconnected()
    return until - since - stalls.between(since, until)


async def test_ten_kills_at_random_points(scenario: Scenario, tmp_path: Path) -> None:
    with Stalls() as stalls:
        await ten_kills(scenario, tmp_path, stalls)


async def ten_kills(scenario: Scenario, tmp_path: Path, stalls: Stalls) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    began = time.time()
    people = await scenario.meeting(["Ada"], training=True)
    met = time.time() - began - stalls.between(began, time.time())
    host = people[0]
    await host.arm()
    await all_say(people, "recording")
    recording = Recording(server, host.meeting)
    dice = random.Random(20_250_401)
    took: list[float] = []
    kills: list[float] = []
    for number in range(KILLS):
        await asyncio.sleep(dice.uniform(0.0, 3.0))
        if dice.random() < 0.3:
            await server.kill_worker()
            await all_say(people, "recording")  # the meeting takes no notice
            continue
        for person in people:
            await person.begin_timing()
        kills.append(time.time())
        await server.kill()
        await asyncio.sleep(dice.uniform(0.0, 1.0))
        before = len(recording.generations)
        await server.start()
        up = time.time()
        for person in people:
            took.append(await back(person, up, stalls))
        await everyone_perceives(people)
        assert len(recording.generations) > before, (
            f"kill {number}: the recording goes on in a new generation"
        )
    print("back after", " ".join(f"{seconds:.2f}" for seconds in took), "s")
    print(f"it took {met:.2f} s to meet at all")
    # By themselves, and long before they could have met anew on the same machine.
    assert max(took) < met / 2

    await asyncio.sleep(2)
    await host.end()
    for person in people:
        await person.has_left()
    await recording.is_closed()
    interrupted = [each for each in recording.generations if each.interrupted]
    assert len(interrupted) == len(kills)
    lost = [
        kill - each.last - stalls.between(each.last, kill)
        for kill, each in zip(kills, interrupted, strict=True)
    ]
    print("lost", " ".join(f"{seconds:.2f}" for seconds in lost), "s")
    assert max(lost) < LOST + ON_ITS_WAY

    # Every answer is still there, so it is released, and opens to the last segment that was stored.
    await host.sees_release("ready")
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "export"))
    assert code == 0, said
    sounds = files(tmp_path / "export", ".microphone.opus")
    pictures = files(tmp_path / "export", ".camera.webm")
    assert len(sounds) == len(pictures) == len(people)
    assert {tone for path in sounds for tone in listen(path).tones} == {
        person.signs.tone for person in people
    }
    assert {colour for path in pictures for colour in look(path).colours} == {
        person.signs.colour for person in people
    }
    for path in sounds:
        for start, end in stretches(path):
            assert end >= start
    secrets = [spelling for person in people for spelling in spellings(person.seed)]
    assert not search(server.data, [*CONTAINER_MARKS, *secrets])
