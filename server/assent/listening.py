"""Listening for connections, so many in all and so many from one client.

Theory of operation. Connections are taken one after the other, and counted before anything is done
with them. Where there are too many of one client, its oldest idle one goes, and where there are too
many in all, the oldest idle one of whoever has most: a client that holds a thousand connections
takes them from itself. Where none of those is idle, the newcomer is sent away. Idle is a connection
on which no request is being answered; a WebSocket is a request that lasts.

Connections of named proxies are everybody's, and counted in all only; who is behind them is counted
by request.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

import structlog
from aiohttp import web

HANDSHAKE_SECONDS: Final = 10.0
# After the system had no descriptor, or no memory, for another connection.
_PAUSE: Final = 0.1
_OUT_OF: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

log = structlog.get_logger(__name__)

KeyOf = Callable[[str], "str | None"]
"""What counts as one client, by the address of the peer; None where it is not counted."""


class HeldConnection:
    """One connection that was accepted."""

    __slots__ = ("_socket", "_task", "_transport", "begun", "client", "requests")

    def __init__(self, client: str | None, own: socket.socket) -> None:
        self.client = client
        self.requests = 0  # that are being answered on it
        self.begun = False  # the loop has the socket, and closes it
        self._socket: socket.socket | None = own
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def begins(self, task: asyncio.Task[None]) -> None:
        """What takes it into the loop."""
        self._task = task

    def made(self, transport: asyncio.Transport) -> None:
        """It has a transport, which owns the socket from now on."""
        self._transport, self._socket = transport, None

    def close(self) -> None:
        """End it without a word."""
        if self._transport is not None:
            self._transport.abort()
        elif self._task is not None:
            # Not the socket itself: the loop may have a transport on it, before its handshake.
            self._task.cancel()
            self._socket = None
        elif self._socket is not None:
            self._socket.close()
            self._socket = None


class Connections:
    """Counts what is held, by client and in all. ``most`` and ``most_each`` bound both."""

    def __init__(self, most: int, most_each: int) -> None:
        self.most = most
        self.most_each = most_each
        self._each: Counter[str | None] = Counter()
        self._idle: dict[str | None, OrderedDict[HeldConnection, None]] = {}
        self._of: dict[asyncio.BaseTransport, HeldConnection] = {}
        self._total = 0

    def __len__(self) -> int:
        return self._total

    def take(self, held: HeldConnection) -> bool:
        """Count one more, and close whoever has to go for it; False where it has to go itself."""
        client = held.client
        if client is not None and self._each[client] >= self.most_each:
            going = self._oldest_idle(client)
        elif self._total >= self.most:
            going = self._oldest_idle(self._heaviest())
        else:
            going = held
        if going is None:
            return False
        if going is not held:
            self.drop(going)
            going.close()
        self._total += 1
        self._each[client] += 1
        self._idle.setdefault(client, OrderedDict())[held] = None
        return True

    def drop(self, held: HeldConnection) -> None:
        """Count one less; fine for one that is not counted."""
        idle = self._idle.get(held.client)
        if held.requests == 0 and (idle is None or held not in idle):
            return
        if idle is not None:
            idle.pop(held, None)
            if not idle:
                del self._idle[held.client]
        held.requests = 0
        self._total -= 1
        self._each[held.client] -= 1
        if self._each[held.client] <= 0:
            del self._each[held.client]

    def made(self, held: HeldConnection, transport: asyncio.BaseTransport) -> None:
        """It has a transport, by which requests on it are known."""
        self._of[transport] = held

    def lost(self, held: HeldConnection, transport: asyncio.BaseTransport) -> None:
        """It is gone, whoever ended it."""
        self._of.pop(transport, None)
        self.drop(held)

    @contextmanager
    def answering(self, transport: asyncio.BaseTransport | None) -> Iterator[None]:
        """Keep a connection from going while a request on it is answered."""
        held = None if transport is None else self._of.get(transport)
        if held is None:
            yield
            return
        self._begin(held)
        try:
            yield
        finally:
            self._end(held)

    def make_room(self) -> bool:
        """Close the oldest idle one of whoever has most; False where nobody is idle."""
        going = self._oldest_idle(self._heaviest())
        if going is None:
            return False
        self.drop(going)
        going.close()
        return True

    def _begin(self, held: HeldConnection) -> None:
        idle = self._idle.get(held.client)
        if held.requests == 0:
            if idle is None or held not in idle:
                return  # it was closed already
            del idle[held]
            if not idle:
                del self._idle[held.client]
        held.requests += 1

    def _end(self, held: HeldConnection) -> None:
        if held.requests == 0:
            return  # it is gone
        held.requests -= 1
        if held.requests == 0:
            self._idle.setdefault(held.client, OrderedDict())[held] = None

    def _heaviest(self) -> str | None:
        """Return who has most, of those who have one that is idle; a proxy last."""
        return max(
            self._idle,
            key=lambda client: (client is not None, self._each[client]),
            default=None,
        )

    def _oldest_idle(self, client: str | None) -> HeldConnection | None:
        return next(iter(self._idle.get(client, ())), None)


class _Counted(asyncio.Protocol):
    """Passes everything on, and tells when the connection is there and when it is gone."""

    __slots__ = ("_connections", "_held", "_inner", "_transport")

    def __init__(
        self, inner: asyncio.Protocol, held: HeldConnection, connections: Connections
    ) -> None:
        self._inner = inner
        self._held = held
        self._connections = connections
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._held.made(cast("asyncio.Transport", transport))
        self._connections.made(self._held, transport)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        assert self._transport is not None, "what was not made is not lost"
        self._connections.lost(self._held, self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class Listener:
    """The listening sockets of one server, and what was accepted from them."""

    def __init__(
        self,
        factory: Callable[[], asyncio.Protocol],
        connections: Connections,
        key_of: KeyOf,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._factory = factory
        self._connections = connections
        self._key_of = key_of
        self._tls = tls
        self.sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, backlog: int) -> None:
        """Bind every address of a host and accept; raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        try:
            for family, _, _, _, address in dict.fromkeys(found):
                self.sockets.append(_bound(family, address, backlog))
                if port == 0:
                    break  # each would get a number of its own
        except OSError:
            self.close()
            raise
        for one in self.sockets:
            self._spawn(self._accept_for_ever(one))

    def close(self) -> None:
        """Accept no more. What was accepted goes on."""
        for task in self._tasks:
            task.cancel()
        for one in self.sockets:
            one.close()

    async def wait_closed(self) -> None:
        """Nothing is left to be waited for."""

    async def _accept_for_ever(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        told = False
        while True:
            try:
                own, peer = await loop.sock_accept(listening)
            except OSError as error:
                if error.errno not in _OUT_OF:
                    continue  # whoever wanted to connect went away first
                if not told:
                    log.warning("out-of-descriptors", code=errno.errorcode[error.errno or 0])
                    told = True
                self._connections.make_room()
                await asyncio.sleep(_PAUSE)
                continue
            self._take(own, peer)

    def _take(self, own: socket.socket, peer: Sequence[Any]) -> None:
        held = HeldConnection(self._key_of(str(peer[0])), own)
        if not self._connections.take(held):
            own.close()
            return
        task = self._spawn(self._connect(own, held))
        held.begins(task)

        def ended(_: object) -> None:
            if not held.begun:  # it had to go before the loop came to it
                own.close()

        task.add_done_callback(ended)

    async def _connect(self, own: socket.socket, held: HeldConnection) -> None:
        held.begun = True
        own.setblocking(False)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Counted(self._factory(), held, self._connections),
                own,
                ssl=self._tls,
                ssl_handshake_timeout=None if self._tls is None else HANDSHAKE_SECONDS,
            )
        except (OSError, asyncio.CancelledError):
            # It went away, spoke no TLS, or had to make room. Once made, its protocol counts it.
            self._connections.drop(held)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class Site(web.BaseSite):
    """A site of aiohttp's whose connections are counted."""

    __slots__ = ("_connections", "_host", "_key_of", "_port")

    def __init__(
        self,
        runner: web.BaseRunner,
        host: str,
        port: int,
        connections: Connections,
        key_of: KeyOf,
        *,
        tls: ssl.SSLContext | None = None,
        backlog: int = 128,
    ) -> None:
        super().__init__(runner, ssl_context=tls, backlog=backlog)
        self._host = host
        self._port = port
        self._connections = connections
        self._key_of = key_of

    @property
    def name(self) -> str:
        """The address, as aiohttp shows it."""
        return f"{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen; raises OSError where that cannot be done."""
        await super().start()
        assert self._runner.server is not None, "set up before"
        listener = Listener(self._runner.server, self._connections, self._key_of, self._ssl_context)
        self._server = cast("asyncio.AbstractServer", listener)
        await listener.start(self._host, self._port, self._backlog)


def _bound(family: int, address: Any, backlog: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with suppress(OSError):
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(backlog)
    except BaseException:
        bound.close()
        raise
    return bound
