"""ICE-TCP: the same datagrams over TCP, for networks that let no UDP through (RFC 6544, RFC 4571).

We are passive: browsers connect, and every datagram travels behind two bytes that hold its length.
To the rest of the media plane such a connection is one more address, ``(host, port, "tcp")``, and
what holds for the UDP socket holds here: nothing counts before a valid connectivity check.

A stranger can hold a connection for :data:`UNPROVED_SECONDS` and 2 KiB of memory. A browser that
does not read is sent nothing more while :data:`MAX_WAITING` bytes wait for it, for late media is
worth less than none, and is cut off when that lasts. One that sends more frames than it may is not
read for a moment.

Links are counted three ways. Those not proved yet have places of their own, and take none of the
others'. Those that are proved belong to the connection that they were proved for: it has
:data:`MAX_EACH` of them, the one that is used and the newest, and when it ends so do they. One host
has :data:`MAX_HOST` at most, and all together there are :data:`MAX_LINKS`.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol, cast

from assent.media.rate_window import WINDOW, RateWindow
from assent.media.transport import ice
from assent.media.transport.endpoint import Endpoint, Way
from assent.media.transport.ice import Address

MAX_FRAME = 2048  # bytes; as long as what the UDP socket takes, and longer ends the connection
MAX_WAITING = 128 * 1024  # bytes for one browser: most of a second at 1.5 Mbit/s
RESUME_AT = 32 * 1024  # bytes of them, at which it is sent to again
KERNEL_BUFFER = 64 * 1024  # bytes; Linux doubles it. What waits in there is late as well
UNPROVED_SECONDS = 10.0
SILENT_SECONDS = 30.0  # without a valid check, as for every other address
STUCK_SECONDS = 10.0  # that a browser may take nothing
SWEEP_SECONDS = 2.0

MAX_LINKS = 2000  # that are proved
MAX_HOST = 1000  # of them from one host; a whole office may stand behind it
MAX_EACH = 12  # of one connection: a browser opens one for each of its addresses and ours
MAX_UNPROVED = 500
MAX_UNPROVED_EACH = 32  # from one host
MAX_FRAMES = 4000  # a second on one link: what a connection may send of everything, and more
MAX_OCTETS = 2_000_000  # a second
BACKLOG = 128  # connections that nobody has accepted yet


class Link(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, server: TcpServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._rate_window = RateWindow(MAX_FRAMES, MAX_OCTETS)
        self._pause: asyncio.TimerHandle | None = None
        self.owner: Endpoint | None = None  # for which it was proved
        self.address: Address = ()
        self.host = ""
        self.network = ""  # who has one IPv6 address has all of its last 64 bits
        self.opened_at = monotonic()
        self.proved_at = 0.0  # 0 until a check was answered
        self.stuck_at = 0.0  # 0 while it takes what it is sent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A browser, or a stranger, has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self.host, port = ice.plain_address(transport.get_extra_info("peername"))
        self.address = (self.host, port, "tcp")
        self.network = ice.network(self.host)
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
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._server.lost(self)

    def data_received(self, data: bytes) -> None:
        """Take apart what came (RFC 4571 section 2); what is left is less than one frame."""
        self._buffer += data
        if self._pause is None:
            self._take_apart()

    def _take_apart(self) -> None:
        buffer = self._buffer
        now = monotonic()
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
            if not self._rate_window.spend(size, now):
                self._wait()
                break
            frame = bytes(buffer[start + 2 : end])
            start = end
            if not self._server.take(self, frame):
                return
        del buffer[:start]

    def _wait(self) -> None:
        """Read nothing for a moment: the other end waits then as well."""
        assert self._transport is not None, "it is read"
        self._server.counters["link-paused"] += 1
        self._transport.pause_reading()
        self._pause = asyncio.get_running_loop().call_later(WINDOW, self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        self._take_apart()
        if self._transport is not None and self._pause is None:
            self._transport.resume_reading()

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
            if not self.proved_at and not self._server.proved(self):
                return
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
    links: Mapping[Address, Way]
    names: Any  # by our user name: whose checks they are, and something else
    by_address: dict[Address, Endpoint]

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
        self._proved_each: Counter[str] = Counter()
        self._owned: dict[Endpoint, dict[Address, Link]] = {}  # the oldest first
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
        strangers = self._unproved.values()
        oldest = None
        if each.get(link.network, 0) >= MAX_UNPROVED_EACH:
            oldest = next(one for one in strangers if one.network == link.network)
        elif len(strangers) >= MAX_UNPROVED:
            oldest = next(iter(strangers))
        if oldest is not None:
            # Somebody floods us: the one that has had most time to prove itself goes.
            self.counters["drop-connection"] += 1
            oldest.abort()
            self._no_stranger(oldest)
        self._links[link.address] = self._unproved[link.address] = link
        each[link.network] += 1

    def _no_stranger(self, link: Link) -> None:
        if self._unproved.pop(link.address, None) is not None:
            _count_down(self._unproved_each, link.network)

    def proved(self, link: Link) -> bool:
        """Count a link as one of those that are in; False, and it ends, where there is no place."""
        connection = link.owner
        if self._links.get(link.address) is not link or connection is None:
            return False
        self._no_stranger(link)
        mine = self._owned.setdefault(connection, {})
        if len(mine) >= MAX_EACH:
            # The one that is used stays, whatever else is opened.
            spare = next(one for one in mine.values() if one.address != connection.address)
            self.counters["drop-spare"] += 1
            spare.abort()
            self._disown(spare)
        link.owner = connection
        if (
            len(self._links) - len(self._unproved) > MAX_LINKS
            or self._proved_each[link.network] >= MAX_HOST
        ):
            self.counters["drop-connection"] += 1
            link.abort()
            return False
        mine[link.address] = link
        self._proved_each[link.network] += 1
        return True

    def _disown(self, link: Link) -> None:
        owner, link.owner = link.owner, None
        mine = None if owner is None else self._owned.get(owner)
        if owner is None or mine is None or mine.pop(link.address, None) is None:
            return
        _count_down(self._proved_each, link.network)
        if not mine:
            del self._owned[owner]

    def take(self, link: Link, frame: bytes) -> bool:
        """Take one datagram; False ends the connection, for strangers have one try."""
        if not link.proved_at:
            names = ice.ufrags_of(frame)
            found = None if names is None else self._udp.names.get(names[0])
            link.owner = None if found is None else found[0]
        self._udp.receive(frame, link.address, monotonic())
        if not link.proved_at:
            link.abort()
        return bool(link.proved_at)

    def lost(self, link: Link) -> None:
        """Forget a connection, and have its peer send elsewhere."""
        if self._links.get(link.address) is not link:
            return
        del self._links[link.address]
        self._no_stranger(link)
        self._disown(link)
        connection = self._udp.by_address.pop(link.address, None)
        if connection is not None:
            connection.vanished(link.address)

    def _sweep_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        now = monotonic()
        for connection in tuple(self._owned):
            if connection.over:
                for link in tuple(self._owned[connection].values()):
                    link.abort()
                    self._disown(link)
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


def _count_down(counts: Counter[str], name: str) -> None:
    counts[name] -= 1
    if not counts[name]:
        del counts[name]


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
