"""Takes what was recalled out of a data set that somebody holds.

Theory of operation. The feed is kept in the folder first: from then on nobody who checks calls what
was recalled agreed to. Then every file that is of several meetings is written anew beside itself,
the manifest of what is left is written, and only after that do the new files get their places and
the recalled ones go. Killed anywhere, it leaves a folder that is told as not whole, or as recalled,
and doing it again brings it to its end. The signed manifest and its signature are never touched.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from assent_vault.dataset import remaining as remainings
from assent_vault.dataset import rewriting
from assent_vault.dataset.check import Findings
from assent_vault.dataset.faults import Flaw
from assent_vault.dataset.feed import Feed
from assent_vault.dataset.remaining import CHANGED, REWRITTEN, SIGNED, Left, Remaining
from assent_vault.dataset.signed_manifest import FEED, REMAINING, SignedManifest, meeting_of
from assent_vault.dataset.tree import Digested, HeldFolder
from assent_vault.errors import FormatError

_TEXT_BYTES: Final = 16 << 20


def apply(root: Path, found: Findings) -> list[Flaw]:
    """Take out what the feed recalls; returns what could not be done.

    ``found`` is of a check by which the manifest is signed, with a feed. Check again afterwards.
    """
    assert found.signed, "nothing is taken away for what nobody has signed"
    assert found.manifest is not None, "it is signed"
    assert found.feed is not None, "what is recalled is known"
    try:
        with _alone(root):
            return _Applying(HeldFolder(root), found.manifest, found.feed).run()
    except BlockingIOError:
        return [Flaw("in-use")]
    except OSError:
        return [Flaw("cannot-write")]


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(place)


class _Applying:
    """One way through a folder."""

    def __init__(self, tree: HeldFolder, manifest: SignedManifest, feed: Feed) -> None:
        self._tree = tree
        self._manifest = manifest
        self._feed = feed
        self._recalled = feed.meetings & frozenset(manifest.meetings)
        self._flaws: list[Flaw] = []
        self._rewritten: dict[str, Left] = {}

    def run(self) -> list[Flaw]:
        if self._tree.read_or_none(FEED) != self._feed.body:
            self._put(FEED, self._feed.body)
        if not self._recalled:
            return []
        before = self._before()
        gone = [each for each in self._manifest.files if self._is_gone(each)]
        meetings = self._manifest.meetings
        shared = [each for each in self._manifest.files if meeting_of(each, meetings) is None]
        last = [each for each in (rewriting.CARD, rewriting.CROISSANT) if each in shared]
        for path in (*(each for each in shared if each not in last), *last):
            try:
                self._write_anew(path, before)
            except FileNotFoundError:
                continue  # told by the check
            except rewriting.FAILURES:
                self._flaws.append(Flaw("not-taken-out", path))
                with suppress(OSError):
                    self._tree.forget(path)
        # Nothing is said to be taken out that is not; what can go goes all the same.
        done = frozenset() if self._flaws else self._recalled
        self._put(REMAINING, self._document(done, gone))
        for path in self._rewritten:
            self._tree.replace(path)
        for path in gone:
            self._tree.remove(path)
        return self._flaws

    def _is_gone(self, path: str) -> bool:
        return meeting_of(path, self._recalled) is not None

    def _before(self) -> Remaining | None:
        try:
            return remainings.load(self._tree, self._manifest)
        except (FormatError, OSError):
            return None

    def _origin(self, path: str, before: Remaining | None) -> str:
        """Tell what a file is before it is written anew: as signed, as written anew, or neither."""
        measured = self._tree.measure(path)
        left = None if before is None else before.files.get(path)
        if measured == self._manifest.files[path]:
            return SIGNED
        if left is not None and left.origin == REWRITTEN and measured == left.measured:
            return REWRITTEN
        return CHANGED

    def _write_anew(self, path: str, before: Remaining | None) -> None:
        origin = self._origin(path, before)
        how = rewriting.kind_of(path)
        if path in (rewriting.CARD, rewriting.CROISSANT):
            self._write_text(path)
        elif how is not None:
            with self._tree.open(path) as source, self._tree.beside(path) as out:
                left_out = how(source, out, self._recalled, self._manifest.meetings)
            if not left_out:
                self._tree.forget(path)
                if origin != SIGNED:
                    self._keep(path, origin, self._tree.measure(path))
                return
        else:
            with self._tree.open(path) as source:
                if rewriting.names(source, path, self._recalled):
                    self._flaws.append(Flaw("not-taken-out", path))
            if origin != SIGNED:
                self._keep(path, CHANGED, self._tree.measure(path))
            return
        measured = self._tree.measure(self._tree.half(path))
        self._keep(path, CHANGED if origin == CHANGED else REWRITTEN, measured)

    def _keep(self, path: str, origin: str, measured: Digested) -> None:
        self._rewritten[path] = Left(measured, origin)

    def _write_text(self, path: str) -> None:
        text = self._tree.read(path, _TEXT_BYTES).decode()
        if path == rewriting.CARD:
            text = rewriting.card(text, len(self._recalled), len(self._manifest.meetings))
        else:
            now = {each: left.measured for each, left in self._rewritten.items()}
            text = rewriting.croissant(text, now)
        if any(each in text for each in self._recalled):
            raise ValueError("it names a meeting that was recalled")
        with self._tree.beside(path) as out:
            out.write(text.encode())

    def _document(self, done: frozenset[str], gone: list[str]) -> bytes:
        files = {
            path: self._rewritten.get(path) or Left(signed, SIGNED)
            for path, signed in self._manifest.files.items()
            if not self._is_gone(path)
        }
        return remainings.write(self._manifest, self._feed, done, gone, files)

    def _put(self, path: str, body: bytes) -> None:
        with self._tree.beside(path) as out:
            out.write(body)
        self._tree.replace(path)
