"""The receipt as a file (FORMAT.md section 14): its parts, taken out and not yet believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.document import Fields
from assent_vault.formats.suite import encode

TYPE: Final = "assent/receipt/v1"
MAX_BYTES: Final = 16 * 1024 * 1024
SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document and a signature that is said to be over it."""

    document: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log: where it is, what it commits to, and the proof that it is there.

    ``signature`` is the vault's, None where the record is the server's.
    """

    index: int
    salt: bytes
    record: bytes
    signature: bytes | None
    proof: str


@dataclass(frozen=True, slots=True)
class ReceiptStatement:
    """What the person signed, what the server signed for having it, and its entry in the log."""

    document: bytes
    signature: bytes
    acknowledgement: SignedDocument
    entry: Entry


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt's parts. ``notices`` are pairs of language and text."""

    charter: bytes
    vault_key: SignedDocument | None
    log: SignedDocument
    notices: tuple[tuple[str, str], ...]
    statements: tuple[ReceiptStatement, ...]
    entries: tuple[Entry, ...]

    @property
    def every_entry(self) -> tuple[Entry, ...]:
        """All entries, those of the statements first: the order that checks go by."""
        return tuple(said.entry for said in self.statements) + self.entries


def parse(body: bytes) -> Receipt:
    """Read a receipt without believing anything in it; raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_BYTES).only(
        "type", "charter", "vault_key", "log", "notices", "statements", "entries"
    )
    vault_key = fields.child_or_null("vault_key")
    statements = tuple(_statement(each) for each in fields.children("statements"))
    if not statements:
        raise FormatError("statements", "are none")
    return Receipt(
        charter=fields.blob("charter"),
        vault_key=None if vault_key is None else _signed(vault_key),
        log=_signed(fields.child("log")),
        notices=tuple(_notice(each) for each in fields.children("notices")),
        statements=statements,
        entries=tuple(_entry(each) for each in fields.children("entries")),
    )


def write(receipt: Receipt) -> bytes:
    """Return a receipt's bytes; raises FormatError where they would be too many."""
    body = document.write(
        {
            "type": TYPE,
            "charter": encode(receipt.charter),
            "vault_key": None if receipt.vault_key is None else _signed_wire(receipt.vault_key),
            "log": _signed_wire(receipt.log),
            "notices": [{"language": language, "text": text} for language, text in receipt.notices],
            "statements": [
                {
                    "document": encode(said.document),
                    "signature": encode(said.signature),
                    "acknowledgement": _signed_wire(said.acknowledgement),
                    "entry": _entry_wire(said.entry),
                }
                for said in receipt.statements
            ],
            "entries": [_entry_wire(entry) for entry in receipt.entries],
        }
    )
    if len(body) > MAX_BYTES:
        raise FormatError(document.WHOLE, f"is over {MAX_BYTES} bytes")
    return body


def _signed(fields: Fields) -> SignedDocument:
    fields.only("document", "signature")
    return SignedDocument(fields.blob("document"), fields.b64("signature", suite.SIGNATURE_BYTES))


def _notice(fields: Fields) -> tuple[str, str]:
    fields.only("language", "text")
    return fields.language("language"), fields.words("text")


def _statement(fields: Fields) -> ReceiptStatement:
    fields.only("document", "signature", "acknowledgement", "entry")
    return ReceiptStatement(
        document=fields.blob("document"),
        signature=fields.b64("signature", suite.SIGNATURE_BYTES),
        acknowledgement=_signed(fields.child("acknowledgement")),
        entry=_entry(fields.child("entry")),
    )


def _entry(fields: Fields) -> Entry:
    fields.only("index", "salt", "record", "signature", "proof")
    return Entry(
        index=fields.integer("index"),
        salt=fields.b64("salt", SALT_BYTES),
        record=fields.blob("record"),
        signature=fields.b64_or_null("signature", suite.SIGNATURE_BYTES),
        proof=fields.text("proof"),
    )


def _signed_wire(signed: SignedDocument) -> dict[str, Any]:
    return {"document": encode(signed.document), "signature": encode(signed.signature)}


def _entry_wire(entry: Entry) -> dict[str, Any]:
    return {
        "index": entry.index,
        "salt": encode(entry.salt),
        "record": encode(entry.record),
        "signature": None if entry.signature is None else encode(entry.signature),
        "proof": entry.proof,
    }
