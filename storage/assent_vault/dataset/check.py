"""Checks a data set that somebody holds: whole, signed, and still agreed to.

Theory of operation. The signature is looked at first, then every file of the manifest, then what
else lies there. What was recalled must be gone, all of it; where something was taken away for a
recall, that is held against the feed, which the vault has signed: nobody takes anything out of a
data set without its being told.

The feed is remembered in the folder (``revoked.jsonl``), and every later one must extend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from assent_vault.dataset import feed as feeds
from assent_vault.dataset import remaining as remainings
from assent_vault.dataset import rewriting, signed_manifest
from assent_vault.dataset.faults import Flaw
from assent_vault.dataset.feed import Feed, FeedError, Recall
from assent_vault.dataset.remaining import REWRITTEN, SIGNED, Left, Remaining
from assent_vault.dataset.signed_manifest import (
    BESIDE,
    FEED,
    REMAINING,
    BrokenManifest,
    SignedManifest,
    meeting_of,
)
from assent_vault.dataset.tree import Digested, HeldFolder, flaw_of
from assent_vault.errors import FormatError

MOST_FAULTS: Final = 1000
"""So many are kept one by one; of more only their number."""


@dataclass(slots=True)
class Findings:
    """What was found. ``faults`` are in the order in which they were, ``more`` is how many others.

    ``vault`` is the key that the manifest names itself.
    """

    manifest: SignedManifest | None = None
    signed: bool = False
    feed: Feed | None = None
    feed_given: bool = False
    as_signed: int = 0
    octets: int = 0
    rewritten: list[str] = field(default_factory=list)
    removed: int = 0
    faults: list[Flaw] = field(default_factory=list)
    more: int = 0

    def add(self, fault: Flaw) -> None:
        """Note a fault, once."""
        if len(self.faults) >= MOST_FAULTS:
            self.more += 1
        elif fault not in self.faults[-3:]:
            self.faults.append(fault)

    @property
    def recalls(self) -> list[Recall]:
        """What was recalled of this data set."""
        if self.feed is None or self.manifest is None:
            return []
        return [each for each in self.feed.recalls if each.meeting in self.manifest.meetings]


def check(root: Path, identities: Iterable[bytes] = (), given: bytes | None = None) -> Findings:
    """Check a data set, with a feed where one is given; changes nothing."""
    tree, found, keys = HeldFolder(root), Findings(), tuple(identities)
    try:
        body = signed_manifest.load(tree)
        manifest = found.manifest = signed_manifest.parse(body)
    except BrokenManifest as error:
        found.add(error.fault)
        return found
    wrong = signed_manifest.signature_fault(tree, body, manifest.vault, keys)
    found.signed = wrong is None
    if wrong is not None:
        found.add(wrong)
    _look_at_feed(tree, found, manifest, keys or (manifest.vault,), given)
    left = _look_at_remaining(tree, found, manifest)
    _look_at_files(tree, found, manifest, left)
    _look_for_more(tree, found, manifest)
    return found


def _look_at_feed(
    tree: HeldFolder,
    found: Findings,
    manifest: SignedManifest,
    keys: tuple[bytes, ...],
    given: bytes | None,
) -> None:
    """Take the longest feed there is, of the one that is given and the one that was kept."""

    def read(body: bytes) -> Feed | None:
        try:
            feed = feeds.parse(body)
            feeds.check(feed, manifest.export, manifest.digest, keys)
        except FeedError as error:
            found.add(Flaw(error.code))
            return None
        return feed

    try:
        seen = read(tree.read(FEED, feeds.MAX_BYTES))
    except FileNotFoundError:
        seen = None
    except OSError as error:
        found.add(flaw_of(error, FEED))
        seen = None
    found.feed = seen
    if given is None:
        return
    feed = read(given)
    if feed is None:
        return
    if seen is not None:
        try:
            feeds.must_extend(feed, seen)
        except FeedError as error:
            found.add(Flaw(error.code))
            return
    found.feed, found.feed_given = feed, True


def _look_at_remaining(
    tree: HeldFolder, found: Findings, manifest: SignedManifest
) -> Remaining | None:
    try:
        left = remainings.load(tree, manifest)
    except FormatError:
        found.add(Flaw("remaining-broken"))
        return None
    except OSError as error:
        found.add(flaw_of(error, REMAINING))
        return None
    if left is None:
        return None
    digests = () if found.feed is None else found.feed.digests
    # What was taken away was recalled: by the very feed that the vault has signed.
    if digests[left.entries - 1 : left.entries] != (left.feed,):
        found.add(Flaw("remaining-broken"))
        return None
    return left


def _look_at_files(
    tree: HeldFolder, found: Findings, manifest: SignedManifest, left: Remaining | None
) -> None:
    recalled = sorted({each.meeting for each in found.recalls})
    done = frozenset() if left is None else left.recalled
    for each in recalled:
        if each not in done:
            found.add(Flaw("recalled", each))
    for path, signed in manifest.files.items():
        if meeting_of(path, recalled) is not None:
            if tree.is_there(path):
                found.add(Flaw("recalled", path))
            else:
                found.removed += 1
        elif left is not None and path in left.removed:
            found.add(Flaw("removed-unrecalled", path))
        else:
            _look_at_file(tree, found, path, signed, None if left is None else left.files.get(path))


def _look_at_file(
    tree: HeldFolder, found: Findings, path: str, signed: Digested, left: Left | None
) -> None:
    wanted = signed if left is None else left.measured
    try:
        measured = tree.measure(path, wanted.size)
        if measured != wanted and signed.size != wanted.size:
            measured = tree.measure(path, signed.size)
    except OSError as error:
        found.add(flaw_of(error, path))
        return
    if left is not None and left.origin != SIGNED and measured != wanted:
        # Written anew it would be without what was recalled, and it was not.
        found.add(Flaw("recalled" if measured == signed else "file-changed", path))
    elif measured != wanted or (left is not None and left.origin not in (SIGNED, REWRITTEN)):
        found.add(Flaw("file-changed", path))
    elif left is not None and left.origin == REWRITTEN:
        if _names(tree, path, found.recalls):
            found.add(Flaw("recalled", path))
        else:
            found.rewritten.append(path)
    else:
        found.as_signed += 1
        found.octets += measured.size


def _names(tree: HeldFolder, path: str, recalls: list[Recall]) -> bool:
    """Tell whether a file that was written anew still names what was recalled, or may."""
    try:
        with tree.open(path) as file:
            return rewriting.names(file, path, [each.meeting for each in recalls])
    except rewriting.FAILURES:
        return True


def _look_for_more(tree: HeldFolder, found: Findings, manifest: SignedManifest) -> None:
    """Find what is there and should not be."""
    try:
        for path, is_plain in tree.paths():
            if path in manifest.files:
                continue  # looked at
            if path not in BESIDE:
                found.add(Flaw("file-added" if is_plain else "not-a-file", path))
    except OSError as error:
        found.add(flaw_of(error, "."))
