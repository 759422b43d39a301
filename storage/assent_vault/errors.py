"""Everything this package raises on purpose, in one tree.

::

    VaultError
    ├── ConfigError             the settings are wrong; names every mistake
    ├── FormatError             bytes break FORMAT.md; ``field`` says where
    │   ├── StaleStatement      sequence or previous digest do not follow the last answer
    │   └── NoticeNotInForce    the words are not those of the charter
    ├── SignatureError          a signature does not verify
    ├── GenerationError         a header does not hold, or what came with it; with ``code``
    ├── HostError               an act of a host is none, or not the next; with ``code``
    ├── SealError               a box, a wrapped key or a segment does not open
    ├── BlobError               the object store
    │   ├── BlobUnavailable     full, away or broken; try again
    │   ├── BlobMissing         there is no such object
    │   └── BlobExists          there is another object under this key
    ├── DatabaseError           the database cannot be used; ``code`` says how
    ├── KeyringError            the vault's own folder cannot be used
    ├── LogError                the log, or what is said to be of it, does not hold; with ``code``
    ├── LeaseLost               somebody else has taken over this work
    ├── AdoptError              meetings cannot be taken over; ``code`` says why
    ├── ExportError             a data set cannot be written; ``code`` says why
    └── DownloadError           a data set cannot be handed to a page; ``code`` says why

The first seven groups blame what was given to us, the others what we stand on. No message and no
field holds a secret, personal data, or text that somebody else chose. A broken invariant is an
assertion or a ``ValueError`` with a reason: both are our own mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable


class VaultError(Exception):
    """Common parent of everything this package raises on purpose."""


class ConfigError(VaultError):
    """The settings cannot be used. ``mistakes`` holds every one of them, each a sentence."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class FormatError(VaultError):
    """Bytes break FORMAT.md.

    ``field`` is the path of the field to blame, as in ``people[3].watch``, or ``document`` where
    the whole is.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")


class StaleStatement(FormatError):
    """An answer does not follow the one before it: a gap, a repetition, or another chain."""


class NoticeNotInForce(FormatError):
    """A statement names words that are not those of the meeting's charter."""


class SignatureError(VaultError):
    """A signature does not verify under the key it should be of."""

    def __init__(self, message: str = "The signature does not verify.") -> None:
        super().__init__(message)


class SealError(VaultError):
    """Something sealed does not open: not with this key, or not in this place, or not whole."""

    def __init__(self, message: str = "It does not open.") -> None:
        super().__init__(message)


class GenerationError(VaultError):
    """A generation's header does not hold, or what came with it does not; ``code`` is stable.

    It is one of FORMAT-2.md, sections 6 and 11.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class HostError(VaultError):
    """An act of a host is none, does not follow the last, or there are too many.

    ``code`` is ``not-a-host``, ``stale-act`` or ``too-many-acts``.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class BlobError(VaultError):
    """Common parent of what the object store raises."""


class BlobUnavailable(BlobError):
    """The object store is full, away or broken."""


class BlobMissing(BlobError):
    """There is no such object."""


class BlobExists(BlobError):
    """There is another object under this key, and objects never change."""


class DatabaseError(VaultError):
    """The database cannot be used; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class KeyringError(VaultError):
    """The vault's own folder cannot be used; ``code`` is stable.

    ``vault-unavailable``       taken by another worker, unreadable, or torn
    ``vault-identity-missing``  there are keys of meetings, and nothing that vouches for them
    ``vault-other-identity``    the database belongs to a vault with another identity
    """

    def __init__(self, message: str, code: str = "vault-unavailable") -> None:
        self.code = code
        super().__init__(message)


class LogError(VaultError):
    """The log does not hold, or something is not from it; ``code`` is stable.

    ``log-format``       bytes are not what FORMAT.md sections 11 to 13 allow
    ``log-signature``    a note is not signed by whom it should be
    ``log-proof``        a proof proves nothing
    ``log-rolled-back``  the database's log does not extend a head that was shown before
    ``log-damaged``      the database's log contradicts itself
    ``log-head-missing`` the head that was seen last is not known any more
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class LeaseLost(VaultError):
    """The claim on a piece of work has run out, and somebody else may be doing it."""


class AdoptError(VaultError):
    """Meetings cannot be taken over from another vault; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class ExportError(VaultError):
    """A data set cannot be written; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class DownloadError(VaultError):
    """A data set cannot be handed to the page that asks for it; ``code`` is stable.

    ``data-set-missing``     its folder is gone, or something of it
    ``data-set-changed``     it is not what the vault has signed, or left of that
    ``data-set-unreadable``  the disk does not give it
    ``data-set-recalled``    something of it was taken back, and is in it still
    ``data-set-elsewhere``   it was written to a folder of somebody's own
    ``data-set-too-large``   it has more than chunks can be numbered
    ``recalls-unknown``      nobody can tell what was taken back of it
    ``bad-key``              nothing can be sealed to the page's key
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
