"""The media server of this process: one UDP port for every room, and a TCP port beside it."""

from __future__ import annotations

import asyncio
import socket
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from time import monotonic, process_time

from aioice.ice import get_host_addresses

from assent.media.codecs import PICTURES, Codec
from assent.media.errors import Closed
from assent.media.room import Room
from assent.media.room_events import RoomListener
from assent.media.stats import LAGS, MediaStats, descriptors, resident, tasks
from assent.media.transport.ice import candidate, tcp_candidate
from assent.media.transport.tcp import TcpServer
from assent.media.transport.udp import Fault, Udp

TICK = 0.02
"""Seconds between two rounds of what is due: retransmissions are asked for, time-outs noticed."""

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - recognised here; binding to it is the operator's choice


class MediaServer:
    """Owns the socket, the rooms and the clock that drives them.

    ``host`` and ``port`` are where the socket is bound (port 0 takes a free one; host ``"::"``
    takes IPv4 as well). ``addresses`` are announced to browsers; empty means every address of this
    machine that the socket can be reached at, loopback included. ``on_fault`` is told of what
    should never happen: a text for the log, and the exception if there is one. With ``tcp`` the
    TCP port of the same number is listened on as well. ``open_udp`` makes the socket's end where it
    is not this process that owns the port.
    """

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[str],
        on_fault: Fault,
        *,
        tcp: bool = False,
        open_udp: Callable[[Counter[str], Fault], Udp] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._addresses = tuple(addresses)
        self._on_fault = on_fault
        self._open_udp = open_udp
        self._counters: Counter[str] = Counter()
        self._rooms: dict[str, Room] = {}
        self._udp: Udp | None = None
        self._takes_tcp = tcp
        self._tcp: TcpServer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")
        self._lags = [0] * (len(LAGS) + 1)
        self._lag_sum = 0.0
        self._candidates: tuple[str, ...] = ()

    @property
    def port(self) -> int:
        """The port that is bound; known after :meth:`start`."""
        return self._udp.port if self._udp is not None else self._port

    async def start(self) -> None:
        """Bind the sockets. Raises OSError where that cannot be done."""
        if self._open_udp is None:
            self._udp = Udp(self._host, self._port, self._counters, self._on_fault)
        else:
            self._udp = self._open_udp(self._counters, self._on_fault)
        if self._takes_tcp:
            self._tcp = TcpServer(self._udp)
            try:
                if self._open_udp is None:
                    await self._tcp.start(self._host, self.port)
                else:
                    self._tcp.attach()
            except OSError:
                await self.stop()
                raise
        addresses = tuple(enumerate(self._addresses or announced(self._host)))
        self._candidates = tuple(candidate(number, host, self.port) for number, host in addresses)
        if self._takes_tcp:
            self._candidates += tuple(
                tcp_candidate(len(addresses) + number, host, self.port)
                for number, host in addresses
            )
        self._tick()

    async def stop(self) -> None:
        """Close every room, tell the browsers, and release the port."""
        for room in tuple(self._rooms):
            self.close_room(room)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._udp is not None:
            udp, self._udp = self._udp, None
            await udp.close()
        if self._tcp is not None:  # last: goodbyes of connections go through it
            tcp, self._tcp = self._tcp, None
            await tcp.close()

    def open_room(
        self, room: str, listener: RoomListener, pictures: Sequence[Codec] = PICTURES
    ) -> Room:
        """Make the room of that name; there must be none.

        ``pictures`` are the video codecs that may be used in it, the preferred first.
        """
        if self._udp is None:
            raise Closed
        assert room not in self._rooms, "a meeting has one room"
        opened = self._rooms[room] = Room(room, listener, self._udp, self._candidates, pictures)
        return opened

    def close_room(self, room: str) -> None:
        """Remove all peers of a room and forget it; unknown rooms are ignored."""
        found = self._rooms.pop(room, None)
        if found is not None:
            found.close()

    def adopt(self, own: socket.socket, read: bytes) -> None:
        """Take a TCP connection from whoever listens; ``read`` is what was read from it."""
        if self._tcp is None or self._udp is None:
            own.close()
        else:
            self._udp.spawn(self._tcp.adopt(own, read))

    def counters(self) -> Mapping[str, int]:
        """Return what has been received, sent and dropped, by reason, since the start."""
        return dict(self._counters)

    def figures(self) -> list[MediaStats]:
        """Return how this server is doing. Looks at every connection: for seconds, not packets."""
        figures = MediaStats(rooms=len(self._rooms), counters=dict(self.counters()))
        if self._udp is not None:
            figures.received = self._udp.received
            figures.received_octets = self._udp.received_octets
            figures.forwarded = self._udp.forwarded
            figures.forwarded_octets = self._udp.forwarded_octets
        for room in self._rooms.values():
            room.measure(figures)
        figures.lags, figures.lag_sum = list(self._lags), self._lag_sum
        figures.cpu, figures.resident = process_time(), resident()
        figures.tasks, figures.descriptors = tasks(), descriptors()
        return [figures]

    def _tick(self) -> None:
        udp = self._udp
        if udp is None:
            return
        now = monotonic()
        late = max(0.0, now - self._due)
        self._lags[bisect_left(LAGS, late)] += 1
        self._lag_sum += late
        for room in tuple(self._rooms.values()):
            try:
                room.tick(now)
            except Exception as error:
                udp.fault("a room could not do what was due", error)
        self._due = monotonic() + TICK
        self._timer = asyncio.get_running_loop().call_later(TICK, self._tick)


def announced(host: str) -> list[str]:
    """Return the addresses at which a socket bound to ``host`` can be reached."""
    if host not in WILDCARDS:
        return [host]
    both = host == "::"
    found = get_host_addresses(use_ipv4=True, use_ipv6=both)
    return [*found, "127.0.0.1", *(["::1"] if both else [])]
