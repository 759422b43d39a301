"""A WHIP and WHEP client that is no browser: aiortc, with HTTP around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from support.media import RATE
from support.rtc import PATIENCE, loopback_only

SDP = "application/sdp"


@dataclass
class Answer:
    """What a request was answered."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Device:
    """One connection of a device. ``base`` is the server's URL, ``path`` the endpoint's."""

    http: aiohttp.ClientSession
    base: str
    path: str
    token: str
    session: str = ""
    tracks: dict[str, MediaStreamTrack] = field(default_factory=dict)  # by kind
    connection: RTCPeerConnection = field(
        default_factory=lambda: RTCPeerConnection(RTCConfiguration(iceServers=[]))
    )

    async def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Send a request with the token."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(
            method,
            self.base + path,
            data=None if body is None else body.encode(),
            headers={"Authorization": f"Bearer {self.token}", **named},
        ) as raw:
            return Answer(raw.status, raw.headers, await raw.text())

    async def offer(self) -> str:
        with loopback_only():
            await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def begin(self) -> Answer:
        """Offer, and take the answer where there is one."""
        answer = await self.ask("POST", self.path, await self.offer(), Content_Type=SDP)
        if answer.status == 201:
            self.session = answer.headers["Location"]
            await self.connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        return answer

    async def publish(self, *tracks: MediaStreamTrack) -> Answer:
        """Send these tracks (WHIP)."""
        for track in tracks:
            self.connection.addTransceiver(track, direction="sendonly")
        return await self.begin()

    async def watch(self, *kinds: str) -> Answer:
        """Ask to receive so many tracks of these kinds (WHEP)."""
        self.connection.on("track", lambda track: self.tracks.__setitem__(track.kind, track))
        for kind in kinds:
            self.connection.addTransceiver(kind, direction="recvonly")
        return await self.begin()

    async def frames(self, kind: str, count: int) -> list[Any]:
        """Return the next decoded frames of a kind."""
        async with asyncio.timeout(PATIENCE):
            return [await self.tracks[kind].recv() for _ in range(count)]

    async def end(self) -> Answer:
        return await self.ask("DELETE", self.session)


@asynccontextmanager
async def device(
    http: aiohttp.ClientSession, base: str, path: str, token: str
) -> AsyncIterator[Device]:
    """Give a device; its connection is closed afterwards."""
    made = Device(http, base, path, token)
    try:
        yield made
    finally:
        await made.connection.close()


class Film(VideoStreamTrack):
    """The pictures of a file as a camera gives them: over and over, on a clock that only goes on.

    aiortc's own player counts from nought again with each round: what it plays comes in a burst
    then, and an encoder made after the first picture refuses such times.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        with av.open(str(path)) as container:
            self._frames = [frame.to_ndarray() for frame in container.decode(video=0)]
            self._format = str(container.streams.video[0].pix_fmt)
        self._next = 0
        self._began: float | None = None

    async def recv(self) -> av.VideoFrame:
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        await asyncio.sleep(self._began + self._next / RATE - now)
        frame = av.VideoFrame.from_ndarray(
            self._frames[self._next % len(self._frames)], format=self._format
        )
        frame.pts, frame.time_base = self._next, Fraction(1, RATE)
        self._next += 1
        return frame


@contextmanager
def filmed(path: Path) -> Iterator[MediaStreamTrack]:
    """Play a file as a camera, until the context ends."""
    film = Film(path)
    try:
        yield film
    finally:
        film.stop()
