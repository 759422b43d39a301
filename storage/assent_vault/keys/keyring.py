"""The vault's own folder: its identity, and the private key of each meeting.

::

    <vault_dir>/                     0700, taken by one worker at a time
        lock
        exporters.lock               shared by processes that only read keys, to export
        identity.key                 0600, 32 bytes: the Ed25519 private key; it opens nothing
        identity.former              public keys of vaults whose meetings it has taken over, if any
        log.head                     what it has seen of the log
        meetings/                    what opens recordings: never in any backup
            CACHEDIR.TAG             by which many programs that make backups know to leave it out
            <meeting>.key            0600, 32 bytes: the X-Wing private key

A key is durable before anything is sealed to it: file, folder and the folder above are synced, and
a name is given only to a whole file. Destroying a meeting's key destroys that meeting's release for
training; it is as thorough as the disk, and as the absence of backups of ``meetings``, allow.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError, KeyringError
from assent_vault.files import folders, locks, small_file
from assent_vault.formats import suite
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.vault_key import VaultKey

_IDENTITY: Final = "identity.key"
_FORMER: Final = "identity.former"
# https://bford.info/cachedir/
_TAG: Final = "CACHEDIR.TAG"
_TAG_TEXT: Final = """Signature: 8a477f597d28d172789f06886806bc55
# What is in here opens recordings until it is destroyed. A copy of it would undo that: this folder
# must not be in any backup or snapshot.
"""
_LOCK: Final = "lock"
_EXPORTERS: Final = "exporters.lock"
_LOG_LOCK: Final = "log.lock"
"""Held while ``log.head`` is written (``release/monitor.py``), by any of them."""
_MEETINGS: Final = "meetings"
_SUFFIX: Final = ".key"
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{22}\.key", re.ASCII)


class Keyring:
    """The private keys of one vault. Close it to let another worker have the folder.

    All methods wait for the disk. Raises KeyringError where the folder cannot be used.
    """

    def __init__(self, folder: Path, *, adopts: bool = False, shares: bool = False) -> None:
        """Take the folder; with ``adopts`` also one that has lost its identity.

        With ``shares`` it is shared, beside the one who has taken it and any others who share it:
        nothing in it can be made or destroyed then, only read.
        """
        self._folder = folder
        self._adopts = adopts
        self._shares = shares
        self._meetings = folder / _MEETINGS
        self._lock: int | None = None
        self._exporters: int | None = None
        self._making = threading.Lock()
        try:
            if shares:
                self._share()
            else:
                self._take()
            self.identity = self._load_identity()
            self.former = self._load_former()
        except OSError as error:
            self.close()
            raise _unusable(error) from error
        except KeyringError:
            self.close()
            raise

    def _take(self) -> None:
        """Have the folder alone, but for those who share it; adopting, without those, too."""
        _make_private(self._folder)
        self._lock = _lock(self._folder / _LOCK)
        if self._adopts:
            self._exporters = _lock(self._folder / _EXPORTERS)
        _make_private(self._meetings)
        with locks.held(self._folder / _LOG_LOCK):
            self._clear()
        self._tag()

    def _share(self) -> None:
        """Share the folder of a vault that there is; nothing is made but the lock."""
        if not (self._folder / _IDENTITY).is_file():
            raise KeyringError("There is no vault in this folder that could be shared.")
        self._lock = _lock(self._folder / _EXPORTERS, shared=True)

    @property
    def identity_public(self) -> bytes:
        """Return what people know the vault by: its Ed25519 public key."""
        return suite.sign_public(self.identity)

    def make_meeting_key(self, meeting: bytes, now: int) -> VaultKey:
        """Make the key of a meeting durable, and return its public half, vouched for.

        A key that is there already is used again: it may have been made by a worker that died
        before it could tell anyone, or by another thread just now. ``now`` in Unix milliseconds.
        """
        try:
            # Of two at once, one would replace the key that the other has vouched for already.
            self._must_be_alone()
            with self._making:
                private = self._read(self._path(meeting))
                if private is None:
                    private = secrets.token_bytes(suite.KEY_BYTES)
                    self._write(self._path(meeting), private)
        except OSError as error:
            raise _unusable(error) from error
        return vault_keys.make(self.identity, meeting, suite.xwing_public(private), now)

    def meeting_private(self, meeting: bytes) -> bytes | None:
        """Return the private key of a meeting, 32 bytes; None where there is none (any more)."""
        try:
            return self._read(self._path(meeting))
        except OSError as error:
            raise _unusable(error) from error

    def holds(self, key: VaultKey) -> bool:
        """Whether the private half of this very key is here: the gate's ``key_present``."""
        private = self.meeting_private(key.meeting)
        return private is not None and suite.xwing_public(private) == key.key

    def meetings(self) -> list[bytes]:
        """Return the meetings whose key is here."""
        try:
            names = [entry.name for entry in self._meetings.iterdir()]
        except OSError as error:
            raise _unusable(error) from error
        return _named(names)

    def destroy(self, meeting: bytes) -> None:
        """Destroy the private key of a meeting, durably; fine where there is none."""
        try:
            self._must_be_open()
            self._must_be_alone()
            _destroy(self._path(meeting))
        except OSError as error:
            raise _unusable(error) from error

    def close(self) -> None:
        """Let go of the folder."""
        for lock in (self._exporters, self._lock):
            if lock is not None:
                os.close(lock)
        self._exporters = self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _load_identity(self) -> Ed25519PrivateKey:
        path = self._folder / _IDENTITY
        private = self._read(path)
        if private is None:
            if self.meetings():
                # A new identity would be a stranger to every charter these keys belong to.
                if not self._adopts:
                    raise KeyringError(
                        "The vault has keys of meetings, but identity.key is gone. Bring the file"
                        " back, or give up releasing those meetings: assent-vault adopt.",
                        "vault-identity-missing",
                    )
                for meeting in self.meetings():
                    self.destroy(meeting)
            private = secrets.token_bytes(suite.KEY_BYTES)
            self._write(path, private)
        return Ed25519PrivateKey.from_private_bytes(private)

    def take_over(self, former: Iterable[bytes]) -> None:
        """Remember the vaults whose meetings are taken over, durably."""
        keys = dict.fromkeys((*self.former, *former))
        keys.pop(self.identity_public, None)
        content = "".join(f"{suite.encode(key)}\n" for key in keys).encode()
        try:
            self._write(self._folder / _FORMER, content)
        except OSError as error:
            raise _unusable(error) from error
        self.former = tuple(keys)

    def _load_former(self) -> tuple[bytes, ...]:
        try:
            lines = (self._folder / _FORMER).read_text("ascii").split()
            return tuple(suite.decode(line, suite.KEY_BYTES) for line in lines)
        except FileNotFoundError:
            return ()
        except (FormatError, UnicodeDecodeError) as error:
            raise KeyringError("identity.former in the vault's folder is not whole.") from error

    def _tag(self) -> None:
        path = self._meetings / _TAG
        if not path.exists():
            self._write(path, _TAG_TEXT.encode())

    def _clear(self) -> None:
        """Remove what a worker left that died while it wrote or destroyed."""
        for folder in (self._folder, self._meetings):
            for path in folder.iterdir():
                if path.name.startswith(small_file.HALF_PREFIX):
                    path.unlink()
                elif path.name.startswith(".gone-"):
                    _shred(path)
            folders.sync(folder)

    def _path(self, meeting: bytes) -> Path:
        if len(meeting) != suite.MEETING_BYTES:
            raise ValueError("not the id of a meeting")
        return self._meetings / f"{suite.encode(meeting)}{_SUFFIX}"

    def _read(self, path: Path) -> bytes | None:
        self._must_be_open()
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            private = file.read(suite.KEY_BYTES + 1)
        if len(private) != suite.KEY_BYTES:
            raise KeyringError("A key in the vault's folder is not whole.")
        return private

    def _write(self, path: Path, private: bytes) -> None:
        self._must_be_open()
        self._must_be_alone()
        small_file.replace(path, private)

    def _must_be_open(self) -> None:
        if self._lock is None:
            raise ValueError("the keyring is closed")

    def _must_be_alone(self) -> None:
        if self._shares:
            raise ValueError("the keyring is shared: who has the folder changes it")


# For whoever looks after a folder that a worker may be using at the same time.


def identity_in(folder: Path) -> bytes | None:
    """Return the public identity of a vault's folder; None where there is none."""
    try:
        private = (folder / _IDENTITY).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(error) from error
    if len(private) != suite.KEY_BYTES:
        raise KeyringError("A key in the vault's folder is not whole.")
    return suite.sign_public(Ed25519PrivateKey.from_private_bytes(private))


def meetings_in(folder: Path) -> list[bytes]:
    """Return the meetings that a vault's folder has keys of."""
    try:
        names = [entry.name for entry in (folder / _MEETINGS).iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unusable(error) from error
    return _named(names)


def destroy_in(folder: Path, meeting: bytes) -> None:
    """Destroy the key of a meeting that no worker will ever ask for, as it has no row."""
    path = folder / _MEETINGS / f"{suite.encode(meeting)}{_SUFFIX}"
    try:
        _destroy(path)
    except OSError as error:
        raise _unusable(error) from error


def _named(names: Iterable[str]) -> list[bytes]:
    return sorted(
        suite.decode(name.removesuffix(_SUFFIX), suite.MEETING_BYTES)
        for name in names
        if _KEY_NAME.fullmatch(name)
    )


def _destroy(path: Path) -> None:
    """Take the name away first, so that no crash leaves zeros that pass for a key."""
    gone = path.with_name(f".gone-{secrets.token_hex(8)}")
    try:
        path.rename(gone)
    except FileNotFoundError:
        pass
    else:
        folders.sync(path.parent)
        _shred(gone)
    # Also where there was nothing: an earlier unlink may not have been synced.
    folders.sync(path.parent)


def _make_private(folder: Path) -> None:
    """Make a folder, durably, that only its owner can look into; close one that stands open."""
    for made in folders.make_private(folder):
        folders.sync(made.parent)


def _lock(path: Path, *, shared: bool = False) -> int:
    """Lock the folder until the returned descriptor is closed, or the process dies."""
    try:
        return locks.take(path, shared=shared)
    except BlockingIOError as error:
        raise KeyringError("Another vault worker uses this folder.") from error


def _shred(path: Path) -> None:
    """Overwrite and remove a key. On disks that write elsewhere, removing is all that is left."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "wb") as file:
        file.write(bytes(suite.KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _unusable(error: OSError) -> KeyringError:
    reason = error.strerror or type(error).__name__
    return KeyringError(f"The vault's folder cannot be used: {reason}.")
