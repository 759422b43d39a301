"""Rooms in real media processes: killed, stopped, drained, overrun; and never tapped by mistake."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.clock import SystemClock
from assent.media import Closed, MediaProcesses, SdpError, TrackInfo, Unavailable, UnknownPeer
from assent.media.processes import child as children
from assent.media.processes import messages as m
from assent.media.processes.child import Child
from assent.media.processes.room_methods import write
from assent.media.processes.supervisor import RemoteRoom
from support.ports import BOTH, free_port
from support.rtc import Listener, Tape, until
from support.rtc_raw import KEY_FRAME, RawClient, RawPeer, RawTrack
from support.rtc_sockets import SocketNet

AUDIO = b"sound"


class Stage:
    """A plane of two processes, and peers on real sockets."""

    def __init__(self, plane: MediaProcesses) -> None:
        self.plane = plane
        self.net = SocketNet(plane.port)

    def room(self, name: str) -> tuple[RemoteRoom, Listener]:
        listener = Listener()
        return self.plane.open_room(name, listener), listener

    def home(self, room: RemoteRoom) -> Child:
        """Return the process that has a room."""
        return next(child for child in self.plane.children() if room in child.rooms.values())

    def client(self, room: RemoteRoom, listener: Listener, name: str) -> RawClient:
        return RawClient(room, listener, self.net, name, "")

    async def speaker(
        self, room: RemoteRoom, listener: Listener, name: str = "ada", *, allowed: bool = True
    ) -> tuple[RawClient, RawTrack]:
        """Let somebody publish a microphone."""
        client = self.client(room, listener, name)
        track = RawTrack("0", "microphone", 11 if name == "ada" else 33)
        if allowed:
            room.set_forwarding(name, True)
        await client.publish(track)
        await until(lambda: (name, "publish", "connected") in listener.states)
        return client, track


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    plane = MediaProcesses("127.0.0.1", free_port(*BOTH), ["127.0.0.1"], 2, SystemClock())
    await plane.start()
    stage = Stage(plane)
    yield stage
    stage.net.close()
    await plane.stop()
    assert not plane.children()


async def heard(client: RawClient, track: RawTrack, tape: Tape, word: bytes) -> None:
    """Say something until it is on the tape."""

    def said() -> bool:
        client.publishing.send(track.packet(word))
        return any(packet.endswith(word) for _, packet, _ in tape.packets)

    await until(said)


def words(tape: Tape) -> set[bytes]:
    return {packet[-5:] for _, packet, _ in tape.packets}


# -- what a room is asked, and what it tells -------------------------------------------------------


async def test_a_call_works_as_in_one_process(stage: Stage) -> None:
    room, listener = stage.room("a")
    ada, ben = stage.client(room, listener, "ada"), stage.client(room, listener, "ben")
    audio, video = RawTrack("0", "microphone", 11), RawTrack("1", "camera", 22, 23)
    room.set_forwarding("ada", True)
    await ada.publish(audio, video)
    await listener.state("ada", "publish", "connected")
    await ben.subscribe()
    assert {(track.peer, track.source) for track in ben.tracks} == {
        ("ada", "microphone"),
        ("ada", "camera"),
    }
    assert set(room.tracks()) == {
        TrackInfo("ada", "microphone", "opus", 48000, 11),
        TrackInfo("ada", "camera", "vp8", 90000, 22),
    }

    def arrived() -> bool:
        ada.publishing.send(audio.packet(AUDIO))
        ada.publishing.send(video.packet(KEY_FRAME, marker=True))
        return bool(ben.received("ada", "microphone") and ben.received("ada", "camera"))

    await until(lambda: arrived() and ["ada"] in listener.speakers)
    await until(lambda: any(child.figures.counters for child in stage.plane.children()))
    room.remove("ada")
    await until(lambda: not room.tracks())


async def test_refusals_come_through_as_they_were(stage: Stage) -> None:
    room, _ = stage.room("a")
    with pytest.raises(SdpError) as refused:
        await room.publish("ada", "v=0\r\n", {})
    assert refused.value.message
    with pytest.raises(UnknownPeer):
        await room.set_answer("nobody", 1, "v=0\r\n")
    stage.plane.close_room("a")
    with pytest.raises(Closed):
        await room.publish("ada", "v=0\r\n", {})


async def test_a_device_is_its_owner_here_as_well(stage: Stage) -> None:
    room, listener = stage.room("a")
    room.tap = tape = Tape()
    await stage.speaker(room, listener)
    encoder, track = stage.net.peer(("", 5)), RawTrack("0", "microphone", 44)
    await encoder.connect(await room.begin("ada", "device", encoder.offer([track])))
    await listener.state("ada", "device", "connected")

    def on_tape() -> bool:
        encoder.send(track.packet(AUDIO))
        return any(info.source == "device-microphone" for info, *_ in tape.packets)

    await until(on_tape)
    assert {info.peer for info, *_ in tape.packets} == {"ada"}
    assert "a=ice-ufrag:" in await room.restart("ada", "device", "another1")
    with pytest.raises(UnknownPeer):
        await room.restart("ada", "view", "another1")
    with pytest.raises(SdpError):
        await room.begin("ada", "view", "v=0")
    room.renew("ada")
    await until(lambda: [info.source for info in room.tracks()] == ["device-microphone"])
    room.release("ada", "device")
    await until(lambda: not room.tracks())


async def test_rooms_are_spread(stage: Stage) -> None:
    rooms = [stage.room(name)[0] for name in "abcdef"]
    homes = [stage.home(room) for room in rooms]
    assert sorted(homes.count(child) for child in stage.plane.children()) == [3, 3]
    with pytest.raises(AssertionError):
        stage.room("a")


# -- consent ---------------------------------------------------------------------------------------


async def test_clearing_the_tap_is_instant_whatever_is_still_in_the_pipe(stage: Stage) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    reader = stage.home(room)._copies
    assert reader is not None
    # Held up on its way, and let go on after the tap was cleared.
    reader._loop.remove_reader(reader._socket.fileno())
    for _ in range(20):
        ada.publishing.send(track.packet(b"later"))
        await asyncio.sleep(0.01)
    room.tap = None
    again = Tape()
    room.tap = again
    reader._loop.add_reader(reader._socket.fileno(), reader._readable)
    await heard(ada, track, again, b"again")
    assert words(tape) == {AUDIO}
    assert words(again) == {b"again"}


async def test_who_is_let_in_after_the_tap_was_cleared_is_never_tapped(stage: Stage) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    late, other = await stage.speaker(room, listener, "late", allowed=False)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    home = stage.home(room)
    assert home.pid is not None
    os.kill(home.pid, signal.SIGSTOP)  # it will find all of this at once, with what is said
    for _ in range(20):
        late.publishing.send(other.packet(b"early"))
    room.tap = None
    room.set_forwarding("late", True)
    room.tap = Tape()
    room.tap = None
    for _ in range(20):
        late.publishing.send(other.packet(b"later"))
    os.kill(home.pid, signal.SIGCONT)
    ben = stage.client(room, listener, "ben")
    await ben.subscribe()

    def reaches_others() -> bool:
        late.publishing.send(other.packet(b"later"))
        return bool(ben.received("late", "microphone"))

    await until(reaches_others)
    assert {track.peer for track, _, _ in tape.packets} == {"ada"}
    assert all(not packet.endswith(b"early") for packet in ben.received("late", "microphone"))


async def test_a_tap_that_is_overrun_ends_and_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    reader = stage.home(room)._copies
    assert reader is not None
    reader._loop.remove_reader(reader._socket.fileno())
    flood = b"x" * 1000

    def overrun() -> bool:
        for _ in range(8):
            ada.publishing.send(track.packet(flood))
        return listener.life == ["tap-lost"]

    await until(overrun)
    assert room.tap is None
    before = len(tape.packets)
    reader._loop.add_reader(reader._socket.fileno(), reader._readable)
    again = Tape()

    def taped_again() -> bool:
        if room.tap is None:  # until the process has got rid of what waited, no tap can go on
            room.tap = again
        ada.publishing.send(track.packet(b"again"))
        return bool(again.packets)

    await until(taped_again)
    assert len(tape.packets) == before, "what was still on its way is dropped"
    numbers = [int.from_bytes(packet[2:4], "big") for _, packet, _ in again.packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_room_without_a_process_is_not_tapped(stage: Stage) -> None:
    room, listener = stage.room("a")
    room.lose()
    room.tap = Tape()
    assert room.tap is None
    await listener.until(lambda: listener.life == ["lost", "tap-lost"])


# -- life and death --------------------------------------------------------------------------------


async def kill(stage: Stage, room: RemoteRoom, how: signal.Signals) -> int:
    pid = stage.home(room).pid
    assert pid is not None
    os.kill(pid, how)
    return pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_what_a_process_takes_along_is_its_own_rooms(
    stage: Stage, how: signal.Signals
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


async def test_a_process_whose_copies_no_longer_come_is_no_more(stage: Stage) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    child = stage.home(room)
    assert child._copies is not None
    child._copies._socket.shutdown(socket.SHUT_RDWR)  # the process itself goes on
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert not Path(f"/proc/{child.pid}").exists()
    assert room.tap is None, "what was recorded has a hole, and ends"


async def test_what_is_asked_while_it_dies_is_refused(stage: Stage) -> None:
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


async def test_a_process_that_does_not_listen_is_replaced(stage: Stage) -> None:
    room, listener = stage.room("a")
    pid = await kill(stage, room, signal.SIGSTOP)
    # More than may wait for it, before its silence is noticed.
    for _ in range(60):
        room.set_forwarding("x" * 40, True)
        stage.home(room).send(m.AskRoom(99, 0, "set_answer", write("x", 1, "x" * 100_000)))
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert not Path(f"/proc/{pid}").exists()


async def test_a_room_that_is_closed_while_lost_stays_closed(stage: Stage) -> None:
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
    stage: Stage, by_signal: bool
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


async def test_a_draining_process_that_dies_gives_its_rooms_to_the_next(stage: Stage) -> None:
    room, listener = stage.room("a")
    await kill(stage, room, signal.SIGTERM)
    await until(lambda: len(stage.plane.children()) == 3)
    await kill(stage, room, signal.SIGKILL)
    await listener.until(lambda: listener.life == ["lost", "back"])
    assert stage.home(room).state == "ready"


async def test_where_no_process_starts_rooms_move_or_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
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
