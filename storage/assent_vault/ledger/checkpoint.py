"""Checkpoints: a log's head as a signed note (C2SP tlog-checkpoint)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import LogError
from assent_vault.formats.document import MAX_INTEGER
from assent_vault.ledger import note
from assent_vault.ledger.merkle import EMPTY_ROOT, HASH_BYTES
from assent_vault.ledger.note import Note, Signer, Verifier

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """How a log stands: how many entries it has, and the root hash over them."""

    size: int
    root: bytes

    def text(self, origin: str) -> bytes:
        """Return the text that a checkpoint of this head signs."""
        return f"{origin}\n{self.size}\n{note.to_base64(self.root)}\n".encode()


EMPTY: Final = Head(0, EMPTY_ROOT)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head with the log it is of, and the note that says so."""

    origin: str
    head: Head
    note: Note

    def to_bytes(self) -> bytes:
        """Return the note."""
        return self.note.to_bytes()


def sign(signer: Signer, head: Head) -> Checkpoint:
    """Sign a head; the log's name is the key's."""
    origin = signer.verifier.name
    text = head.text(origin)
    return Checkpoint(origin, head, Note(text, (signer.sign(text),)))


def parse(data: bytes) -> Checkpoint:
    """Read a checkpoint, whoever has signed it; raises LogError ``log-format``."""
    found = note.parse(data)
    origin, head = parse_text(found.text)
    return Checkpoint(origin, head, found)


def parse_text(text: bytes) -> tuple[str, Head]:
    """Read a checkpoint's text: origin and head; raises LogError ``log-format``."""
    bad = LogError("log-format", "This is not a checkpoint.")
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise bad from error
    if len(lines) <= _LINES or lines[-1] or not all(lines[:-1]):
        raise bad
    origin, size, root = lines[:_LINES]
    number = decimal(size)
    found = note.from_base64(root)
    if not note.is_name(origin) or number is None or len(found) != HASH_BYTES:
        raise bad
    if number == 0 and found != EMPTY_ROOT:
        raise bad
    return origin, Head(number, found)


def verify(data: bytes, log: Verifier) -> Checkpoint:
    """Read a checkpoint that ``log`` has signed and that is named after it; raises LogError."""
    found = parse(data)
    if found.origin != log.name:
        raise LogError("log-format", "The checkpoint is of another log.")
    found.note.verify([log])
    return found


def decimal(text: str) -> int | None:
    """Read a number that has no leading zeros and is at most 2^53 - 1; None where it is none."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_INTEGER:
        return None
    return int(text)
