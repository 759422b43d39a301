"""A transparency log on paper: RFC 6962 and the C2SP formats, word by word and without a database.

It shares nothing with ``assent_vault.ledger``, so that what one makes is judged by the other.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class PaperLog:
    """All entries of a log, in order, and the key that signs its heads."""

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        self.origin = origin
        self.key = key
        self.entries: list[bytes] = []

    def append(self, salt: bytes, record: bytes) -> int:
        """Append what commits to a record; return its index."""
        self.entries.append(hashlib.sha256(salt + record).digest())
        return len(self.entries) - 1

    @property
    def public(self) -> bytes:
        """The log's key, 32 bytes."""
        return self.key.public_key().public_bytes_raw()

    def text(self, size: int, root: bytes | None = None) -> str:
        """Return what a head of this size says."""
        root = tree_hash(self.entries[:size]) if root is None else root
        return f"{self.origin}\n{size}\n{_base64(root)}\n"

    def note(self, text: str) -> str:
        """Sign a text as the log."""
        return f"{text}\n{line(self.origin, self.key, text)}"

    def serve(self, folder: Path) -> Path:
        """Write the log as it is served to everybody, below one whole tile; return the folder."""
        tiles = folder / "tile" / "0" / "000.p"
        tiles.mkdir(parents=True)
        (folder / "checkpoint").write_text(self.note(self.text(len(self.entries))))
        for width in range(1, len(self.entries) + 1):
            (tiles / str(width)).write_bytes(
                b"".join(tree_hash([entry]) for entry in self.entries[:width])
            )
        return folder

    def proof(self, index: int, size: int | None = None, note: str | None = None) -> str:
        """Return the tlog-proof of an entry under the head of ``size`` entries."""
        size = len(self.entries) if size is None else size
        note = self.note(self.text(size)) if note is None else note
        path = audit_path(index, self.entries[:size]) if index < size else []
        return "\n".join(
            ["c2sp.org/tlog-proof@v1", f"index {index}", *map(_base64, path), "", note]
        )


def tree_hash(leaves: list[bytes]) -> bytes:
    """Return MTH(D[n]) of RFC 6962 section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = _split(len(leaves))
    return hashlib.sha256(b"\1" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def audit_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """Return PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*audit_path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*audit_path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def line(name: str, key: Ed25519PrivateKey, text: str) -> str:
    """Return the signature line of a log."""
    return _line(name, key, 1, key.sign(text.encode()))


def cosignature(name: str, key: Ed25519PrivateKey, text: str, time: int) -> str:
    """Return the signature line of a witness, ``time`` in Unix seconds."""
    made = key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return _line(name, key, 4, time.to_bytes(8, "big") + made)


def _line(name: str, key: Ed25519PrivateKey, kind: int, signature: bytes) -> str:
    public = key.public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
    return f"\u2014 {name} {_base64(key_id + signature)}\n"


def _split(count: int) -> int:
    """Return the largest power of two smaller than ``count``."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
