"""Strangers who hold connections, places at the door and enrolments: nobody else notices."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from assent.meeting.newcomers import ENROL_BURST, ENROL_SECONDS
from support.ports import free_port
from support.recordings import Recording
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server
from support.strangers import stranger
from support.waiting import eventually

pytestmark = pytest.mark.browser

IDLE = 1100


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


async def test_idle_connections_take_nothing_from_a_recording(
    scenario: Scenario, tmp_path: Path
) -> None:
    """With 1,024 descriptors and no way to have more; to every port that is listened on."""
    metrics = free_port()
    server = Server(tmp_path / "server", settings={"metrics_port": metrics}, descriptors=1024)
    await scenario.open(server)
    host, ada = await scenario.meeting(["Ada"])
    await host.arm()
    await all_say([host, ada], "recording")
    recording = Recording(server, host.meeting)
    await recording.grows(generations=1, segments=4)
    async with (
        stranger(server, "127.0.0.3") as idle,
        stranger(server, "127.0.0.3") as to_metrics,
        stranger(server, "127.0.0.3") as to_media,
        stranger(server, "127.0.0.2") as newcomer,
    ):
        await idle.connect(IDLE)
        await to_metrics.connect(IDLE, metrics)
        await to_media.connect(IDLE, server.media_port)
        before = len(recording.generations[-1].segments)
        # Somebody else is served, again and again.
        for _ in range(5):
            assert await newcomer.get("/api/info") == 200
        await recording.grows(generations=1, segments=before + 16)
        await eventually(lambda: idle.standing() < 300, "one address holds its share")
        await eventually(lambda: to_metrics.standing() <= 16, "and of the metrics, too")
        most = max(open_files(pid) for pid in (server.pid, *server.media_pids()))
        print(f"standing: {idle.standing()}, {to_metrics.standing()}, {to_media.standing()};"
              f" most descriptors of a process: {most}")  # fmt: skip
        assert most < 1024 - 128
        await all_say([host, ada], "recording")
        await everyone_perceives([host, ada])
        assert len(recording.generations) == 1
        assert await newcomer.get("/readyz") == 200
    await host.end()
    await recording.is_closed()
    assert not recording.generations[0].interrupted
    assert "EMFILE" not in server.log.read_text()


async def test_a_stranger_floods_the_door_while_people_meet(
    scenario: Scenario, tmp_path: Path
) -> None:
    """With nobody of theirs let in, as long as they like: sockets, enrolments, and both again."""
    server = await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    async with stranger(server, "127.0.0.3") as flood:
        stood = await flood.stand(link, 200)
        began = time.monotonic()
        taken = await flood.enrol(link, 200, stay=True)
        print(f"{len(stood)} sockets, {taken} enrolments")
        assert taken < 200
        # Host and guests come while it goes on.
        more = asyncio.create_task(flood.enrol(link, 100))
        await host.enter_as_host()
        ada, ben = await scenario.person("Ada"), await scenario.person("Ben")
        people = [host, ada, ben]
        for guest in (ada, ben):
            await guest.arrive(link)
        for person in people:
            await person.answer_at_the_door(recording=True)
            await person.join()
        await more
        await host.arm()
        await all_say(people, "recording")
        await flood.stand(link, 100)
        await all_say(people, "recording")
        await everyone_perceives(people)
        enrolled = ENROL_BURST + (time.monotonic() - began) / ENROL_SECONDS
        assert len(server.query("SELECT person_id FROM participants")) <= enrolled + len(people)
    await host.end()
    for person in people:
        await person.has_left()
