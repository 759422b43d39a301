"""A room in a real media process: asked as one in this one; and never tapped by mistake."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from assent.media import Closed, SdpError, TrackInfo, UnknownPeer
from support.process_scene import AUDIO, ProcessScene, heard, words
from support.rtc import Tape, until
from support.rtc_raw import KEY_FRAME, RawTrack

# -- what a room is asked, and what it tells -------------------------------------------------------


async def test_a_call_works_as_in_one_process(stage: ProcessScene) -> None:
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


async def test_refusals_come_through_as_they_were(stage: ProcessScene) -> None:
    room, _ = stage.room("a")
    with pytest.raises(SdpError) as refused:
        await room.publish("ada", "v=0\r\n", {})
    assert refused.value.message
    with pytest.raises(UnknownPeer):
        await room.set_answer("nobody", 1, "v=0\r\n")
    stage.plane.close_room("a")
    with pytest.raises(Closed):
        await room.publish("ada", "v=0\r\n", {})


async def test_a_device_is_its_owner_here_as_well(stage: ProcessScene) -> None:
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


# -- consent ---------------------------------------------------------------------------------------


async def test_clearing_the_tap_is_instant_whatever_is_still_in_the_pipe(
    stage: ProcessScene,
) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    reader = stage.home(room)._tap_reader
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


async def test_who_is_let_in_after_the_tap_was_cleared_is_never_tapped(stage: ProcessScene) -> None:
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
    stage: ProcessScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, listener = stage.room("a")
    ada, track = await stage.speaker(room, listener)
    tape = Tape()
    room.tap = tape
    await heard(ada, track, tape, AUDIO)
    reader = stage.home(room)._tap_reader
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


async def test_a_room_without_a_process_is_not_tapped(stage: ProcessScene) -> None:
    room, listener = stage.room("a")
    room.lose()
    room.tap = Tape()
    assert room.tap is None
    await listener.until(lambda: listener.life == ["lost", "tap-lost"])
