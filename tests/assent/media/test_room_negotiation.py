"""A room with peers on a wire in memory: what they agree on, and change."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent.media import Forwarded, SdpError, UnknownPeer
from assent.media.rtp import rtcp
from assent.media.sdp import sdp
from support.rtc_raw import KEY_FRAME, RawTrack
from support.rtc_scene import MediaScene, numbers, payloads


async def test_changes_wait_for_the_answer_and_then_go_together(stage: MediaScene) -> None:
    _, bob, _, _ = await stage.pair()
    carol, dave = stage.client("carol"), stage.client("dave")
    stage.room.set_forwarding("carol", True)
    await carol.publish(RawTrack("0", "microphone", 5))
    offer = await stage.listener.offer("bob")
    stage.room.set_forwarding("dave", True)
    await dave.publish(RawTrack("0", "microphone", 6), RawTrack("1", "camera", 7, 8))
    await stage.settle()
    assert stage.listener.offers["bob"].empty()
    await stage.room.set_answer("bob", offer.generation, bob.subscribing.answer(offer.sdp))
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


async def test_a_section_is_used_again_after_the_browser_knows_it_is_empty(
    stage: MediaScene,
) -> None:
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


async def test_a_refused_section_stays_silent(stage: MediaScene) -> None:
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


async def test_a_browser_without_retransmission_format_gets_plain_repeats(
    stage: MediaScene,
) -> None:
    alice, bob = stage.client("alice"), stage.client("bob")
    video = RawTrack("0", "camera", 11, 12)
    await bob.subscribe()
    stage.room.set_forwarding("alice", True)
    await alice.publish(video)
    await stage.listener.state("alice", "publish", "connected")
    await bob.follow(rtx=False)
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


async def test_a_bad_answer_changes_nothing(stage: MediaScene) -> None:
    _, bob, _, _ = await stage.pair()
    stage.room.set_forwarding("carol", True)
    await stage.client("carol").publish(RawTrack("0", "microphone", 5))
    offer = await stage.listener.offer("bob")
    good = bob.subscribing.answer(offer.sdp)
    other = stage.wire.peer(("192.0.2.99", 1))
    for bad in ("", "v=0\r\n", good.replace("active", "passive"), other.answer(offer.sdp)):
        with pytest.raises(SdpError):
            await stage.room.set_answer("bob", offer.generation, bad)
    await stage.room.set_answer("bob", offer.generation - 1, "")  # no longer asked for: ignored
    await stage.room.set_answer("bob", offer.generation, good)
    with pytest.raises(UnknownPeer):
        await stage.room.set_answer("nobody", 1, good)


async def test_a_bad_offer_changes_nothing(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    for bad in ("", "v=0\r\n", "x" * 200_000):
        with pytest.raises(SdpError):
            await stage.room.publish("alice", bad, {"0": "microphone"})
    alice.publishing.send(audio.packet(b"still here"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"still here"]


async def test_renegotiating_keeps_what_stays(stage: MediaScene) -> None:
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


async def test_subscribing_again_starts_a_new_connection(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    first = bob.subscribing
    session = bob.slots["0"].ufrag
    await bob.subscribe()
    assert bob.subscribing is not first
    assert bob.slots["0"].ufrag != session
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"x"]
    assert first.packets == []


async def test_resuming_keeps_both_connections_and_offers_once_more(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    session, ssrc = bob.slots["0"].ufrag, bob.section("alice", "microphone").ssrcs[0]
    # What was offered while nobody could hear it, and is outstanding for good.
    carol = stage.client("carol")
    stage.room.set_forwarding("carol", True)
    await carol.publish(RawTrack("0", "microphone", 31))
    lost = await stage.listener.offer("bob")
    stage.room.resume("bob")
    repeated = await bob.follow()
    assert repeated.generation > lost.generation
    assert bob.slots["0"].ufrag == session
    assert bob.section("alice", "microphone").ssrcs[0] == ssrc
    assert {track.peer for track in bob.tracks} == {"alice", "carol"}
    stage.room.resume("alice")
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert payloads(bob.received("alice", "microphone")) == [b"x"]


async def test_resuming_begins_what_is_gone(stage: MediaScene) -> None:
    stage.room.resume("bob")
    assert await stage.listener.offer("bob")
    await stage.listener.state("bob", "publish", "failed")


async def test_an_answer_to_a_former_offer_never_fits_a_later_one(stage: MediaScene) -> None:
    stage.room.subscribe("bob")
    first = await stage.listener.offer("bob")
    stage.room.remove("bob")
    stage.room.subscribe("bob")
    second = await stage.listener.offer("bob")
    assert second.generation > first.generation
    answer = stage.wire.peer(("192.0.2.9", 1)).answer(first.sdp)
    await stage.room.set_answer("bob", first.generation, answer)
    assert stage.counted("drop-answer") == 1


CHROMIUM = (Path(__file__).parent / "chromium_offer.sdp").read_text()
WITHOUT_VP8 = CHROMIUM.replace("VP8/90000", "VP6/90000")
BOTH = {"0": "microphone", "1": "camera"}


async def offered(stage: MediaScene, peer: str, offer: str) -> str:
    """Publish an offer of Chromium's; returns the name of the video codec in the answer."""
    answer = await stage.room.publish(peer, offer, BOTH)
    codecs = sdp.parse(answer, 16).sections[1].codecs
    return next(codec.name for codec in codecs.values() if codec.name != "rtx")


async def test_the_codec_is_one_that_nobody_is_known_to_lack(stage: MediaScene) -> None:
    assert await offered(stage, "alice", CHROMIUM) == "vp8"
    assert await offered(stage, "bob", WITHOUT_VP8) == "h264"
    assert await offered(stage, "carol", CHROMIUM) == "h264"
    # Who is gone no longer matters.
    stage.room.remove("bob")
    assert await offered(stage, "dora", CHROMIUM) == "vp8"


async def test_another_codec_is_another_track(stage: MediaScene) -> None:
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


async def test_a_room_takes_no_codec_but_those_it_may_use(stage: MediaScene) -> None:
    room = stage.server.open_room("recordable", stage.listener, ["vp8"])
    with pytest.raises(SdpError):
        await room.publish("alice", WITHOUT_VP8, BOTH)
    assert room.tracks() == []
