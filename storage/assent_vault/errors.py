"""Everything the vault package raises on purpose, in one tree.

::

    VaultError
    ├── ConfigError             the settings are wrong; names every mistake
    ├── FormatError             bytes that FORMAT.md does not allow; ``field`` says where
    │   ├── StaleStatement      an answer that does not follow the one before
    │   └── NoticeNotInForce    an answer to words that are not the meeting's
    ├── SignatureError          a signature that does not verify
    ├── SealError               something sealed that does not open
    ├── BlobError               objects
    │   ├── BlobExists          another object stands under that key already
    │   ├── BlobMissing         no object stands under that key
    │   └── BlobsUnavailable    the store cannot be read or written
    ├── DatabaseError           the database cannot be used, or is newer than this program
    ├── KeyringError            the vault folder cannot be used, or another worker owns it
    ├── LeaseLost               another worker holds what this one had claimed
    └── ExportError             an export that cannot be written; ``code`` is stable

No message holds a secret, a key, or what a person typed.
"""

from __future__ import annotations

from collections.abc import Iterable


class VaultError(Exception):
    """Common parent of everything the vault package raises on purpose."""


class ConfigError(VaultError):
    """The settings cannot be used. ``mistakes`` holds every one of them, each a sentence."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class FormatError(VaultError, ValueError):
    """Bytes that FORMAT.md does not allow. ``field`` names the place, None for the whole."""

    def __init__(self, message: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)


class StaleStatement(FormatError):
    """An answer whose sequence or previous digest does not follow the last one."""


class NoticeNotInForce(FormatError):
    """A statement bound to words that are not those of the meeting."""


class SignatureError(VaultError):
    """A signature that does not verify."""


class SealError(VaultError):
    """Something sealed that does not open: tampered with, truncated, or for another key."""


class BlobError(VaultError):
    """Common parent of what goes wrong with objects."""


class BlobExists(BlobError):
    """Another object stands under that key already; objects are never changed."""


class BlobMissing(BlobError):
    """No object stands under that key."""


class BlobsUnavailable(BlobError):
    """The store cannot be read or written right now."""


class DatabaseError(VaultError):
    """The database cannot be used, or was made by a newer version of this program."""


class KeyringError(VaultError):
    """The vault folder cannot be used, or another worker owns it."""


class LeaseLost(VaultError):
    """Another worker holds what this one had claimed."""


class ExportError(VaultError):
    """An export that cannot be written. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
