"""The server's own long-term key: every charter names it, every closed epoch is signed with it."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.errors import StartError

KEY_BYTES = 32
NAME = "identity.key"


def load_identity(folder: Path, *, first_start: bool) -> Ed25519PrivateKey:
    """Return the key kept in ``folder``; made where there is none and this is the first start.

    A server that has had meetings must find its key: with a new one it could close no epoch that
    those meetings' charters accept, so it refuses to start and says what to bring back.
    """
    path = folder / NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            if not first_start:
                raise StartError(
                    f"The server's key {path} is missing, but there are meetings that name it. "
                    "Bring it back from a backup."
                )
            _create(path)
        seed = path.read_bytes()
    except OSError as error:
        raise StartError(f"The server's key {path} cannot be used: {error.strerror}.") from error
    if len(seed) != KEY_BYTES:
        raise StartError(f"The server's key {path} is damaged. Bring it back from a backup.")
    return Ed25519PrivateKey.from_private_bytes(seed)


def reset_key(identity: Ed25519PrivateKey) -> bytes:
    """Return the secret that tags links which set passwords; 32 bytes, the same after a restart."""
    return hmac.digest(identity.private_bytes_raw(), b"assent/reset-key/v1", "sha256")


def _create(path: Path) -> None:
    """Write a new key, durably, under its final name only when it is whole."""
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, seed)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    half.rename(path)
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
