"""Whole calls with aiortc as the other end: real ICE, DTLS, SRTP, encoders and decoders."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from assent.media import MediaServer
from support.rtc import Caller, Listener, Picture, Tape, Tone, no_fault, until


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = MediaServer("127.0.0.1", 0, [], no_fault)
    await server.start()
    yield server
    await server.stop()


async def test_audio_and_video_arrive_at_a_subscriber(server: MediaServer) -> None:
    listener = Listener()
    room = server.open_room("room", listener)
    room.tap = tape = Tape()
    alice, bob = Caller(room, listener, "alice"), Caller(room, listener, "bob")
    room.set_forwarding("alice", True)
    await alice.publish({"microphone": Tone(), "camera": Picture(60)})
    await bob.subscribe()
    pictures = await bob.frames("alice.camera", 10)
    assert 40 < pictures[-1].to_ndarray(format="gray").mean() < 100
    sounds = await bob.frames("alice.microphone", 40)
    assert np.abs(sounds[-1].to_ndarray()).mean() > 1000
    await until(lambda: listener.speakers)
    assert listener.speakers[0] == ["alice"]
    assert {track.source for track, _, _ in tape.packets} == {"microphone", "camera"}
    assert {(t.peer, t.source, t.codec, t.clock_rate) for t in room.tracks()} == {
        ("alice", "microphone", "opus", 48000),
        ("alice", "camera", "vp8", 90000),
    }
    await alice.close()
    await listener.state("alice", "publish", "closed")
    assert room.tracks() == []
    await bob.close()
