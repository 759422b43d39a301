"""The one UDP socket: who a datagram is from, and nothing is done for strangers.

A datagram is first told apart by its first byte (RFC 7983). Media and DTLS are passed on only from
an address that a connection has proved with a connectivity check; a check is passed on only if it
carries a user name that we gave out. Everything else is counted and gone, before anything is
allocated for it.

The socket is read and written directly rather than through an asyncio transport: a transport
buffers without bound when the kernel is full, and late media is worth less than no media.

In turns. A turn of the event loop reads what has come, up to :data:`BATCH` datagrams, and what they
give to send is gathered in the queues of the connections; at the end of the turn, or before it when
much has gathered, each queue leaves. Packets of one queue that are equally long, as those of one
video frame mostly are, leave in one call, which the kernel or the network card cuts into datagrams
(UDP generic segmentation offload). Between two turns every queue is empty.

What it costs, measured over the loopback: reading a datagram 1.1 µs, finding the connection 0.3 µs.
Sending is the largest part of all that a forwarded packet costs: 3.3 µs for one datagram, 5.3 µs
for four in one call. Reading several datagrams at once (UDP_GRO) was tried and is not done: a
server reads one packet for each that it sends to everybody, ``recvmsg_into`` takes longer than
``recvfrom``, and browsers seldom send what could be read together.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from time import monotonic
from typing import Any

from assent.media.transport import ice
from assent.media.transport.endpoint import Endpoint, Way
from assent.media.transport.ice import Address

BATCH = 64  # datagrams read before others get their turn on the loop
BUFFER = 4 << 20  # bytes asked of the kernel for each direction; it gives what it allows
MAX_DATAGRAM = 2048  # what is longer is cut off here, and then fails to prove anything
MAX_WAITING = 512  # packets gathered before they leave: 2 ms of work, or a little more

SOL_UDP, UDP_SEGMENT = 17, 103  # linux/udp.h; Python 3.11 has no names for them
MAX_SEGMENTS = 64  # UDP_MAX_SEGMENTS of the oldest kernels that have it
MAX_OCTETS = 65_000  # of one call: what an IP packet may hold, less its headers
_OWN_SIZE = struct.Struct("=H")
_UNSUPPORTED = (errno.EIO, errno.ENOPROTOOPT, errno.EOPNOTSUPP)

Fault = Callable[[str, BaseException | None], None]


class Udp:
    """The socket, and the two ways to find the connection a datagram is for.

    Whoever has packets for a connection puts them into its ``queue``, puts the connection into
    ``outgoing`` if the queue was empty, and counts them in ``waiting``.
    """

    def __init__(
        self,
        host: str,
        port: int,
        counters: Counter[str],
        on_fault: Fault,
        bound: socket.socket | None = None,
    ) -> None:
        """``bound`` is a socket that is bound already; it is closed with this."""
        self.counters = counters
        self.names: dict[str, tuple[Endpoint, ice.Agent]] = {}
        self.by_address: dict[Address, Endpoint] = {}
        self.links: Mapping[Address, Way] = {}  # of the TCP port, if there is one
        self.outgoing: list[Endpoint] = []
        self.waiting = 0
        self.received = 0  # datagrams, and their octets
        self.received_octets = 0
        self.forwarded = 0  # packets, and the octets of their payloads
        self.forwarded_octets = 0
        self._on_fault = on_fault
        self._fault_at = float("-inf")
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket = bind(host, port) if bound is None else bound
        self.sendto = self._socket.sendto
        self.segments = _segments(self._socket)
        self._ancillary: dict[int, list[tuple[int, int, bytes]]] = {}
        self._listen()

    def _listen(self) -> None:
        self._loop.add_reader(self._socket.fileno(), self._readable)

    def _listen_no_more(self) -> None:
        self._loop.remove_reader(self._socket.fileno())

    @property
    def port(self) -> int:
        """The port that is bound."""
        port: int = self._socket.getsockname()[1]
        return port

    def _readable(self) -> None:
        receive = self._socket.recvfrom
        for _ in range(BATCH):
            try:
                datagram, address = receive(MAX_DATAGRAM)
            except BlockingIOError:
                break
            except OSError:
                self.counters["receive-error"] += 1
                break
            try:
                self._take(datagram, address, monotonic())
            except Exception as error:
                self.fault("a datagram could not be handled", error)
            if self.waiting >= MAX_WAITING:
                break
        self.flush()

    def receive(self, datagram: bytes, address: Address, now: float) -> None:
        """Pass one datagram on, or drop it, and send what comes of it: a turn of its own."""
        self._take(datagram, address, now)
        self.flush()

    def _take(self, datagram: bytes, address: Address, now: float) -> None:
        self.received += 1
        self.received_octets += len(datagram)
        if not datagram:
            self.counters["drop-empty"] += 1
            return
        first = datagram[0]
        if 128 <= first <= 191:
            connection = self.by_address.get(address)
            if connection is None:
                self.counters["drop-stranger"] += 1
            else:
                connection.receive_media(datagram, now)
        elif first < 4:
            self._receive_check(datagram, address, now)
        elif 20 <= first <= 63:
            connection = self.by_address.get(address)
            if connection is None:
                self.counters["drop-stranger"] += 1
            else:
                connection.receive_dtls(datagram, now)
        else:
            self.counters["drop-unknown"] += 1

    def _receive_check(self, datagram: bytes, address: Address, now: float) -> None:
        names = ice.ufrags_of(datagram)
        if names is None:
            self.counters["drop-stun"] += 1
            return
        ours, theirs = names
        found = self.names.get(ours)
        if found is None:
            self.counters["drop-stranger"] += 1
            return
        connection, agent = found
        connection.receive_check(agent, datagram, theirs, address, now)

    def send(self, datagram: bytes, address: Address) -> None:
        """Send now or not at all."""
        if len(address) == 3:
            self._send_link((datagram,), address)
            return
        try:
            self.sendto(datagram, address)
        except OSError:
            self.counters["send-failed"] += 1

    def _send_link(self, packets: Sequence[bytes], address: Address) -> None:
        link = self.links.get(address)
        if link is None:
            self.counters["send-failed"] += len(packets)
        else:
            link.send(packets)

    def flush(self) -> None:
        """End the turn: send what has gathered."""
        if not self.outgoing:
            return
        for connection in self.outgoing:
            if connection.address:
                self.send_all(connection.queue, connection.address)
            connection.queue.clear()
        self.outgoing.clear()
        self.waiting = 0

    def send_all(self, packets: Sequence[bytes], address: Address) -> None:
        """Send packets in their order, in as few calls as their lengths allow."""
        if len(address) == 3:
            self._send_link(packets, address)
            return
        count = len(packets)
        start = 0
        while start < count:
            size = len(packets[start])
            end = start + 1
            if self.segments:
                most = min(count, start + min(MAX_SEGMENTS, MAX_OCTETS // size))
                while end < most and len(packets[end]) == size:
                    end += 1
                # The last one of a call may be shorter.
                if end < most and len(packets[end]) < size:
                    end += 1
            if end - start == 1:
                self.send(packets[start], address)
            else:
                self._send_segments(packets[start:end], size, address)
            start = end

    def _send_segments(self, packets: Sequence[bytes], size: int, address: Address) -> None:
        ancillary = self._ancillary.get(size)
        if ancillary is None:
            ancillary = [(SOL_UDP, UDP_SEGMENT, _OWN_SIZE.pack(size))]
            self._ancillary[size] = ancillary
        try:
            self._transmit(packets, ancillary, address)
        except BlockingIOError:
            self.counters["send-failed"] += len(packets)
        except OSError as error:
            # Not on this way: the network card cannot do it, or the path takes smaller packets
            # only. They may still go one by one, in fragments if need be.
            if error.errno in _UNSUPPORTED:
                self.segments = False
            for packet in packets:
                self.send(packet, address)

    def _transmit(
        self, packets: Sequence[bytes], ancillary: list[tuple[int, int, bytes]], address: Address
    ) -> None:
        self._socket.sendmsg(packets, ancillary, 0, address)

    # -- who is where ------------------------------------------------------------------------

    def name(self, ufrag: str, connection: Endpoint, agent: ice.Agent) -> None:
        """Take checks for that user name from now on."""
        self.names[ufrag] = (connection, agent)

    def unname(self, ufrag: str) -> None:
        """Take no more checks for it; unknown names are ignored."""
        self.names.pop(ufrag, None)

    def route(self, address: Address, connection: Endpoint) -> bool:
        """Take what comes from a proved address; False where that cannot be done."""
        self.by_address[address] = connection
        return True

    def unroute(self, address: Address) -> None:
        """Take no more from that address; unknown ones are ignored."""
        self.by_address.pop(address, None)

    # -- life --------------------------------------------------------------------------------

    def fault(self, text: str, error: BaseException | None) -> None:
        """Report what should never happen, at most once a second: it may happen every packet."""
        now = monotonic()
        self.counters["faults"] += 1
        if now - self._fault_at >= 1:
            self._fault_at = now
            self._on_fault(text, error)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something to its end in the background; :meth:`close` waits for it."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fault("a connection's task failed", error)

    async def close(self) -> None:
        """Wait until every connection has said goodbye, and release the port."""
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
            for task in tuple(self._tasks):
                task.cancel()
        self._listen_no_more()
        self._socket.close()


def bind(
    host: str, port: int, prepare: Callable[[socket.socket], None] | None = None
) -> socket.socket:
    """Return a UDP socket that is bound there; ``prepare`` gets it before it is."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        if prepare is not None:
            prepare(bound)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound


def _segments(bound: socket.socket) -> bool:
    """Tell whether the kernel can segment (Linux 4.18 and newer)."""
    try:
        bound.setsockopt(SOL_UDP, UDP_SEGMENT, 0)
    except OSError:
        return False
    return True
