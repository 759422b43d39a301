"""The log's own key and name, made at the first start and never changed.

They are kept together in one file beside the server's identity: a log is known by both, and one
under another name would be another log, whatever is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.errors import StartError
from assent_vault.errors import VaultError
from assent_vault.files import small_file
from assent_vault.formats import document, suite
from assent_vault.formats.suite import encode
from assent_vault.ledger.note import Signer, is_name

NAME: Final = "log.key"
_TYPE: Final = "assent/log-key/v1"
_MOST: Final = 1024


@dataclass(frozen=True, slots=True)
class LogKey:
    """What signs checkpoints. ``created`` in Unix milliseconds."""

    signer: Signer
    created: int

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.signer.verifier.name


def origin_of(public_url: str) -> str:
    """Return the name of a log that is served under a public URL, if no other is set.

    "The origin line SHOULD be one of the URL prefixes of the log, with the scheme removed and no
    trailing slashes" (C2SP tlog-tiles).
    """
    return public_url.partition("://")[2].rstrip("/") + "/log"


def load_log_key(folder: Path, *, origin: str, named: bool, now: int, first_start: bool) -> LogKey:
    """Return the log's key; made where there is none and the log has no entries yet.

    ``named`` says that the operator has set ``origin``; another than the log's is a mistake then.
    Raises StartError.
    """
    path = folder / NAME
    try:
        if not path.exists():
            if not first_start:
                raise StartError(
                    f"log-key-missing: The log's key {path} is missing, but there is a log. Bring"
                    " it back from a backup, or begin another log: assent new-log."
                )
            _create(path, origin, now)
        key = _read(path.read_bytes())
    except OSError as error:
        raise StartError(f"The log's key {path} cannot be used: {error.strerror}.") from error
    except VaultError as error:
        raise StartError(
            f"The log's key {path} is damaged. Bring it back from a backup."
        ) from error
    if named and key.origin != origin:
        raise StartError(f"log_origin cannot be changed: the log is called {key.origin}.")
    return key


def replace_log_key(folder: Path, *, origin: str, named: bool, now: int) -> LogKey:
    """Make the key of another log than there was before; the former one is put aside.

    A log of the same name with another key could not be told from a forged one, so the name is
    another, too. Raises StartError where the operator has set the name that there was.
    """
    path = folder / NAME
    try:
        former = _read(path.read_bytes()).origin if path.exists() else origin
        if named and former == origin:
            raise StartError("log_origin must be set to another name: a new log is another log.")
        small_file.put_aside(path, now)
        small_file.put_aside(folder / "log.head", now)
        _create(path, origin if named else f"{origin_base(former)}-{now // 1000}", now)
        return _read(path.read_bytes())
    except OSError as error:
        raise StartError(f"The log's key {path} cannot be used: {error.strerror}.") from error
    except VaultError as error:
        raise StartError(f"The log's key {path} is damaged. Move it away.") from error


def origin_base(origin: str) -> str:
    """Return a log's name without the time at which it was begun anew."""
    base, dash, when = origin.rpartition("-")
    return base if dash and when.isdigit() else origin


def _read(body: bytes) -> LogKey:
    fields = document.read(body, _TYPE, most=_MOST).only("type", "origin", "key", "created")
    origin = fields.text("origin")
    if not is_name(origin):
        fields.fail("origin", "is not the name of a log")
    private = Ed25519PrivateKey.from_private_bytes(fields.b64("key", suite.KEY_BYTES))
    return LogKey(Signer(origin, private), fields.integer("created"))


def _create(path: Path, origin: str, now: int) -> None:
    """Write a new key, durably, under its final name only when it is whole."""
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    body = document.write({"type": _TYPE, "origin": origin, "key": encode(private), "created": now})
    small_file.replace(path, body)
