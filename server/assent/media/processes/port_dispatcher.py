"""The front of the port: what comes from addresses that nobody has proved yet.

Everybody sends to one UDP port. A media process that knows a peer's address has a socket connected
to it, bound to the same port (SO_REUSEPORT), and Linux gives a datagram to the socket whose address
fits best: so this one here sees strangers only. Of what they send, it passes connectivity checks on
to the process that has given out their user name, a bounded number of each; nothing else, and
nothing to anybody else. A flood costs this process what :data:`MAX_PACKETS` cost, and no more.

Between the ``bind`` and the ``connect`` of such a socket it would be one of two that fit strangers
equally well. A filter of one instruction says that this here, the first, is the one. It was tried
(Linux 6.18): of 45,000 datagrams sent into that gap, half went astray without the filter, none with
it. That holds for a port on every address. On one address alone Linux asks for the filter in vain;
what went astray there is sent back to here (:mod:`assent.media.processes.shared`).
"""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
from collections import Counter
from collections.abc import Mapping
from time import monotonic

from assent.media.processes.misrouted import Misrouted
from assent.media.rate_window import WINDOW, RateWindow
from assent.media.transport import ice
from assent.media.transport.endpoint import Endpoint, Way
from assent.media.transport.ice import Address
from assent.media.transport.tcp import Link, TcpServer
from assent.media.transport.udp import BATCH, MAX_DATAGRAM, bind

MAX_PACKETS = 20_000  # a second; what is more waits in the socket, or is dropped there
MAX_CHECKS = 120  # a second for one user name; a connection takes 60 of its own and 60 others
ATTEMPTS, PAUSE = 20, 0.1  # seconds each, until whoever had the port a moment ago is gone

SO_ATTACH_REUSEPORT_CBPF = 51  # asm-generic/socket.h; Python has no name for it
_RETURN_FIRST = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF_RET | BPF_K: the socket of that index


class PortDispatcher:
    """The socket and who has which user name. ``names`` is kept by whoever hears of names."""

    def __init__(self, bound: socket.socket, counters: Counter[str]) -> None:
        self.socket = bound
        self.counters = counters
        self.names: dict[str, tuple[Misrouted, RateWindow]] = {}
        self.links: Mapping[Address, Way] = {}
        self.by_address: dict[Address, Endpoint] = {}  # nobody is at home here
        self._rate_window = RateWindow(MAX_PACKETS, MAX_PACKETS * MAX_DATAGRAM)
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._loop.add_reader(bound.fileno(), self._readable)

    @property
    def port(self) -> int:
        """The port that is bound."""
        port: int = self.socket.getsockname()[1]
        return port

    def claim(self, ufrag: str, misrouted: Misrouted) -> None:
        """Pass checks for that name on."""
        self.names[ufrag] = (misrouted, RateWindow(MAX_CHECKS, MAX_CHECKS * ice.MAX_MESSAGE))

    def receive(self, datagram: bytes, address: Address, now: float) -> None:
        """See :meth:`take`."""
        self.take(datagram, address, now)

    def _readable(self) -> None:
        now = monotonic()
        for _ in range(BATCH):
            if not self._rate_window.spend(0, now):
                self.counters["front-paused"] += 1
                self._loop.remove_reader(self.socket.fileno())
                self._pause = self._loop.call_later(WINDOW, self._resume)
                return
            try:
                datagram, address = self.socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                self.counters["receive-error"] += 1
                return
            self.take(datagram, address, now)

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self.socket.fileno(), self._readable)

    def take(self, datagram: bytes, address: Address, now: float) -> None:
        """Pass a check on, or drop what is none."""
        misrouted = self.owner(datagram, now)
        if misrouted is not None:
            misrouted.send(datagram, address)

    def owner(self, datagram: bytes, now: float) -> Misrouted | None:
        """Return the way to the process a check is for; None, and a count, for all else."""
        if not datagram:
            self.counters["drop-empty"] += 1
            return None
        if not ice.is_stun(datagram):
            self.counters["drop-stranger"] += 1
            return None
        names = ice.ufrags_of(datagram)
        if names is None:
            self.counters["drop-stun"] += 1
            return None
        owner = self.names.get(names[0])
        if owner is None:
            self.counters["drop-stranger"] += 1
            return None
        misrouted, window = owner
        if not window.spend(len(datagram), now):
            self.counters["drop-flood"] += 1
            return None
        return misrouted

    def close(self) -> None:
        """Release the port, as far as it is held here."""
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self.socket.fileno())
        self.socket.close()


class TcpDispatcher(TcpServer):
    """The TCP port: reads the first datagram of a connection, and gives it to whom that is for."""

    def __init__(self, front: PortDispatcher) -> None:
        super().__init__(front)
        self._front = front

    def take(self, link: Link, frame: bytes) -> bool:
        """Give the connection away, or end it: strangers have one try."""
        misrouted = self._front.owner(frame, monotonic())
        if misrouted is None:
            link.abort()
        else:
            link.give_away(misrouted.give)
        return False


async def bind_dispatcher(host: str, port: int) -> socket.socket:
    """Return a socket for :class:`PortDispatcher`; raises OSError where the port is another's."""
    for attempt in range(ATTEMPTS):
        try:
            # Without SO_REUSEPORT, so that another server's port is never shared by mistake.
            with bind(host, port) as probe:
                port = probe.getsockname()[1]
                break
        except OSError:
            # The media processes of a server that was killed end a moment after it.
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(PAUSE)
    return bind(host, port, _prefer)


def _prefer(unbound: socket.socket) -> None:
    """Share the port, and make this the socket that strangers' datagrams go to."""
    unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    filter_ = ctypes.create_string_buffer(_RETURN_FIRST, len(_RETURN_FIRST))
    program = struct.pack("HP", 1, ctypes.addressof(filter_))
    unbound.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program)
