"""What is said to a witness, and what it answers (C2SP tlog-witness); pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger import note
from assent_vault.ledger.checkpoint import Checkpoint
from assent_vault.ledger.note import KeyKind, Signature, Verifier

SIZE_TYPE: Final = "text/x.tlog.size"
MAX_ANSWER_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a witness takes checkpoints, and the key that it cosigns with."""

    url: str
    key: Verifier


def parse_witness(text: str) -> Witness:
    """Read ``URL vkey``; raises LogError."""
    url, space, vkey = text.strip().partition(" ")
    if not space or not url.startswith(("https://", "http://")):
        raise LogError("log-format", "A witness is a URL and a key.")
    key = note.parse_vkey(vkey.strip())
    if key.kind is not KeyKind.COSIGNATURE:
        raise LogError("log-format", "The key of a witness is one for cosignatures.")
    return Witness(url.rstrip("/"), key)


def request(old: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> bytes:
    """Return the body of ``add-checkpoint``: the size the witness knows, proof, checkpoint."""
    lines = [f"old {old}", *map(note.to_base64, proof), ""]
    return ("\n".join(lines) + "\n").encode() + checkpoint.to_bytes()


def read_cosignature(body: bytes, text: bytes, witness: Verifier) -> Signature:
    """Return the witness's own signature among those it answers with; raises LogError."""
    if len(body) > MAX_ANSWER_BYTES:
        raise LogError("log-format", "The answer of the witness is too long.")
    try:
        lines = body.decode()
    except UnicodeDecodeError as error:
        raise LogError("log-format", "The answer of the witness cannot be read.") from error
    for signature in note.parse_signatures(lines):
        if (signature.name, signature.key_id) == (witness.name, witness.key_id):
            witness.verify(text, signature.data)
            return signature
    raise LogError("log-signature", "The witness has not signed.")


def read_size(body: bytes) -> int | None:
    """Return the size that a witness says it knows of; None where it says none."""
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        return None
    return checkpoints.decimal(text.removesuffix("\n")) if text.endswith("\n") else None
