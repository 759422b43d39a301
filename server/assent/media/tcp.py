"""ICE-TCP: the same datagrams over TCP, for networks that let no UDP through (RFC 6544, RFC 4571).

We are passive: browsers connect, and every datagram travels behind two bytes that hold its length.
To the rest of the media plane such a connection is one more address, ``(host, port, "tcp")``, and
what holds for the UDP socket holds here: nothing counts before a valid connectivity check.

A stranger can hold a connection for :data:`UNPROVED_SECONDS` and 2 KiB of memory. A browser that
does not read is sent nothing more while :data:`MAX_WAITING` bytes wait for it, for late media is
worth less than none, and is cut off when that lasts.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Protocol, cast

from assent.media import ice
from assent.media.ice import Address

if TYPE_CHECKING:
    from assent.media.connection import Connection

MAX_FRAME = 2048  # bytes; as long as what the UDP socket takes, and longer ends the connection
MAX_WAITING = 128 * 1024  # bytes for one browser: most of a second at 1.5 Mbit/s
RESUME_AT = 32 * 1024
KERNEL_BUFFER = 64 * 1024  # bytes; Linux doubles it. What waits in there is late as well
UNPROVED_SECONDS = 10.0
SILENT_SECONDS = 30.0  # without a valid check, as for every other address
STUCK_SECONDS = 10.0  # that a browser may take nothing
SWEEP_SECONDS = 2.0

MAX_LINKS = 2000
MAX_UNPROVED = 500
MAX_UNPROVED_EACH = 32  # from one host; a whole office may stand behind it
BACKLOG = 128


class Link(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, server: TcpServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self.address: Address = ()
        self.host = ""
        self.opened_at = monotonic()
        self.proved_at = 0.0  # 0 until a check was answered
        self.stuck_at = 0.0  # 0 while it takes what it is sent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A browser, or a stranger, has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self.host, port = ice.plain_address(transport.get_extra_info("peername"))
        self.address = (self.host, port, "tcp")
        self._transport.set_write_buffer_limits(MAX_WAITING, RESUME_AT)
        with suppress(OSError):
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER
            )
        self._server.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """It is gone, whoever ended it."""
        self._transport = None
        self._buffer.clear()
        self._server.lost(self)

    def data_received(self, data: bytes) -> None:
        """Take apart what came (RFC 4571 section 2); what is left is less than one frame."""
        buffer = self._buffer
        buffer += data
        start = 0
        while self._transport is not None and len(buffer) - start >= 2:
            size = int.from_bytes(buffer[start : start + 2], "big")
            if size > MAX_FRAME or (not self.proved_at and size > ice.MAX_MESSAGE):
                self._server.counters["drop-size"] += 1
                self.abort()
                return
            end = start + 2 + size
            if end > len(buffer):
                break
            frame = bytes(buffer[start + 2 : end])
            start = end
            if not self._server.take(self, frame):
                return
        del buffer[:start]

    def pause_writing(self) -> None:
        """It does not read as fast as it is sent to."""
        self.stuck_at = monotonic()

    def resume_writing(self) -> None:
        """It reads again."""
        self.stuck_at = 0.0

    def send(self, packets: Sequence[bytes]) -> None:
        """Send now or not at all."""
        if self._transport is None or self.stuck_at:
            self._server.counters["send-failed"] += len(packets)
            return
        if ice.is_stun(packets[0]):  # only valid checks are answered
            if not self.proved_at:
                self._server.proved(self)
            self.proved_at = monotonic()
        self._transport.write(
            b"".join(
                part for packet in packets for part in (len(packet).to_bytes(2, "big"), packet)
            )
        )

    def give_away(self, give: Callable[[int, bytes, Address], None]) -> None:
        """Let another process have the connection, with all that was read from it."""
        if self._transport is not None:
            own = self._transport.get_extra_info("socket")
            give(own.fileno(), bytes(self._buffer), self.address)
            self._transport.abort()  # which closes our descriptor and no other

    def abort(self) -> None:
        """End it without waiting for what was not sent."""
        if self._transport is not None:
            self._transport.abort()


class Datagrams(Protocol):
    """As much of a :class:`Udp` as is needed here."""

    counters: Counter[str]
    links: dict[Address, Link]
    routes: dict[Address, Connection]

    def receive(self, datagram: bytes, address: Address, now: float) -> None:
        """Take a datagram, and send what comes of it."""


class TcpServer:
    """The listening socket and its connections; datagrams go to and come from a :class:`Udp`."""

    def __init__(self, udp: Datagrams) -> None:
        self.counters: Counter[str] = udp.counters
        self._udp = udp
        self._links: dict[Address, Link] = {}
        self._unproved: dict[Address, Link] = {}  # the oldest first
        self._unproved_each: Counter[str] = Counter()
        self._listener: asyncio.Server | None = None
        udp.links = self._links
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen; raises OSError where that cannot be done."""
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Link(self), sock=_bind(host, port)
        )
        self._sweep_later()

    def attach(self) -> None:
        """Take the connections that are given to :meth:`adopt`, where another process listens."""
        self._sweep_later()

    async def adopt(self, own: socket.socket, read: bytes) -> None:
        """Take a connection of which ``read`` was read by whoever accepted it."""
        try:
            own.setblocking(False)
            _, link = await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Link(self), own
            )
        except OSError:  # it is gone already
            own.close()
            return
        link.data_received(read)

    def opened(self, link: Link) -> None:
        """Take a new connection in, or send it away."""
        each = self._unproved_each
        if len(self._links) >= MAX_LINKS or each.get(link.host, 0) >= MAX_UNPROVED_EACH:
            self.counters["drop-connection"] += 1
            link.abort()
            return
        if len(self._unproved) >= MAX_UNPROVED:
            # Somebody floods us: the one that has had most time to prove itself goes.
            self.counters["drop-connection"] += 1
            oldest = next(iter(self._unproved.values()))
            oldest.abort()
            self.proved(oldest)
        self._links[link.address] = self._unproved[link.address] = link
        each[link.host] += 1

    def proved(self, link: Link) -> None:
        """Stop counting a connection as a stranger's."""
        if self._unproved.get(link.address) is not link:
            return
        del self._unproved[link.address]
        self._unproved_each[link.host] -= 1
        if not self._unproved_each[link.host]:
            del self._unproved_each[link.host]

    def take(self, link: Link, frame: bytes) -> bool:
        """Take one datagram; False ends the connection, for strangers have one try."""
        self._udp.receive(frame, link.address, monotonic())
        if not link.proved_at:
            link.abort()
        return bool(link.proved_at)

    def lost(self, link: Link) -> None:
        """Forget a connection, and have its peer send elsewhere."""
        if self._links.get(link.address) is not link:
            return
        del self._links[link.address]
        self.proved(link)
        connection = self._udp.routes.pop(link.address, None)
        if connection is not None:
            connection.vanished(link.address)

    def _sweep_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        now = monotonic()
        for link in tuple(self._links.values()):
            since = link.proved_at or link.opened_at
            patience = SILENT_SECONDS if link.proved_at else UNPROVED_SECONDS
            if now - since > patience or (link.stuck_at and now - link.stuck_at > STUCK_SECONDS):
                self.counters["drop-silent"] += 1
                link.abort()
        self._sweep_later()

    async def close(self) -> None:
        """Close every connection and release the port."""
        if self._timer is not None:
            self._timer.cancel()
        if self._listener is not None:
            self._listener.close()
        for link in tuple(self._links.values()):
            link.abort()
        await asyncio.sleep(0)  # the aborted ones are told on the next turn


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound
