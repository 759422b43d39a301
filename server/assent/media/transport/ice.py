"""ICE-lite (RFC 8445 section 2.5): we never look for a path, we answer those who have found one.

Pure: bytes and an address in; bytes to send back, and what they prove, out. Messages are read by
``aioice.stun``, but only after :func:`ufrags_of` has found a user name that somebody was given,
so that a stranger's datagram costs a look-up and nothing more.
"""

from __future__ import annotations

import ipaddress
import secrets
import struct
from collections import deque
from dataclasses import dataclass
from typing import Any

from aioice import stun

Address = tuple[Any, ...]
"""What the socket calls a sender: two parts for IPv4, four for IPv6.

Three are the other end of a TCP connection: host, port, and ``"tcp"``.
"""

MAX_MESSAGE = 1000  # a connectivity check has about 100 bytes; user names may be 513 long
MAX_ATTRIBUTES = 16  # looked at for the user name; browsers write it first, and eight in all
REMEMBERED = 512  # transactions: twenty minutes of one check every 2.5 s

_HEADER = struct.Struct("!HHL")
_ATTRIBUTE = struct.Struct("!HH")
_BINDING_REQUEST = 0x0001
_USERNAME = 0x0006


def is_stun(datagram: bytes) -> bool:
    """Tell STUN from DTLS and RTP on a shared port (RFC 7983 section 7); needs one byte."""
    return datagram[0] < 4


def ufrags_of(datagram: bytes) -> tuple[str, str] | None:
    """Return our and their part of the user name of a binding request, or None.

    Checks the frame of the message and walks its first attributes, without allocating for any.
    """
    size = len(datagram)
    if not stun.HEADER_LENGTH <= size <= MAX_MESSAGE:
        return None
    kind, length, cookie = _HEADER.unpack_from(datagram)
    if kind != _BINDING_REQUEST or cookie != stun.COOKIE or stun.HEADER_LENGTH + length != size:
        return None
    position = stun.HEADER_LENGTH
    for _ in range(MAX_ATTRIBUTES):
        if position + 4 > size:
            break
        attribute, length = _ATTRIBUTE.unpack_from(datagram, position)
        position += 4
        if attribute == _USERNAME:
            value = datagram[position : position + length]
            if len(value) != length or not value.isascii():
                return None
            # "The username for the credential is formed by concatenating the username fragment
            # provided by the peer with the username fragment of the ICE agent sending the request,
            # separated by a colon" (RFC 8445 section 7.2.2).
            ours, colon, theirs = value.decode("ascii").partition(":")
            return (ours, theirs) if colon else None
        position += length + stun.padding_length(length)
    return None


def plain_address(address: Address) -> tuple[str, int]:
    """Return host and port as the sender knows them.

    A socket that takes IPv4 and IPv6 calls an IPv4 sender ``::ffff:192.0.2.1``. The sender must be
    told its IPv4 address, or it does not recognise itself in the answer; the socket on the other
    hand sends only to the mapped form. So addresses are kept as the socket gave them, and made
    plain here, where they are told to others.
    """
    host, port = address[0], address[1]
    if ":" in host:
        parsed = ipaddress.IPv6Address(host.partition("%")[0])
        host = str(parsed.ipv4_mapped or parsed)
    return host, port


def network(host: str) -> str:
    """Return what a plain address is counted by: itself, of IPv6 the 64 bits that a host has."""
    if ":" not in host:
        return host
    return str(ipaddress.IPv6Network((host, 64), strict=False))


def candidate(number: int, host: str, port: int) -> str:
    """Return the value of a candidate attribute for a host address of ours."""
    # RFC 8445 section 5.1.2: type preference 126 for host candidates, IPv6 before IPv4.
    preference = (65535 if ":" in host else 65000) - number
    priority = 126 << 24 | preference << 8 | 255
    return f"{number + 1} 1 udp {priority} {host} {port} typ host"


def tcp_candidate(number: int, host: str, port: int) -> str:
    """Return the value of a candidate attribute for an address of ours that takes connections."""
    # RFC 6544 section 4.2: below every UDP candidate, hence type preference 90 in place of 126;
    # direction preference 4 for a passive host candidate.
    other = (8191 if ":" in host else 8000) - number
    priority = 90 << 24 | (4 << 13 | other) << 8 | 255
    return f"{number + 1} 1 tcp {priority} {host} {port} typ host tcptype passive"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What to answer to a connectivity check, and what it proves.

    ``proved``: the peer is at the address it came from. ``nominated``: it wants to be reached
    there.
    """

    response: bytes
    proved: bool
    nominated: bool


class Agent:
    """Our end of one connection: credentials, and the checks that have been made."""

    __slots__ = ("_recent", "_seen", "password", "remote_ufrag", "ufrag")

    def __init__(self) -> None:
        # "at least 24 bits of randomness" and 128 (RFC 8445 section 5.3). The name also is what
        # keeps strangers out before any work is done for them, so it has more.
        self.ufrag = secrets.token_hex(8)
        self.password = secrets.token_hex(16)
        self.remote_ufrag = ""  # not known before the peer's description
        self._seen: dict[bytes, Address] = {}
        self._recent: deque[bytes] = deque()

    def check(self, datagram: bytes, theirs: str, address: Address) -> CheckResult | None:
        """Check a binding request for our user name; None if it is not worth an answer.

        A transaction seen before at another address is one of those: whoever repeats it there
        need not be the peer, and must not move it.
        """
        if self.remote_ufrag and theirs != self.remote_ufrag:
            return None
        try:
            request = stun.parse_message(datagram)
        except (ValueError, struct.error, IndexError):
            return None
        if not request.check_message_integrity(self.password.encode()):
            return None
        if not self._remember(request.transaction_id, address):
            return None
        response = self._respond(request, address)
        response.add_message_integrity(self.password.encode())
        proved = response.message_class is stun.Class.RESPONSE
        nominated = proved and "USE-CANDIDATE" in request.attributes
        return CheckResult(bytes(response), proved, nominated)

    def _remember(self, transaction: bytes, address: Address) -> bool:
        if transaction in self._seen:
            return self._seen[transaction] == address
        self._seen[transaction] = address
        self._recent.append(transaction)
        if len(self._recent) > REMEMBERED:
            del self._seen[self._recent.popleft()]
        return True

    def _respond(self, request: stun.Message, address: Address) -> stun.Message:
        if "ICE-CONTROLLED" in request.attributes:
            # A lite end is never controlling (RFC 8445 section 6.1.1).
            return stun.Message(
                stun.Method.BINDING,
                stun.Class.ERROR,
                request.transaction_id,
                {"ERROR-CODE": (487, "Role Conflict")},
            )
        return stun.Message(
            stun.Method.BINDING,
            stun.Class.RESPONSE,
            request.transaction_id,
            {"XOR-MAPPED-ADDRESS": plain_address(address)},
        )
