"""A real room with real connections, recorded: aiortc publishes, FFmpeg watches."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import pytest

from assent.clock import SystemClock
from assent.media import MediaServer
from assent.recording import Recorder
from support.clock import ManualClock
from support.media import listen
from support.recorded import Studio
from support.rtc import Caller, Listener, Picture, Tape, Tone, no_fault, until


async def test_a_call_is_recorded_while_everyone_agrees(tmp_path: Path) -> None:
    clock = SystemClock()
    now = clock.now()
    studio = Studio(tmp_path, began=now, clock=ManualClock(now, clock.monotonic()))
    server = MediaServer("127.0.0.1", 0, [], no_fault)
    await server.start()
    listener = Listener()
    room = server.open_room("room", listener)
    recorder = Recorder(
        meeting_id=studio.id,
        blobs=studio.store,
        clock=clock,
        began=studio.began,
        server_key=studio.meeting.server,
        on_problem=studio.problems.append,
        request_key_frames=room.request_key_frames_all,
    )
    ann, ben = studio.come(), studio.come()
    callers = [Caller(room, listener, ann), Caller(room, listener, ben)]
    for person, tone, caller in ((ann, 440.0, callers[0]), (ben, 1000.0, callers[1])):
        room.set_forwarding(person, True)
        await caller.publish({"microphone": Tone(tone), "camera": Picture()})
    room.tap = tape = Tape()
    await until(lambda: len({(track.peer, track.source) for track, _, _ in tape.packets}) == 4)

    studio.move_to(clock.monotonic())
    recording = await recorder.open(studio.header(), studio.meeting.vault_key)
    recording.begin()
    began = clock.monotonic()
    room.tap = recording
    await asyncio.sleep(4)
    room.tap = None
    recording.stop()
    seconds = clock.monotonic() - began
    watched = await studio.watch(await recording.finish())
    for caller in callers:
        await caller.close()
    await server.stop()

    assert studio.problems == []
    assert not watched.closing.interrupted
    for person, tone in ((ann, 440), (ben, 1000)):
        heard = listen(watched.save(tmp_path, f"{person}.microphone"))
        assert heard.tones == {tone}
        with av.open(str(watched.save(tmp_path, f"{person}.camera"))) as file:
            [stream] = file.streams.video
            stream.codec_context.options = {"err_detect": "explode"}
            times = [frame.time for frame in file.decode(stream)]
        assert times[0] is not None
        assert times[-1] is not None
        # Sound begins at once, a picture with the key frame that was asked for.
        assert heard.seconds == pytest.approx(seconds, abs=0.5)
        assert heard.start <= times[0] + 0.05
        assert heard.start + heard.seconds == pytest.approx(times[-1], abs=0.15)
