"""The one UDP socket: who a datagram is from, and nothing is done for strangers.

A datagram is first told apart by its first byte (RFC 7983). Media and DTLS are passed on only from
an address that a connection has proved with a connectivity check; a check is passed on only if it
carries a user name that we gave out. Everything else is counted and gone, before anything is
allocated for it.

The socket is read and written directly rather than through an asyncio transport: a transport
buffers without bound when the kernel is full, and late media is worth less than no media.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any

from assent.media import ice
from assent.media.ice import Address

if TYPE_CHECKING:
    from assent.media.connection import Connection

BATCH = 64  # datagrams read before others get their turn on the loop
BUFFER = 4 << 20  # bytes asked of the kernel for each direction; it gives what it allows
MAX_DATAGRAM = 2048  # what is longer is cut off here, and then fails to prove anything

Fault = Callable[[str, BaseException | None], None]


class Udp:
    """The socket, and the two ways to find the connection a datagram is for."""

    def __init__(self, host: str, port: int, counters: Counter[str], on_fault: Fault) -> None:
        self.counters = counters
        self.names: dict[str, tuple[Connection, ice.Agent]] = {}
        self.routes: dict[Address, Connection] = {}
        self._on_fault = on_fault
        self._fault_at = float("-inf")
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket = _bind(host, port)
        self.sendto = self._socket.sendto
        self._loop.add_reader(self._socket.fileno(), self._readable)

    @property
    def port(self) -> int:
        """The port that is bound."""
        port: int = self._socket.getsockname()[1]
        return port

    def _readable(self) -> None:
        for _ in range(BATCH):
            try:
                datagram, address = self._socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                self.counters["receive-error"] += 1
                return
            try:
                self.receive(datagram, address, monotonic())
            except Exception as error:
                self.fault("a datagram could not be handled", error)

    def receive(self, datagram: bytes, address: Address, now: float) -> None:
        """Pass one datagram on, or drop it."""
        if not datagram:
            self.counters["drop-empty"] += 1
            return
        first = datagram[0]
        if 128 <= first <= 191:
            connection = self.routes.get(address)
            if connection is None:
                self.counters["drop-stranger"] += 1
            else:
                connection.receive_media(datagram, now)
        elif first < 4:
            self._receive_check(datagram, address, now)
        elif 20 <= first <= 63:
            connection = self.routes.get(address)
            if connection is None:
                self.counters["drop-stranger"] += 1
            else:
                connection.receive_dtls(datagram, now)
        else:
            self.counters["drop-unknown"] += 1

    def _receive_check(self, datagram: bytes, address: Address, now: float) -> None:
        names = ice.username_of(datagram)
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
        try:
            self.sendto(datagram, address)
        except OSError:
            self.counters["send-failed"] += 1

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
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound
