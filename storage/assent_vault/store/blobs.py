"""Objects: sealed segments, headers and closings, each written once and never changed.

``Blobs`` is what the rest of the program knows: an S3 bucket could stand behind it as well.
``FolderBlobs`` keeps each object as a file. When ``put`` returns, the object survives a power cut:
its bytes are synced before it gets its name, and so is every folder on the way to it. Nobody ever
sees half an object, for a name is given only to a whole one; and no name is given twice.

A half-written object lives in ``.incoming/<random>/``, one folder for each process that writes,
held by a lock that dies with the process. Opening the store clears the folders of the dead.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import secrets
import shutil
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from assent_vault.errors import BlobExists, BlobMissing, BlobUnavailable, ConfigError
from assent_vault.files import folders
from assent_vault.store import object_names
from assent_vault.store.reserve_file import ReserveFile

# One object is a segment of two seconds, a header or a closing: FORMAT.md keeps all far below.
MAX_OBJECT_BYTES = 64 * 1024 * 1024
# A page of a listing; S3 has the same.
_PAGE = 1000
# How many folders a process remembers as durable before it forgets them and syncs once more. Of
# use are one for each track that is recorded now, and the few above them.
_REMEMBERED_FOLDERS = 1024
_INCOMING = ".incoming"

_T = TypeVar("_T")
_Names = list[str]
_Listing = list[tuple[str, int]]  # keys and sizes


class Blobs(Protocol):
    """A store of write-once objects. Keys are names joined by ``/``; a prefix ends with ``/``."""

    async def put(self, key: str, data: bytes) -> None:
        """Store ``data`` durably under ``key``.

        The same bytes again are fine; other bytes raise BlobExists. Raises BlobUnavailable when
        the store is full or away; then nothing is under ``key``, or all of it.
        """

    async def get(self, key: str) -> bytes:
        """Return the object. Raises BlobMissing when there is none, BlobUnavailable."""

    def list(self, prefix: str) -> AsyncIterator[tuple[str, int]]:
        """Yield key and size of every object under ``prefix`` ("" for all), in any order."""

    async def delete(self, key: str) -> None:
        """Remove the object durably; fine when there is none."""

    async def delete_prefix(self, prefix: str) -> int:
        """Remove every object under ``prefix`` durably; return how many there were."""

    async def make_reserve(self, content: bytes) -> bytes:
        """See to it that there is a reserve, as large as ``content``; return what is in it.

        The reserve is no object: it has its room from now on, and is written in place, so that it
        can be written when the store is full. A new one is made of ``content``, durably.
        """

    async def read_reserve(self) -> bytes:
        """Return what is in the reserve; b"" where none was made. Raises BlobUnavailable."""

    async def write_reserve(self, offset: int, data: bytes) -> None:
        """Write within the reserve, durably, without taking any room. Raises BlobUnavailable."""

    async def close(self) -> None:
        """Let go of everything held."""


class FolderBlobs:
    """Objects as files under a folder that only its owner can read, or only the group it is for.

    ``fsync`` is what makes a descriptor's content durable; a crash test hands in one that does not.
    """

    def __init__(self, path: Path, fsync: Callable[[int], None] = os.fsync) -> None:
        self._root = path
        self._fsync = fsync
        self._durable: OrderedDict[str, None] = OrderedDict()  # text: half of what a Path takes
        self._incoming: tuple[Path, int] | None = None
        # Calls run in several threads at once; this guards the two fields above.
        self._lock = threading.Lock()
        try:
            self._make_root()
            self._clear_dead()
        except OSError as error:
            raise self._unavailable(error) from error

    # The protocol: each call works in a thread, for every one may wait for a disk.

    async def put(self, key: str, data: bytes) -> None:
        """See Blobs.put."""
        if len(data) > MAX_OBJECT_BYTES:
            raise ValueError("larger than an object may be")
        await asyncio.to_thread(self._put, object_names.of_key(key), data)

    async def get(self, key: str) -> bytes:
        """See Blobs.get."""
        return await asyncio.to_thread(self._get, object_names.of_key(key))

    async def list(self, prefix: str) -> AsyncIterator[tuple[str, int]]:
        """See Blobs.list; memory is bounded by the largest single folder."""
        walk = self._walk(self._root.joinpath(*object_names.of_prefix(prefix)))
        while page := await asyncio.to_thread(self._page, walk):
            for item in page:
                yield item

    async def delete(self, key: str) -> None:
        """See Blobs.delete."""
        await asyncio.to_thread(self._delete, self._root.joinpath(*object_names.of_key(key)))

    async def delete_prefix(self, prefix: str) -> int:
        """See Blobs.delete_prefix."""
        count = 0
        folder = self._root.joinpath(*object_names.of_prefix(prefix))
        walk = self._walk(folder)
        while page := await asyncio.to_thread(self._page, walk):
            for key, _ in page:
                await asyncio.to_thread(self._delete, self._root / key)
                count += 1
        await asyncio.to_thread(self._prune, folder)
        return count

    async def make_reserve(self, content: bytes) -> bytes:
        """See Blobs.make_reserve."""
        return await asyncio.to_thread(self._reserved, self._reserve.make, content)

    async def read_reserve(self) -> bytes:
        """See Blobs.read_reserve."""
        return await asyncio.to_thread(self._reserved, self._reserve.read)

    async def write_reserve(self, offset: int, data: bytes) -> None:
        """See Blobs.write_reserve."""
        await asyncio.to_thread(self._reserved, self._reserve.write, offset, data)

    async def close(self) -> None:
        """Remove this process's folder for half-written objects."""
        if self._incoming is not None:
            folder, lock = self._incoming
            self._incoming = None
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            os.close(lock)

    # Opening.

    def _make_root(self) -> None:
        for folder in folders.make(self._root):
            self._sync_folder(folder.parent)
        if not self._root.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        self._shared = folders.is_shared(self._root)
        self._mode = folders.READ_FILE if self._shared else folders.PRIVATE_FILE
        self._reserve = ReserveFile(self._root, self._mode, self._fsync)
        folders.make_one(self._root / _INCOMING, shared=self._shared)

    def _clear_dead(self) -> None:
        """Remove what writers left half-written when they died. The living hold a lock."""
        for folder in (self._root / _INCOMING).iterdir():
            try:
                lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError, PermissionError):
                continue  # gone, or somebody else's to clear
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            except BlockingIOError:
                pass
            finally:
                os.close(lock)

    def _own_incoming(self) -> Path:
        """Return this process's folder for half-written objects; made at the first write."""
        with self._lock:
            while self._incoming is None:
                folder = self._root / _INCOMING / secrets.token_hex(8)
                folders.make_one(folder, shared=self._shared)
                try:
                    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                except FileNotFoundError:
                    continue
                fcntl.flock(lock, fcntl.LOCK_EX)
                # Somebody who opened the store between mkdir and flock took us for dead.
                if not folder.exists():
                    os.close(lock)
                    continue
                self._incoming = (folder, lock)
            return self._incoming[0]

    # Writing.

    def _put(self, parts: _Names, data: bytes) -> None:
        final = self._root.joinpath(*parts)
        temporary: Path | None = None
        try:
            temporary = self._own_incoming() / secrets.token_hex(16)
            self._write(temporary, data)
            while not self._give_name(temporary, final):
                pass  # a deletion has removed the folder, which it had emptied, under us
            try:
                self._sync_folder(final.parent)
            except FileNotFoundError:
                if not temporary.exists():
                    raise  # the whole store went away
                self._forget(final.parent)  # a deletion has removed it, and the object before
        except FileExistsError:
            self._expect_same(final, data)
        except OSError as error:
            raise self._unavailable(error) from error
        finally:
            if temporary is not None:
                _remove_quietly(temporary)

    def _write(self, path: Path, data: bytes) -> None:
        descriptor = folders.create(path, os.O_WRONLY | os.O_EXCL | os.O_NOFOLLOW, self._mode)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            self._fsync(descriptor)
        finally:
            os.close(descriptor)

    def _give_name(self, temporary: Path, final: Path) -> bool:
        """Name a whole object; False when its folder vanished and must be made again.

        ``link`` refuses a name that is taken, which ``rename`` would silently replace.
        """
        try:
            self._make_folders(final.parent)
            os.link(temporary, final)
        except FileNotFoundError:
            if not temporary.exists():
                raise  # the whole store went away
            self._forget(final.parent)
            return False
        return True

    def _make_folders(self, folder: Path) -> None:
        """Make ``folder`` and those above it, each of them durable.

        A folder that is there already may have been made by a process that died before syncing,
        so it counts as durable only once this process has synced its parent.
        """
        todo = []
        with self._lock:
            while folder != self._root and str(folder) not in self._durable:
                todo.append(folder)
                folder = folder.parent
        for each in reversed(todo):
            folders.make_one(each, shared=self._shared)
            self._sync_folder(each.parent)
            with self._lock:
                self._durable[str(each)] = None
                while len(self._durable) > _REMEMBERED_FOLDERS:
                    self._durable.popitem(last=False)

    def _forget(self, folder: Path) -> None:
        with self._lock:
            while folder != self._root:
                self._durable.pop(str(folder), None)
                folder = folder.parent

    def _expect_same(self, final: Path, data: bytes) -> None:
        """Accept the same bytes under the same key again, as durable as the first time."""
        try:
            with open(final, "rb", opener=_no_link) as file:
                if file.read(len(data) + 1) != data:
                    raise BlobExists("There is another object under this key.") from None
                self._fsync(file.fileno())
            self._sync_folder(final.parent)
        except OSError as error:
            raise self._unavailable(error) from error

    def _sync_folder(self, folder: Path) -> None:
        folders.sync(folder, self._fsync)

    def _reserved(self, call: Callable[..., _T], *arguments: Any) -> _T:
        try:
            return call(*arguments)
        except OSError as error:
            raise self._unavailable(error) from error

    # Reading and removing.

    def _get(self, parts: _Names) -> bytes:
        path = self._root.joinpath(*parts)
        try:
            with open(path, "rb", opener=_no_link) as file:
                data = file.read(MAX_OBJECT_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise BlobMissing("There is no such object.") from error
        except OSError as error:
            raise self._unavailable(error) from error
        if len(data) > MAX_OBJECT_BYTES:
            raise BlobUnavailable("The object is larger than any that was ever stored.")
        return data

    def _page(self, walk: Iterator[tuple[str, int]]) -> _Listing:
        page: _Listing = []
        try:
            for item in walk:
                page.append(item)
                if len(page) == _PAGE:
                    break
        except OSError as error:
            raise self._unavailable(error) from error
        return page

    def _walk(self, folder: Path) -> Iterator[tuple[str, int]]:
        """Yield what is under ``folder``, one folder in memory at a time, sorted in each."""
        try:
            with os.scandir(folder) as entries:
                here = sorted(
                    (entry for entry in entries if object_names.is_name(entry.name)),
                    key=lambda entry: entry.name,
                )
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in here:
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(folder / entry.name)
            elif entry.is_file(follow_symlinks=False):
                try:
                    size = entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue
                yield str(Path(entry.path).relative_to(self._root)), size

    def _delete(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
            self._sync_folder(path.parent)
            self._prune(path.parent)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise self._unavailable(error) from error

    def _prune(self, folder: Path) -> None:
        """Remove empty folders upwards: their names, too, tell who was in a meeting."""
        while folder != self._root:
            try:
                folder.rmdir()
                self._sync_folder(folder.parent)
            except FileNotFoundError:
                pass
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    return
                raise self._unavailable(error) from error
            with self._lock:
                self._durable.pop(str(folder), None)
            folder = folder.parent

    @staticmethod
    def _unavailable(error: OSError) -> BlobUnavailable:
        # The name of the error, never its text: that has the path, and so who was in which meeting.
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return BlobUnavailable(f"The object store cannot be used ({name}).")


def _no_link(path: str, flags: int) -> int:
    """Open a file, but nothing that a link under its name points to."""
    return os.open(path, flags | os.O_NOFOLLOW)


def _remove_quietly(path: Path) -> None:
    """Remove a temporary name; if that fails it is cleared when the store is next opened."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def open_blobs(url: str) -> Blobs:
    """Open the store that the setting ``objects_url`` names: a folder's path, or ``file:///path``."""
    parts = urlsplit(url)
    if parts.scheme == "":
        return FolderBlobs(Path(url))
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return FolderBlobs(Path(unquote(parts.path)))
    raise ConfigError(["objects_url must be a folder, as a path or as file:///path."])
