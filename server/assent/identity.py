"""The server's own long-term key: every charter names it, every generation is signed with it."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.errors import StartError
from assent_vault.files import folders, small_file

KEY_BYTES = 32
NAME = "identity.key"
_WAY_OUT: Final = (
    "Bring it back from a backup. If there is none, the recordings and receipts of these meetings"
    " cannot be gone on with: begin anew with an empty data folder (README, *Backup*)."
)


def load_identity(folder: Path, named: bytes | None) -> Ed25519PrivateKey:
    """Return the key kept in ``folder``; made where there is none and no meeting names one.

    ``named`` is the public key in the charter of the last meeting, None where there is no meeting,
    empty where it cannot be read. With another key than that, the server could close no generation
    that those meetings' charters accept, and nobody's receipts would hold. So it refuses to start,
    and says what to bring back. Raises StartError.
    """
    path = folder / NAME
    try:
        folders.make_private(folder)
        if not path.exists():
            if named is not None:
                raise StartError(
                    f"server-identity-missing: The server's key {path} is missing, but there are"
                    f" meetings that name it. {_WAY_OUT}"
                )
            _create(path)
        seed = path.read_bytes()
    except OSError as error:
        raise StartError(f"The server's key {path} cannot be used: {error.strerror}.") from error
    if len(seed) != KEY_BYTES:
        raise StartError(f"server-identity-damaged: The server's key {path} is damaged. {_WAY_OUT}")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    if named and key.public_key().public_bytes_raw() != named:
        raise StartError(
            f"server-other-identity: The key {path} is not the one that the meetings of this"
            f" database name. {_WAY_OUT}"
        )
    return key


def reset_key(identity: Ed25519PrivateKey) -> bytes:
    """Return the secret that tags links which set passwords; 32 bytes, the same after a restart."""
    return hmac.digest(identity.private_bytes_raw(), b"assent/reset-key/v1", "sha256")


def cookie_key(identity: Ed25519PrivateKey) -> bytes:
    """Return the secret that tags cookies of browsers that were signed in before; 32 bytes."""
    return hmac.digest(identity.private_bytes_raw(), b"assent/cookie-key/v1", "sha256")


def _create(path: Path) -> None:
    """Write a new key, durably, under its final name only when it is whole."""
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    small_file.replace(path, seed)
    folders.sync(path.parent.parent)  # the folder may be as new
