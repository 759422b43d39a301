"""SRTP of one connection, in and out; the only place that knows which library does it."""

from __future__ import annotations

from typing import Protocol, cast

import pylibsrtp

SrtpError = (pylibsrtp.Error, ValueError)
"""What protecting and unprotecting raise: a forged, replayed or oversized packet."""

MAX_PACKET = 1300
"""Bytes of a protected packet that we take. Browsers keep to 1,200 of payload; anything larger
might not fit into the packet that goes out."""


class _Session(Protocol):
    def protect(self, packet: bytes) -> bytes: ...
    def protect_rtcp(self, packet: bytes) -> bytes: ...
    def unprotect(self, packet: bytes) -> bytes: ...
    def unprotect_rtcp(self, packet: bytes) -> bytes: ...
    def remove_stream(self, ssrc: int) -> None: ...


class Srtp:
    """The keys of one connection. The four functions are attributes, so that a call is one call.

    libsrtp checks for replay, and holds a context for each SSRC whose packets were authentic: a
    caller must let only expected SSRCs through to ``unprotect`` and ``unprotect_rtcp``.
    """

    __slots__ = ("_incoming", "protect", "protect_rtcp", "unprotect", "unprotect_rtcp")

    def __init__(self, incoming: object, outgoing: object) -> None:
        self._incoming = cast("_Session", incoming)
        out = cast("_Session", outgoing)
        self.protect = out.protect
        self.protect_rtcp = out.protect_rtcp
        self.unprotect = self._incoming.unprotect
        self.unprotect_rtcp = self._incoming.unprotect_rtcp

    def forget(self, ssrc: int) -> None:
        """Release what is held for an incoming SSRC that is no longer expected."""
        try:
            self._incoming.remove_stream(ssrc)
        except pylibsrtp.Error:
            return  # nothing authentic ever came
