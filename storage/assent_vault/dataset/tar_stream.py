"""A data set as one tar, read from any place on: the very bytes of its folder, in a fixed order.

Nothing is kept of it but where its members begin. What is read is held against the digests of the
manifest as it goes by: the read that ends a file that is another one fails, so that nobody comes to
the end of a tar with something else in it. The same folder gives the same bytes, always.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assent_vault.dataset import remaining as remainings
from assent_vault.dataset import signed_manifest
from assent_vault.dataset.remaining import CHANGED, Remaining
from assent_vault.dataset.signed_manifest import (
    BESIDE,
    BrokenManifest,
    SignedManifest,
    meeting_of,
)
from assent_vault.dataset.tree import Digested, HeldFolder
from assent_vault.errors import DownloadError, FormatError

FOLDER: Final = "data-set-{}"
"""What all of it is in; of the export's id, which may begin with a hyphen."""
MISSING: Final = "data-set-missing"
CHANGED_SET: Final = "data-set-changed"
UNREADABLE: Final = "data-set-unreadable"
RECALLED: Final = "data-set-recalled"

_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(2 * _BLOCK)
_MODE: Final = 0o600
_STEP: Final = 1 << 20


def listed(
    tree: HeldFolder,
    export: str,
    manifest_digest: bytes,
    identities: tuple[bytes, ...],
    recalled: frozenset[str],
) -> dict[str, Digested]:
    """Return the files of a data set that this vault has signed, or what is left of one.

    ``recalled`` are the meetings that are not agreed to any more: of these nothing may be left.
    Raises DownloadError.
    """
    try:
        body = signed_manifest.load(tree)
        manifest = signed_manifest.parse(body)
        wrong = signed_manifest.signature_fault(tree, body, manifest.vault, identities)
        left = remainings.load(tree, manifest)
    except BrokenManifest as error:
        code = MISSING if error.fault.code == "not-a-data-set" else CHANGED_SET
        raise DownloadError(code, "It has no manifest that could be read.") from error
    except FormatError as error:
        raise DownloadError(CHANGED_SET, "What is left of it cannot be read.") from error
    except OSError as error:
        raise _unreadable(error) from error
    if wrong is not None or (manifest.export, manifest.digest) != (export, manifest_digest):
        raise DownloadError(CHANGED_SET, "Its manifest is not the one that was signed for it.")
    out = frozenset() if left is None else left.recalled
    if not recalled & set(manifest.meetings) <= out:
        raise DownloadError(RECALLED, "Something of it was taken back, and is in it still.")
    files = manifest.files if left is None else _left_of(manifest, left)
    try:
        _look_at(tree, {path: files[path] for path in files if files[path] != manifest.files[path]})
        beside = {path: tree.measure(path) for path in BESIDE if tree.is_there(path)}
    except OSError as error:
        raise _unreadable(error) from error
    return beside | dict(sorted(files.items(), key=lambda each: each[0].encode()))


def _left_of(manifest: SignedManifest, left: Remaining) -> dict[str, Digested]:
    found = {}
    for path, signed in manifest.files.items():
        if meeting_of(path, left.recalled) is not None:
            continue
        kept = left.files.get(path)
        if path in left.removed or (kept is not None and kept.origin == CHANGED):
            raise DownloadError(CHANGED_SET, "Nobody vouches for what is left of it.")
        found[path] = signed if kept is None else kept.measured
    return found


def _look_at(tree: HeldFolder, files: Mapping[str, Digested]) -> None:
    """What was to be written anew without what was recalled may not have been, yet."""
    for path, wanted in files.items():
        if tree.measure(path, wanted.size) != wanted:
            raise _changed()


@dataclass(slots=True)
class _Reading:
    """How far a file was read, and held against its digest."""

    member: int
    at: int
    digest: Any


class DataSetTar:
    """The tar of one data set. It waits for the disk; raises DownloadError."""

    def __init__(self, tree: HeldFolder, folder: str, files: Mapping[str, Digested]) -> None:
        """``folder`` is what all is in; ``files`` are in their order."""
        self._tree = tree
        self._folder = folder
        self._files = list(files.items())
        self._begins: list[int] = []
        self._reading: _Reading | None = None
        at = 0
        for member in range(len(self._files)):
            self._begins.append(at)
            size = self._files[member][1].size
            at += len(self._header(member)) + size + -size % _BLOCK
        self._end = at
        self.total = at + len(_END)
        """Its bytes."""

    def read(self, begin: int, size: int) -> bytes:
        """Return so many bytes of it, all of which there must be."""
        assert 0 <= begin <= begin + size <= self.total, "within the tar"
        pieces = []
        while size > 0:
            piece = self._piece(begin, size)
            pieces.append(piece)
            begin += len(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _piece(self, begin: int, size: int) -> bytes:
        """Return some bytes from a place on, at least one and at most so many."""
        if begin >= self._end:
            return _END[begin - self._end :][:size]
        member = bisect_right(self._begins, begin) - 1
        header = self._header(member)
        within = begin - self._begins[member]
        if within < len(header):
            if self._files[member][1].size == 0:
                self._content(member, 0, 0)
            return header[within:][:size]
        at, length = within - len(header), self._files[member][1].size
        if at < length:
            return self._content(member, at, min(size, length - at, _STEP))
        return bytes(min(size, length + -length % _BLOCK - at))

    def _header(self, member: int) -> bytes:
        path, measured = self._files[member]
        info = tarfile.TarInfo(f"{self._folder}/{path}")
        info.size, info.mode = measured.size, _MODE
        # POSIX.1-2001 (pax): for what is over 8 GiB there is no room in the plain header.
        return info.tobuf(tarfile.PAX_FORMAT)

    def _content(self, member: int, at: int, size: int) -> bytes:
        path, wanted = self._files[member]
        reading = self._reading
        try:
            with self._tree.open(path) as file:
                if os.fstat(file.fileno()).st_size != wanted.size:
                    raise _changed()
                if reading is None or (reading.member, reading.at) != (member, at):
                    # Whoever goes on in the middle reads what comes before once more.
                    reading = _Reading(member, 0, hashlib.sha256())
                    while reading.at < at:
                        self._take(reading, file.read(min(_STEP, at - reading.at)))
                file.seek(at)
                data = file.read(size)
        except OSError as error:
            raise _unreadable(error) from error
        if len(data) != size:
            raise _changed()
        if size:
            self._take(reading, data)
        if reading.at == wanted.size and reading.digest.digest() != wanted.sha256:
            raise _changed()
        self._reading = reading
        return data

    @staticmethod
    def _take(reading: _Reading, data: bytes) -> None:
        if not data:
            raise _changed()
        reading.digest.update(data)
        reading.at += len(data)


def _changed() -> DownloadError:
    return DownloadError(CHANGED_SET, "A file of it is not the one that was signed.")


def _unreadable(error: OSError) -> DownloadError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return DownloadError(MISSING, "Something of it is not there any more.")
    return DownloadError(UNREADABLE, "It cannot be read.")
