"""A peer's other device: it publishes and watches as that peer, and goes when the peer goes."""

from __future__ import annotations

import re

import pytest

from assent.media import SdpError, UnknownPeer
from assent.media.rtp import rtcp, rtp
from assent.media.sdp import sdp
from assent.media.sdp.whip_whep import MAX_SLOTS, device_sources, plan_viewing
from support.rtc import Tape
from support.rtc_raw import KEY_FRAME, RawClient, RawPeer, RawTrack
from support.rtc_scene import MediaScene


def viewing_offer(peer: RawPeer, *kinds: str) -> str:
    """Return an offer to receive, with payload types and extensions of the device's own."""
    mids = [str(number) for number in range(len(kinds))]
    lines = peer._head(mids)
    for mid, kind in zip(mids, kinds, strict=True):
        formats = "120 121" if kind == "video" else "122"
        lines.append(f"m={kind} 9 UDP/TLS/RTP/SAVPF {formats}")
        lines += peer._section(kind, mid, "recvonly", "actpass")
        lines.append(f"a=extmap:7 {rtp.MID}")
        if kind == "video":
            lines += ["a=rtpmap:120 VP8/90000", "a=rtpmap:121 rtx/90000", "a=fmtp:121 apt=120"]
        else:
            lines.append("a=rtpmap:122 opus/48000/2")
    return "\r\n".join(lines) + "\r\n"


async def device(stage: MediaScene, owner: RawClient, *tracks: RawTrack) -> RawPeer:
    """Publish as another device of a participant."""
    peer = stage.wire.peer((owner.host, 39_000 + len(stage.wire._peers)))
    await peer.connect(await stage.room.begin(owner.name, "device", peer.offer(tracks)))
    return peer


async def viewer(stage: MediaScene, owner: str, *kinds: str) -> RawPeer:
    peer = stage.wire.peer(("198.51.100.50", 39_000 + len(stage.wire._peers)))
    await peer.connect(await stage.room.begin(owner, "view", viewing_offer(peer, *kinds)))
    await stage.listener.state(owner, "view", "connected")
    return peer


def test_the_first_of_each_kind_that_sends_is_what_the_device_sends() -> None:
    tracks = [RawTrack(str(n), "camera" if n % 2 else "microphone", 10 + n) for n in range(4)]
    offer = RawPeer().offer(tracks)
    assert device_sources(offer) == {"0": "device-microphone", "1": "device-camera"}
    with pytest.raises(SdpError):
        device_sources(offer.replace("a=sendonly", "a=recvonly"))


def test_an_offer_to_receive_is_answered_in_its_own_words() -> None:
    viewing = plan_viewing(viewing_offer(RawPeer(), "audio", "video"))
    assert [slot.forms for slot in viewing.slots] == [{"opus": (122, 0)}, {"vp8": (120, 121)}]
    assert {slot.accepted.mid_id for slot in viewing.slots} == {7}


@pytest.mark.parametrize(
    "change",
    [
        ("recvonly", "sendonly"),
        ("a=rtcp-mux", "a=x"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        ("a=setup:actpass", "a=setup:holdconn"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
    ],
)
def test_what_cannot_be_watched_with_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(SdpError):
        plan_viewing(viewing_offer(RawPeer(), "audio", "video").replace(*change))


def test_there_is_a_bound_to_sections() -> None:
    with pytest.raises(SdpError):
        plan_viewing(viewing_offer(RawPeer(), *["audio"] * (MAX_SLOTS + 1)))


async def test_a_device_is_heard_beside_its_owners_browser(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    picture = RawTrack("1", "camera", 91)
    encoder = await device(stage, alice, RawTrack("0", "microphone", 90), picture)
    await bob.follow()
    for _ in range(20):
        encoder.send(picture.packet(KEY_FRAME, marker=True))
        alice.publishing.send(audio.packet(b"voice"))
        await stage.settle()
    assert len(bob.received("alice", "device-camera")) == 20
    assert len(bob.received("alice", "microphone")) == 20


async def test_nothing_of_a_device_goes_anywhere_before_its_owner_may(stage: MediaScene) -> None:
    stage.room.tap = tape = Tape()
    alice, bob = stage.client("alice"), stage.client("bob")
    track = RawTrack("0", "microphone", 90)
    encoder = await device(stage, alice, track)
    await bob.subscribe()
    encoder.send(track.packet(b"early"))
    await stage.settle()
    assert (tape.packets, bob.subscribing.packets, bob.tracks) == ([], [], [])
    stage.room.set_forwarding("alice", True)
    await bob.follow()
    encoder.send(track.packet(b"now"))
    await stage.settle()
    stage.room.set_forwarding("alice", False)
    encoder.send(track.packet(b"stopped"))
    await stage.settle()
    assert [packet[-3:] for packet in bob.received("alice", "device-microphone")] == [b"now"]
    assert [(info.peer, info.source) for info, _, _ in tape.packets] == [
        ("alice", "device-microphone")
    ]


async def test_a_device_goes_with_its_owner_and_not_with_the_owners_browser(
    stage: MediaScene,
) -> None:
    alice, bob, *_ = await stage.pair()
    track = RawTrack("0", "microphone", 90)
    encoder = await device(stage, alice, track)
    watching = await viewer(stage, "alice", "audio")
    await bob.follow()
    stage.room.renew("alice")
    assert [info.source for info in stage.room.tracks()] == ["device-microphone"]
    encoder.send(track.packet(b"still here"))
    await stage.settle()
    assert len(bob.received("alice", "device-microphone")) == 1
    assert watching.connected
    stage.room.remove("alice")
    encoder.send(track.packet(b"gone"))
    await stage.settle()
    assert stage.room.tracks() == []
    assert len(bob.received("alice", "device-microphone")) == 1
    assert stage.server._udp is not None
    left = {connection.address for connection in stage.server._udp.by_address.values()}
    assert left == {(bob.host, address[1]) for address in left}


async def test_a_second_device_replaces_the_first(stage: MediaScene) -> None:
    alice, bob, *_ = await stage.pair()
    first, second = RawTrack("0", "microphone", 90), RawTrack("0", "microphone", 190)
    one = await device(stage, alice, first)
    await bob.follow()
    one.send(first.packet(b"one"))
    await stage.settle()
    two = await device(stage, alice, second)
    one.send(first.packet(b"one"))
    two.send(second.packet(b"two"))
    await stage.settle()
    assert [p[-3:] for p in bob.received("alice", "device-microphone")] == [b"one", b"two"]


async def test_who_watches_gets_the_others_and_not_oneself(stage: MediaScene) -> None:
    _, _, audio, video = await stage.pair()
    alice = stage.clients[0]
    screen = await viewer(stage, "bob", "audio", "video")
    own = await viewer(stage, "alice", "audio", "video")
    for _ in range(5):
        alice.publishing.send(audio.packet(b"voice"))
        alice.publishing.send(video.packet(KEY_FRAME, marker=True))
        await stage.settle()
    types = [packet[1] & 0x7F for packet in screen.packets]
    assert types.count(122) == 5
    assert types.count(120) == 5
    assert own.packets == []
    # Where it belongs is on every packet.
    mids = {bytes(p[slice(*rtp.find_extension(p, 7))]) for p in screen.packets}
    assert mids == {b"0", b"1"}


async def test_a_section_goes_to_the_next_when_its_track_ends(stage: MediaScene) -> None:
    _, _, audio, _ = await stage.pair()
    alice, carol = stage.clients[0], stage.client("carol")
    screen = await viewer(stage, "bob", "audio")
    alice.publishing.send(audio.packet(b"alice"))
    stage.room.set_forwarding("carol", True)
    voice = RawTrack("0", "microphone", 77)
    await carol.publish(voice)
    carol.publishing.send(voice.packet(b"carol"))
    await stage.settle()
    assert [packet[-5:] for packet in screen.packets] == [b"alice"]
    stage.room.remove("alice")
    await stage.settle()
    carol.publishing.send(voice.packet(b"carol"))
    await stage.settle()
    assert [packet[-5:] for packet in screen.packets] == [b"alice", b"carol"]
    ssrcs = {packet[8:12] for packet in screen.packets}
    assert len(ssrcs) == 2, "numbers of one are never used for the other"


async def test_what_a_device_misses_is_sent_again(stage: MediaScene) -> None:
    _, _, audio, _ = await stage.pair()
    screen = await viewer(stage, "bob", "audio")
    stage.clients[0].publishing.send(audio.packet(b"voice"))
    await stage.settle()
    (packet,) = screen.packets
    ssrc, sequence = (int.from_bytes(packet[slice(*at)], "big") for at in ((8, 12), (2, 4)))
    screen.send_feedback(rtcp.nack(1, ssrc, [sequence]))
    await stage.settle()
    assert stage.counted("repaired") == 1


async def test_ice_can_be_restarted(stage: MediaScene) -> None:
    alice, bob, *_ = await stage.pair()
    track = RawTrack("0", "microphone", 90)
    encoder = await device(stage, alice, track)
    await bob.follow()
    assert encoder.server is not None
    encoder.ufrag = "another1"
    text = await stage.room.restart("alice", "device", encoder.ufrag)
    ufrag, password = re.findall(r"a=ice-(?:ufrag|pwd):(\S+)", text)
    assert ufrag != encoder.server.ufrag
    assert "a=candidate:" in text
    encoder.server = sdp.Section("audio", 9, "", ())
    encoder.server.ufrag, encoder.server.password = ufrag, password
    stage.wire.place(encoder, ("203.0.113.5", 5))
    await encoder.prove()
    encoder.send(track.packet(b"elsewhere"))
    await stage.settle()
    assert len(bob.received("alice", "device-microphone")) == 1
    for peer, role in (("nobody", "device"), ("alice", "view")):
        with pytest.raises(UnknownPeer):
            await stage.room.restart(peer, role, "abcd")
