"""A real room with real connections, recorded: aiortc publishes, FFmpeg watches."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from assent.clock import SystemClock
from assent.media import MediaServer, TrackInfo
from assent.media.rtp.rtp import payload_start
from assent.recording import GenerationRecording, Recorder
from support.clock import ManualClock
from support.media import listen, packets
from support.recorded import Studio
from support.rtc import Caller, Listener, Picture, Tape, Tone, no_fault, until


async def test_a_call_is_recorded_while_everyone_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("recorder.OPENING", "recorder.FINISHING", "sealer.OVERDUE"):
        monkeypatch.setattr(f"assent.recording.{limit}", 60.0)  # the machine may be busy
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
        request_key_frame=room.request_key_frame,
    )
    ann, ben = studio.come(), studio.come()
    callers = [Caller(room, listener, ann), Caller(room, listener, ben)]
    for person, tone, caller in ((ann, 440.0, callers[0]), (ben, 1000.0, callers[1])):
        room.set_forwarding(person, True)
        await caller.publish({"microphone": Tone(tone), "camera": Picture()})
    room.tap = tape = Tape()
    await until(lambda: len({(track.peer, track.source) for track, _, _ in tape.packets}) == 4)

    studio.move_to(clock.monotonic())
    recording = await recorder.open(studio.commit())
    recording.begin()
    room.tap = both = Both(recording)
    await until(lambda: both.count >= 1000)
    room.tap = None
    recording.stop()
    watched = await studio.watch(await recording.finish())
    for caller in callers:
        await caller.close()
    await server.stop()

    assert studio.problems == []
    assert not watched.closing.interrupted
    for person, tone in ((ann, 440), (ben, 1000)):
        sound = watched.save(tmp_path, f"{person}.microphone")
        assert listen(sound).tones == {tone}
        # How long it sounds depends on the machine; that nothing of it is missing does not.
        stored = [packet for _, packet in packets(sound)]
        given = both.payloads(person, "microphone")
        assert stored == [packet for packet in given if packet in set(stored)]
        assert len(stored) > 0.9 * len(given)
        assert len(look(watched.save(tmp_path, f"{person}.camera"))) > 20


class Both(Tape):
    """Keeps what the recorder is given."""

    def __init__(self, recording: GenerationRecording) -> None:
        super().__init__()
        self._recording = recording
        self.count = 0

    def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
        self.count += 1
        super().packet(track, packet, arrival)
        self._recording.packet(track, packet, arrival)

    def sender_report(self, track: TrackInfo, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        self._recording.sender_report(track, ntp, rtp_timestamp, arrival)

    def payloads(self, person: str, source: str) -> list[bytes]:
        """Return the payloads of a track's packets, as they came."""
        return [
            packet[payload_start(packet) :]
            for track, packet, _ in self.packets
            if (track.peer, track.source) == (person, source)
        ]


def look(path: Path) -> list[float | None]:
    """Decode every frame of a file, with no mercy for errors; return their times."""
    with av.open(str(path)) as file:
        [stream] = file.streams.video
        stream.codec_context.options = {"err_detect": "explode"}
        return [frame.time for frame in file.decode(stream)]
