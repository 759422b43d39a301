"""The log document: the server's word for which log is its own (FORMAT.md section 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import document, suite
from assent_vault.errors import FormatError
from assent_vault.ledger import note
from assent_vault.ledger.note import Kind, Verifier
from assent_vault.suite import encode

TYPE: Final = "assent/log/v1"
MAX_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class LogDocument:
    """Name and key of a log, and the server key that vouches for them."""

    origin: str
    key: bytes
    server: bytes
    created: int

    @property
    def verifier(self) -> Verifier:
        """What the log's checkpoints are checked with."""
        return Verifier(self.origin, Kind.ED25519, self.key)


def sign(server: Ed25519PrivateKey, log: Verifier, created: int) -> tuple[bytes, bytes]:
    """Vouch for a log; return document and signature. ``created`` is in Unix milliseconds."""
    body = document.write(
        {
            "type": TYPE,
            "origin": log.name,
            "key": encode(log.public),
            "server": encode(suite.sign_public(server)),
            "created": created,
        }
    )
    return body, suite.sign(server, TYPE, body)


def parse(body: bytes) -> LogDocument:
    """Read a log document without believing it; raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_BYTES).only(
        "type", "origin", "key", "server", "created"
    )
    origin = fields.text("origin")
    if not note.is_name(origin):
        raise FormatError("origin", "is not a name of a log")
    return LogDocument(
        origin=origin,
        key=fields.b64("key", suite.SIGN_PUBLIC_BYTES),
        server=fields.b64("server", suite.SIGN_PUBLIC_BYTES),
        created=fields.integer("created"),
    )
