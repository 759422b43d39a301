"""One end of a control channel: whole messages in order over a stream socket, or the end of it.

Nothing waits without bound: an end whose other end does not read closes the channel, and so does
one that is sent what is no message. What closes it on one side is noticed on the other.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Generic, TypeVar, cast

import msgspec

from assent.media.processes.messages import FromProcess, ToProcess, encode

MAX_FRAME = 1 << 20  # bytes; descriptions have a tenth of it at most
MAX_WAITING = 4 << 20  # bytes that the other end has not taken yet

_LENGTH = struct.Struct("!I")

T = TypeVar("T")


class Channel(asyncio.Protocol, Generic[T]):
    """See the module. ``on_message`` and ``on_closed`` are called on the loop.

    ``on_closed`` comes once, and never from inside a call to the channel.
    """

    def __init__(
        self,
        decoder: msgspec.msgpack.Decoder[T],
        on_message: Callable[[T], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._decode = decoder.decode
        self._on_message = on_message
        self._on_closed = on_closed
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._paused = False

    async def open(self, stream: socket.socket) -> None:
        """Begin to read. The socket is the channel's from now on."""
        await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=stream)

    def send(self, message: ToProcess | FromProcess) -> None:
        """Send in order; what is sent to a closed channel is gone."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        frame = encode(message)
        if transport.get_write_buffer_size() + len(frame) > MAX_WAITING:
            transport.abort()
            return
        transport.write(_LENGTH.pack(len(frame)) + frame)

    def pause(self) -> None:
        """Read nothing until :meth:`resume`; the other end waits then as well."""
        if self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None and self._paused:
            self._paused = False
            self._transport.resume_reading()

    def close(self) -> None:
        """Close when what was sent has left."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()

    # -- what asyncio calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is read from now on."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take apart what came; what is left is less than a message."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(buffer, start)
            if size > MAX_FRAME:
                self.abort()
                break
            end = start + _LENGTH.size + size
            if end > len(buffer):
                break
            try:
                message = self._decode(buffer[start + _LENGTH.size : end])
            except msgspec.DecodeError:
                self.abort()
                break
            start = end
            self._on_message(message)
            if self._transport is None or self._transport.is_closing():
                break
        del buffer[:start]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """It is over, whoever ended it."""
        self._transport = None
        self._buffer.clear()
        self._on_closed()
