"""What the server signs about the log: its key, and where a statement is in it (FORMAT.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.document import Fields
from assent_vault.formats.suite import encode
from assent_vault.ledger.note import KeyKind, Verifier, is_name

LOG_TYPE: Final = "assent/log/v1"
ACKNOWLEDGEMENT_TYPE: Final = "assent/acknowledgement/v1"
MAX_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class ServerSigned:
    """A document and the signature over it."""

    body: bytes
    signature: bytes

    def to_wire(self) -> dict[str, str]:
        """Return it as JSON has it."""
        return {"document": encode(self.body), "signature": encode(self.signature)}


@dataclass(frozen=True, slots=True)
class LogDocument:
    """The log that the server of ``server`` keeps, and the key that signs its checkpoints."""

    log: Verifier
    server: bytes
    created: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a statement's entry has this index in the log."""

    meeting: bytes
    person: bytes
    statement: bytes
    origin: str
    index: int
    at: int


def sign_log(server: Ed25519PrivateKey, log: Verifier, created: int) -> ServerSigned:
    """Vouch, as the server, for the key of its log."""
    body = document.write(
        {
            "type": LOG_TYPE,
            "origin": log.name,
            "key": encode(log.public),
            "server": encode(suite.sign_public(server)),
            "created": created,
        }
    )
    return ServerSigned(body, suite.sign(server, LOG_TYPE, body))


def parse_log(body: bytes) -> LogDocument:
    """Read a log document without believing it; raises FormatError."""
    fields = document.read(body, LOG_TYPE, most=MAX_BYTES).only(
        "type", "origin", "key", "server", "created"
    )
    log = Verifier(_origin(fields), KeyKind.ED25519, fields.sign_public("key"))
    return LogDocument(log, fields.sign_public("server"), fields.integer("created"))


def verify_log(signed: ServerSigned, server: bytes) -> LogDocument:
    """Read a log document of the server's; raises FormatError, SignatureError."""
    found = parse_log(signed.body)
    if found.server != server:
        raise FormatError("server", "is another")
    suite.verify(server, LOG_TYPE, signed.body, signed.signature)
    return found


def acknowledge(server: Ed25519PrivateKey, of: Acknowledgement) -> ServerSigned:
    """Sign, as the server, that a statement's entry has its place in the log."""
    body = document.write(
        {
            "type": ACKNOWLEDGEMENT_TYPE,
            "meeting": encode(of.meeting),
            "person": encode(of.person),
            "statement": encode(of.statement),
            "origin": of.origin,
            "index": of.index,
            "at": of.at,
        }
    )
    return ServerSigned(body, suite.sign(server, ACKNOWLEDGEMENT_TYPE, body))


def parse_acknowledgement(body: bytes) -> Acknowledgement:
    """Read an acknowledgement without believing it; raises FormatError."""
    fields = document.read(body, ACKNOWLEDGEMENT_TYPE, most=MAX_BYTES).only(
        "type", "meeting", "person", "statement", "origin", "index", "at"
    )
    return Acknowledgement(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        person=fields.b64("person", suite.DIGEST_BYTES),
        statement=fields.b64("statement", suite.DIGEST_BYTES),
        origin=_origin(fields),
        index=fields.integer("index"),
        at=fields.integer("at"),
    )


def verify_acknowledgement(signed: ServerSigned, server: bytes) -> Acknowledgement:
    """Read an acknowledgement of the server's; raises FormatError, SignatureError."""
    found = parse_acknowledgement(signed.body)
    suite.verify(server, ACKNOWLEDGEMENT_TYPE, signed.body, signed.signature)
    return found


def _origin(fields: Fields) -> str:
    origin = fields.text("origin")
    if not is_name(origin):
        fields.fail("origin", "is not the name of a log")
    return origin
