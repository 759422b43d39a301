"""Layers of a picture, with peers on a wire in memory: who gets which, and that nobody notices."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator

import pytest

from assent.media.congestion.allocation import PAUSED
from assent.media.forward.source import INTERVAL, LINGER, WAITED, PublishedSource
from assent.media.rtp import rtcp, rtp
from assent.media.rtp.codecs import vp8
from support.rtc import Tape
from support.rtc_raw import RawClient, RawTrack
from support.rtc_scene import MediaScene, staged

GONE = 60.0
"""Seconds, here: a busy machine must not look like a publisher that stops."""


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MediaScene]:
    monkeypatch.setattr("assent.media.forward.source.GONE", GONE)
    async with staged() as stage:
        yield stage


class Layers:
    """A camera in three layers, each with running numbers of its own."""

    def __init__(self, client: RawClient) -> None:
        self.client = client
        self.tracks = [
            RawTrack("1", "camera", 100 + index, rid=rid, sequence=1000 * (index + 1))
            for index, rid in enumerate("qhf")
        ]
        self.picture = [0x100, 0x7FFE, 0x55]
        self.base = [1, 200, 77]

    def frame(self, index: int, *, key: bool = False, name: str = "") -> None:
        """Send a picture of one packet in one layer."""
        track = self.tracks[index]
        track.timestamp += 3000
        self.picture[index] = (self.picture[index] + 1) & 0x7FFF
        self.base[index] = (self.base[index] + 1) & 0xFF
        head = (0x90E0 << 16 | 0x8000 | self.picture[index]).to_bytes(4, "big")
        head += bytes((self.base[index], 0x20))
        body = b"\0\0\0\x9d\x01\x2a\0\0" + (180 << index).to_bytes(2, "little")
        payload = head + (body if key else b"\x01") + (name or f"{track.rid}").encode()
        self.client.publishing.send(track.packet(payload, marker=True))

    def all(self, *, key: bool = False) -> None:
        """Send a picture in every layer."""
        for index in range(3):
            self.frame(index, key=key)

    def asked(self, index: int) -> int:
        """Return how many key frames of a layer have been asked for."""
        requests = self.client.publishing.of(rtcp.KeyFrameRequest)
        return sum(request.media == self.tracks[index].ssrc for request in requests)


async def layered(stage: MediaScene) -> tuple[Layers, RawClient, PublishedSource]:
    """Return a camera in layers, a subscriber of it, and what is between the two."""
    # Nothing is decided but by the test.
    assert stage.server._timer is not None
    stage.server._timer.cancel()
    alice, bob = stage.client("alice"), stage.client("bob")
    layers = Layers(alice)
    stage.room.set_forwarding("alice", True)
    await alice.publish(*layers.tracks)
    await stage.listener.state("alice", "publish", "connected")
    layers.all()
    await stage.settle()
    await bob.subscribe()
    return layers, bob, stage.room._peers["alice"].feeds["camera"]


def shown(bob: RawClient) -> str:
    """Return the layers of the pictures that have come, in their order."""
    return "".join(chr(packet[-1]) for packet in bob.received("alice", "camera"))


async def test_somebody_new_gets_the_lowest_layer_and_no_other(stage: MediaScene) -> None:
    layers, bob, _ = await layered(stage)
    assert layers.asked(0) == 1
    assert layers.asked(1) == layers.asked(2) == 0
    layers.all(key=True)
    layers.all()
    await stage.settle()
    assert shown(bob) == "qq"


async def test_a_move_waits_for_a_key_frame_and_leaves_no_trace(stage: MediaScene) -> None:
    layers, bob, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    [out] = feed._outs
    feed.switch_to(out, 2, time.monotonic())
    layers.all()
    layers.all()
    await stage.settle()
    assert shown(bob) == "qqq"
    assert layers.asked(2) == 1
    layers.all(key=True)
    layers.all()
    await stage.settle()
    feed.switch_to(out, 1, time.monotonic())
    layers.all(key=True)
    layers.all()
    await stage.settle()
    assert shown(bob) == "qqqqffhh"
    got = bob.received("alice", "camera")
    sequences = [int.from_bytes(packet[2:4], "big") for packet in got]
    stamps = [int.from_bytes(packet[4:8], "big") for packet in got]
    numbers = [vp8.picture_ids(packet[rtp.payload_start(packet) :]) for packet in got]
    for before, after in itertools.pairwise(sequences):
        assert after == (before + 1) & 0xFFFF
    for before, after in itertools.pairwise(stamps):
        assert 0 < (after - before) & 0xFFFFFFFF < 90_000
    for before, after in itertools.pairwise(numbers):
        assert after == ((before[0] + 1) & 0x7FFF, (before[1] + 1) & 0xFF)
    assert {packet[8:12] for packet in got} == {got[0][8:12]}


async def test_what_is_missed_is_sent_again_as_it_was(stage: MediaScene) -> None:
    layers, bob, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    [out] = feed._outs
    feed.switch_to(out, 2, time.monotonic())
    layers.all(key=True)
    layers.all()
    await stage.settle()
    last = bob.received("alice", "camera")[-1]
    sequence = int.from_bytes(last[2:4], "big")
    ssrc = int.from_bytes(last[8:12], "big")
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [sequence]))
    await stage.settle()
    again = bob.subscribing.packets[-1]
    assert again[8:12] != last[8:12]
    body = last[rtp.payload_start(last) :]
    assert again[rtp.payload_start(again) :] == last[2:4] + body
    # What it got from the other layer it needs no more.
    missed = stage.counted("nack-missed")
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [(sequence - 2) & 0xFFFF]))
    await stage.settle()
    assert stage.counted("nack-missed") == missed + 1


async def test_a_pause_and_what_follows_leave_no_trace(stage: MediaScene) -> None:
    layers, bob, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    [out] = feed._outs
    feed.switch_to(out, PAUSED, time.monotonic())
    layers.all(key=True)
    await stage.settle()
    assert shown(bob) == "q"
    feed.switch_to(out, 1, time.monotonic())
    layers.all(key=True)
    await stage.settle()
    assert shown(bob) == "qh"
    first, second = bob.received("alice", "camera")
    assert int.from_bytes(second[2:4], "big") == (int.from_bytes(first[2:4], "big") + 1) & 0xFFFF


async def test_nothing_passes_while_forwarding_is_stopped(stage: MediaScene) -> None:
    layers, bob, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    [out] = feed._outs
    feed.switch_to(out, 2, time.monotonic())  # it is in two layers at once
    stage.room.set_forwarding("alice", False)
    layers.all(key=True)
    layers.all()
    await stage.settle()
    assert shown(bob) == "q"
    stage.room.set_forwarding("alice", True)
    layers.all(key=True)
    await stage.settle()
    layers.all()
    await stage.settle()
    assert shown(bob) in ("qff", "qqff", "qfff")
    assert len(feed.layers[0].live) + len(feed.layers[2].live) == 1


async def test_a_new_connection_of_the_publisher_goes_on_seamlessly(stage: MediaScene) -> None:
    layers, bob, _ = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    again = Layers(layers.client)
    for track in again.tracks:
        track.ssrc += 50
    await layers.client.publish(*again.tracks)
    await stage.listener.until(lambda: len(stage.listener.states) >= 3)
    again.all(key=True)
    await stage.settle()
    again.all(key=True)
    await stage.settle()
    sequences = [int.from_bytes(p[2:4], "big") for p in bob.received("alice", "camera")]
    assert len(sequences) == 3
    assert [(b - a) & 0xFFFF for a, b in itertools.pairwise(sequences)] == [1, 1]


async def test_a_layer_that_does_not_come_is_passed_over(stage: MediaScene) -> None:
    layers, _, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    [out] = feed._outs
    now = time.monotonic()
    feed.layers[2].top_at = now - GONE - 1
    feed.switch_to(out, 2, now)
    assert out.target is feed.layers[1]
    feed.layers[0].top_at = feed.layers[1].top_at = now - GONE - 1
    feed.layers[2].top_at = now
    feed.switch_to(out, 0, now)
    assert out.target is feed.layers[2]


async def test_a_publisher_is_told_what_nobody_needs(stage: MediaScene) -> None:
    _, _, feed = await layered(stage)
    assert stage.server._timer is not None
    stage.server._timer.cancel()  # the time is ours
    [out] = feed._outs
    now = time.monotonic()
    assert feed.wanted == 3
    feed.tick(now)
    assert not feed.tick(now + LINGER - 0.1)
    assert feed.tick(now + LINGER + 0.2)
    assert feed.wanted == 1
    feed.switch_to(out, 2, now + 5)
    assert feed.tick(now + 5 + INTERVAL)  # what is needed is told at once
    assert feed.wanted == 3
    feed.switch_to(out, PAUSED, now + 6)
    feed.tick(now + 6)
    feed.tick(now + 6 + LINGER + 1)
    assert feed.wanted == 1  # so that the next who looks need not wait


async def test_a_picture_in_one_layer_is_not_sent_for_nobody(stage: MediaScene) -> None:
    await stage.pair()
    assert stage.server._timer is not None
    stage.server._timer.cancel()
    feed = stage.room._peers["alice"].feeds["camera"]
    [out] = feed._outs
    now = time.monotonic()
    feed.switch_to(out, PAUSED, now)
    feed.tick(now)
    assert feed.tick(now + LINGER + 1)
    assert feed.wanted == 0


async def test_what_is_not_shown_is_not_sent(stage: MediaScene) -> None:
    layers, bob, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    stage.room.show("bob", {})
    stage.room.tick(time.monotonic())
    assert feed._outs[0].layer == PAUSED
    layers.all(key=True)
    await stage.settle()
    assert shown(bob) == "q"
    stage.room.show("bob", {("alice", "camera"): 200})
    stage.room.tick(time.monotonic())
    layers.all(key=True)
    await stage.settle()
    assert shown(bob) == "qq"


async def test_the_ladder_tells_what_is_to_be_had(stage: MediaScene) -> None:
    layers, _, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    now = time.monotonic()
    heights = [layer.height for layer in feed.ladder(now)]
    assert heights == [180, 360, 720]
    # The best one was asked for and does not come: it is like the next one.
    feed._told_at = [now - WAITED - 1] * 3
    feed.layers[2].top_at = now - GONE - 1
    ladder = feed.ladder(now)
    assert ladder[2] == ladder[1]
    feed.layers[0].top_at = now - GONE - 1
    ladder = feed.ladder(now)
    assert ladder[0] == ladder[1]


async def test_the_tap_gets_the_best_layer_as_one_stream(stage: MediaScene) -> None:
    layers, _, feed = await layered(stage)
    stage.room.tap = tape = Tape()
    layers.all(key=True)
    layers.all()
    await stage.settle()
    feed.layers[2].top_at -= GONE + 1
    feed.tick(time.monotonic())
    layers.frame(1, key=True)
    layers.frame(0, key=True)
    layers.frame(1)
    await stage.settle()
    feed.tick(time.monotonic())
    layers.frame(2, name="f")
    await stage.settle()
    feed.tick(time.monotonic())
    layers.frame(1)
    layers.frame(2, key=True)
    layers.all()
    await stage.settle()
    assert "".join(chr(packet[-1]) for _, packet, _ in tape.packets) == "ffhhhff"
    assert len({track for track, _, _ in tape.packets}) == 1
    assert {packet[8:12] for _, packet, _ in tape.packets} == {(102).to_bytes(4, "big")}
    sequences = [int.from_bytes(packet[2:4], "big") for _, packet, _ in tape.packets]
    assert [(b - a) & 0xFFFF for a, b in itertools.pairwise(sequences)] == [1] * 6
    stamps = [int.from_bytes(packet[4:8], "big") for _, packet, _ in tape.packets]
    assert all(0 < (b - a) & 0xFFFFFFFF < 90_000 * 2 * GONE for a, b in itertools.pairwise(stamps))
    assert feed.wanted == 3  # while it records, all that there is


async def test_a_tap_that_is_set_later_gets_nothing_from_before(stage: MediaScene) -> None:
    layers, _, _ = await layered(stage)
    layers.all(key=True)
    track = layers.tracks[2]
    late = track.packet(b"\x90\xe0\x80\x01\x01\x20\x01secret")
    layers.all()
    await stage.settle()
    stage.room.tap = tape = Tape()
    layers.all()
    layers.client.publishing.send(late)
    await stage.settle()
    assert [packet[-1:] for _, packet, _ in tape.packets] == [b"f"]
    stage.room.tap = None
    layers.all()
    await stage.settle()
    assert len(tape.packets) == 1


async def alone(stage: MediaScene) -> tuple[Layers, PublishedSource]:
    """Return a camera in layers that nobody looks at, so that only the lowest comes."""
    layers, _, feed = await layered(stage)
    layers.all(key=True)
    await stage.settle()
    stage.room.show("bob", {})
    stage.room.tick(time.monotonic())
    now = time.monotonic()
    for when in (now, now + LINGER + 1):
        feed.tick(when)
    assert feed.wanted == 1
    for layer in feed.layers[1:]:
        layer.top_at -= GONE + 1
    layers.frame(0)
    await stage.settle()
    return layers, feed


async def test_a_tap_begins_with_a_key_frame_of_what_comes_though_nobody_looks(
    stage: MediaScene,
) -> None:
    layers, feed = await alone(stage)
    before = [layers.asked(index) for index in range(3)]
    stage.room.tap = tape = Tape()
    await stage.settle()
    assert layers.asked(0) == before[0] + 1
    assert feed.wanted == 3, "who records counts as somebody who looks"
    assert stage.listener.layers["alice", "camera"] == 3, "and the sender hears of it now"
    layers.frame(0, key=True)
    layers.frame(0)
    await stage.settle()
    assert len(tape.packets) == 2
    first = tape.packets[0][1]
    assert vp8.starts_key_frame(first[rtp.payload_start(first) :])


async def test_a_tap_has_a_key_frame_though_one_has_just_been_asked_for(stage: MediaScene) -> None:
    layers, feed = await alone(stage)
    stage.room.tap = Tape()
    layers.frame(0, key=True)
    await stage.settle()
    before = layers.asked(0)
    stage.room.tap = None
    stage.room.tap = Tape()
    await stage.settle()
    assert layers.asked(0) == before + 1
    # Lost, or come too soon after the last one: asked again before anybody misses it.
    now = time.monotonic()
    for at in (0.1, 0.2, 0.4, 0.5, 0.6):
        if feed.layers[0].key_frames.due(now + at):
            feed.layers[0].ask()
    await stage.settle()
    assert layers.asked(0) == before + 4
