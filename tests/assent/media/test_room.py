"""A room with peers on a wire in memory: what reaches whom, and what does not."""

from __future__ import annotations

import asyncio
import gc

import pytest

from assent.media import Closed, Forwarded, TrackInfo
from assent.media.congestion.sent_packets import SentPacketHistory
from assent.media.forward.forwarding import LayerForwarder
from assent.media.forward.publisher import Publisher
from assent.media.forward.subscriber import Subscriber
from assent.media.rtp import rtcp, rtp
from assent.media.transport.connection import Connection
from assent.media.transport.dtls import Handshake
from assent.media.transport.gcm import Gcm
from support.rtc import Tape, until
from support.rtc_raw import DELTA_FRAME, KEY_FRAME, RawTrack
from support.rtc_scene import MediaScene, numbers, payloads, timestamps


async def test_rewrites_a_packet_for_its_subscriber(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    for number in range(3):
        audio.timestamp = 5000 + 960 * number
        alice.publishing.send(audio.packet(bytes([number])))
    await stage.settle()
    got = bob.received("alice", "microphone")
    assert payloads(got) == [b"\0", b"\1", b"\2"]
    first = numbers(got)[0]
    assert numbers(got) == [first, first + 1, first + 2]
    assert (timestamps(got)[2] - timestamps(got)[0]) & 0xFFFFFFFF == 1920
    section = bob.section("alice", "microphone")
    assert {packet[1] & 0x7F for packet in got} == {111}
    start, end = rtp.find_extension(got[0], section.extensions[rtp.MID])
    assert got[0][start:end].decode() == section.mid
    assert rtp.audio_level(got[0], section.extensions[rtp.AUDIO_LEVEL]) == bytes([0x80 | 20])


async def test_video_begins_with_a_key_frame_that_is_asked_for(stage: MediaScene) -> None:
    alice, bob, _, video = await stage.pair()
    await until(lambda: alice.publishing.of(rtcp.KeyFrameRequest))
    assert alice.publishing.of(rtcp.KeyFrameRequest)[0].media == video.ssrc
    alice.publishing.send(video.packet(DELTA_FRAME))
    alice.publishing.send(video.packet(KEY_FRAME))
    alice.publishing.send(video.packet(DELTA_FRAME))
    await stage.settle()
    assert payloads(bob.received("alice", "camera")) == [KEY_FRAME, DELTA_FRAME]


async def test_nothing_reaches_anybody_before_forwarding_is_allowed(stage: MediaScene) -> None:
    stage.room.tap = tape = Tape()
    alice, bob = stage.client("alice"), stage.client("bob")
    audio = RawTrack("0", "microphone", 11)
    await alice.publish(audio)
    await stage.listener.state("alice", "publish", "connected")
    await bob.subscribe()
    assert bob.tracks == []  # not even that there is a microphone
    alice.publishing.send(audio.packet(b"secret"))
    await stage.settle()
    assert tape.packets == []
    stage.room.set_forwarding("alice", True)
    await bob.follow()
    assert bob.tracks == [Forwarded("0", "alice", "microphone")]
    alice.publishing.send(audio.packet(b"public"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"public"]
    assert [packet[-6:] for _, packet, _ in tape.packets] == [b"public"]
    assert len(stage.media()) == 1


async def test_nobody_gets_themselves_back(stage: MediaScene) -> None:
    alice = stage.client("alice")
    stage.room.set_forwarding("alice", True)
    await alice.publish(audio := RawTrack("0", "microphone", 11))
    await stage.listener.state("alice", "publish", "connected")
    await alice.subscribe()
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert alice.tracks == []
    assert stage.media() == []


async def test_a_pause_leaves_no_trace(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"1"))
    await stage.settle()
    stage.room.set_forwarding("alice", False)
    for _ in range(200):
        audio.timestamp += 960
        alice.publishing.send(audio.packet(b"hidden"))
    await stage.settle()
    stage.room.set_forwarding("alice", True)
    alice.publishing.send(audio.packet(b"2"))
    await stage.settle()
    got = bob.received("alice", "microphone")
    assert payloads(got) == [b"1", b"2"]
    assert numbers(got)[1] == numbers(got)[0] + 1
    # The pause lasted no time at all on our clock, so the timestamp must not jump either.
    assert 0 < (timestamps(got)[1] - timestamps(got)[0]) & 0xFFFFFFFF < 48000


async def test_packets_older_than_a_pause_stay_outside(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"1"))
    await stage.settle()
    stage.room.set_forwarding("alice", False)
    late = audio.packet(b"late")
    audio.packet(b"lost")
    alice.publishing.send(audio.packet(b"hidden"))
    await stage.settle()
    stage.room.set_forwarding("alice", True)
    alice.publishing.send(late)
    alice.publishing.send(audio.packet(b"2"))
    later = audio.packet(b"later")
    alice.publishing.send(audio.packet(b"3"))
    alice.publishing.send(later)
    await stage.settle()
    # It was sent when it might not reach anybody, whenever it arrives.
    assert payloads(bob.received("alice", "microphone")) == [b"1", b"2", b"3", b"later"]


async def test_a_new_connection_of_the_publisher_goes_on_seamlessly(stage: MediaScene) -> None:
    alice, bob, audio, video = await stage.pair()
    alice.publishing.send(audio.packet(b"1"))
    alice.publishing.send(video.packet(KEY_FRAME))
    await stage.settle()
    again = RawTrack("0", "microphone", 77, sequence=60000, timestamp=4_000_000_000)
    picture = RawTrack("1", "camera", 78, 79, sequence=3)
    await alice.publish(again, picture)
    await until(lambda: alice.publishing.connected)
    alice.publishing.send(again.packet(b"2"))
    alice.publishing.send(picture.packet(DELTA_FRAME))
    alice.publishing.send(picture.packet(KEY_FRAME + b"2"))
    await stage.settle()
    sound, frames = bob.received("alice", "microphone"), bob.received("alice", "camera")
    assert payloads(sound) == [b"1", b"2"]
    assert numbers(sound)[1] == numbers(sound)[0] + 1
    assert payloads(frames) == [KEY_FRAME, KEY_FRAME + b"2"]
    assert numbers(frames)[1] == numbers(frames)[0] + 1
    assert stage.listener.offers["bob"].empty()
    assert {track.ssrc for track in stage.room.tracks()} == {77, 78}


async def test_what_a_former_connection_sent_is_not_repeated_as_the_new_ones(
    stage: MediaScene,
) -> None:
    alice, bob, audio, _ = await stage.pair()
    for _ in range(10):
        alice.publishing.send(audio.packet(b"former"))
    await stage.settle()
    again = RawTrack("0", "microphone", 77, sequence=audio.sequence - 5)
    await alice.publish(again)
    await until(lambda: alice.publishing.connected)
    alice.publishing.send(again.packet(b"1"))
    again.packet(b"lost, but the former connection had one of that number")
    alice.publishing.send(again.packet(b"3"))
    await stage.settle()
    lost = numbers(bob.received("alice", "microphone"))[-1] - 1
    sent = len(stage.media())
    ssrc = bob.section("alice", "microphone").ssrcs[0]
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [lost]))
    await stage.settle()
    assert len(stage.media()) == sent


async def test_the_tap_gets_what_the_publisher_wrote_and_ends_at_once(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    stage.room.tap = tape = Tape()
    packet = audio.packet(b"sound", marker=True)
    alice.publishing.send(packet)
    report = rtcp.SenderReport(audio.ssrc, 0x1234_5678_9ABC_DEF0, 5000, 1, 5)
    alice.publishing.send_feedback(rtcp.sender_report(report))
    await stage.settle()
    track = TrackInfo("alice", "microphone", "opus", 48000, audio.ssrc)
    assert [(t, p) for t, p, _ in tape.packets] == [(track, packet)]
    assert [entry[:3] for entry in tape.reports] == [(track, report.ntp, 5000)]
    stage.room.tap = None
    alice.publishing.send(audio.packet(b"more"))
    await stage.settle()
    assert len(tape.packets) == 1
    assert len(bob.received("alice", "microphone")) == 2


async def test_the_tap_gets_nothing_that_was_sent_before_it(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    tape = Tape()

    def set_it() -> None:
        stage.room.tap = tape

    def set_it_again() -> None:
        stage.room.tap = None
        stage.room.tap = tape

    def pause() -> None:
        stage.room.set_forwarding("alice", False)
        stage.room.set_forwarding("alice", True)

    for begin in (set_it, set_it_again, pause):
        tape.packets.clear()
        alice.publishing.send(audio.packet(b"before"))
        lost = audio.packet(b"lost before")
        alice.publishing.send(audio.packet(b"before"))
        just_lost = audio.packet(b"lost just before")
        await stage.settle()
        tape.packets.clear()
        begin()
        alice.publishing.send(lost)
        alice.publishing.send(audio.packet(b"after"))
        alice.publishing.send(just_lost)
        late = audio.packet(b"lost after")
        alice.publishing.send(audio.packet(b"after"))
        alice.publishing.send(late)
        await stage.settle()
        said = [packet[rtp.payload_start(packet) :] for _, packet, _ in tape.packets]
        assert said == [b"after", b"after", b"lost after"]
    assert b"lost just before" in payloads(bob.received("alice", "microphone"))


async def test_sender_reports_keep_sound_and_picture_together(stage: MediaScene) -> None:
    alice, bob, audio, video = await stage.pair()
    alice.publishing.send(audio.packet(b"x"))
    alice.publishing.send(video.packet(KEY_FRAME))
    second = 1 << 32
    for track, ntp in ((audio, 100 * second), (video, 103 * second)):
        report = rtcp.SenderReport(track.ssrc, ntp, track.timestamp, 9, 9)
        alice.publishing.send_feedback(rtcp.sender_report(report))
    await stage.settle()
    sound, picture = bob.subscribing.of(rtcp.SenderReport)
    assert picture.ntp - sound.ntp == 3 * second
    for report, source in ((sound, "microphone"), (picture, "camera")):
        packet = bob.received("alice", source)[0]
        assert report.ssrc == int.from_bytes(packet[8:12], "big")
        assert report.rtp_timestamp == timestamps([packet])[0]
        assert report.packets == 1
    # The publisher's clock is its own business.
    assert abs(sound.ntp - 100 * second) > 1000 * second


async def test_a_later_subscriber_gets_the_last_sender_report_at_once(stage: MediaScene) -> None:
    alice, _, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"x"))
    alice.publishing.send_feedback(
        rtcp.sender_report(rtcp.SenderReport(audio.ssrc, 1 << 40, 5000, 1, 1))
    )
    await stage.settle()
    carol = stage.client("carol")
    await carol.subscribe()
    alice.publishing.send(audio.packet(b"y"))
    await stage.settle()
    assert len(carol.subscribing.of(rtcp.SenderReport)) == 1


async def test_what_is_lost_on_the_way_in_is_asked_for_and_recovered(stage: MediaScene) -> None:
    alice, bob, _, video = await stage.pair()
    stage.room.tap = tape = Tape()
    alice.publishing.send(video.packet(KEY_FRAME))
    lost = video.packet(DELTA_FRAME + b"lost", marker=True)
    alice.publishing.send(video.packet(DELTA_FRAME))
    await until(lambda: alice.publishing.of(rtcp.Nack))
    asked = alice.publishing.of(rtcp.Nack)[0]
    assert asked == rtcp.Nack(video.ssrc, (int.from_bytes(lost[2:4], "big"),))
    rtx = video.rtx(lost, 500)
    alice.publishing.send(rtx)
    alice.publishing.send(video.rtx(lost, 501))  # twice is once
    await stage.settle()
    got = bob.received("alice", "camera")
    assert payloads(got) == [KEY_FRAME, DELTA_FRAME, DELTA_FRAME + b"lost"]
    assert numbers(got)[2] == numbers(got)[0] + 1
    assert got[2][1] & 0x80
    assert tape.packets[-1][1] == lost


async def test_lost_audio_is_asked_for_too(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"1"))
    lost = audio.packet(b"2")
    alice.publishing.send(audio.packet(b"3"))
    await until(lambda: alice.publishing.of(rtcp.Nack))
    alice.publishing.send(lost)
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"1", b"3", b"2"]


async def test_a_subscriber_gets_again_what_it_misses(stage: MediaScene) -> None:
    alice, bob, _, video = await stage.pair()
    for payload in (KEY_FRAME, DELTA_FRAME + b"1", DELTA_FRAME + b"2"):
        alice.publishing.send(video.packet(payload))
    await stage.settle()
    frames = bob.received("alice", "camera")
    ssrc, rtx_ssrc = bob.section("alice", "camera").ssrcs
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [numbers(frames)[1], 7]))
    await stage.settle()
    rtx = bob.subscribing.packets[-1]
    assert rtx[8:12] == rtx_ssrc.to_bytes(4, "big")
    assert rtx[1] & 0x7F == 97
    start = rtp.payload_start(rtx)
    assert rtx[start : start + 2] == frames[1][2:4]
    assert rtx[start + 2 :] == DELTA_FRAME + b"1"
    assert timestamps([rtx]) == timestamps([frames[1]])
    assert stage.server.counters()["nack-missed"] == 1


async def test_a_subscriber_gets_nothing_from_before_its_time(stage: MediaScene) -> None:
    alice, _, audio, _ = await stage.pair()
    for _ in range(5):
        alice.publishing.send(audio.packet(b"earlier"))
    carol = stage.client("carol")
    await carol.subscribe()
    alice.publishing.send(audio.packet(b"now"))
    await stage.settle()
    (got,) = carol.received("alice", "microphone")
    ssrc = carol.section("alice", "microphone").ssrcs[0]
    sent = len(stage.media())
    earlier = [(int.from_bytes(got[2:4], "big") - back) & 0xFFFF for back in range(1, 5)]
    carol.subscribing.send_feedback(rtcp.nack(1, ssrc, sorted(earlier)))
    await stage.settle()
    assert len(stage.media()) == sent


async def test_audio_is_repeated_to_the_byte(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    ssrc = bob.section("alice", "microphone").ssrcs[0]
    alice.publishing.send(audio.packet(b"1"))
    await stage.settle()
    stage.wire.lose_down = lambda datagram: datagram[8:12] == ssrc.to_bytes(4, "big")
    alice.publishing.send(audio.packet(b"2"))
    await stage.settle()
    stage.wire.lose_down = lambda datagram: False
    lost = numbers(bob.received("alice", "microphone"))[0] + 1
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [lost]))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"1", b"2"]
    # It has no SSRC of its own when repeated. The same SRTP index with any other content would
    # give the key stream away.
    repeated = [d for d, _ in stage.wire.down if d[2:4] == lost.to_bytes(2, "big")]
    assert len(repeated) == 2
    assert repeated[0] == repeated[1]


async def test_key_frame_requests_are_merged(stage: MediaScene) -> None:
    alice, bob, _, video = await stage.pair()
    await until(lambda: alice.publishing.of(rtcp.KeyFrameRequest))
    alice.publishing.send(video.packet(KEY_FRAME))
    await stage.settle()
    ssrc = bob.section("alice", "camera").ssrcs[0]
    for _ in range(10):
        bob.subscribing.send_feedback(rtcp.picture_loss(1, ssrc))
    stage.room.request_key_frame("alice", "camera")
    stage.room.request_key_frames_all()
    stage.room.request_key_frame("alice", "microphone")
    stage.room.request_key_frame("nobody", "camera")
    await stage.settle()
    assert len(alice.publishing.of(rtcp.KeyFrameRequest)) == 1
    await until(lambda: len(alice.publishing.of(rtcp.KeyFrameRequest)) == 2)  # what they add up to


async def test_the_publisher_is_told_how_it_arrives_and_what_it_may_send(stage: MediaScene) -> None:
    alice, _, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"x"))
    alice.publishing.send_feedback(
        rtcp.sender_report(rtcp.SenderReport(audio.ssrc, 0xAAAA_BBBB_CCCC_DDDD, 1, 1, 1))
    )
    await until(lambda: any(report.blocks for report in alice.publishing.of(rtcp.ReceiverReport)))
    block = next(r for r in alice.publishing.of(rtcp.ReceiverReport) if r.blocks).blocks[0]
    assert (block.ssrc, block.fraction_lost, block.highest) == (audio.ssrc, 0, 1000)
    assert block.last_report == 0xBBBB_CCCC
    assert alice.publishing.of(rtcp.MaximumBitrate)[0].bitrate > 2_000_000


async def test_an_ssrc_that_was_not_named_is_learned_from_its_mid(stage: MediaScene) -> None:
    alice, bob = stage.client("alice"), stage.client("bob")
    audio = RawTrack("0", "microphone", 11, named=False)
    video = RawTrack("1", "camera", 21, 22, named=False)
    stage.room.set_forwarding("alice", True)
    await alice.publish(audio, video)
    await stage.listener.state("alice", "publish", "connected")
    await bob.subscribe()
    assert stage.room.tracks() == []
    alice.publishing.send(audio.packet(b"mine"))
    alice.publishing.send(audio.packet(b"not mine", ssrc=12))
    alice.publishing.send(video.packet(KEY_FRAME))
    lost = video.packet(DELTA_FRAME)
    alice.publishing.send(video.packet(DELTA_FRAME))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"mine"]
    alice.publishing.send(video.rtx(lost, 9))
    await stage.settle()
    assert len(bob.received("alice", "camera")) == 3
    assert {track.ssrc for track in stage.room.tracks()} == {11, 21}
    assert stage.server.counters()["drop-ssrc"] == 1


async def test_a_peer_that_leaves_is_gone_everywhere(stage: MediaScene) -> None:
    alice, bob, _, _ = await stage.pair()
    await alice.publishing.close()
    await stage.listener.state("alice", "publish", "closed")
    await bob.follow()
    assert bob.tracks == []
    stage.room.remove("alice")
    stage.room.remove("alice")
    stage.room.remove("bob")
    assert stage.server._udp is not None
    assert stage.server._udp.names == {}
    assert stage.server._udp.by_address == {}


async def test_speakers_are_told_loudest_first(stage: MediaScene) -> None:
    alice, _, audio, _ = await stage.pair()

    async def speak() -> None:
        while True:
            alice.publishing.send(audio.packet(b"x"))  # at -20 dBov
            await asyncio.sleep(0.02)

    speaking = asyncio.create_task(speak())
    await stage.listener.until(lambda: stage.listener.speakers == [["alice"]])
    speaking.cancel()
    await stage.listener.until(lambda: stage.listener.speakers == [["alice"], []])


async def test_a_closed_room_is_closed(stage: MediaScene) -> None:
    await stage.pair()
    stage.server.close_room("room")
    stage.server.close_room("room")
    with pytest.raises(Closed):
        stage.room.subscribe("alice")
    states = list(stage.listener.states)
    await stage.settle()
    assert stage.listener.states == states


async def test_what_is_over_is_gone_without_being_looked_for(stage: MediaScene) -> None:
    """Rings of objects stay until Python looks for them, which a process of this size seldom does.

    With a connection that would be OpenSSL's memory, and what was kept to be sent again.
    """
    held = (Connection, Handshake, Gcm, Publisher, Subscriber, SentPacketHistory, LayerForwarder)

    def there() -> list[str]:
        return sorted(type(one).__name__ for one in gc.get_objects() if isinstance(one, held))

    gc.collect()
    gc.disable()
    try:
        assert there() == []
        alice, _, audio, video = await stage.pair()
        alice.publishing.send(audio.packet(b"1"))
        alice.publishing.send(video.packet(KEY_FRAME))
        await stage.settle()
        assert {"Connection", "Gcm", "LayerForwarder", "SentPacketHistory"} < set(there())
        stage.room.remove("alice")
        stage.room.remove("bob")
        await until(lambda: not there())
    finally:
        gc.enable()
