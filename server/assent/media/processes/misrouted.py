"""What has come to the wrong process: passed on, or lost, and never waited for.

Datagrams with the address that each came from; and TCP connections, of which the first datagram has
been read.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable

import msgspec

from assent.media.transport.ice import Address

A_TURN = 32  # taken in one turn of the loop
MAX_SIZE = 4096  # bytes

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[bytes, list[str | int]]).decode


class Misrouted:
    """One end of a socket that keeps datagrams apart, with the address that each came from."""

    def __init__(
        self,
        packets: socket.socket,
        counters: Counter[str],
        on_misrouted: Callable[[bytes, Address, socket.socket | None], None],
    ) -> None:
        """``on_misrouted`` gets what was read, where from, and the connection if it was one."""
        self._socket = packets
        self._socket.setblocking(False)
        self._counters = counters
        self._on_misrouted = on_misrouted
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(packets.fileno(), self._readable)

    def send(self, datagram: bytes, address: Address) -> None:
        """Pass a datagram on. Who sent it will send it again, so that it may be lost here."""
        try:
            self._socket.send(_encode((datagram, address)))
        except OSError:
            self._counters["drop-stray"] += 1

    def give(self, connection: int, read: bytes, address: Address) -> None:
        """Pass a connection on, by its descriptor, with all that was read from it."""
        message = _encode((read, address))
        if len(message) > MAX_SIZE:  # more than a first datagram
            self._counters["drop-stray"] += 1
            return
        try:
            socket.send_fds(self._socket, [message], [connection])
        except OSError:
            self._counters["drop-stray"] += 1

    def _readable(self) -> None:
        for _ in range(A_TURN):
            try:
                message, descriptors, _, _ = socket.recv_fds(self._socket, MAX_SIZE, 1)
            except BlockingIOError:
                return
            except OSError:
                message, descriptors = b"", []
            if not message:  # the other end is gone; the control channel knows
                self._loop.remove_reader(self._socket.fileno())
                return
            own = [socket.socket(fileno=descriptor) for descriptor in descriptors]
            try:
                datagram, address = _decode(message)
            except msgspec.DecodeError:
                self._counters["drop-stray"] += 1
                for connection in own:
                    connection.close()
                continue
            self._on_misrouted(datagram, tuple(address), own[0] if own else None)

    def close(self) -> None:
        """Release the socket."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
