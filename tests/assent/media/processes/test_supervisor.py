"""Rooms in real media processes: spread, killed, stopped, drained."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from assent.clock import SystemClock
from assent.media import Closed, MediaProcesses, Unavailable
from assent.media.processes import child as children
from assent.media.processes import messages as m
from assent.media.processes.remote_room import RemoteRoom
from assent.media.processes.room_methods import write
from support.ports import BOTH, free_port
from support.process_scene import AUDIO, ProcessScene, heard, words
from support.rtc import Listener, Tape, until
from support.rtc_raw import RawPeer, RawTrack


async def test_rooms_are_spread(stage: ProcessScene) -> None:
    rooms = [stage.room(name)[0] for name in "abcdef"]
    homes = [stage.home(room) for room in rooms]
    assert sorted(homes.count(child) for child in stage.plane.children()) == [3, 3]
    with pytest.raises(AssertionError):
        stage.room("a")


# -- life and death --------------------------------------------------------------------------------


async def kill(stage: ProcessScene, room: RemoteRoom, how: signal.Signals) -> int:
    pid = stage.home(room).pid
    assert pid is not None
    os.kill(pid, how)
    return pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_what_a_process_takes_along_is_its_own_rooms(
    stage: ProcessScene, how: signal.Signals
) -> None:
    struck, listener = stage.room("struck")
    spared, quiet = stage.room("spared")
    ada, track = await stage.speaker(struck, listener)
    eve, other = await stage.speaker(spared, quiet)
    tape, others = Tape(), Tape()
    struck.tap, spared.tap = tape, others
    await heard(ada, track, tape, AUDIO)
    await heard(eve, other, others, AUDIO)
    pid = await kill(stage, struck, how)
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert not Path(f"/proc/{pid}").exists()
    assert struck.tap is None
    assert struck.tracks() == []
    assert stage.home(struck) is not stage.home(spared), "it may be what broke it"
    ada, track = await stage.speaker(struck, listener)
    again = Tape()
    struck.tap = again
    await heard(ada, track, again, b"again")
    assert words(tape) == {AUDIO}
    await heard(eve, other, others, b"still")  # on the connection it had
    assert quiet.life == []


async def test_a_process_whose_copies_no_longer_come_is_no_more(stage: ProcessScene) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    child = stage.home(room)
    assert child._tap_reader is not None
    child._tap_reader._socket.shutdown(socket.SHUT_RDWR)  # the process itself goes on
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert not Path(f"/proc/{child.pid}").exists()
    assert room.tap is None, "what was recorded has a hole, and ends"


async def test_what_is_asked_while_it_dies_is_refused(stage: ProcessScene) -> None:
    room, listener = stage.room("a")
    await kill(stage, room, signal.SIGSTOP)
    offer = RawPeer().offer([RawTrack("0", "microphone", 11)])
    asked = asyncio.create_task(room.publish("ada", offer, {"0": "microphone"}))
    await listener.until(lambda: "lost" in listener.life)
    with pytest.raises(Unavailable):
        await asked
    with pytest.raises(Unavailable):
        await room.publish("ada", offer, {"0": "microphone"})
    await listener.until(lambda: "back" in listener.life)
    assert await room.publish("ada", offer, {"0": "microphone"})


async def test_a_process_that_does_not_listen_is_replaced(stage: ProcessScene) -> None:
    room, listener = stage.room("a")
    pid = await kill(stage, room, signal.SIGSTOP)
    # More than may wait for it, before its silence is noticed.
    for _ in range(60):
        room.set_forwarding("x" * 40, True)
        stage.home(room).send(m.AskRoom(99, 0, "set_answer", write("x", 1, "x" * 100_000)))
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert not Path(f"/proc/{pid}").exists()


async def test_a_room_that_is_closed_while_lost_stays_closed(stage: ProcessScene) -> None:
    room, listener = stage.room("a")
    _, another = stage.room("b")
    stage.plane.close_room("b")
    await kill(stage, room, signal.SIGKILL)
    await listener.until(lambda: "lost" in listener.life)
    stage.plane.close_room("a")
    room, listener = stage.room("a")
    await until(lambda: len([c for c in stage.plane.children() if c.state == "ready"]) == 2)
    assert [list(child.rooms.values()) for child in stage.plane.children() if child.rooms] == [
        [room]
    ]
    assert another.life == []


@pytest.mark.parametrize("by_signal", [True, False])
async def test_a_process_that_drains_leaves_with_its_last_room(
    stage: ProcessScene, by_signal: bool
) -> None:
    staying, listener = stage.room("staying")
    ada, track = await stage.speaker(staying, listener)
    home = stage.home(staying)
    if by_signal:
        await kill(stage, staying, signal.SIGTERM)
    else:
        stage.plane.drain(stage.plane.children().index(home))
    await until(lambda: len(stage.plane.children()) == 3)
    await until(lambda: [c.state for c in stage.plane.children()].count("ready") == 2)
    assert home.state == "draining"
    rooms = [stage.room(f"new{number}")[0] for number in range(4)]
    assert home not in [stage.home(room) for room in rooms]
    tape = Tape()
    staying.tap = tape
    await heard(ada, track, tape, AUDIO)  # nobody in it notices
    assert listener.life == []
    stage.plane.close_room("staying")
    await until(lambda: home not in stage.plane.children())
    assert home.state == "gone"
    assert len(stage.plane.children()) == 2


async def test_a_draining_process_that_dies_gives_its_rooms_to_the_next(
    stage: ProcessScene,
) -> None:
    room, listener = stage.room("a")
    await kill(stage, room, signal.SIGTERM)
    await until(lambda: len(stage.plane.children()) == 3)
    await kill(stage, room, signal.SIGKILL)
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert stage.home(room).state == "ready"


async def test_where_no_process_starts_rooms_move_or_wait(
    stage: ProcessScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, one = stage.room("one")
    second, two = stage.room("two")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    await kill(stage, first, signal.SIGKILL)
    await one.until(lambda: one.life == ["lost", "back"])
    assert stage.home(first) is stage.home(second)
    await kill(stage, first, signal.SIGKILL)
    await one.until(lambda: one.life == ["lost", "back", "lost"])
    _, three = stage.room("three")
    await three.until(lambda: three.life == ["lost"])
    assert stage.plane.problems() == ["media-not-running"]
    monkeypatch.undo()
    for listener in (one, two, three):
        await listener.until(lambda listener=listener: listener.life[-1] == "back")
    assert stage.plane.problems() == []


async def test_a_start_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plane = MediaProcesses("127.0.0.1", free_port(*BOTH), [], 1, SystemClock())
    monkeypatch.setattr("assent.media.processes.supervisor.START_SECONDS", 0.5)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Unavailable):
        await plane.start()
    with pytest.raises(Closed):
        plane.open_room("a", Listener())


# -- what it is given ------------------------------------------------------------------------------


async def test_a_media_process_is_given_no_secret_and_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASSENT_DATABASE_URL", "postgresql://user:secret@db/name")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    plane = MediaProcesses("127.0.0.1", free_port(*BOTH), ["127.0.0.1"], 1, SystemClock())
    await plane.start()
    (child,) = plane.children()
    folder = Path(f"/proc/{child.pid}")
    environment = (folder / "environ").read_bytes()
    assert b"PATH=" in environment
    assert b"secret" not in environment
    opened = {str(path.readlink()) for path in (folder / "fd").iterdir() if int(path.name) > 2}
    files = {name for name in opened if not name.startswith(("socket:", "anon_inode:", "pipe:"))}
    assert opened != files
    assert files <= {"/dev/null"}
    assert "Max core file size        0" in (folder / "limits").read_text()
    await plane.stop()


def test_what_a_process_may_know_names_no_setting() -> None:
    assert not [name for name in children.PASSED_ON if name.startswith("ASSENT")]
    assert all(prefix in ("LC_", "PYTHON") for prefix in children.PASSED_ON_PREFIXES)


async def test_it_ends_with_whoever_started_it() -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        "from assent.clock import SystemClock\n"
        "from assent.media import MediaProcesses\n"
        "async def main():\n"
        "    plane = MediaProcesses('127.0.0.1', 0, ['127.0.0.1'], 2, SystemClock())\n"
        "    await plane.start()\n"
        "    print(*[child.pid for child in plane.children()], file=sys.stderr, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stderr is not None
    pids = list(map(int, (await process.stderr.readline()).split()))
    os.kill(pids[0], signal.SIGSTOP)  # nor does it matter whether it can read that
    process.kill()
    await process.wait()
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
