"""Nobody's media is decoded in the server; of an export's nothing but sound, for who speaks."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from support.commands import EXPORT
from support.mapped import codecs_mapped
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import LAUNCHERS, Server
from support.waiting import eventually

pytestmark = pytest.mark.browser


def counts(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the most codecs that each process ever had open, and for pictures, by its command."""
    found: dict[str, tuple[int, int]] = {}
    for path in folder.iterdir():
        if path.suffix != ".new":
            most, pictures, command = path.read_text().split(" ", 2)
            before = found.get(command, (0, 0))
            found[command] = max(before[0], int(most)), max(before[1], int(pictures))
    return found


async def test_no_process_of_the_server_opens_a_codec(scenario: Scenario, tmp_path: Path) -> None:
    server = Server(tmp_path / "server", watcher="counting")
    (server.folder / "codecs").mkdir(parents=True)
    await scenario.open(server)
    people = await scenario.meeting(["Ada"], training=True)
    host = people[0]
    await host.arm()
    await all_say(people, "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=12)
    assert {pid: codecs_mapped(pid) for pid in (server.pid, *server.media_pids())} == {
        pid: set() for pid in (server.pid, *server.media_pids())
    }
    await host.end()
    for person in people:
        await person.has_left()
    await host.sees_release("ready")
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "export"))
    assert code == 0, said

    found = counts(server.folder / "codecs")
    assert any("serve" in command for command in found), found
    assert any("media/processes" in command for command in found), found
    assert any("worker" in command for command in found), found
    server_ones = {each for each in found if "serve" in each or "media/processes" in each}
    assert {found[each] for each in server_ones} == {(0, 0)}, found
    assert {pictures for _, pictures in found.values()} == {0}, found


async def test_a_process_that_decodes_is_noticed(tmp_path: Path) -> None:
    """The same count, in a process that does open a decoder: it can fail."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import av, sys; c = av.CodecContext.create('vp8', 'r'); c.open(); sys.stdin.read()",
        env={
            **os.environ,
            "PYTHONPATH": str(LAUNCHERS / "counting"),
            "PYTHON_COUNT_CODECS_INTO": str(tmp_path),
        },
        stdin=asyncio.subprocess.PIPE,
    )
    try:
        await eventually(
            lambda: list(counts(tmp_path).values()) == [(1, 1)], "one codec is counted"
        )
    finally:
        await process.communicate(b"")  # ends what it reads, and so itself
