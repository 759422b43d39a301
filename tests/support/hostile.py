"""Datagrams of strangers, thrown at the media port while people are talking.

Each of these once ended a call on a media stack that listens to whoever comes first. All go to the
loopback, and all are bounded in number.
"""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator

from OpenSSL import SSL

STUN_MAGIC = 0x2112A442


def empty(count: int = 50) -> Iterator[bytes]:
    """Yield datagrams without anything in them."""
    for _ in range(count):
        yield b""


def client_hellos(count: int = 20) -> Iterator[bytes]:
    """Yield the first flight of a DTLS handshake, by a stranger, again and again."""
    for _ in range(count):
        connection = SSL.Connection(SSL.Context(SSL.DTLS_METHOD))
        connection.set_connect_state()
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            yield connection.bio_read(1500)


def flood(seed: int, count: int = 20_000) -> Iterator[bytes]:
    """Yield what looks like all there is: STUN without a key, RTP, RTCP, DTLS records, noise."""
    dice = random.Random(seed)
    for number in range(count):
        match number % 5:
            case 0:  # a binding request that names nobody
                yield struct.pack("!HHI", 1, 0, STUN_MAGIC) + dice.randbytes(12)
            case 1:  # one that names somebody, without being able to sign
                name = dice.randbytes(8).hex().encode()
                attribute = struct.pack("!HH", 6, len(name)) + name
                head = struct.pack("!HHI", 1, len(attribute), STUN_MAGIC)
                yield head + dice.randbytes(12) + attribute
            case 2:  # RTP
                yield b"\x80\x60" + dice.randbytes(dice.randrange(10, 1200))
            case 3:  # RTCP
                yield b"\x81\xc8" + dice.randbytes(26)
            case _:
                yield bytes([dice.randrange(20, 64)]) + dice.randbytes(dice.randrange(0, 1400))


class Stranger:
    """Somebody with a socket of their own on this machine, who is in no meeting."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(("127.0.0.1", port))
        self.answers = 0

    def send(self, datagram: bytes) -> None:
        """Send one datagram, and count what has come back so far."""
        try:
            self._socket.send(datagram)
        except (BlockingIOError, ConnectionRefusedError):
            return  # the kernel's own bound; the attack goes on with the next one
        while True:
            try:
                self._socket.recv(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self.answers += 1

    def close(self) -> None:
        """Be gone."""
        self._socket.close()
