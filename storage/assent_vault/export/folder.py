"""A data set while it is written: a folder beside its final place, which nobody takes for it.

What people say needs room on the disks, and a data set takes much: below the floor (``space``)
none is begun, and one that is being written is given up.

Everything in it is synced before it gets its final name, so the name is only ever seen on a whole
data set. A folder that a dead worker left is thrown away, unless it had been committed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from assent_vault.errors import ExportError
from assent_vault.export.join import cannot_write
from assent_vault.files import folders
from assent_vault.files.space import LOW, Space

MANIFEST: Final = "MANIFEST.json"
SIGNATURE: Final = "MANIFEST.jws"
ASIDE: Final = ".aside"
"""A folder inside for what is needed while a data set is written, and is no part of it."""
PACKED: Final = "packed"
"""A file aside that says that media are in shards, and go from where they were written."""
MEDIA: Final = "data"
PARTIAL_NAME: Final = ".{}.assent-partial"
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class File:
    """A file of the data set: its path inside, its size and its SHA-256."""

    path: str
    size: int
    sha256: bytes


def partial_of(final: Path) -> Path:
    """Return where a data set is written before it gets its name."""
    return final.with_name(PARTIAL_NAME.format(final.name))


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_write(error) from error


class Folder:
    """The folder of one export. All methods wait for the disk; raises ExportError."""

    def __init__(self, final: Path, space: Space | None = None) -> None:
        """``space`` tells how much there is to spare; whoever only mends or removes needs none."""
        self._final = final
        self._partial = partial_of(final)
        self._space = space

    def must_have_room(self) -> None:
        """Raise ExportError ``space-low`` or ``space-unknown`` where nothing large may be written.

        Call it before each piece of what is large.
        """
        problem = None if self._space is None else self._space.look()
        if problem == LOW:
            raise ExportError(problem, "There is less room than free_space_floor_mb keeps.")
        if problem is not None:
            raise ExportError(problem, "How much room there is cannot be found out.")

    def begin(self) -> None:
        """Make the folder anew. Raises ExportError ``folder-exists`` where the name is taken.

        What an earlier run has left there goes first, for it may be what takes the room.
        """
        with _writing():
            if self._final.exists() or self._final.is_symlink():
                raise ExportError("folder-exists", "There is something at that place already.")
            self.discard()
            self.must_have_room()
            self._final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._partial.mkdir(mode=0o700)

    def take_up(self) -> None:
        """Go on in a folder that an earlier run has left; raises ExportError as ``begin`` does."""
        with _writing():
            if self._final.exists() or self._final.is_symlink():
                raise ExportError("folder-exists", "There is something at that place already.")
        self.must_have_room()

    def discard(self) -> None:
        """Throw away what was written, whoever wrote it."""
        with _writing():
            if self._partial.is_symlink() or self._partial.is_file():
                self._partial.unlink()
            elif self._partial.exists():
                shutil.rmtree(self._partial)

    def remove(self, path: str) -> None:
        """Throw away a folder or a file inside; fine when there is none."""
        with _writing():
            if (self._partial / path).is_dir():
                shutil.rmtree(self._partial / path)
            else:
                (self._partial / path).unlink(missing_ok=True)

    def write(self, path: str, chunks: Iterable[bytes]) -> File:
        """Write a file that does not exist yet, piece by piece."""
        found = hashlib.sha256()
        size = 0
        with self.open(path) as file:
            for chunk in chunks:
                with _writing():
                    file.write(chunk)
                found.update(chunk)
                size += len(chunk)
        return File(path, size, found.digest())

    def replace(self, path: str, data: bytes) -> None:
        """Write a file, or write it anew: whoever looks sees all of it, or what was there."""
        new = f"{path}.new"
        self.remove(new)
        self.write(new, [data])
        with _writing():
            (self._partial / new).replace(self._partial / path)
            folders.sync((self._partial / path).parent)

    def sync_names(self, places: Iterable[str]) -> None:
        """Make the names of folders and files inside durable, and what the folders hold."""
        with _writing():
            for place in places:
                found = self._partial / place
                for each in (found, *found.parents):
                    if each.is_dir():
                        folders.sync(each)
                    if each == self._partial:
                        break

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """Give a new file to write to, which is synced at the end."""
        assert not path.startswith("/"), "inside the folder"
        assert ".." not in PurePosixPath(path).parts, "inside the folder"
        target = self._partial / path
        with _writing():
            self._make(target.parent)
            descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            yield file
            with _writing():
                file.flush()
                os.fsync(file.fileno())

    def _make(self, folder: Path) -> None:
        """Make a folder inside, and those above it, each for its owner alone."""
        if not folder.exists():
            self._make(folder.parent)
            folder.mkdir(mode=0o700)

    def read(self, path: str) -> Iterator[bytes]:
        """Yield a file that was written, piece by piece."""
        with _writing(), (self._partial / path).open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def inside(self, path: str) -> list[str]:
        """Return the paths of what is in a folder inside; nothing where there is none."""
        place = self._partial / path
        with _writing():
            return sorted(f"{path}/{one.name}" for one in place.iterdir()) if place.is_dir() else []

    def measure(self, path: str) -> File:
        """Read a file that was written, for its size and digest."""
        found = hashlib.sha256()
        size = 0
        for chunk in self.read(path):
            found.update(chunk)
            size += len(chunk)
        return File(path, size, found.digest())

    def place(self, path: str) -> Path:
        """Return where a file lies while the data set is written, for who must open it by name."""
        return self._partial / path

    def sync(self) -> None:
        """Make the names of everything inside durable; the files' contents are already."""
        with _writing():
            for inside, _, _ in os.walk(self._partial):
                folders.sync(Path(inside))
            folders.sync(self._partial.parent)

    def publish(self) -> None:
        """Give the folder its final name, durably. Fine when it has it."""
        with _writing():
            if self._partial.exists():
                if (self._partial / ASIDE / PACKED).exists() and (self._partial / MEDIA).exists():
                    shutil.rmtree(self._partial / MEDIA)
                if (self._partial / ASIDE).exists():
                    shutil.rmtree(self._partial / ASIDE)
                    folders.sync(self._partial)
                # A folder that stands there already is never replaced, unless it is empty.
                self._partial.rename(self._final)
            folders.sync(self._final.parent)

    def holds(self, manifest_digest: bytes) -> bool:
        """Tell whether this very data set is here, under its final name or before it got it."""
        for folder in (self._final, self._partial):
            try:
                data = (folder / MANIFEST).read_bytes()
            except OSError:
                continue
            if hashlib.sha256(data).digest() == manifest_digest:
                return True
        return False
