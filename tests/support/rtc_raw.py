"""WebRTC by hand: peers whose every packet a test decides about, and a network it can script.

:class:`RawPeer` is one connection of a browser: ICE, DTLS and SRTP without codecs or timers.
:class:`RawClient` is a participant made of two of them. :class:`Wire` is the network, in memory.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, cast

from aioice import stun
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)

from assent.media import Forwarded, MediaRoom, MediaServer
from assent.media.rtp import rtcp, rtp
from assent.media.sdp import sdp
from assent.media.sources import Source
from support.rtc import PATIENCE, Listener, Offer


@dataclass(slots=True)
class RawTrack:
    """A track that a :class:`RawPeer` publishes, with the numbers its next packet will have.

    With a ``rid`` it is one layer of the track of that mid; the others are tracks of their own.
    """

    mid: str
    source: Source
    ssrc: int
    rtx_ssrc: int = 0
    named: bool = True  # whether the offer names the SSRCs
    sequence: int = 1000
    timestamp: int = 5000
    rid: str = ""
    red: int = 0  # payload type of redundant audio, 0 for none

    @property
    def video(self) -> bool:
        return self.source in ("camera", "screen")

    @property
    def payload_type(self) -> int:
        return 100 if self.video else 109

    def packet(self, payload: bytes, *, marker: bool = False, **change: int) -> bytes:
        """Return the next packet; ``change`` sets sequence, timestamp, ssrc or payload_type."""
        numbers = {
            "sequence": self.sequence,
            "timestamp": self.timestamp,
            "ssrc": self.ssrc,
            "payload_type": self.payload_type,
        } | change
        self.sequence = (numbers["sequence"] + 1) & 0xFFFF
        mid = bytes((0x30 | len(self.mid) - 1,)) + self.mid.encode()
        elements = mid + (b"" if self.video else bytes((0x50, 0x80 | 20)))
        if self.rid:
            elements += bytes((0x60 | len(self.rid) - 1,)) + self.rid.encode()
        elements += bytes(-len(elements) % 4)
        return (
            struct.pack(
                "!BBHLLHH",
                0x90,
                numbers["payload_type"] | (0x80 if marker else 0),
                numbers["sequence"],
                numbers["timestamp"],
                numbers["ssrc"],
                0xBEDE,
                len(elements) // 4,
            )
            + elements
            + payload
        )

    def rtx(self, packet: bytes, sequence: int) -> bytes:
        """Return the retransmission of a packet of this track (RFC 4588)."""
        start = rtp.payload_start(packet)
        head = bytes((packet[0], packet[1] & 0x80 | 101)) + sequence.to_bytes(2, "big")
        ssrc = self.rtx_ssrc.to_bytes(4, "big")
        return head + packet[4:8] + ssrc + packet[12:start] + packet[2:4] + packet[start:]


KEY_FRAME = bytes((0x10, 0x00)) + b"key"
DELTA_FRAME = bytes((0x10, 0x01)) + b"delta"


def unpadded(packet: bytes) -> bytes:
    """Return a packet without the padding after its payload; what is nothing else stays."""
    if not packet[0] & rtp.PADDING or packet[-1] >= len(packet) - rtp.payload_start(packet):
        return packet
    return bytes((packet[0] & ~rtp.PADDING,)) + packet[1 : -packet[-1]]


class _RawWire:
    """The transport under the client's DTLS."""

    role = "controlling"
    state = "completed"

    def __init__(self, transmit: Callable[[bytes], object]) -> None:
        self._transmit = transmit
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue()

    async def _recv(self) -> bytes:
        datagram = await self.waiting.get()
        if not datagram:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._transmit(datagram)


class RawPeer:
    """One connection of one browser, played by hand. ``transmit`` takes datagrams for the server.

    What comes back goes into ``receive``; the test finds it in ``packets`` and ``feedback``.
    """

    def __init__(self, transmit: Callable[[bytes], object] | None = None) -> None:
        self.transmit = transmit or (lambda datagram: None)
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.session = secrets.randbits(40)
        self.certificate = RTCCertificate.generateCertificate()
        self.tracks: list[RawTrack] = []
        self.packets: list[bytes] = []
        self.feedback: list[rtcp.Event] = []
        self.mapped: list[tuple[str, int]] = []
        self.dtls: RTCDtlsTransport | None = None
        self.profiles: list[SRTPProtectionProfile] | None = None  # all that there are
        self.server: sdp.Section | None = None
        self._wire = _RawWire(lambda datagram: self.transmit(datagram))
        self._answered: dict[bytes, asyncio.Future[stun.Message]] = {}

    @property
    def fingerprint(self) -> str:
        return next(f.value for f in self.certificate.getFingerprints() if f.algorithm == "sha-256")

    # -- descriptions

    def _section(self, kind: str, mid: str, direction: str, setup: str) -> list[str]:
        return [
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            f"a={direction}",
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:sha-256 {self.fingerprint}",
            f"a=setup:{setup}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]

    def _head(self, mids: Sequence[str]) -> list[str]:
        head = ["v=0", f"o=- {self.session} 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        return [*head, f"a=group:BUNDLE {' '.join(mids)}"]

    def offer(self, tracks: Sequence[RawTrack]) -> str:
        """Describe what is published."""
        self.tracks = list(tracks)
        sections = {track.mid: track for track in tracks}
        lines = self._head(list(sections))
        for track in sections.values():
            kind = "video" if track.video else "audio"
            formats = "100 101" if track.video else f"{track.red} 109" if track.red else "109"
            lines.append(f"m={kind} 9 UDP/TLS/RTP/SAVPF {formats}")
            lines += self._section(kind, track.mid, "sendonly", "actpass")
            lines.append(f"a=extmap:3 {rtp.MID}")
            if track.video:
                lines += ["a=rtpmap:100 VP8/90000", "a=rtcp-fb:100 nack"]
                lines += ["a=rtpmap:101 rtx/90000", "a=fmtp:101 apt=100"]
                if track.rid:
                    rids = [layer.rid for layer in tracks if layer.mid == track.mid]
                    lines += [f"a=rid:{rid} send" for rid in rids]
                    lines += [f"a=simulcast:send {';'.join(rids)}", f"a=extmap:6 {rtp.RID}"]
                    continue
                if track.named and track.rtx_ssrc:
                    lines.append(f"a=ssrc-group:FID {track.ssrc} {track.rtx_ssrc}")
                    lines.append(f"a=ssrc:{track.rtx_ssrc} cname:x")
            else:
                lines += [f"a=extmap:5 {rtp.AUDIO_LEVEL}", "a=rtpmap:109 opus/48000/2"]
                if track.red:
                    lines += [f"a=rtpmap:{track.red} red/48000/2", f"a=fmtp:{track.red} 109/109"]
            if track.named:
                lines.append(f"a=ssrc:{track.ssrc} cname:x")
        return "\r\n".join(lines) + "\r\n"

    def answer(
        self, offer: str, *, rtx: bool = True, refuse: Sequence[str] = (), red: bool = False
    ) -> str:
        """Describe that everything offered is wanted, but for the mids in ``refuse``."""
        description = sdp.parse(offer, 256)
        lines = self._head([section.mid for section in description.sections])
        for section in description.sections:
            video = section.kind == "video"
            formats = ("96 97" if rtx else "96") if video else "111 63" if red else "111"
            lines.append(f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {formats}")
            wanted = section.direction == "sendonly" and section.mid not in refuse
            direction = "recvonly" if wanted else "inactive"
            lines += self._section(section.kind, section.mid, direction, "active")
            lines.append(f"a=extmap:1 {rtp.MID}")
            if video:
                lines.append("a=rtpmap:96 VP8/90000")
                if rtx:
                    lines += ["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
            else:
                lines += [f"a=extmap:2 {rtp.AUDIO_LEVEL}", "a=rtpmap:111 opus/48000/2"]
                if red:
                    lines += ["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"]
        return "\r\n".join(lines) + "\r\n"

    # -- the connection

    def use(self, description: str) -> None:
        """Learn the server's end from its description."""
        parsed = sdp.parse(description, 256)
        self.server = next(section for section in parsed.sections if section.ufrag)

    def check(self, *, nominate: bool = True, controlled: bool = False) -> stun.Message:
        """Return a connectivity check."""
        assert self.server is not None
        attributes: dict[str, Any] = {
            "USERNAME": f"{self.server.ufrag}:{self.ufrag}",
            "PRIORITY": 1,
            "ICE-CONTROLLED" if controlled else "ICE-CONTROLLING": 7,
        }
        if nominate:
            attributes["USE-CANDIDATE"] = None
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.add_message_integrity(self.server.password.encode())
        return message

    async def prove(self, *, nominate: bool = True) -> stun.Message:
        """Make a connectivity check and return the server's answer."""
        message = self.check(nominate=nominate)
        future: asyncio.Future[stun.Message] = asyncio.get_running_loop().create_future()
        self._answered[message.transaction_id] = future
        async with asyncio.timeout(PATIENCE):
            while not future.done():
                self.transmit(bytes(message))
                await asyncio.wait([future], timeout=0.5)
        return await future

    async def connect(self, description: str) -> None:
        """Prove the address and shake hands."""
        self.use(description)
        await self.prove()
        await self.shake()

    async def shake(self) -> None:
        """Shake hands, as the client."""
        assert self.server is not None
        self.dtls = RTCDtlsTransport(cast("Any", self._wire), [self.certificate])
        self.dtls._set_role("client")
        if self.profiles is not None:
            self.dtls._srtp_profiles = self.profiles
        async with asyncio.timeout(PATIENCE):
            await self.dtls.start(
                RTCDtlsParameters([RTCDtlsFingerprint(*pair) for pair in self.server.fingerprints])
            )

    @property
    def connected(self) -> bool:
        return self.dtls is not None and self.dtls.state == "connected"

    def receive(self, datagram: bytes) -> None:
        """Take a datagram from the server."""
        first = datagram[0]
        if first < 4:
            message = stun.parse_message(datagram)
            assert self.server is not None
            assert message.check_message_integrity(self.server.password.encode())
            if "XOR-MAPPED-ADDRESS" in message.attributes:
                self.mapped.append(message.attributes["XOR-MAPPED-ADDRESS"])
            future = self._answered.pop(message.transaction_id, None)
            if future is not None and not future.done():
                future.set_result(message)
        elif first < 64:
            self._wire.waiting.put_nowait(datagram)
        elif self.dtls is not None and self.dtls._rx_srtp is not None:
            if rtp.is_rtcp(datagram):
                self.feedback += rtcp.parse(self.dtls._rx_srtp.unprotect_rtcp(datagram))
            else:
                self.packets.append(unpadded(self.dtls._rx_srtp.unprotect(datagram)))

    def send(self, packet: bytes) -> bytes:
        """Protect and transmit RTP; returns the datagram."""
        assert self.dtls is not None
        datagram: bytes = self.dtls._tx_srtp.protect(packet)
        self.transmit(datagram)
        return datagram

    def send_feedback(self, packet: bytes) -> None:
        """Protect and transmit RTCP."""
        assert self.dtls is not None
        self.transmit(self.dtls._tx_srtp.protect_rtcp(packet))

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the feedback of one kind that has come so far."""
        return [event for event in self.feedback if isinstance(event, kind)]

    async def close(self) -> None:
        """End the DTLS, which tells the server."""
        if self.dtls is not None:
            await self.dtls.stop()


class Wire:
    """A network in memory between a server's socket code and any number of peers.

    ``lose_up`` and ``lose_down`` are asked about every datagram; whoever sets them scripts the
    loss. Datagrams are delivered in order, on the next turn of the loop, at the time that ``now``
    gives.
    """

    def __init__(self, server: MediaServer) -> None:
        assert server._udp is not None
        self._udp = server._udp
        self._udp.sendto = self._down  # type: ignore[assignment]
        self._udp.segments = False  # this network knows whole datagrams only
        self._peers: dict[Any, RawPeer] = {}
        self.lose_up: Callable[[bytes], bool] = lambda datagram: False
        self.lose_down: Callable[[bytes], bool] = lambda datagram: False
        self.down: list[tuple[bytes, Any]] = []
        self.now = monotonic

    def peer(self, address: tuple[Any, ...]) -> RawPeer:
        """Make a peer that sends from that address."""
        peer = RawPeer()
        self.place(peer, address)
        return peer

    def place(self, peer: RawPeer, address: tuple[Any, ...]) -> None:
        """Put a peer at an address; from then on it sends from there as well."""
        self._peers[address] = peer
        peer.transmit = lambda datagram: self.up(datagram, address)

    def at(self, address: tuple[Any, ...]) -> RawPeer | None:
        """Return who is at an address."""
        return self._peers.get(address)

    def up(self, datagram: bytes, address: tuple[Any, ...]) -> None:
        """Send to the server, from whatever address."""
        if not self.lose_up(datagram):
            asyncio.get_running_loop().call_soon(
                lambda: self._udp.receive(datagram, address, self.now())
            )

    def _down(self, datagram: bytes, address: Any) -> int:
        self.down.append((datagram, address))
        peer = self._peers.get(address)
        if peer is not None and not self.lose_down(datagram):
            asyncio.get_running_loop().call_soon(peer.receive, datagram)
        return len(datagram)


class Net(Protocol):
    """A network that peers can be on: a :class:`Wire`, or real sockets."""

    def peer(self, address: tuple[Any, ...]) -> RawPeer:
        """Make a peer that sends from that address."""


class RawClient:
    """A participant on a network: two raw peers, and the conversation with the room."""

    def __init__(
        self, room: MediaRoom, listener: Listener, wire: Net, name: str, host: str
    ) -> None:
        self.name = name
        self.host = host
        self._room = room
        self._listener = listener
        self._wire = wire
        self._ports = iter(range(40000, 50000))
        self.publishing = RawPeer()
        self.subscribing = RawPeer()
        self.tracks: list[Forwarded] = []
        self.slots: dict[str, sdp.Section] = {}
        self.profiles: list[SRTPProtectionProfile] | None = None

    def _peer(self) -> RawPeer:
        peer = self._wire.peer((self.host, next(self._ports)))
        peer.profiles = self.profiles
        return peer

    async def publish(self, *tracks: RawTrack) -> None:
        """Publish on a new connection."""
        self.publishing = self._peer()
        await self.publishing.connect(await self.offer(*tracks))

    async def offer(self, *tracks: RawTrack) -> str:
        """Offer on the connection there is; returns the answer."""
        offer = self.publishing.offer(tracks)
        return await self._room.publish(self.name, offer, {t.mid: t.source for t in tracks})

    async def subscribe(self) -> None:
        """Subscribe on a new connection, to what there is now."""
        self.subscribing = self._peer()
        self._room.subscribe(self.name)
        offer = await self.follow()
        await self.subscribing.connect(offer.sdp)
        await self._listener.state(self.name, "subscribe", "connected")

    async def follow(self, **how: Any) -> Offer:
        """Answer the next offer."""
        offer = await self._listener.offer(self.name)
        answer = self.subscribing.answer(offer.sdp, **how)
        await self._room.set_answer(self.name, offer.generation, answer)
        self.tracks = offer.tracks
        self.slots = {s.mid: s for s in sdp.parse(offer.sdp, 256).sections}
        return offer

    def section(self, peer: str, source: str) -> sdp.Section:
        """Return the section that carries a source."""
        mid = next(t.mid for t in self.tracks if (t.peer, t.source) == (peer, source))
        return self.slots[mid]

    def received(self, peer: str, source: str) -> list[bytes]:
        """Return the packets of a source that have come, without retransmissions."""
        ssrc = self.section(peer, source).ssrcs
        wanted = {number.to_bytes(4, "big") for number in ssrc[:1]}
        return [packet for packet in self.subscribing.packets if packet[8:12] in wanted]
