"""One connection: who may use it, where it is, and when it ends."""

from __future__ import annotations

import asyncio
import os
from time import monotonic

import pytest
from aioice import stun

from assent.media.forward.subscriber import ANSWER_TIMEOUT
from assent.media.rtp import rtcp
from assent.media.transport import connection
from support.rtc import Tape, until
from support.rtc_raw import KEY_FRAME, RawPeer, RawTrack
from support.rtc_scene import MediaScene


def microphone() -> RawTrack:
    return RawTrack("0", "microphone", 11)


async def test_a_stranger_gets_neither_answer_nor_memory(stage: MediaScene) -> None:
    await stage.pair()
    assert stage.server._udp is not None
    by_address, names = dict(stage.server._udp.by_address), dict(stage.server._udp.names)
    stage.wire.down.clear()
    stranger = ("203.0.113.66", 1000)
    for datagram in (
        b"",
        b"\x80" + bytes(40),  # RTP
        b"\x80\xc8" + bytes(40),  # RTCP
        b"\x16\xfe\xff" + bytes(60),  # DTLS
        b"\x00\x01\x00\x00" + bytes(16),  # STUN of another time
        b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(12) + b"\x00\x06\x00\x04a:b\0",
        b"\x40\x00\x00\x00",  # TURN
        b"\xff" * 1500,
    ):
        stage.wire.up(datagram, stranger)
    for _ in range(200):
        stage.wire.up(os.urandom(50), stranger)
    await stage.settle()
    assert [address for _, address in stage.wire.down if address == stranger] == []
    assert stage.server._udp.by_address == by_address
    assert stage.server._udp.names == names


async def test_a_check_without_the_password_proves_nothing(stage: MediaScene) -> None:
    alice = stage.client("alice")
    answer = await alice.offer(microphone())
    alice.publishing.use(answer)
    genuine = alice.publishing.check()
    assert alice.publishing.server is not None
    unsigned = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{alice.publishing.server.ufrag}:{alice.publishing.ufrag}"},
    )
    forged = alice.publishing.check()
    forged.add_message_integrity(b"guessed")
    other = RawPeer()
    other.use(answer)  # the right password, but not the one who was described
    for message in (bytes(unsigned), bytes(forged), bytes(other.check()), bytes(genuine)[:-1]):
        stage.wire.up(message, ("192.0.2.10", 1))
    await stage.settle()
    assert stage.wire.down == []
    stage.wire.up(bytes(genuine), ("192.0.2.10", 1))
    await stage.settle()
    assert len(stage.wire.down) == 1


async def test_who_thinks_we_are_controlling_is_corrected(stage: MediaScene) -> None:
    alice = stage.client("alice")
    alice.publishing = stage.wire.peer(("192.0.2.10", 1))
    alice.publishing.use(await alice.offer(microphone()))
    stage.wire.up(bytes(alice.publishing.check(controlled=True)), ("192.0.2.10", 1))
    await stage.settle()
    answer = stun.parse_message(stage.wire.down[-1][0])
    assert answer.error_code == 487
    assert stage.server._udp is not None
    assert stage.server._udp.by_address == {}


async def test_a_peer_moves_with_a_nominated_check_and_media_with_it(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    for move, address in enumerate((("198.51.100.7", 9), ("198.51.100.8", 9), ("192.0.2.9", 1))):
        stage.wire.place(bob.subscribing, address)
        await bob.subscribing.prove(nominate=False)
        alice.publishing.send(audio.packet(b"before"))
        await stage.settle()
        assert stage.media()[-1][1] != address
        await bob.subscribing.prove()
        alice.publishing.send(audio.packet(b"after"))
        await stage.settle()
        assert stage.media()[-1][1] == address
        stage.wire.place(alice.publishing, ("198.51.100.20", move))
        await alice.publishing.prove()
    assert len(bob.received("alice", "microphone")) == 6
    assert stage.server._udp is not None
    # Each is known where it is and where it was, and nowhere else.
    assert len(stage.server._udp.by_address) == 4


async def test_a_replayed_check_moves_nobody(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    seen = bytes(bob.subscribing.check())
    bob.subscribing.transmit(seen)
    await stage.settle()
    stage.wire.down.clear()
    thief = ("203.0.113.66", 1000)
    stage.wire.up(seen, thief)
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert thief not in [address for _, address in stage.wire.down]
    assert len(bob.received("alice", "microphone")) == 1


async def test_a_flood_of_checks_does_not_use_up_the_peers_own(stage: MediaScene) -> None:
    _, bob, _, _ = await stage.pair()
    seen = bytes(bob.subscribing.check())
    for port in range(1000):
        stage.wire.up(seen[:-1] + b"x", ("203.0.113.66", port))
    await stage.settle()
    assert stage.counted("drop-flood") > 0
    answers = len(bob.subscribing.mapped)
    bob.subscribing.transmit(seen)
    await stage.settle()
    assert len(bob.subscribing.mapped) == answers + 1


async def test_an_address_in_use_is_not_taken_over(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    mallory = stage.client("mallory")
    mallory.publishing = stage.wire.peer(("203.0.113.66", 1))
    await mallory.publishing.connect(await mallory.offer(microphone()))
    victim = next(a for a, c in stage.server._udp.by_address.items() if a[0] == bob.host)  # type: ignore[union-attr]
    stage.wire.up(bytes(mallory.publishing.check()), victim)  # forged source
    await stage.settle()
    alice.publishing.send(audio.packet(b"x"))
    bob.subscribing.send_feedback(rtcp.picture_loss(1, bob.section("alice", "camera").ssrcs[0]))
    await stage.settle()
    assert len(bob.received("alice", "microphone")) == 1
    assert stage.counted("drop-taken") == 1


async def test_the_sender_is_told_its_plain_address(stage: MediaScene) -> None:
    alice = stage.client("alice")
    address = ("::ffff:192.0.2.77", 4711, 0, 0)
    alice.publishing = stage.wire.peer(address)
    await alice.publishing.connect(await alice.offer(microphone()))
    assert alice.publishing.mapped == [("192.0.2.77", 4711)]
    assert {to for _, to in stage.wire.down} == {address}  # the only form the socket can send to


async def test_a_foreign_certificate_gets_nothing(stage: MediaScene) -> None:
    stage.room.tap = tape = Tape()
    alice = stage.client("alice")
    stage.room.set_forwarding("alice", True)
    alice.publishing = stage.wire.peer(("192.0.2.10", 1))
    offer = alice.publishing.offer([track := microphone()])
    real = alice.publishing.fingerprint
    changed = real[:-2] + ("00" if real[-2:] != "00" else "11")
    answer = await stage.room.publish("alice", offer.replace(real, changed), {"0": "microphone"})
    await alice.publishing.connect(answer)
    await stage.listener.state("alice", "publish", "failed")
    alice.publishing.send(track.packet(b"x"))
    await stage.settle()
    assert tape.packets == []
    assert stage.room.tracks() == []


async def test_dtls_from_elsewhere_does_not_disturb_a_handshake(stage: MediaScene) -> None:
    alice = stage.client("alice")
    alice.publishing = stage.wire.peer(("192.0.2.10", 1))
    other = stage.wire.peer(("203.0.113.66", 1))
    answer = await alice.offer(microphone())
    other.use(answer)
    alice.publishing.use(answer)
    await alice.publishing.prove()
    recorded: list[bytes] = []
    other.transmit = recorded.append
    assert other.server is not None
    shaking = asyncio.create_task(other.shake())
    await until(lambda: recorded)
    for _ in range(3):
        stage.wire.up(recorded[0], ("203.0.113.66", 1))
    await alice.publishing.shake()
    await stage.listener.state("alice", "publish", "connected")
    assert stage.counted("drop-stranger") == 3
    other._wire.waiting.put_nowait(b"")
    await shaking


async def test_nonsense_from_a_proved_address_is_survived(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    hello = RawPeer()
    hello.use(await stage.client("carol").offer(microphone()))
    recorded: list[bytes] = []
    hello.transmit = recorded.append
    shaking = asyncio.create_task(hello.shake())
    await until(lambda: recorded)
    for peer in (alice.publishing, bob.subscribing):
        for datagram in (
            recorded[0],
            b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28",  # a fatal alert in the clear
            b"\x16" + os.urandom(100),
            b"\x17\xfe\xfd" + bytes(200),
            b"\x80",
            b"\x80\xc8",
            b"\x90\x6f" + os.urandom(400),
            b"\xbf" + os.urandom(30),
            b"\x80\xc8" + os.urandom(60),
            b"\x00\x01" + os.urandom(60),
        ):
            peer.transmit(datagram)
    await stage.settle()
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert len(bob.received("alice", "microphone")) == 1
    assert [s for s in stage.listener.states if s[2] != "connected"] == []
    hello._wire.waiting.put_nowait(b"")
    await shaking


async def test_only_what_was_negotiated_is_let_in(stage: MediaScene) -> None:
    alice, bob, audio, video = await stage.pair()
    stage.room.tap = tape = Tape()
    send = alice.publishing.send
    send(audio.packet(b"foreign ssrc", ssrc=999))
    send(audio.packet(b"foreign format", payload_type=100))
    send(audio.packet(b"x" * 1400)[:1290])
    send(video.packet(b"repair as media", ssrc=23))
    send(video.rtx(video.packet(b""), 1)[:-1])
    bob.subscribing.send(audio.packet(b"a subscriber sends no media"))
    duplicate = send(audio.packet(b"once"))
    alice.publishing.transmit(duplicate)
    await stage.settle()
    assert [packet[-4:] for _, packet, _ in tape.packets] == [b"once"]
    counters = stage.server.counters()
    assert counters["drop-ssrc"] == 2
    assert counters["drop-payload-type"] == 2
    assert counters["drop-srtp"] == 1
    assert counters["drop-size"] == 1


async def test_malformed_media_and_feedback_is_dropped(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    stage.room.tap = tape = Tape()
    packet = audio.packet(b"x")
    padded = bytearray(audio.packet(bytes(3) + b"\xff"))
    padded[0] |= 0x20
    alice.publishing.send(bytes(padded))
    for body in (
        b"\x81\xc9\x00\x01\0\0\0\1",
        b"\x80\xce\x00\x01\0\0\0\1",
        b"\x80\xc8\x00\x01\0\0\0\1",
    ):
        alice.publishing.send_feedback(body)
        bob.subscribing.send_feedback(body)
    alice.publishing.send(packet)
    await stage.settle()
    assert [p for _, p, _ in tape.packets] == [packet]
    assert stage.counted("drop-rtp") == 1
    assert stage.counted("drop-rtcp") == 6


async def test_feedback_comes_from_a_bounded_number_of_senders(stage: MediaScene) -> None:
    _, bob, _, _ = await stage.pair()
    for ssrc in range(1000, 1000 + connection.MAX_REPORTERS + 10):
        bob.subscribing.send_feedback(rtcp.receiver_report(ssrc, []))
    await stage.settle()
    assert stage.counted("drop-ssrc") == 10


async def test_a_flood_by_a_member_is_cut(stage: MediaScene) -> None:
    alice, bob, audio, _ = await stage.pair()
    moment = monotonic()
    stage.wire.now = lambda: moment
    for _ in range(connection.MAX_PACKETS):
        alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert len(bob.received("alice", "microphone")) < connection.MAX_PACKETS / 2
    assert stage.counted("drop-flood") > 0


async def test_a_silent_peer_is_gone_after_its_time(stage: MediaScene) -> None:
    await stage.pair()
    stage.room.tick(monotonic() + connection.TIMEOUT / 3)
    assert all(state == "connected" for _, _, state in stage.listener.states)
    stage.room.tick(monotonic() + connection.TIMEOUT + 1)
    await stage.listener.state("alice", "publish", "failed")
    await stage.listener.state("bob", "subscribe", "failed")
    assert stage.room.tracks() == []
    assert stage.server._udp is not None
    assert stage.server._udp.by_address == {}


async def test_who_never_comes_is_not_waited_for(stage: MediaScene) -> None:
    await stage.client("alice").offer(microphone())
    stage.room.subscribe("bob")
    await stage.listener.offer("bob")
    stage.room.tick(monotonic() + connection.TIMEOUT + 1)
    await stage.listener.state("alice", "publish", "failed")
    await stage.listener.state("bob", "subscribe", "failed")


async def test_who_never_answers_is_not_waited_for(stage: MediaScene) -> None:
    alice, bob, _, _ = await stage.pair()
    stage.room.set_forwarding("carol", True)
    await stage.client("carol").publish(microphone())
    await stage.listener.offer("bob")
    # The connection lives, and is checked all the time; only the answer does not come.
    stage.wire.now = lambda: monotonic() + ANSWER_TIMEOUT
    for peer in (alice.publishing, bob.subscribing):
        await peer.prove()
    stage.room.tick(monotonic() + ANSWER_TIMEOUT + 1)
    await stage.listener.state("bob", "subscribe", "failed")
    assert ("alice", "publish", "failed") not in stage.listener.states


async def test_an_ice_restart_keeps_the_connection(stage: MediaScene) -> None:
    alice, bob, audio, video = await stage.pair()
    assert alice.publishing.server is not None
    former = alice.publishing.server.ufrag
    before = alice.publishing.check()
    alice.publishing.ufrag, alice.publishing.password = "changed", "p" * 24
    answer = await alice.offer(audio, video)
    stage.wire.up(bytes(before), ("192.0.2.10", 40000))  # still good for now
    alice.publishing.use(answer)
    assert alice.publishing.server.ufrag != former
    await alice.publishing.prove()
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert len(bob.received("alice", "microphone")) == 1
    assert stage.server._udp is not None
    assert former not in stage.server._udp.names


async def test_a_handshake_survives_loss(stage: MediaScene) -> None:
    lost: set[bytes] = set()

    def first_of_each(datagram: bytes) -> bool:
        # Every datagram of a handshake is lost once; repetitions have another sequence number.
        kind = datagram[13:14] + datagram[:1]
        return 20 <= datagram[0] <= 63 and kind not in lost and not lost.add(kind)  # type: ignore[func-returns-value]

    stage.wire.lose_up = first_of_each
    alice = stage.client("alice")
    await alice.publish(microphone())
    await stage.listener.state("alice", "publish", "connected")
    assert lost


async def test_a_handshake_may_begin_before_the_answer_arrives(stage: MediaScene) -> None:
    bob = stage.client("bob")
    bob.subscribing = stage.wire.peer(("192.0.2.10", 1))
    stage.room.subscribe("bob")
    offer = await stage.listener.offer("bob")
    bob.subscribing.use(offer.sdp)
    await bob.subscribing.prove()
    shaking = asyncio.create_task(bob.subscribing.shake())
    await stage.settle()
    for _ in range(20):
        bob.subscribing.transmit(b"\x16" + bytes(100))  # what comes early is bounded
    await stage.settle()
    assert stage.counted("drop-early") > 10
    stage.wire.lose_up = lambda datagram: datagram[:1] + datagram[13:14] == b"\x16\x01"
    await stage.room.set_answer("bob", offer.generation, bob.subscribing.answer(offer.sdp))
    await shaking  # without another ClientHello
    await stage.listener.state("bob", "subscribe", "connected")


async def test_who_is_heard_only_elsewhere_is_there(
    stage: MediaScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, audio, _ = await stage.pair()
    monkeypatch.setattr(connection, "STALE", 0.0)
    stage.wire.place(bob.subscribing, ("198.51.100.7", 9))
    await bob.subscribing.prove(nominate=False)
    alice.publishing.send(audio.packet(b"x"))
    await stage.settle()
    assert stage.media()[-1][1] == ("198.51.100.7", 9)


async def test_a_flood_of_feedback_is_cut(stage: MediaScene) -> None:
    alice, bob, _, video = await stage.pair()
    alice.publishing.send(video.packet(KEY_FRAME))
    await stage.settle()
    ssrc = bob.section("alice", "camera").ssrcs[0]
    sent = len(stage.media())
    moment = monotonic()
    stage.wire.now = lambda: moment
    number = int.from_bytes(bob.received("alice", "camera")[0][2:4], "big")
    for _ in range(300):
        bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [number]) * 20)
    await stage.settle()
    assert stage.counted("drop-flood") > 0
    assert stage.counted("drop-repair") > 0
    assert len(stage.media()) - sent < 600


async def test_what_waits_for_the_end_of_the_turn_does_not_outlive_its_connection(
    stage: MediaScene,
) -> None:
    alice, _, audio, _ = await stage.pair()
    datagram = alice.publishing.dtls._tx_srtp.protect(audio.packet(b"x"))  # type: ignore[union-attr]
    stage.udp._take(datagram, ("192.0.2.10", 40000), monotonic())
    assert stage.udp.waiting == 1
    stage.room.remove("bob")
    stage.wire.down.clear()
    stage.udp.flush()
    assert stage.media() == []
    assert stage.udp.waiting == 0
