"""A room with peers on a wire in memory: sound that says again what was said before."""

from __future__ import annotations

import asyncio

import pytest

from assent.media.congestion.red_control import ENOUGH
from assent.media.rtp import rtcp, rtp
from support.rtc import Tape
from support.rtc_raw import RawTrack
from support.rtc_scene import MediaScene, numbers, payloads, timestamps

RED = 60  # what the publisher calls redundant audio; subscribers know it as 63


def redundant(new: bytes, *earlier: bytes) -> bytes:
    """Return a payload that repeats what was said before, the oldest first, 20 ms apart."""
    heads = b"".join(
        (1 << 31 | 109 << 24 | 960 * (len(earlier) - at) << 10 | len(block)).to_bytes(4, "big")
        for at, block in enumerate(earlier)
    )
    return heads + bytes([109]) + b"".join(earlier) + new


def toward(payload: bytes, count: int) -> bytes:
    """Return it as subscribers get it, with our name for Opus in every header."""
    changed = bytearray(payload)
    for head in range(count):
        changed[4 * head] = 0x80 | 111
    changed[4 * count] = 111
    return bytes(changed)


class Speaking:
    """Somebody who sends redundant audio, and bob, who takes it (``red``) or does not."""

    def __init__(self, stage: MediaScene, *, red: bool) -> None:
        self.stage = stage
        self.red = red
        self.alice, self.bob = stage.client("alice"), stage.client("bob")
        self.audio = RawTrack("0", "microphone", 11, red=RED)

    async def begin(self, *, lossy: bool = True) -> None:
        self.stage.room.set_forwarding("alice", True)
        await self.alice.publish(self.audio)
        await self.stage.listener.state("alice", "publish", "connected")
        bob = self.bob
        bob.subscribing = bob._peer()
        self.stage.room.subscribe("bob")
        offer = await bob.follow(red=self.red)
        await bob.subscribing.connect(offer.sdp)
        await self.stage.listener.state("bob", "subscribe", "connected")
        if lossy:
            ssrc = bob.section("alice", "microphone").ssrcs[0]
            bob.subscribing.send_feedback(rtcp.nack(1, ssrc, list(range(ENOUGH))))
            await self.stage.settle()
            await asyncio.sleep(0.5)  # it is looked at on a timer

    def say(self, payload: bytes, payload_type: int = RED) -> bytes:
        self.audio.timestamp += 960
        return self.audio.packet(payload, payload_type=payload_type)

    async def send(self, *packets: bytes) -> None:
        for packet in packets:
            self.alice.publishing.send(packet)
        await self.stage.settle()

    def got(self) -> list[tuple[int, bytes]]:
        packets = self.bob.received("alice", "microphone")
        return list(zip([p[1] & 0x7F for p in packets], payloads(packets), strict=True))


@pytest.mark.parametrize("red", [True, False])
async def test_redundant_audio_is_passed_on_or_stripped(stage: MediaScene, red: bool) -> None:
    stage.room.tap = tape = Tape()
    speaking = Speaking(stage, red=red)
    await speaking.begin()
    await speaking.send(
        speaking.say(redundant(b"1", b"0")),
        speaking.say(redundant(b"2", b"1")),
        speaking.say(b"3", 109),
    )
    passed = (63, toward(redundant(b"2", b"1"), 1)) if red else (111, b"2")
    # With the first packet somebody begins; what it repeats was said before their time.
    assert speaking.got() == [(111, b"1"), passed, (111, b"3")]
    got = speaking.bob.received("alice", "microphone")
    assert numbers(got) == [numbers(got)[0] + n for n in range(3)]
    assert {
        (b - a) & 0xFFFFFFFF for a, b in zip(timestamps(got), timestamps(got)[1:], strict=False)
    } == {960}
    assert [(p[1] & 0x7F, p[rtp.payload_start(p) :]) for _, p, _ in tape.packets] == [
        (109, b"1"),
        (109, b"2"),
        (109, b"3"),
    ]


async def test_a_path_that_loses_nothing_gets_every_sound_once(stage: MediaScene) -> None:
    speaking = Speaking(stage, red=True)
    await speaking.begin(lossy=False)
    await speaking.send(speaking.say(redundant(b"1")), speaking.say(redundant(b"2", b"1")))
    assert speaking.got() == [(111, b"1"), (111, b"2")]


async def test_malformed_redundant_audio_is_dropped_and_counted(stage: MediaScene) -> None:
    stage.room.tap = tape = Tape()
    speaking = Speaking(stage, red=True)
    await speaking.begin()
    await speaking.send(
        *(speaking.say(bad) for bad in (b"", b"\x6d", b"\xed\x0f", redundant(b"", b"x")))
    )
    assert (speaking.got(), tape.packets) == ([], [])
    assert stage.counted("drop-redundant") == 4


async def test_one_lost_packet_is_restored_from_the_next_and_never_comes_twice(
    stage: MediaScene,
) -> None:
    stage.room.tap = tape = Tape()
    speaking = Speaking(stage, red=False)
    await speaking.begin()
    await speaking.send(speaking.say(redundant(b"1")))
    lost = speaking.say(redundant(b"2", b"1"))
    await speaking.send(speaking.say(redundant(b"3", b"2")), lost)
    assert speaking.got() == [(111, b"1"), (111, b"3"), (111, b"2")]
    assert stage.counted("restored") == 1
    got = speaking.bob.received("alice", "microphone")
    assert [n - numbers(got)[0] for n in numbers(got)] == [0, 2, 1]
    assert [(t - timestamps(got)[0]) & 0xFFFFFFFF for t in timestamps(got)] == [0, 1920, 960]
    assert [packet[-1:] for _, packet, _ in tape.packets] == [b"1", b"3", b"2"]
    assert all(
        rtp.payload_start(p) == len(p) - 1 and p[1] & 0x7F == 109 for _, p, _ in tape.packets
    )


async def test_what_cannot_be_told_is_not_restored(stage: MediaScene) -> None:
    speaking = Speaking(stage, red=False)
    await speaking.begin()
    await speaking.send(speaking.say(redundant(b"1")))
    speaking.say(b"lost")
    speaking.say(b"lost")
    await speaking.send(speaking.say(redundant(b"4", b"3")))  # of which of the two?
    speaking.say(b"lost")
    # A block of the time of a packet that came, or of before it.
    await speaking.send(
        speaking.say(
            redundant(b"6", b"4", b"5")[:1]
            + (1920 << 10 | 1).to_bytes(3, "big")
            + bytes([109])
            + b"56"
        )
    )
    assert speaking.got() == [(111, b"1"), (111, b"4"), (111, b"6")]
    assert stage.counted("restored") == 0


@pytest.mark.parametrize("begin", ["forwarding", "tap"])
async def test_what_was_said_before_stays_outside_redundancy_or_not(
    stage: MediaScene, begin: str
) -> None:
    stage.room.tap = tape = Tape()
    speaking = Speaking(stage, red=True)
    await speaking.begin()
    await speaking.send(*(speaking.say(redundant(b"a")) for _ in range(3)))
    before = len(speaking.got())
    if begin == "forwarding":
        stage.room.set_forwarding("alice", False)
        await speaking.send(speaking.say(redundant(b"hidden")))
        speaking.say(redundant(b"hidden"))  # lost
        stage.room.set_forwarding("alice", True)
    else:
        stage.room.tap = None
        speaking.say(redundant(b"hidden"))
        stage.room.tap = tape
    tape.packets.clear()
    await speaking.send(
        speaking.say(redundant(b"b", b"hidden")),
        speaking.say(redundant(b"c", b"hidden", b"b")),
        speaking.say(redundant(b"d", b"c")),
    )
    assert not [packet for _, packet, _ in tape.packets if b"hidden" in packet]
    if begin == "forwarding":
        assert not [payload for _, payload in speaking.got() if b"hidden" in payload]
        assert speaking.got()[before:] == [
            (111, b"b"),
            (111, b"c"),
            (63, toward(redundant(b"d", b"c"), 1)),
        ]


async def test_redundant_audio_is_repeated_to_the_byte(stage: MediaScene) -> None:
    speaking = Speaking(stage, red=True)
    await speaking.begin()
    ssrc = speaking.bob.section("alice", "microphone").ssrcs[0]
    await speaking.send(speaking.say(redundant(b"1")))
    stage.wire.lose_down = lambda datagram: datagram[8:12] == ssrc.to_bytes(4, "big")
    await speaking.send(speaking.say(redundant(b"2", b"1")))
    stage.wire.lose_down = lambda datagram: False
    lost = numbers(speaking.bob.received("alice", "microphone"))[0] + 1
    speaking.bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [lost]))
    await stage.settle()
    assert speaking.got() == [(111, b"1"), (63, toward(redundant(b"2", b"1"), 1))]
    repeated = [d for d, _ in stage.wire.down if d[2:4] == lost.to_bytes(2, "big")]
    assert len(repeated) == 2
    assert repeated[0] == repeated[1]
