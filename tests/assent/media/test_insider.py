"""Whatever values somebody sends who has been let in: what it costs, and what is kept, stays flat.

Real rooms and connections, the clock by hand. What is counted is work (lines of the media plane
that are run) and what can be reached from the room and the socket (elements of every container),
never time.
"""

from __future__ import annotations

import gc
import sys
import types
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest

from assent.media import room
from assent.media.congestion import sent_packets
from assent.media.sdp import sdp
from assent.media.transport import ice
from support.insider import KINDS, REDUNDANT, Insider, Send, numbered
from support.rtc_raw import DELTA_FRAME, KEY_FRAME, RawClient, RawTrack
from support.rtc_scene import MediaScene

STEP = 0.01  # seconds of the clock
A_STEP = 5  # packets of the insider, so 500 a second
FILLED = 300  # steps after which what is kept of what was sent is full
WINDOW = 50  # steps that are counted, at the beginning and at the end
BETWEEN = 150

MOST_LINES = 500_000
"""Lines in a second of the clock, of all that goes on: a twentieth of a core, or less."""

MOST_SENT = 800
"""Datagrams in a second to everybody else: 250 of the others, one for each packet of media, and
little more."""

_SIZED = (dict, list, set, frozenset, tuple, deque, array, bytes, bytearray)


def held(*roots: object) -> int:
    """Return how many elements all containers have together that the media plane holds."""
    seen: set[int] = set()
    total = 0
    left: list[object] = list(roots)
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, type | types.ModuleType | str | int | float):
            continue
        seen.add(id(one))
        if isinstance(one, types.FunctionType):
            left += [cell.cell_contents for cell in one.__closure__ or ()]
        elif isinstance(one, types.MethodType):
            left.append(one.__self__)
        elif isinstance(one, _SIZED):
            total += len(one)
            left += gc.get_referents(one)
        elif type(one).__module__.startswith("assent."):
            left += gc.get_referents(one)
    return total


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the lines of the media plane that are run."""
    lines: Counter[str] = Counter()

    def trace(frame: types.FrameType, event: str, argument: Any) -> Any:
        if "/assent/" not in frame.f_code.co_filename:
            return None
        lines["run"] += 1
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(former)


class Scene:
    """Alice talks, Bob listens, and somebody among them does what they can."""

    def __init__(self, stage: MediaScene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = stage
        self.now = monotonic()
        self.sent: Counter[ice.Address] = Counter()
        for module in (sent_packets, room):
            monkeypatch.setattr(module, "monotonic", lambda: self.now)

    async def begin(self) -> None:
        stage = self.stage
        self.alice, self.bob = stage.client("alice"), stage.client("bob")
        self.sound = RawTrack("0", "microphone", 11)
        self.picture = RawTrack("1", "camera", 22, 23)
        mallory = stage.client("mallory")
        sound = RawTrack("0", "microphone", 31, red=REDUNDANT)
        picture = RawTrack("1", "camera", 42, 43)
        for client, tracks in (
            (self.alice, (self.sound, self.picture)),
            (mallory, (sound, picture)),
        ):
            stage.room.set_forwarding(client.name, True)
            client.publishing = client._peer()
            offer = numbered(client.publishing.offer(tracks))
            sources = {track.mid: track.source for track in tracks}
            await client.publishing.connect(await stage.room.publish(client.name, offer, sources))
            await stage.listener.state(client.name, "publish", "connected")
        for client in (self.bob, mallory):
            await self._subscribe(client)
        self.udp = stage.udp
        self._alone(mallory, sound, picture)

    async def _subscribe(self, client: RawClient) -> None:
        stage = self.stage
        client.subscribing = client._peer()
        stage.room.subscribe(client.name)
        offer = await stage.listener.offer(client.name)
        answer = numbered(client.subscribing.answer(offer.sdp))
        await stage.room.set_answer(client.name, offer.generation, answer)
        client.tracks = offer.tracks
        client.slots = {s.mid: s for s in sdp.parse(offer.sdp, 256).sections}
        await client.subscribing.connect(offer.sdp)
        await stage.listener.state(client.name, "subscribe", "connected")

    def _alone(self, mallory: RawClient, sound: RawTrack, picture: RawTrack) -> None:
        """From now on nothing happens but what is done here, at once, by the clock of this."""
        addresses = {peer: address for address, peer in self.stage.wire._peers.items()}
        mine = addresses[mallory.subscribing]
        self.mine = {mine, addresses[mallory.publishing]}
        for peer, address in addresses.items():
            peer.transmit = self._at(address)
        self.insider = Insider(
            mallory.publishing,
            mallory.subscribing,
            sound,
            picture,
            heard=mallory.section("alice", "microphone").ssrcs[0],
            seen=mallory.section("alice", "camera").ssrcs[0],
            now=lambda: self.now,
            show=lambda shown: self.stage.room.show("mallory", shown),
            elsewhere=lambda datagram, number: self._at(
                (f"203.0.113.{number % 200}", 1000 + number % 60_000)
            )(datagram),
        )

        def sendto(datagram: bytes, address: ice.Address) -> int:
            self.sent[address] += 1
            if address == mine:
                self.insider.got(datagram)
            return len(datagram)

        self.udp.sendto = sendto  # type: ignore[assignment]

    def _at(self, address: ice.Address) -> Callable[[bytes], None]:
        return lambda datagram: self.udp.receive(datagram, address, self.now)

    def step(self, number: int, send: Send | None) -> None:
        """Let a hundredth of a second pass."""
        self.now += STEP
        if number % 2 == 0:
            self.alice.publishing.send(self.sound.packet(b"sound"))
            self.sound.timestamp += 960
            self.stage.room.tick(self.now)
        for _ in range(2):
            first = KEY_FRAME if number % 100 == 0 else DELTA_FRAME
            self.alice.publishing.send(self.picture.packet(first + bytes(300)))
        if number % 100 == 0:  # browsers check every few seconds
            for client in self.stage.clients:
                for peer in (client.publishing, client.subscribing):
                    if peer.connected:
                        peer.transmit(bytes(peer.check(nominate=False)))
        for place in range(A_STEP if send is not None else 0):
            send(self.insider, (number - FILLED) * A_STEP + place)  # type: ignore[misc]

    @property
    def heard(self) -> int:
        """Datagrams that went to everybody but the insider."""
        return sum(count for address, count in self.sent.items() if address not in self.mine)

    def held(self) -> int:
        """Return the size of all that is kept."""
        return held(self.udp, self.stage.room)


def _usual(insider: Insider, number: int) -> None:
    """Send what anybody does, so that it reaches everybody."""
    track = insider.picture if number % A_STEP else insider.sound
    insider.next(track)
    insider.rtp(track, KEY_FRAME if track is insider.picture else b"sound")


@pytest.fixture
async def scene(stage: MediaScene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = Scene(stage, monkeypatch)
    await scene.begin()
    for number in range(FILLED):
        scene.step(number, _usual if number % 2 else None)
    return scene


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_said_costs_no_more_and_keeps_no_more(scene: Scene, kind: str) -> None:
    send = KINDS[kind]
    before, heard = scene.held(), scene.heard
    work: list[int] = []
    for first in (FILLED, FILLED + WINDOW + BETWEEN):
        with counted() as lines:
            for number in range(WINDOW):
                scene.step(first + number, send)
        work.append(lines["run"])
        assert lines["run"] <= MOST_LINES * WINDOW * STEP, work
        for number in range(BETWEEN):
            scene.step(first + WINDOW + number, send)
    assert work[1] <= 1.25 * work[0] + 1000, work
    assert scene.heard - heard <= MOST_SENT * 2 * (WINDOW + BETWEEN) * STEP
    # What one person may fill: sounds kept as large as they come, reporters, checks.
    assert scene.held() <= before + 100_000
    # All went on as if nothing was.
    assert [state for _, _, state in scene.stage.listener.states] == ["connected"] * 4
