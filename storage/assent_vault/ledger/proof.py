"""Inclusion proofs as text that can be checked offline (C2SP tlog-proof)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import note
from assent_vault.ledger.checkpoint import Checkpoint
from assent_vault.ledger.merkle import (
    HASH_BYTES,
    MOST_PROOF_HASHES,
    leaf_hash,
    verify_inclusion,
)
from assent_vault.ledger.note import Verifier

MAX_BYTES: Final = 80 * 1024

_FIRST = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at ``index`` of the tree whose head the checkpoint is."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def to_text(self) -> str:
        """Return the proof as it is handed out."""
        lines = [_FIRST, f"index {self.index}", *map(note.to_base64, self.path), ""]
        return "\n".join(lines) + "\n" + self.checkpoint.to_bytes().decode()

    def verify(self, entry: bytes, log: Verifier) -> None:
        """Raise LogError unless ``log`` has signed a head over a tree that has the entry there."""
        if self.checkpoint.origin != log.name:
            raise LogError("log-format", "The checkpoint is of another log.")
        self.checkpoint.note.verify([log])
        head = self.checkpoint.head
        verify_inclusion(leaf_hash(entry), self.index, head.size, self.path, head.root)


def parse(text: str) -> Proof:
    """Read a proof; raises LogError ``log-format``. It proves nothing before ``verify``."""
    bad = LogError("log-format", "This is not a proof from a log.")
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        raise bad
    head, separator, tail = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise bad from error
    if not separator or len(lines) < 2 or lines[0] != _FIRST:
        raise bad
    del lines[0]
    if lines[0].startswith("extra "):
        note.from_base64(lines[0].removeprefix("extra "))
        del lines[0]
    if not lines or not lines[0].startswith("index "):
        raise bad
    index = checkpoints.decimal(lines[0].removeprefix("index "))
    path = tuple(note.from_base64(line) for line in lines[1:])
    if index is None or len(path) > MOST_PROOF_HASHES:
        raise bad
    if any(len(hash_) != HASH_BYTES for hash_ in path):
        raise bad
    return Proof(index, path, checkpoints.parse(tail))
