"""Somebody in a meeting of the real server without a browser: signalling, consent and media.

What a browser sends, sent by Python at a low rate: VP8 in three layers and Opus, encoded before,
through ICE, DTLS and SRTP, with sender reports, key frames when asked, and transport-wide feedback
on what arrives. Nothing that arrives is kept.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any

import aiohttp

from assent.media.rtp import rtcp, rtp
from assent.media.rtp.twcc import Arrivals
from assent.media.sdp.subscription import TRANSPORT_ID
from assent.media.transport.srtp import MAX_PACKET
from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats import statement, suite
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, encode
from bench.load import Peer
from bench.streams import sound_frames, split, video_frames
from support.hosts import HostHand
from support.people import Person, Signed
from support.rtc_raw import RawTrack
from support.server import Server
from support.waiting import HANG

FPS = 10
SECONDS = 4.0  # until the pictures begin anew
LAYERS = (("q", 60_000, 320, 180), ("h", 120_000, 640, 360), ("f", 300_000, 1280, 720))
STEP = 0.02  # an Opus packet, and the turn in which all is sent
CHECK = 2.5  # seconds between two checks of consent (RFC 7675)
FEEDBACK = 0.1
NTP_1900 = 2_208_988_800


@cache
def media() -> tuple[list[bytes], list[list[list[bytes]]]]:
    """Return packets of sound, and of each layer the frames, cut into parts."""
    pictures = [
        [split(frame) for frame in video_frames(bits, SECONDS, width, height, FPS)]
        for _, bits, width, height in LAYERS
    ]
    return sound_frames(SECONDS), pictures


class _Connection(Peer):
    """One connection whose media is read as well, and forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[int] = set()  # SSRCs of which a key frame was asked for
        self.arrived = 0
        self.arrivals = Arrivals()
        self.media = 0

    def _readable(self) -> None:
        for _ in range(64):
            try:
                datagram = self.socket.recv(MAX_PACKET)
            except OSError:
                return
            if not datagram or datagram[0] < 64:
                self._take(datagram)
            elif self.dtls is not None and self.dtls._rx_srtp is not None:
                self._receive(datagram)

    def _take(self, datagram: bytes) -> None:
        if datagram[:2] == b"\x00\x01":
            self._answer_check(datagram)
        elif datagram[:2] != b"\x00\x11":
            self.receive(datagram)
            self.mapped.clear()

    def _receive(self, datagram: bytes) -> None:
        assert self.dtls is not None, "connected"
        session: Any = self.dtls._rx_srtp
        with suppress(Exception):  # the last of a session that was just ended
            if rtp.is_rtcp(datagram):
                events = rtcp.parse(session.unprotect_rtcp(datagram))
                self.asked |= {e.media for e in events if isinstance(e, rtcp.KeyFrameRequest)}
                return
            packet = session.unprotect(datagram)
            self.arrived += 1
            start, end = rtp.find_extension(packet, TRANSPORT_ID)
            if end - start == 2:
                self.media = int.from_bytes(packet[8:12], "big")
                number = int.from_bytes(packet[start:end], "big")
                self.arrivals.receive(number, monotonic())

    def tell_arrivals(self) -> None:
        """Send what is to be told of the packets that came."""
        for body in self.arrivals.feedback():
            self.send_feedback(rtcp.transport_feedback(1, self.media, body))


@dataclass
class Caller:
    """A participant; make one with :meth:`arrive`, and end it with :meth:`leave`."""

    name: str
    http: aiohttp.ClientSession
    server: Server
    meeting: str
    seat: dict[str, Any]
    agrees: bool = True
    room: dict[str, Any] = field(default_factory=dict)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    received: int = 0

    def __post_init__(self) -> None:
        charter = charters.parse(decode(self.seat["charter"]))
        self._notice = charter.notices["en"]
        self._person = Person(charter, None)
        self._number = 0
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._published: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._up = _Connection()
        self._down: _Connection | None = None
        self._session = ""
        self._wanted = len(LAYERS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ssrc = int.from_bytes(self._person.id[:3], "big") << 4
        self._socket: aiohttp.ClientWebSocketResponse
        self._hand: HostHand  # of a host's seat

    @property
    def id(self) -> str:
        """The person's id in the meeting."""
        return encode(self._person.id)

    async def arrive(self) -> None:
        """Enrol, answer, join, publish, and begin to send."""
        path = f"{self.server.url}/api/meetings/{self.meeting}/socket"
        headers = {"Origin": self.server.url}
        self._socket = await self.http.ws_connect(path, headers=headers, heartbeat=5)
        hello = {"type": "hello", "protocol": 1, "token": self.seat["token"]}
        await self._socket.send_str(json.dumps(hello))
        self._begin(self._listen())
        said = self._person.enrol(self.name, notice=encode(self._notice))
        self._person.enrolment = statement.parse_enrolment(said.body)
        await self.ask("enrol", **self._person.enrolling(said))
        if self.seat["host"]:
            self._hand = HostHand(self._person, rooms.parse(decode(self.seat["room"])))
            await self.ask("certify", **self._hand.certificate())
        await self.say(recording=self.agrees)
        await self.ask("join")
        await self._publish()

    async def say(self, *, recording: bool) -> None:
        """Answer the question whether one may be recorded."""
        will = Will.YES if recording else Will.WITHDRAWN
        said = self._person.answer(recording=will, notice=self._notice)
        await self.ask("answer", **_wire(said), sealed=None)

    async def arm(self, *, recording: bool) -> None:
        """Host: have it recorded as far as everyone agrees, or not."""
        await self.ask("perform", **self._hand.act("arm", recording=recording))

    async def show(self, heights: Sequence[tuple[str, int]]) -> None:
        """Say which people's cameras are shown, and how large."""
        shown = [{"person": of, "source": "camera", "height": height} for of, height in heights]
        await self.ask("view", shown=shown)

    async def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Send a request and wait until it was carried out."""
        self._number += 1
        number = self._number
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._calls[number] = future
        await self._socket.send_str(json.dumps({"type": type_, "id": number, **fields}))
        async with asyncio.timeout(HANG):
            answer = await future
        assert answer["type"] == "ok", answer
        return answer

    async def end(self) -> None:
        """End the meeting for all, and wait until it has ended."""
        await self._socket.send_str(json.dumps({"type": "end"}))
        async with asyncio.timeout(HANG):
            await self.gone.wait()

    async def leave(self, *, say: bool = True) -> None:
        """Go, with a word or by closing the page, which says nothing."""
        if say and not self._socket.closed:
            with suppress(ConnectionError):
                await self._socket.send_str(json.dumps({"type": "leave"}))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()
        for peer in (self._up, self._down):
            if peer is not None:
                self.received += peer.arrived
                await peer.end()

    # -- signalling --------------------------------------------------------------------------

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)

    async def _listen(self) -> None:
        async for raw in self._socket:
            message = json.loads(raw.data)
            match message["type"]:
                case "ok" | "error" if message["id"] in self._calls:
                    self._calls.pop(message["id"]).set_result(message)
                case "room":
                    self.room = message
                case "published" if not self._published.done():
                    self._published.set_result(message["sdp"])
                case "subscribe":
                    self._begin(self._follow(message))
                case "layers":
                    for one in message["wanted"]:
                        if one["source"] == "camera":
                            self._wanted = max(1, one["layers"])
                case "goodbye":
                    self.gone.set()
                case "generation":
                    header = encode(suite.digest(decode(message["header"])))
                    seen = {"number": message["number"], "header": header, "problem": None}
                    await self._socket.send_str(json.dumps({"type": "generation_seen", **seen}))

    async def _publish(self) -> None:
        sound = RawTrack("0", "microphone", self._ssrc)
        layers = [
            RawTrack("1", "camera", self._ssrc + 1 + place, named=False, rid=rid)
            for place, (rid, *_) in enumerate(LAYERS)
        ]
        offer = self._up.offer_text([sound, *layers])
        tracks = [{"mid": "0", "source": "microphone"}, {"mid": "1", "source": "camera"}]
        await self.ask("publish", sdp=offer, tracks=tracks)
        async with asyncio.timeout(HANG):
            await self._up.join(await self._published)
        self._begin(self._send(sound, layers))

    async def _follow(self, message: dict[str, Any]) -> None:
        sdp = message["sdp"]
        session = next(line for line in sdp.splitlines() if line.startswith("o=")).split()[1]
        peer = self._down
        new = peer is None or session != self._session
        if new:
            if peer is not None:
                await peer.end()
            self._session, peer = session, _Connection()
            self._down = peer
        assert peer is not None, "just made"
        answer = peer.answer_text(sdp, reports=True)
        await self.ask("describe", generation=message["generation"], sdp=answer)
        if new:
            await peer.join(sdp)

    # -- media -------------------------------------------------------------------------------

    async def _send(self, sound: RawTrack, layers: Sequence[RawTrack]) -> None:
        packets, pictures = media()
        began = monotonic()
        places = [0] * len(layers)
        turn, picture, check_at, report_at = 0, 0, 0.0, 0.0
        while True:
            now = monotonic() - began
            self._up.send(sound.packet(packets[turn % len(packets)], timestamp=turn * 960))
            while picture < now * FPS:
                for place, (track, frames) in enumerate(zip(layers, pictures, strict=True)):
                    if track.ssrc in self._up.asked:
                        self._up.asked.discard(track.ssrc)
                        places[place] = 0
                    if place < self._wanted:
                        self._send_picture(track, frames[places[place] % len(frames)], picture)
                        places[place] += 1
                picture += 1
            if now >= check_at:
                check_at = now + CHECK
                for peer in (self._up, self._down):
                    if peer is not None and peer.connected:
                        peer.transmit(bytes(peer.check()))
            if now >= report_at:
                report_at = now + 1
                self._report(sound, turn * 960)
                for track in layers[: self._wanted]:
                    self._report(track, picture * 90_000 // FPS)
            if turn % round(FEEDBACK / STEP) == 0 and self._down and self._down.connected:
                self._down.tell_arrivals()
            turn += 1
            await asyncio.sleep(max(0.0, began + turn * STEP - monotonic()))

    def _send_picture(self, track: RawTrack, parts: Sequence[bytes], number: int) -> None:
        for place, part in enumerate(parts):
            first = 0x90 if place == 0 else 0x80
            descriptor = struct.pack("!BBH", first, 0x80, 0x8000 | number & 0x7FFF)
            last = place == len(parts) - 1
            stamp = number * 90_000 // FPS
            self._up.send(track.packet(descriptor + part, marker=last, timestamp=stamp))

    def _report(self, track: RawTrack, timestamp: int) -> None:
        ntp = int((time.time() + NTP_1900) * 2**32)
        report = rtcp.SenderReport(track.ssrc, ntp, timestamp & 0xFFFFFFFF, 0, 0)
        self._up.send_feedback(rtcp.sender_report(report) + rtcp.canonical_name(track.ssrc, "x"))


def _wire(said: Signed) -> dict[str, str]:
    return {"document": encode(said.body), "signature": encode(said.signature)}
