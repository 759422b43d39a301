"""One of two media processes is killed while people meet in both: what each page shows of it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from support.frames import frame_times, longest_gap, watch_frames
from support.recordings import Recording
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server
from support.stalls import Stalls
from support.waiting import eventually

pytestmark = pytest.mark.browser


def sockets(pid: int) -> int:
    """Return how many sockets a process has open: the more, the more people it serves."""
    return sum(
        str(path.readlink()).startswith("socket:") for path in Path(f"/proc/{pid}/fd").iterdir()
    )


async def test_a_killed_media_process_harms_its_own_rooms_alone(
    scenario: Scenario, tmp_path: Path
) -> None:
    server = await scenario.open(Server(tmp_path / "server", settings={"media_processes": 2}))
    assert len(server.media_pids()) == 2
    host = await scenario.host()
    quiet = await host.create_meeting("Quiet")
    others = [await scenario.person("Ben"), await scenario.person("Cleo")]
    for person in others:
        await person.arrive(quiet)
        await person.join()
    await everyone_perceives(others)
    theirs = max(server.media_pids(), key=sockets)

    link = await host.create_meeting("Struck")
    await host.enter_as_host()
    ada = await scenario.person("Ada")
    await ada.arrive(link)
    people = [host, ada]
    for person in people:
        await person.answer_at_the_door(recording=True)
        await person.join()
    await everyone_perceives(people)
    await host.arm()
    await all_say(people, "recording")
    recording = Recording(server, host.meeting)
    await recording.grows(generations=1, segments=12)

    (victim,) = set(server.media_pids()) - {theirs}
    for person in [*people, *others]:
        await watch_frames(person.page)
    with Stalls() as stalls:
        await asyncio.sleep(1.5)
        killed = time.time()
        os.kill(victim, signal.SIGKILL)
        await everyone_perceives(people)
        await all_say(people, "recording")
        await recording.grows(generations=2, segments=12)
        await everyone_perceives(others)

        took = []
        for person in people:
            _, back = longest_gap(await frame_times(person.page), killed)
            took.append(back - killed - stalls.between(killed, back))
        gaps = []
        for person in others:
            start, end = longest_gap(await frame_times(person.page), killed - 1)
            gaps.append(end - start - stalls.between(start, end))
    print("back after", " ".join(f"{seconds:.2f}" for seconds in took), "s")
    print("others' longest gap", " ".join(f"{seconds:.2f}" for seconds in gaps), "s")
    # How long it takes says how busy the machine is; that the others stood still for less, whose
    # pages were as busy, does not.
    assert max(gaps) < min(took)
    assert theirs in server.media_pids()
    assert victim not in server.media_pids()
    first, second = recording.generations
    assert first.interrupted, "what a process took along is missing at the end"
    assert second.people == first.people == {person.id for person in people}

    await host.end()
    for person in people:
        await person.has_left()
    await recording.is_closed()
    assert not recording.generations[-1].interrupted
    assert recording.generations[-1].sources(ada.id) == {"microphone", "camera"}


async def test_media_processes_end_with_the_server(scenario: Scenario, tmp_path: Path) -> None:
    server = await scenario.open(Server(tmp_path / "server", settings={"media_processes": 2}))
    processes = server.media_pids()
    os.kill(processes[0], signal.SIGSTOP)  # nor does one that is stuck stay behind
    await server.kill()

    def gone() -> bool:
        return not any(Path(f"/proc/{pid}").exists() for pid in processes)

    await eventually(gone, "the media processes have ended with their server")
    await server.start()  # on the same port
    assert len(server.media_pids()) == 2
