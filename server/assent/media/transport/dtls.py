"""DTLS by aiortc over our own transport: certificates checked against the SDP, SRTP keys out.

aiortc asks its transport for ``_recv``, ``_send``, ``role`` and ``state``, and nothing else. Only
datagrams that look like DTLS and come from the address that ICE has proved are put in; media never
passes through here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

from OpenSSL import SSL

from assent.media.transport.aiortc_dtls import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    State,
)
from assent.media.transport.gcm import Gcm
from assent.media.transport.srtp import Libsrtp, Srtp

MAX_WAITING = 32  # datagrams; a handshake has about ten
MAX_DATAGRAM = 1200  # bytes


def is_dtls(datagram: bytes) -> bool:
    """Tell DTLS from STUN and RTP on a shared port (RFC 7983 section 7); needs one byte."""
    return 20 <= datagram[0] <= 63


class DtlsCertificate:
    """A key pair and its self-signed certificate; one serves all connections of a room."""

    def __init__(self) -> None:
        self.certificate = RTCCertificate.generateCertificate()

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint, as descriptions write it."""
        return next(
            fingerprint.value
            for fingerprint in self.certificate.getFingerprints()
            if fingerprint.algorithm == "sha-256"
        )


def _to_nobody(datagram: bytes) -> None:
    """Send a datagram of a connection that is over."""


class _Wire:
    """The transport under aiortc's DTLS."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._sender = send
        self._waiting: deque[bytes] = deque()
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, datagram: bytes) -> bool:
        """Hand a datagram in; False when it was dropped because too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append(datagram)
        self._ready.set()
        return True

    def close(self) -> None:
        """End every read with ConnectionError, which is how aiortc learns of the end."""
        self._closed = True
        self._sender = _to_nobody
        self._ready.set()

    async def _recv(self) -> bytes:
        while not self._waiting:
            if self._closed:
                raise ConnectionError
            self._ready.clear()
            await self._ready.wait()
        return self._waiting.popleft()

    async def _send(self, datagram: bytes) -> None:
        self._sender(datagram)


PROFILES = {
    profile.openssl_profile: profile
    for profile in (SRTP_AEAD_AES_256_GCM, SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80)
}
"""What we agree to, the best first. AES-GCM does not depend on how libsrtp was built here."""


class _Transport(RTCDtlsTransport):
    """aiortc's transport, except for two things.

    A flight of any length leaves as whole records: aiortc reads at most 1,500 bytes from OpenSSL
    and sends them as one datagram, which cuts a longer flight in the middle of a record and leaves
    its rest for the next time.

    The keys go into ``srtp``, in the form that suits the profile, and not into libsrtp sessions.
    """

    def __init__(self, wire: _Wire, certificate: RTCCertificate) -> None:
        super().__init__(cast("Any", wire), [certificate])
        self._srtp_profiles = list(PROFILES.values())
        self.srtp: Srtp | None = None

    def _setup_srtp(self) -> None:
        assert self._ssl is not None, "the handshake is over"
        profile = PROFILES.get(self._ssl.get_selected_srtp_profile())
        if profile is None:
            self._set_state(State.FAILED)
            return
        # RFC 5764 section 4.2: client's key, server's key, client's salt, server's salt.
        material = self._ssl.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
        )
        client, server = (profile.get_key_and_salt(material, number) for number in (0, 1))
        theirs, ours = (client, server) if self._role == "server" else (server, client)
        if profile is SRTP_AES128_CM_SHA1_80:
            self.srtp = Libsrtp(profile.libsrtp_profile, incoming=theirs, outgoing=ours)
        else:
            self.srtp = Gcm(incoming=theirs, outgoing=ours)

    async def _write_ssl(self) -> None:
        assert self._ssl is not None, "there is nothing to write before the start"
        flight = b""
        while True:
            try:
                flight += self._ssl.bio_read(16384)
            except SSL.Error:
                break
        for datagram in datagrams(flight):
            await self.transport._send(datagram)


def datagrams(flight: bytes) -> list[bytes]:
    """Cut a flight into datagrams, between records (RFC 6347 section 4.1).

    What is not a row of DTLS 1.2 records, as the encrypted ones of DTLS 1.3 are not, is left whole.
    """
    out: list[bytes] = []
    start = position = 0
    while position + 13 <= len(flight) and flight[position] < 32:
        end = position + 13 + int.from_bytes(flight[position + 11 : position + 13], "big")
        if end - start > MAX_DATAGRAM and position > start:
            out.append(flight[start:position])
            start = position
        position = end
    if start < len(flight):
        out.append(flight[start:])
    return out


class Handshake:
    """The DTLS of one connection, from the first datagram to the last.

    ``send`` takes datagrams for the peer; ``on_closed`` is called once if the peer ends it. With
    ``begins`` we are the client.
    """

    def __init__(
        self,
        certificate: DtlsCertificate,
        send: Callable[[bytes], None],
        on_closed: Callable[[], None],
        *,
        begins: bool = False,
    ) -> None:
        self._wire = _Wire(send)
        self._dtls = _Transport(self._wire, certificate.certificate)
        # The server: "setup:passive" where we answer, and "actpass" where we offer, to which JSEP
        # has browsers answer "active". The client only to a device that offers "passive".
        self._dtls._set_role("client" if begins else "server")
        self._on_closed = on_closed
        self._stopping = False
        self._dtls.on("statechange", self._changed)

    def put(self, datagram: bytes) -> bool:
        """Hand in a datagram from the proved address; False when it was dropped."""
        return self._wire.put(datagram)

    async def run(self, fingerprints: Sequence[tuple[str, str]]) -> Srtp | None:
        """Shake hands; returns the SRTP keys, or None when that failed.

        The peer's certificate must match every fingerprint of its description.
        """
        assert fingerprints, "without a fingerprint anybody would do"
        await self._dtls.start(
            RTCDtlsParameters(
                fingerprints=[
                    RTCDtlsFingerprint(algorithm=algorithm, value=value)
                    for algorithm, value in fingerprints
                ]
            )
        )
        return self._dtls.srtp if self._dtls.state == "connected" else None

    def _changed(self) -> None:
        if self._dtls.state == "closed" and not self._stopping:
            self._on_closed()

    async def stop(self) -> None:
        """Tell the peer and end; nothing is called any more."""
        self._stopping = True
        await self._dtls.stop()
        self._wire.close()
        self._dtls.remove_all_listeners()
