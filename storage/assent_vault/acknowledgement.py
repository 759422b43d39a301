"""Acknowledgements: the server's counter-signatures over what it has stored (FORMAT.md 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import document, suite
from assent_vault.errors import FormatError
from assent_vault.ledger import note
from assent_vault.suite import encode

TYPE: Final = "assent/acknowledgement/v1"
MAX_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Which statement was stored, and where in which log it is. ``at`` is that of its record."""

    meeting: bytes
    person: bytes
    statement: bytes
    origin: str
    index: int
    at: int


def sign(server: Ed25519PrivateKey, said: Acknowledgement) -> tuple[bytes, bytes]:
    """Return document and signature."""
    body = document.write(
        {
            "type": TYPE,
            "meeting": encode(said.meeting),
            "person": encode(said.person),
            "statement": encode(said.statement),
            "origin": said.origin,
            "index": said.index,
            "at": said.at,
        }
    )
    return body, suite.sign(server, TYPE, body)


def parse(body: bytes) -> Acknowledgement:
    """Read an acknowledgement without believing it; raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_BYTES).only(
        "type", "meeting", "person", "statement", "origin", "index", "at"
    )
    origin = fields.text("origin")
    if not note.is_name(origin):
        raise FormatError("origin", "is not a name of a log")
    return Acknowledgement(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        statement=fields.b64("statement", suite.DIGEST_BYTES),
        origin=origin,
        index=fields.integer("index"),
        at=fields.integer("at"),
    )
