"""WebRTC clients and attackers for tests of the media plane.

:class:`Listener` hears what a room tells. :class:`Caller` is a whole aiortc client, with encoders
and decoders. :class:`Stranger` sends whatever it likes from an address nobody knows. Peers without
any of that, over a network in memory, are in :mod:`support.rtc_raw`.
"""

from __future__ import annotations

import asyncio
import fractions
import math
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

import aioice.ice
import av
import numpy as np
from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from assent.media import Forwarded, MediaRoom, Role, State, TrackInfo
from assent.media.sdp import sdp
from assent.media.sources import Source

PATIENCE = 30.0
"""Seconds until a test is taken to hang; never a measure of anything."""


def no_fault(text: str, error: BaseException | None) -> None:
    """Fail the test at a fault that nobody expected."""
    raise AssertionError(text) from error


@dataclass(slots=True)
class Offer:
    """What ``on_offer`` was called with."""

    generation: int
    sdp: str
    tracks: list[Forwarded]


@dataclass
class Listener:
    """Collects what a room tells, and lets a test wait for it."""

    offers: dict[str, asyncio.Queue[Offer]] = field(default_factory=dict)
    states: list[tuple[str, Role, State]] = field(default_factory=list)
    speakers: list[list[str]] = field(default_factory=list)
    layers: dict[tuple[str, str], int] = field(default_factory=dict)
    track_changes: int = 0
    life: list[str] = field(default_factory=list)  # of the room: "tap-lost", "lost", "back"
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def on_offer(self, peer: str, generation: int, sdp: str, tracks: Sequence[Forwarded]) -> None:
        self.offers.setdefault(peer, asyncio.Queue()).put_nowait(
            Offer(generation, sdp, list(tracks))
        )
        self._changed.set()

    def on_layers(self, peer: str, wanted: Mapping[Source, int]) -> None:
        for source, count in wanted.items():
            self.layers[peer, source] = count
        self._changed.set()

    def on_tracks_changed(self) -> None:
        self.track_changes += 1
        self._changed.set()

    def on_peer_state(self, peer: str, role: Role, state: State) -> None:
        self.states.append((peer, role, state))
        self._changed.set()

    def on_speakers(self, peers: Sequence[str]) -> None:
        self.speakers.append(list(peers))
        self._changed.set()

    def on_tap_lost(self) -> None:
        self._live("tap-lost")

    def on_lost(self) -> None:
        self._live("lost")

    def on_back(self) -> None:
        self._live("back")

    def _live(self, what: str) -> None:
        self.life.append(what)
        self._changed.set()

    async def offer(self, peer: str) -> Offer:
        """Return the next offer to a peer."""
        async with asyncio.timeout(PATIENCE):
            return await self.offers.setdefault(peer, asyncio.Queue()).get()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the room tells makes the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def state(self, peer: str, role: Role, state: State) -> None:
        """Wait until a connection has been in that state."""
        await self.until(lambda: (peer, role, state) in self.states)


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds that nobody announces."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nobody sets an event
            await asyncio.sleep(0.005)


class Tape:
    """A tap that keeps everything."""

    def __init__(self) -> None:
        self.packets: list[tuple[TrackInfo, bytes, float]] = []
        self.reports: list[tuple[TrackInfo, int, int, float]] = []

    def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
        self.packets.append((track, packet, arrival))

    def sender_report(self, track: TrackInfo, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        self.reports.append((track, ntp, rtp_timestamp, arrival))


# -- aiortc ----------------------------------------------------------------------------------


class Tone(AudioStreamTrack):
    """A sine at half of full scale."""

    def __init__(self, hertz: float = 440.0) -> None:
        super().__init__()
        self._hertz = hertz

    async def recv(self) -> av.AudioFrame:
        frame = cast("av.AudioFrame", await super().recv())
        assert frame.pts is not None
        times = (frame.pts + np.arange(frame.samples)) / frame.sample_rate
        wave = (16000 * np.sin(2 * math.pi * self._hertz * times)).astype(np.int16)
        frame.planes[0].update(wave.tobytes())
        return frame


class Picture(VideoStreamTrack):
    """A small picture of one grey, brightening with time, so that every frame differs."""

    def __init__(self, grey: int = 60) -> None:
        super().__init__()
        self._grey = grey

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        level = self._grey + (pts // 3000) % 16
        frame = av.VideoFrame.from_ndarray(
            np.full((96, 128, 3), level, dtype=np.uint8), format="rgb24"
        )
        frame.pts = pts
        frame.time_base = fractions.Fraction(time_base)
        return frame


@contextmanager
def loopback_only() -> Iterator[None]:
    """Let aiortc gather nothing but the loopback address, whatever networks there are."""
    former = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = former


def _connection() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


class Caller:
    """A participant as aiortc plays it: publishes, and decodes whatever it is sent."""

    def __init__(self, room: MediaRoom, listener: Listener, name: str) -> None:
        self.name = name
        self.tracks: dict[str, MediaStreamTrack] = {}  # by "peer.source"
        self.forwarded: dict[str, str] = {}  # mid to "peer.source"
        self._room = room
        self._listener = listener
        self._publishing: RTCPeerConnection | None = None
        self._subscribing: RTCPeerConnection | None = None
        self._follower: asyncio.Task[None] | None = None

    async def publish(self, sources: Mapping[Source, MediaStreamTrack]) -> None:
        """Offer these tracks, on a new connection."""
        with loopback_only():
            if self._publishing is not None:
                await self._publishing.close()
            self._publishing = connection = _connection()
            for track in sources.values():
                connection.addTransceiver(track, direction="sendonly")
            await connection.setLocalDescription(await connection.createOffer())
            offer = connection.localDescription.sdp
            mids = [section.mid for section in sdp.parse(offer, 16).sections]
            names = dict(zip(mids, sources, strict=True))
            answer = await self._room.publish(self.name, offer, names)
            await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def subscribe(self) -> None:
        """Follow the room's offers from now on."""
        self._subscribing = connection = _connection()

        def on_track(track: MediaStreamTrack) -> None:
            for transceiver in connection.getTransceivers():
                if transceiver.receiver.track is track and transceiver.mid is not None:
                    self.tracks[self.forwarded[transceiver.mid]] = track

        connection.on("track", on_track)
        self._room.subscribe(self.name)
        self._follower = asyncio.create_task(self._follow(connection))

    async def _follow(self, connection: RTCPeerConnection) -> None:
        while True:
            offer = await self._listener.offers.setdefault(self.name, asyncio.Queue()).get()
            for track in offer.tracks:
                self.forwarded[track.mid] = f"{track.peer}.{track.source}"
            with loopback_only():
                await connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
                await connection.setLocalDescription(await connection.createAnswer())
            await self._room.set_answer(
                self.name, offer.generation, connection.localDescription.sdp
            )

    async def frames(self, track: str, count: int) -> list[Any]:
        """Return the next decoded frames of "peer.source"."""
        await until(lambda: track in self.tracks)
        async with asyncio.timeout(PATIENCE):
            return [await self.tracks[track].recv() for _ in range(count)]

    async def close(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.wait([self._follower])
        for connection in (self._publishing, self._subscribing):
            if connection is not None:
                await connection.close()


class Stranger:
    """Somebody with a UDP socket and no manners."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._target = (host, port)

    def send(self, datagram: bytes) -> None:
        """Send it, or not, if there is no room for it."""
        with suppress(BlockingIOError):
            self._socket.sendto(datagram, self._target)

    def heard(self) -> list[bytes]:
        """Return whatever came back."""
        out = []
        with suppress(BlockingIOError):
            while True:
                out.append(self._socket.recv(2048))
        return out

    def close(self) -> None:
        self._socket.close()

    def __del__(self) -> None:
        self.close()  # of a test that failed; its second try is not to fail because of it
