"""Certificates of hosts: by the host key of the room, a person is one (FORMAT.md section 6).

Whoever a server calls a host is none by that. The host key is in the browser that made the meeting,
and the link pins its public half, with the room document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.room import Room
from assent_vault.formats.statement import Enrolment
from assent_vault.formats.suite import encode

HOST_TYPE: Final = "assent/host/v2"
MAX_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class HostCertificate:
    """A certificate that has been read. ``room`` and ``enrolment`` are digests."""

    meeting: bytes
    room: bytes
    person: bytes
    enrolment: bytes
    at: int
    body: bytes
    digest: bytes


def build_certificate(room: Room, enrolment: Enrolment, at: int) -> bytes:
    """Write that whoever has enrolled so is a host; ``at`` in Unix milliseconds."""
    body = document.write(
        {
            "type": HOST_TYPE,
            "meeting": encode(enrolment.meeting),
            "room": encode(room.digest),
            "person": encode(enrolment.person),
            "enrolment": encode(enrolment.digest),
            "at": at,
        }
    )
    parse_certificate(body)  # what cannot be read must not be written
    return body


def sign_certificate(host_key: Ed25519PrivateKey, body: bytes) -> bytes:
    """Sign a certificate with the host key of its room; 64 bytes."""
    return suite.sign(host_key, HOST_TYPE, body)


def parse_certificate(body: bytes) -> HostCertificate:
    """Read a certificate without believing it; raises FormatError."""
    fields = document.read(body, HOST_TYPE, most=MAX_BYTES).only(
        "type", "meeting", "room", "person", "enrolment", "at"
    )
    return HostCertificate(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        room=fields.b64("room", suite.DIGEST_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        enrolment=fields.b64("enrolment", suite.DIGEST_BYTES),
        at=fields.integer("at"),
        body=body,
        digest=suite.digest(body),
    )


def verify_certificate(
    body: bytes, signature: bytes, room: Room, enrolment: Enrolment
) -> HostCertificate:
    """Return a certificate of this very person in this room; raises FormatError, SignatureError.

    ``enrolment`` has been verified by whoever calls.
    """
    certificate = parse_certificate(body)
    if certificate.meeting != enrolment.meeting:
        raise FormatError("meeting", "is another meeting")
    if certificate.room != room.digest:
        raise FormatError("room", "is another room")
    if certificate.person != enrolment.person:
        raise FormatError("person", "is another person")
    if certificate.enrolment != enrolment.digest:
        raise FormatError("enrolment", "is the digest of another enrolment")
    suite.verify(room.host, HOST_TYPE, body, signature)
    return certificate
