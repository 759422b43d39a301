"""A room with peers on a wire in memory: what reaches whom, and what does not."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.media import BadSdp, Closed, Forwarded, TrackInfo, UnknownPeer, rtcp, rtp, sdp
from assent.media.connection import Connection
from assent.media.departures import Departures
from assent.media.dtls import Handshake
from assent.media.forwarding import Fanout
from assent.media.gcm import Gcm
from assent.media.publisher import Publisher
from assent.media.redundancy import ENOUGH
from assent.media.subscriber import Subscriber
from support.rtc import Tape, until
from support.rtc_raw import DELTA_FRAME, KEY_FRAME, RawTrack
from support.rtc_stage import Stage, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def numbers(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(packet[2:4], "big") for packet in packets]


def timestamps(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(packet[4:8], "big") for packet in packets]


def payloads(packets: list[bytes]) -> list[bytes]:
    return [packet[rtp.payload_start(packet) :] for packet in packets]


async def test_rewrites_a_packet_for_its_subscriber(stage: Stage) -> None:
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


async def test_video_begins_with_a_key_frame_that_is_asked_for(stage: Stage) -> None:
    alice, bob, _, video = await stage.pair()
    await until(lambda: alice.publishing.of(rtcp.KeyFrameRequest))
    assert alice.publishing.of(rtcp.KeyFrameRequest)[0].media == video.ssrc
    alice.publishing.send(video.packet(DELTA_FRAME))
    alice.publishing.send(video.packet(KEY_FRAME))
    alice.publishing.send(video.packet(DELTA_FRAME))
    await stage.settle()
    assert payloads(bob.received("alice", "camera")) == [KEY_FRAME, DELTA_FRAME]


async def test_nothing_reaches_anybody_before_forwarding_is_allowed(stage: Stage) -> None:
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


async def test_nobody_gets_themselves_back(stage: Stage) -> None:
    alice = stage.client("alice")
    stage.room.set_forwarding("alice", True)
    await alice.publish(audio := RawTrack("0", "microphone", 11))
    await stage.listener.state("alice", "publish", "connected")
    await alice.subscribe()
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert alice.tracks == []
    assert stage.media() == []


async def test_a_pause_leaves_no_trace(stage: Stage) -> None:
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


async def test_packets_older_than_a_pause_stay_outside(stage: Stage) -> None:
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


async def test_a_new_connection_of_the_publisher_goes_on_seamlessly(stage: Stage) -> None:
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
    stage: Stage,
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


async def test_the_tap_gets_what_the_publisher_wrote_and_ends_at_once(stage: Stage) -> None:
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


async def test_the_tap_gets_nothing_that_was_sent_before_it(stage: Stage) -> None:
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


async def test_sender_reports_keep_sound_and_picture_together(stage: Stage) -> None:
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


async def test_a_later_subscriber_gets_the_last_sender_report_at_once(stage: Stage) -> None:
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


async def test_what_is_lost_on_the_way_in_is_asked_for_and_recovered(stage: Stage) -> None:
    alice, bob, _, video = await stage.pair()
    stage.room.tap = tape = Tape()
    alice.publishing.send(video.packet(KEY_FRAME))
    lost = video.packet(DELTA_FRAME + b"lost", marker=True)
    alice.publishing.send(video.packet(DELTA_FRAME))
    await until(lambda: alice.publishing.of(rtcp.Nack))
    asked = alice.publishing.of(rtcp.Nack)[0]
    assert asked == rtcp.Nack(video.ssrc, (int.from_bytes(lost[2:4], "big"),))
    repair = video.repair(lost, 500)
    alice.publishing.send(repair)
    alice.publishing.send(video.repair(lost, 501))  # twice is once
    await stage.settle()
    got = bob.received("alice", "camera")
    assert payloads(got) == [KEY_FRAME, DELTA_FRAME, DELTA_FRAME + b"lost"]
    assert numbers(got)[2] == numbers(got)[0] + 1
    assert got[2][1] & 0x80
    assert tape.packets[-1][1] == lost


async def test_lost_audio_is_asked_for_too(stage: Stage) -> None:
    alice, bob, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"1"))
    lost = audio.packet(b"2")
    alice.publishing.send(audio.packet(b"3"))
    await until(lambda: alice.publishing.of(rtcp.Nack))
    alice.publishing.send(lost)
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"1", b"3", b"2"]


async def test_a_subscriber_gets_again_what_it_misses(stage: Stage) -> None:
    alice, bob, _, video = await stage.pair()
    for payload in (KEY_FRAME, DELTA_FRAME + b"1", DELTA_FRAME + b"2"):
        alice.publishing.send(video.packet(payload))
    await stage.settle()
    frames = bob.received("alice", "camera")
    ssrc, repair_ssrc = bob.section("alice", "camera").ssrcs
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [numbers(frames)[1], 7]))
    await stage.settle()
    repair = bob.subscribing.packets[-1]
    assert repair[8:12] == repair_ssrc.to_bytes(4, "big")
    assert repair[1] & 0x7F == 97
    start = rtp.payload_start(repair)
    assert repair[start : start + 2] == frames[1][2:4]
    assert repair[start + 2 :] == DELTA_FRAME + b"1"
    assert timestamps([repair]) == timestamps([frames[1]])
    assert stage.server.counters()["nack-missed"] == 1


async def test_a_subscriber_gets_nothing_from_before_its_time(stage: Stage) -> None:
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


async def test_audio_is_repeated_to_the_byte(stage: Stage) -> None:
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


async def test_key_frame_requests_are_merged(stage: Stage) -> None:
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


async def test_the_publisher_is_told_how_it_arrives_and_what_it_may_send(stage: Stage) -> None:
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


async def test_changes_wait_for_the_answer_and_then_go_together(stage: Stage) -> None:
    _, bob, _, _ = await stage.pair()
    carol, dave = stage.client("carol"), stage.client("dave")
    stage.room.set_forwarding("carol", True)
    await carol.publish(RawTrack("0", "microphone", 5))
    offer = await stage.listener.offer("bob")
    stage.room.set_forwarding("dave", True)
    await dave.publish(RawTrack("0", "microphone", 6), RawTrack("1", "camera", 7, 8))
    await stage.settle()
    assert stage.listener.offers["bob"].empty()
    await stage.room.describe("bob", offer.generation, bob.subscribing.answer(offer.sdp))
    following = await bob.follow()
    assert following.generation == offer.generation + 1
    assert {(t.peer, t.source) for t in following.tracks} == {
        ("alice", "microphone"),
        ("alice", "camera"),
        ("carol", "microphone"),
        ("dave", "microphone"),
        ("dave", "camera"),
    }
    await stage.settle()
    assert stage.listener.offers["bob"].empty()


async def test_a_section_is_used_again_after_the_browser_knows_it_is_empty(stage: Stage) -> None:
    alice, bob, audio, _ = await stage.pair()
    before = bob.section("alice", "microphone")
    stage.room.remove("alice")
    carol = stage.client("carol")
    stage.room.set_forwarding("carol", True)
    await carol.publish(other := RawTrack("0", "microphone", 5))
    offer = await bob.follow()
    # Removed and joined before the browser was told: the new track does not slip into the old
    # section, for the browser would take it for the same one.
    assert bob.slots[before.mid].direction == "inactive"
    assert bob.section("carol", "microphone").mid != before.mid
    assert offer.tracks == [Forwarded("2", "carol", "microphone")]
    stage.room.set_forwarding("dave", True)
    await stage.client("dave").publish(RawTrack("0", "microphone", 9))
    await bob.follow()
    again = bob.section("dave", "microphone")
    assert again.mid == before.mid
    assert again.ssrcs != before.ssrcs
    carol.publishing.send(other.packet(b"carol"))
    await stage.settle()
    assert payloads(bob.received("carol", "microphone")) == [b"carol"]
    alice.publishing.send(audio.packet(b"gone"))
    await stage.settle()
    assert b"gone" not in payloads(bob.subscribing.packets)


async def test_a_refused_section_stays_silent(stage: Stage) -> None:
    alice, bob = stage.client("alice"), stage.client("bob")
    audio = RawTrack("0", "microphone", 11)
    await bob.subscribe()
    stage.room.set_forwarding("alice", True)
    await alice.publish(audio)
    await stage.listener.state("alice", "publish", "connected")
    await bob.follow(refuse=["0"])
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert bob.subscribing.packets == []


async def test_a_browser_without_retransmission_format_gets_plain_repeats(stage: Stage) -> None:
    alice, bob = stage.client("alice"), stage.client("bob")
    video = RawTrack("0", "camera", 11, 12)
    await bob.subscribe()
    stage.room.set_forwarding("alice", True)
    await alice.publish(video)
    await stage.listener.state("alice", "publish", "connected")
    await bob.follow(repair=False)
    alice.publishing.send(video.packet(KEY_FRAME))
    await stage.settle()
    frames = bob.received("alice", "camera")
    ssrc = bob.section("alice", "camera").ssrcs[0]
    stage.wire.lose_down = lambda datagram: True  # or the replay check of the browser drops it
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, numbers(frames)))
    await stage.settle()
    (before, _), (last, _) = stage.media()[-2:]
    assert last == before
    assert last[8:12] == ssrc.to_bytes(4, "big")


async def test_a_bad_answer_changes_nothing(stage: Stage) -> None:
    _, bob, _, _ = await stage.pair()
    stage.room.set_forwarding("carol", True)
    await stage.client("carol").publish(RawTrack("0", "microphone", 5))
    offer = await stage.listener.offer("bob")
    good = bob.subscribing.answer(offer.sdp)
    other = stage.wire.peer(("192.0.2.99", 1))
    for bad in ("", "v=0\r\n", good.replace("active", "passive"), other.answer(offer.sdp)):
        with pytest.raises(BadSdp):
            await stage.room.describe("bob", offer.generation, bad)
    await stage.room.describe("bob", offer.generation - 1, "")  # no longer asked for: ignored
    await stage.room.describe("bob", offer.generation, good)
    with pytest.raises(UnknownPeer):
        await stage.room.describe("nobody", 1, good)


async def test_a_bad_offer_changes_nothing(stage: Stage) -> None:
    alice, bob, audio, _ = await stage.pair()
    for bad in ("", "v=0\r\n", "x" * 200_000):
        with pytest.raises(BadSdp):
            await stage.room.publish("alice", bad, {"0": "microphone"})
    alice.publishing.send(audio.packet(b"still here"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"still here"]


async def test_renegotiating_keeps_what_stays(stage: Stage) -> None:
    alice, bob, audio, video = await stage.pair()
    alice.publishing.send(audio.packet(b"1"))
    await stage.settle()
    ssrc = bob.section("alice", "microphone").ssrcs[0]
    screen = RawTrack("2", "screen", 33, 34)
    await alice.offer(audio, video, screen)
    await bob.follow()
    alice.publishing.send(audio.packet(b"2"))
    alice.publishing.send(screen.packet(KEY_FRAME))
    await stage.settle()
    assert bob.section("alice", "microphone").ssrcs[0] == ssrc
    assert numbers(bob.received("alice", "microphone"))[1] == (
        numbers(bob.received("alice", "microphone"))[0] + 1
    )
    assert payloads(bob.received("alice", "screen")) == [KEY_FRAME]
    await alice.offer(audio)
    await bob.follow()
    assert bob.tracks == [Forwarded("0", "alice", "microphone")]
    assert [track.source for track in stage.room.tracks()] == ["microphone"]


async def test_subscribing_again_starts_a_new_connection(stage: Stage) -> None:
    alice, bob, audio, _ = await stage.pair()
    first = bob.subscribing
    session = bob.slots["0"].username
    await bob.subscribe()
    assert bob.subscribing is not first
    assert bob.slots["0"].username != session
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"x"]
    assert first.packets == []


async def test_resuming_keeps_both_connections_and_offers_once_more(stage: Stage) -> None:
    alice, bob, audio, _ = await stage.pair()
    session, ssrc = bob.slots["0"].username, bob.section("alice", "microphone").ssrcs[0]
    # What was offered while nobody could hear it, and is outstanding for good.
    carol = stage.client("carol")
    stage.room.set_forwarding("carol", True)
    await carol.publish(RawTrack("0", "microphone", 31))
    lost = await stage.listener.offer("bob")
    stage.room.resume("bob")
    repeated = await bob.follow()
    assert repeated.generation > lost.generation
    assert bob.slots["0"].username == session
    assert bob.section("alice", "microphone").ssrcs[0] == ssrc
    assert {track.peer for track in bob.tracks} == {"alice", "carol"}
    stage.room.resume("alice")
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"x"]


async def test_resuming_begins_what_is_gone(stage: Stage) -> None:
    stage.room.resume("bob")
    assert await stage.listener.offer("bob")
    await stage.listener.state("bob", "publish", "failed")


async def test_an_answer_to_a_former_offer_never_fits_a_later_one(stage: Stage) -> None:
    stage.room.subscribe("bob")
    first = await stage.listener.offer("bob")
    stage.room.remove("bob")
    stage.room.subscribe("bob")
    second = await stage.listener.offer("bob")
    assert second.generation > first.generation
    answer = stage.wire.peer(("192.0.2.9", 1)).answer(first.sdp)
    await stage.room.describe("bob", first.generation, answer)
    assert stage.counted("drop-answer") == 1


async def test_an_ssrc_that_was_not_named_is_learned_from_its_mid(stage: Stage) -> None:
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
    alice.publishing.send(video.repair(lost, 9))
    await stage.settle()
    assert len(bob.received("alice", "camera")) == 3
    assert {track.ssrc for track in stage.room.tracks()} == {11, 21}
    assert stage.server.counters()["drop-ssrc"] == 1


async def test_a_peer_that_leaves_is_gone_everywhere(stage: Stage) -> None:
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
    assert stage.server._udp.routes == {}


async def test_speakers_are_told_loudest_first(stage: Stage) -> None:
    alice, _, audio, _ = await stage.pair()

    async def speak() -> None:
        while True:
            alice.publishing.send(audio.packet(b"x"))  # at -20 dBov
            await asyncio.sleep(0.02)

    speaking = asyncio.create_task(speak())
    await stage.listener.until(lambda: stage.listener.speakers == [["alice"]])
    speaking.cancel()
    await stage.listener.until(lambda: stage.listener.speakers == [["alice"], []])


async def test_a_closed_room_is_closed(stage: Stage) -> None:
    await stage.pair()
    stage.server.close_room("room")
    stage.server.close_room("room")
    with pytest.raises(Closed):
        stage.room.subscribe("alice")
    states = list(stage.listener.states)
    await stage.settle()
    assert stage.listener.states == states


CHROMIUM = (Path(__file__).parent / "chromium_offer.sdp").read_text()
WITHOUT_VP8 = CHROMIUM.replace("VP8/90000", "VP6/90000")
BOTH = {"0": "microphone", "1": "camera"}


async def offered(stage: Stage, peer: str, offer: str) -> str:
    """Publish an offer of Chromium's; returns the name of the video codec in the answer."""
    answer = await stage.room.publish(peer, offer, BOTH)
    codecs = sdp.parse(answer, 16).sections[1].codecs
    return next(codec.name for codec in codecs.values() if codec.name != "rtx")


async def test_the_codec_is_one_that_nobody_is_known_to_lack(stage: Stage) -> None:
    assert await offered(stage, "alice", CHROMIUM) == "vp8"
    assert await offered(stage, "bob", WITHOUT_VP8) == "h264"
    assert await offered(stage, "carol", CHROMIUM) == "h264"
    # Who is gone no longer matters.
    stage.room.remove("bob")
    assert await offered(stage, "dora", CHROMIUM) == "vp8"


async def test_another_codec_is_another_track(stage: Stage) -> None:
    stage.room.set_forwarding("alice", True)
    await offered(stage, "alice", CHROMIUM)
    bob = stage.client("bob")
    await bob.subscribe()
    first = bob.section("alice", "camera")
    await offered(stage, "alice", WITHOUT_VP8)
    await bob.follow()
    second = bob.section("alice", "camera")
    assert {codec.name for codec in first.codecs.values()} == {"vp8", "rtx"}
    assert {codec.name for codec in second.codecs.values()} == {"h264", "rtx"}
    assert set(first.ssrcs).isdisjoint(second.ssrcs)


async def test_a_room_takes_no_codec_but_those_it_may_use(stage: Stage) -> None:
    room = stage.server.open_room("recordable", stage.listener, ["vp8"])
    with pytest.raises(BadSdp):
        await room.publish("alice", WITHOUT_VP8, BOTH)
    assert room.tracks() == []


async def test_what_is_over_is_gone_without_being_looked_for(stage: Stage) -> None:
    """Rings of objects stay until Python looks for them, which a process of this size seldom does.

    With a connection that would be OpenSSL's memory, and what was kept to be sent again.
    """
    held = (Connection, Handshake, Gcm, Publisher, Subscriber, Departures, Fanout)

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
        assert {"Connection", "Gcm", "Fanout", "Departures"} < set(there())
        stage.room.remove("alice")
        stage.room.remove("bob")
        await until(lambda: not there())
    finally:
        gc.enable()


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

    def __init__(self, stage: Stage, *, red: bool) -> None:
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
async def test_redundant_audio_is_passed_on_or_stripped(stage: Stage, red: bool) -> None:
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


async def test_a_path_that_loses_nothing_gets_every_sound_once(stage: Stage) -> None:
    speaking = Speaking(stage, red=True)
    await speaking.begin(lossy=False)
    await speaking.send(speaking.say(redundant(b"1")), speaking.say(redundant(b"2", b"1")))
    assert speaking.got() == [(111, b"1"), (111, b"2")]


async def test_malformed_redundant_audio_is_dropped_and_counted(stage: Stage) -> None:
    stage.room.tap = tape = Tape()
    speaking = Speaking(stage, red=True)
    await speaking.begin()
    await speaking.send(
        *(speaking.say(bad) for bad in (b"", b"\x6d", b"\xed\x0f", redundant(b"", b"x")))
    )
    assert (speaking.got(), tape.packets) == ([], [])
    assert stage.counted("drop-redundant") == 4


async def test_one_lost_packet_is_restored_from_the_next_and_never_comes_twice(
    stage: Stage,
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


async def test_what_cannot_be_told_is_not_restored(stage: Stage) -> None:
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
    stage: Stage, begin: str
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


async def test_redundant_audio_is_repeated_to_the_byte(stage: Stage) -> None:
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
