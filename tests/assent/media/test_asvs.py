"""OWASP ASVS 5.0, chapter V17 WebRTC: sections 17.1 and 17.2, one named test for each requirement.

The docstrings say in our words what is required. Much of it is tested in more places; these are the
ones to point at. Section 17.3 is in ``tests/assent/signalling/test_asvs.py``.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import cast

import aioice.stun
import aioice.turn
import pytest

from assent.clock import SystemClock
from assent.media.transport import connection
from assent.meeting.relay import Relay, RelayServer
from support.namespaces import FAR, NEAR, Namespace, cable, needs_namespaces, skip_reason
from support.rtc import PATIENCE, Tape, until
from support.rtc_raw import KEY_FRAME, RawPeer, RawTrack
from support.rtc_scene import MediaScene
from support.turn import PORT, SECRET, coturn

NO_COTURN = skip_reason(["turnserver", "ss"])
needs_coturn = pytest.mark.skipif(
    bool(NO_COTURN), reason=f"NOT RUN, with a real coturn only: {NO_COTURN}"
)
RELAY = "10.9.0.3"
INWARD = ("127.0.0.1", "127.1.1.1", "192.168.7.7", "169.254.169.254", "255.255.255.255")
VOICE = b"voice"


# -- 17.1 TURN ---------------------------------------------------------------------------------


class Silence(asyncio.DatagramProtocol):
    """Whoever listens where nothing may come."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.append(data)


class Relayed(asyncio.DatagramProtocol):
    """Somebody who sends through the relay, and has errors told in silence."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def error_received(self, exc: Exception) -> None:
        """What the relay refuses is what the test looks for at the other end."""

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()


@asynccontextmanager
async def allocation(inside: Namespace) -> AsyncIterator[aioice.turn.TurnTransport]:
    """Open a port at the relay, with credentials of one's own."""
    (mine,) = Relay(["turn:x"], SECRET).servers(SystemClock().now())
    async with allocated(inside, mine) as transport:
        yield transport


@asynccontextmanager
async def allocated(
    inside: Namespace, mine: RelayServer
) -> AsyncIterator[aioice.turn.TurnTransport]:
    with inside.entered():
        transport, protocol = await aioice.turn.create_turn_endpoint(
            Relayed, (RELAY, PORT), mine.username, mine.credential
        )
    try:
        yield transport
    finally:
        transport.close()
        async with asyncio.timeout(PATIENCE):
            await protocol.gone.wait()


async def listening(inside: Namespace, address: str) -> tuple[Silence, int]:
    """Listen at an address in a namespace; returns what will have been heard, and the port."""
    with inside.entered():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.bind((address, 0))
    bound.setblocking(False)
    _, silence = await asyncio.get_running_loop().create_datagram_endpoint(Silence, sock=bound)
    return silence, bound.getsockname()[1]


@needs_namespaces
@needs_coturn
async def test_17_1_1_the_relay_reaches_the_media_server_and_nobody_else(tmp_path: Path) -> None:
    """A TURN relay must not lead to special addresses: internal, loopback, mapped, broadcast."""
    with cable() as wire:
        for address in (f"{RELAY}/24", "192.168.7.7/24"):
            wire.near.run("ip", "address", "add", address, "dev", wire.device)
        forbidden = [
            await listening(wire.near, address)
            for address in ("127.0.0.1", RELAY, "192.168.7.7", "0.0.0.0")
        ]
        wanted, port = await listening(wire.near, NEAR)
        async with (
            coturn(wire.near, RELAY, NEAR, tmp_path),
            allocation(wire.far) as transport,
        ):
            for target in (*INWARD, RELAY, FAR):
                for _, place in forbidden:
                    transport.sendto(b"inward", (target, place))
            while not wanted.heard:
                transport.sendto(b"through", (NEAR, port))
                await asyncio.sleep(0.2)
            for target in (*INWARD, RELAY, FAR):
                for _, place in forbidden:
                    transport.sendto(b"inward", (target, place))
            await asyncio.sleep(0.5)  # as long as anything could be under way
        for silence, _ in forbidden:
            silence.transport.close()
        wanted.transport.close()
        assert set(wanted.heard) == {b"through"}
        assert [silence.heard for silence, _ in forbidden] == [[], [], [], []]


@needs_namespaces
@needs_coturn
async def test_17_1_2_one_person_cannot_use_up_the_relay(tmp_path: Path) -> None:
    """Users who open many ports on the relay must not exhaust it."""
    with cable() as wire:
        wire.near.run("ip", "address", "add", f"{RELAY}/24", "dev", wire.device)
        async with coturn(wire.near, RELAY, NEAR, tmp_path):
            (mine,) = Relay(["turn:x"], SECRET).servers(SystemClock().now())
            async with AsyncExitStack() as stack:
                opened = 0
                for _ in range(14):
                    with suppress(aioice.stun.TransactionError):
                        await stack.enter_async_context(allocated(wire.far, mine))
                        opened += 1
                assert opened == 8  # user-quota in README.md
                await stack.enter_async_context(allocation(wire.far))  # somebody else is served


# -- 17.2 Media --------------------------------------------------------------------------------


async def test_17_2_1_dtls_keys_are_drawn_in_memory_for_each_meeting(
    stage: MediaScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the DTLS certificate is handled by a policy: ours lives as long as its room."""
    monkeypatch.chdir(tmp_path)
    fingerprints = set()
    for name in ("one", "two"):
        room = stage.server.open_room(name, stage.listener)
        answer = await room.publish("alice", RawPeer().offer([microphone()]), {"0": "microphone"})
        fingerprints |= {line for line in answer.splitlines() if "fingerprint" in line}
        stage.server.close_room(name)
    room = stage.server.open_room("one", stage.listener)
    answer = await room.publish("alice", RawPeer().offer([microphone()]), {"0": "microphone"})
    fingerprints |= {line for line in answer.splitlines() if "fingerprint" in line}
    assert len(fingerprints) == 3
    assert list(tmp_path.iterdir()) == []


async def test_17_2_2_only_strong_ciphers_and_profiles_are_agreed_to(stage: MediaScene) -> None:
    """DTLS cipher suites are approved ones, and the SRTP profile is secure."""
    alice, *_ = await stage.pair()
    dtls = alice.publishing.dtls
    assert dtls is not None
    assert dtls._ssl is not None
    cipher = dtls._ssl.get_cipher_name()
    assert cipher is not None
    assert cipher.startswith(("ECDHE-", "TLS_AES", "TLS_CHACHA")), cipher
    assert "GCM" in cipher or "CHACHA20" in cipher
    assert dtls._ssl.get_protocol_version_name() in ("DTLSv1.2", "DTLSv1.3")
    assert dtls._ssl.get_selected_srtp_profile() == b"SRTP_AEAD_AES_256_GCM"


async def test_17_2_3_what_is_not_authentic_reaches_nobody(stage: MediaScene) -> None:
    """SRTP is authenticated, so that nobody inserts media or stops it."""
    alice, bob, audio, video = await stage.pair()
    stage.room.tap = tape = Tape()
    dice = random.Random(1)
    for _ in range(100):
        genuine = alice.publishing.send(audio.packet(VOICE))
        place = dice.randrange(2, len(genuine))
        changed = bytearray(genuine)
        changed[place] ^= 1 << dice.randrange(8)
        for source in alice_address(stage, alice.host), ("203.0.113.66", 6):
            stage.wire.up(bytes(changed), source)
            stage.wire.up(genuine, ("203.0.113.66", 6))
        alice.publishing.transmit(genuine)  # replayed
        await stage.settle()
    assert len(bob.received("alice", "microphone")) == 100
    assert len(tape.packets) == 100
    assert len(bob.subscribing.packets) == 100
    assert video.sequence == 1000


async def test_17_2_4_malformed_packets_stop_nothing(stage: MediaScene) -> None:
    """The server goes on processing media when malformed SRTP comes in between."""
    alice, bob, audio, _ = await stage.pair()
    dice = random.Random(2)
    moment = connection.monotonic() + 10
    stage.wire.now = lambda: moment
    for _ in range(300):
        moment += 0.02
        genuine = alice.publishing.send(audio.packet(VOICE))
        for bad in (
            genuine[: dice.randrange(len(genuine))],
            bytes([dice.randrange(128, 192)]) + os.urandom(dice.randrange(0, 1600)),
            genuine[:1] + bytes([dice.randrange(256)]) + os.urandom(40),
        ):
            alice.publishing.transmit(bad)
        # Authentic, and malformed all the same.
        alice.publishing.send(b"\xb0" + audio.packet(VOICE)[1:])  # padding longer than it is
        await stage.settle()
    heard = bob.received("alice", "microphone")
    assert sum(packet.endswith(VOICE) for packet in heard) == 300
    assert all(state == "connected" for _, _, state in stage.listener.states)


async def test_17_2_5_a_members_flood_harms_nobody_else(
    stage: MediaScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server goes on while a legitimate user floods it with authentic SRTP.

    Alice speaks, fifty packets a second; Mallory sends a hundred times what a peer may, and
    everything else a member can: replays, foreign SSRCs, Alice's own SSRC, formats that were never
    agreed to. Every packet of Alice's must arrive at once, so that the longest gap is one packet.
    """
    alice, bob, audio, _ = await stage.pair()
    mallory, loud = stage.client("mallory"), RawTrack("0", "camera", audio.ssrc)
    stage.room.set_forwarding("mallory", True)
    await mallory.publish(loud)
    await bob.follow()
    stage.room.tap = tape = Tape()
    moment = connection.monotonic() + 10
    stage.wire.now = lambda: moment
    # On a busy machine this takes longer than anybody may be silent.
    for module in ("room", "server"):
        monkeypatch.setattr(f"assent.media.{module}.monotonic", lambda: moment)
    rate = 100 * connection.MAX_PACKETS // 50  # in each 20 ms
    arrivals: list[float] = []
    tracemalloc.start()
    for number in range(50):
        moment += 0.02
        before = len(bob.received("alice", "microphone"))
        for index in range(rate // 10):
            kind = index % 10
            packet = loud.packet(KEY_FRAME, marker=True)
            if kind == 7:
                packet = loud.packet(KEY_FRAME, ssrc=1000 + index)
            elif kind == 8:
                packet = loud.packet(KEY_FRAME, payload_type=77)
            datagram = mallory.publishing.send(packet)
            for _ in range(9):
                mallory.publishing.transmit(datagram)
        alice.publishing.send(audio.packet(VOICE))
        await stage.settle()
        if len(bob.received("alice", "microphone")) == before + 1:
            arrivals.append(moment)
        if number == 10:
            bob.subscribing.packets = [p for p in bob.subscribing.packets if p.endswith(VOICE)]
            settled = tracemalloc.get_traced_memory()[0]
    grown = tracemalloc.get_traced_memory()[0] - settled
    tracemalloc.stop()
    assert len(arrivals) == 50
    assert max(later - earlier for earlier, later in pairwise(arrivals)) <= 0.1
    # What Mallory got through is within the budget, under the name of nobody else.
    passed = [info for info, *_ in tape.packets if info.peer == "mallory"]
    assert 0 < len(passed) <= 1.3 * connection.MAX_PACKETS
    assert {info.source for info in passed} == {"camera"}
    assert stage.counted("drop-flood") > 10_000
    # The test's own lists hold what arrived; the server's part is what is bounded.
    assert grown < 50_000_000


async def test_17_2_6_no_foreign_client_hello_wins(stage: MediaScene) -> None:
    """A ClientHello that comes first, from an address that is not the peer's, wins no handshake."""
    alice = stage.client("alice")
    alice.publishing = stage.wire.peer(("192.0.2.10", 1))
    answer = await alice.offer(microphone())
    alice.publishing.use(answer)
    thief = stage.wire.peer(("203.0.113.66", 1))
    thief.use(answer)
    hellos: list[bytes] = []
    thief.transmit = hellos.append
    shaking = asyncio.create_task(thief.shake())
    await until(lambda: hellos)
    for _ in range(50):
        stage.wire.up(hellos[0], ("203.0.113.66", 1))
    await alice.publishing.prove()
    for _ in range(50):
        stage.wire.up(hellos[0], ("203.0.113.66", 1))
    await alice.publishing.shake()
    await stage.listener.state("alice", "publish", "connected")
    assert not [to for _, to in stage.wire.down if to[0] == "203.0.113.66"]
    thief._wire.waiting.put_nowait(b"")
    await shaking


async def test_17_2_7_a_flood_does_not_stop_the_recording(stage: MediaScene) -> None:
    """What records goes on while a legitimate user floods the server.

    The recorder gets copies of what was let through, and no more: nothing that was dropped, and
    all of everybody else.
    """
    alice, _, audio, _ = await stage.pair()
    mallory, loud = stage.client("mallory"), RawTrack("0", "microphone", 666)
    stage.room.set_forwarding("mallory", True)
    await mallory.publish(loud)
    stage.room.tap = tape = Tape()
    moment = connection.monotonic() + 10
    stage.wire.now = lambda: moment
    for _ in range(25):
        moment += 0.02
        for _ in range(400):
            mallory.publishing.send(loud.packet(b"noise"))
        alice.publishing.send(audio.packet(VOICE))
        await stage.settle()
    recorded = [(info.peer, packet[-5:]) for info, packet, _ in tape.packets]
    assert recorded.count(("alice", VOICE)) == 25
    assert len(recorded) - 25 <= connection.MAX_PACKETS
    assert {said for peer, said in recorded if peer == "mallory"} == {b"noise"}


async def test_17_2_8_a_certificate_that_is_not_the_described_one_gets_nothing(
    stage: MediaScene,
) -> None:
    """The DTLS certificate is checked against the fingerprint in the SDP; else the stream ends."""
    stage.room.set_forwarding("alice", True)
    stage.room.tap = tape = Tape()
    peer, other = stage.wire.peer(("192.0.2.10", 1)), RawPeer()
    offer = peer.offer([track := microphone()]).replace(peer.fingerprint, other.fingerprint)
    await peer.connect(await stage.room.publish("alice", offer, {"0": "microphone"}))
    await stage.listener.state("alice", "publish", "failed")
    with suppress(ConnectionError):
        peer.send(track.packet(VOICE))
    await stage.settle()
    assert (tape.packets, stage.room.tracks()) == ([], [])


def microphone() -> RawTrack:
    return RawTrack("0", "microphone", 11)


def alice_address(stage: MediaScene, host: str) -> tuple[object, ...]:
    """Return where the server knows a publisher to be."""
    return next(address for address in stage.udp.by_address if address[0] == host)
