"""SRTP of one connection, in and out: what the rest sees of it, and the libsrtp form.

AES-GCM (RFC 7714), which every current browser agrees to, is done in ``gcm.py`` in half the time:
about 0.7 µs for a video packet where libsrtp under pylibsrtp takes 1.4 to 2. What is left for
libsrtp is AES-CM with HMAC-SHA1 (RFC 3711), for whoever knows nothing better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pylibsrtp
from cryptography.exceptions import InvalidTag

SrtpError = (pylibsrtp.Error, ValueError, InvalidTag)
"""What protecting and unprotecting raise: a forged, replayed or oversized packet."""

MAX_PACKET = 1300
"""Bytes of a protected packet that we take. Browsers keep to 1,200 of payload; anything larger
might not fit into the packet that goes out."""

WINDOW = 1024
"""Packets that may arrive late and still be told from a replay. RFC 3711 section 3.3.2 asks for 64
at least; audio that is sent again under its own number comes later than that."""

Protect = Callable[[bytes, bytes, int], bytes]
"""Takes header, payload and index of a packet of one SSRC; returns the datagram.

The index is the sequence number that never wraps: 16 bits of it are in the header, and the rest is
the roll-over counter. **One index is for one packet** (RFC 3711 section 9.1): the same index with
another header or payload gives both away, and with AES-GCM the key of the authentication as well
(RFC 7714 section 8.1). Whoever calls makes sure of that; nothing here can know.
"""


class Srtp(Protocol):
    """The keys of one connection.

    Packets are checked for replay, with a state for each SSRC of which something authentic came: a
    caller must let only expected SSRCs through to ``unprotect`` and ``unprotect_rtcp``.
    """

    def protector(self, ssrc: int) -> Protect:
        """Return what protects the packets that we send with this SSRC."""

    def protect_rtcp(self, packet: bytes) -> bytes:
        """Protect a compound packet, which begins with the SSRC of its sender."""

    def unprotect(self, datagram: bytes) -> bytes:
        """Return the RTP packet, or raise one of :data:`SrtpError`."""

    def unprotect_rtcp(self, datagram: bytes) -> bytes:
        """Return the RTCP packet, or raise one of :data:`SrtpError`."""

    def forget(self, ssrc: int) -> None:
        """Release what is held for an incoming SSRC that is no longer expected."""


class Libsrtp:
    """SRTP by libsrtp. ``incoming`` and ``outgoing`` are master key and salt, one after another."""

    __slots__ = ("_incoming", "_outgoing", "protect_rtcp", "unprotect", "unprotect_rtcp")

    def __init__(self, profile: int, incoming: bytes, outgoing: bytes) -> None:
        self._incoming = _session(profile, incoming, pylibsrtp.Policy.SSRC_ANY_INBOUND)
        self._outgoing = _session(profile, outgoing, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
        self.protect_rtcp = self._outgoing.protect_rtcp
        self.unprotect = self._incoming.unprotect
        self.unprotect_rtcp = self._incoming.unprotect_rtcp

    def protector(self, ssrc: int) -> Protect:  # noqa: ARG002 - libsrtp reads it in the header
        """Return what protects the packets of one SSRC; libsrtp counts the roll-overs itself."""
        protect = self._outgoing.protect
        return lambda header, payload, _: protect(header + payload)

    def forget(self, ssrc: int) -> None:
        """Release what is held for an incoming SSRC."""
        try:
            self._incoming.remove_stream(ssrc)
        except pylibsrtp.Error:
            return  # nothing authentic ever came


def _session(profile: int, key: bytes, direction: int) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    # Audio has no stream of its own for what is sent again: it is the same packet once more.
    policy.allow_repeat_tx = True
    policy.window_size = WINDOW
    return pylibsrtp.Session(policy)
