"""The vault's own folder: its identity, and the private key of each meeting.

::

    <vault_dir>/                     0700, taken by one worker at a time
        lock
        identity.key                 0600, 32 bytes: the Ed25519 private key
        meetings/<meeting>.key       0600, 32 bytes: the X-Wing private key

A key is durable before anything is sealed to it: file, folder and the folder above are synced, and
a name is given only to a whole file. Destroying a meeting's key destroys that meeting's release for
training; it is as thorough as the disk, and as the absence of backups of this folder, allow.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import suite
from assent_vault import vault_key as vault_keys
from assent_vault.errors import KeyringError
from assent_vault.vault_key import VaultKey

_IDENTITY: Final = "identity.key"
_LOCK: Final = "lock"
_MEETINGS: Final = "meetings"
_SUFFIX: Final = ".key"
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{22}\.key", re.ASCII)


class Keyring:
    """The private keys of one vault. Close it to let another worker have the folder.

    All methods wait for the disk. Raises KeyringError where the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._meetings = folder / _MEETINGS
        self._lock: int | None = None
        self._making = threading.Lock()
        try:
            _make_private(self._folder)
            self._lock = _take(self._folder / _LOCK)
            _make_private(self._meetings)
            self._clear()
            self.identity = self._load_identity()
        except OSError as error:
            self.close()
            raise _unusable(error) from error
        except KeyringError:
            self.close()
            raise

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
        return sorted(
            suite.decode(name.removesuffix(_SUFFIX), suite.MEETING_BYTES)
            for name in names
            if _KEY_NAME.fullmatch(name)
        )

    def destroy(self, meeting: bytes) -> None:
        """Destroy the private key of a meeting, durably; fine where there is none."""
        try:
            self._destroy(self._path(meeting))
        except OSError as error:
            raise _unusable(error) from error

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

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
                raise KeyringError("The vault has keys of meetings, but its identity is gone.")
            private = secrets.token_bytes(suite.KEY_BYTES)
            self._write(path, private)
        return Ed25519PrivateKey.from_private_bytes(private)

    def _clear(self) -> None:
        """Remove what a worker left that died while it wrote or destroyed."""
        for folder in (self._folder, self._meetings):
            for path in folder.iterdir():
                if path.name.startswith(".new-"):
                    path.unlink()
                elif path.name.startswith(".gone-"):
                    _shred(path)
            _sync_folder(folder)

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
        temporary = path.with_name(f".new-{secrets.token_hex(8)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(private)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _sync_folder(path.parent)

    def _destroy(self, path: Path) -> None:
        """Take the name away first, so that no crash leaves zeros that pass for a key."""
        self._must_be_open()
        gone = path.with_name(f".gone-{secrets.token_hex(8)}")
        try:
            path.rename(gone)
        except FileNotFoundError:
            pass
        else:
            _sync_folder(path.parent)
            _shred(gone)
        # Also where there was nothing: an earlier unlink may not have been synced.
        _sync_folder(path.parent)

    def _must_be_open(self) -> None:
        if self._lock is None:
            raise ValueError("the keyring is closed")


def _make_private(folder: Path) -> None:
    """Make a folder, durably, that only its owner can look into; close one that stands open."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _take(path: Path) -> int:
    """Lock the folder until the returned descriptor is closed, or the process dies."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise KeyringError("Another vault worker uses this folder.") from error
    except OSError:
        os.close(lock)
        raise
    return lock


def _shred(path: Path) -> None:
    """Overwrite and remove a key. On disks that write elsewhere, removing is all that is left."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "wb") as file:
        file.write(bytes(suite.KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(error: OSError) -> KeyringError:
    reason = error.strerror or type(error).__name__
    return KeyringError(f"The vault's folder cannot be used: {reason}.")
