"""The folder of a data set as it lies there: read without following a link or waiting for a pipe.

Paths are those of the manifest: relative, with slashes. Each part is opened in the folder before
it, so that a link put there meanwhile is not followed either.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from assent_vault.dataset.faults import Flaw
from assent_vault.files import folders

_CHUNK_BYTES: Final = 1 << 20
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PATH_BYTES: Final = 4096
_NAME_BYTES: Final = 255
_DEPTH: Final = 32


class NotPlain(OSError):
    """There is something at that path, and it is no plain file."""


@dataclass(frozen=True, slots=True)
class Digested:
    """The size and the SHA-256 of a file."""

    size: int
    sha256: bytes


def is_inside(path: str) -> bool:
    """Tell whether a path of a manifest leads to a place within its folder, and is spelled so."""
    parts = path.split("/")
    with suppress(UnicodeEncodeError):
        return (
            0 < len(path.encode()) <= _PATH_BYTES
            and len(parts) <= _DEPTH
            and all(
                part not in ("", ".", "..") and len(part.encode()) <= _NAME_BYTES for part in parts
            )
            and not any(each in path for each in ("\0", "\\"))
            and path.isprintable()
        )
    return False


class HeldFolder:
    """The folder of one data set. Raises OSError; NotPlain where a link or a device stands."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def _folder_of(self, path: str) -> Iterator[tuple[int, str]]:
        """Give the folder that a path's last part is in, as a descriptor, and that part."""
        *above, name = path.split("/")
        # The folder itself may be named by a link: it is whoever asks that has named it.
        place = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in above:
                inside = _open_folder(part, place)
                os.close(place)
                place = inside
            yield place, name
        finally:
            os.close(place)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """Give a plain file to read."""
        with self._folder_of(path) as (place, name):
            try:
                descriptor = os.open(name, _FILE, dir_fd=place)
            except OSError as error:
                raise _plainly(error, name, place) from error
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotPlain
            yield file

    def read(self, path: str, most: int) -> bytes:
        """Return a file, but no more than ``most`` bytes of it and one to tell."""
        with self.open(path) as file:
            return file.read(most + 1)

    def read_or_none(self, path: str) -> bytes | None:
        """Return a file as it is, None where there is none that could be read."""
        try:
            with self.open(path) as file:
                return file.read()
        except OSError:
            return None

    def measure(self, path: str, size: int | None = None) -> Digested:
        """Read a file for its digest; of one that is not of ``size`` bytes there is none."""
        with self.open(path) as file:
            found = os.fstat(file.fileno()).st_size
            if size is not None and found != size:
                return Digested(found, b"")
            digest = hashlib.sha256()
            read = 0
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                read += len(chunk)
        return Digested(read, digest.digest())

    def is_there(self, path: str) -> bool:
        """Tell whether anything stands at a path."""
        with (
            suppress(FileNotFoundError, NotADirectoryError, NotPlain),
            self._folder_of(path) as (
                place,
                name,
            ),
        ):
            os.stat(name, dir_fd=place, follow_symlinks=False)
            return True
        return False

    def paths(self) -> Iterator[tuple[str, bool]]:
        """Yield each path that is no folder, and whether it is a plain file."""
        place = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield from _walk(place, "", _DEPTH)
        finally:
            os.close(place)

    # Changing it.

    def remove(self, path: str) -> None:
        """Take a file away, and the folders that are empty then; fine where there is none."""
        with (
            suppress(FileNotFoundError, NotADirectoryError),
            self._folder_of(path) as (
                place,
                name,
            ),
        ):
            os.unlink(name, dir_fd=place)
            os.fsync(place)
        while "/" in path:
            path = path.rpartition("/")[0]
            try:
                with self._folder_of(path) as (place, name):
                    os.rmdir(name, dir_fd=place)
                    os.fsync(place)
            except OSError:
                return  # there is more in it, or it has gone

    @contextmanager
    def beside(self, path: str) -> Iterator[BinaryIO]:
        """Give a new file to write to, which ``replace`` puts in the place of ``path``.

        It is synced when the block ends.
        """
        with self._folder_of(path) as (place, name):
            half = f"{HALF}{name}"
            with suppress(FileNotFoundError):
                os.unlink(half, dir_fd=place)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(half, flags, folders.PRIVATE_FILE, dir_fd=place)
            with os.fdopen(descriptor, "w+b") as file:
                with suppress(OSError):  # of the mode that the one before has
                    os.fchmod(descriptor, stat.S_IMODE(os.stat(name, dir_fd=place).st_mode))
                yield file
                file.flush()
                os.fsync(file.fileno())

    def replace(self, path: str) -> None:
        """Put what was written beside a path in its place, durably; fine where nothing was."""
        with self._folder_of(path) as (place, name):
            with suppress(FileNotFoundError):
                os.replace(f"{HALF}{name}", name, src_dir_fd=place, dst_dir_fd=place)
            os.fsync(place)

    def forget(self, path: str) -> None:
        """Take away what was written beside a path and never put in its place."""
        with suppress(FileNotFoundError), self._folder_of(self.half(path)) as (place, name):
            os.unlink(name, dir_fd=place)

    @staticmethod
    def half(path: str) -> str:
        """Return the path of what is written beside another one."""
        *above, name = path.split("/")
        return "/".join((*above, f"{HALF}{name}"))


HALF: Final = ".assent-new-"
"""How a file is named that is still being written."""


def flaw_of(error: OSError, path: str) -> Flaw:
    """Return what is wrong with a file that could not be read."""
    if isinstance(error, NotPlain):
        return Flaw("not-a-file", path)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Flaw("file-missing", path)
    return Flaw("file-unreadable", path)


def _open_folder(name: str, place: int) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=place)
    except OSError as error:
        raise _plainly(error, name, place) from error


def _plainly(error: OSError, name: str, place: int) -> OSError:
    """Return what an error comes to: a link and a device are told as what they are."""
    try:
        mode = os.stat(name, dir_fd=place, follow_symlinks=False).st_mode
    except OSError:
        return error
    return error if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else NotPlain()


def _walk(place: int, above: str, depth: int) -> Iterator[tuple[str, bool]]:
    with os.scandir(place) as entries:
        for entry in entries:
            path = f"{above}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                yield path, entry.is_file(follow_symlinks=False)
            elif depth == 0:
                yield path, False  # deeper than anything of a data set
            else:
                inside = os.open(entry.name, _FOLDER, dir_fd=place)
                try:
                    yield from _walk(inside, f"{path}/", depth - 1)
                finally:
                    os.close(inside)
