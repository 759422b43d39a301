"""What a socket knows of a connection, and of a TCP link: what it needs of them, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assent.media.transport.ice import Address, Agent


class Endpoint(Protocol):
    """Whoever a datagram is for: a :class:`~assent.media.transport.connection.Connection`.

    ``queue`` holds what leaves at the end of a turn of the loop, to ``address``.
    """

    address: Address
    queue: list[bytes]

    @property
    def over(self) -> bool:
        """Whether it has ended, or is about to."""

    def busy(self, now: float) -> bool:
        """Whether it was heard a moment ago, so that nobody else may have its address."""

    def lose(self, address: Address) -> None:
        """Give an address up to another connection."""

    def receive_media(self, datagram: bytes, now: float) -> None:
        """Take SRTP or SRTCP, from an address that it has proved."""

    def receive_dtls(self, datagram: bytes, now: float) -> None:
        """Take a datagram of the handshake, or what follows it, from such an address."""

    def receive_check(
        self, agent: Agent, datagram: bytes, theirs: str, address: Address, now: float
    ) -> None:
        """Take a connectivity check that has its user name, from anywhere."""

    def vanished(self, address: Address) -> None:
        """Learn that nobody is at that address any more."""


class Way(Protocol):
    """A way out that is no datagram's: a :class:`~assent.media.transport.tcp.Link`."""

    def send(self, packets: Sequence[bytes]) -> None:
        """Send packets in their order, or not at all."""
