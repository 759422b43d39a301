"""The manifest of what is left of a data set after recalls: whoever holds it has written it.

The vault has not signed it, and it says so. The signed manifest stays beside it, byte for byte, so
that its signature still verifies; whatever is as it was signed is checked against that one, and
this one tells what was taken away, for which recalls, and what was written anew without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assent_vault.dataset.feed import Feed
from assent_vault.dataset.signed_manifest import REMAINING, SignedManifest, meeting_of
from assent_vault.dataset.tree import Digested, HeldFolder, is_inside
from assent_vault.errors import FormatError
from assent_vault.formats import suite

TYPE: Final = "assent/remaining/v1"
MAX_BYTES: Final = 512 << 20

SIGNED: Final = "signed"
REWRITTEN: Final = "rewritten"
CHANGED: Final = "changed"
"""Written anew from something that was not what was signed: nobody vouches for it."""

_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ABOUT: Final = (
    "What is left of a data set of which something was recalled, written by whoever holds it with"
    " assent-vault check-dataset --apply. THE VAULT HAS NOT SIGNED THIS. What it has signed is"
    " MANIFEST.json, which is as it was and still verifies with MANIFEST.jws; files of origin"
    " signed are those of that manifest, byte for byte. Files of origin rewritten were written anew"
    " without what was recalled; revoked.jsonl has the recalls, signed by the vault."
)


@dataclass(frozen=True, slots=True)
class Left:
    """A file that is left, and where its content is from."""

    measured: Digested
    origin: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left. ``entries`` is how many of the feed were carried out, the opening one too."""

    entries: int
    feed: bytes
    recalled: frozenset[str]
    removed: frozenset[str]
    files: Mapping[str, Left]


def write(
    manifest: SignedManifest,
    feed: Feed,
    recalled: Iterable[str],
    removed: Iterable[str],
    files: Mapping[str, Left],
) -> bytes:
    """Return the document; ``recalled`` are the meetings of which nothing is left."""
    said = {
        "type": TYPE,
        "about": _ABOUT,
        "export": manifest.export,
        "manifest": manifest.digest.hex(),
        "feed": {"entries": len(feed.digests), "digest": feed.digests[-1].hex()},
        "recalled": sorted(recalled),
        "removed": sorted(removed),
        "files": [
            {
                "path": path,
                "size": left.measured.size,
                "sha256": left.measured.sha256.hex(),
                "origin": left.origin,
            }
            for path, left in sorted(files.items())
        ],
    }
    return (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()


def load(tree: HeldFolder, manifest: SignedManifest) -> Remaining | None:
    """Read what is left; None where nothing was taken away. Raises FormatError, OSError."""
    try:
        body = tree.read(REMAINING, MAX_BYTES)
    except FileNotFoundError:
        return None
    if len(body) > MAX_BYTES:
        raise FormatError("remaining", "is too large")
    try:
        return _parse(json.loads(body), manifest)
    except FormatError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FormatError("remaining", "is not what check-dataset writes") from error


def _parse(said: Any, manifest: SignedManifest) -> Remaining:
    named = (said["type"], said["export"], said["manifest"])
    if named != (TYPE, manifest.export, manifest.digest.hex()):
        raise FormatError("remaining", "is of another data set")
    entries = said["feed"]["entries"]
    if type(entries) is not int or entries < 1:
        raise FormatError("remaining", "is of no feed")
    return Remaining(
        entries,
        _digest(said["feed"]["digest"]),
        frozenset(_id(each) for each in said["recalled"]),
        frozenset(_path(each, manifest) for each in said["removed"]),
        {_path(each["path"], manifest): _left(each, manifest) for each in said["files"]},
    )


def _left(each: Any, manifest: SignedManifest) -> Left:
    path, size, origin = each["path"], each["size"], each["origin"]
    if type(size) is not int or size < 0 or origin not in (SIGNED, REWRITTEN, CHANGED):
        raise FormatError("remaining", "has a file that is none")
    left = Left(Digested(size, _digest(each["sha256"])), origin)
    # What is of one meeting is never written anew; what is said to be signed is what was signed.
    if origin != SIGNED and meeting_of(path, manifest.meetings) is not None:
        raise FormatError("remaining", "has media that was written anew")
    if origin == SIGNED and left.measured != manifest.files[path]:
        raise FormatError("remaining", "has another digest than was signed")
    return left


def _path(path: Any, manifest: SignedManifest) -> str:
    if not isinstance(path, str) or not is_inside(path) or path not in manifest.files:
        raise FormatError("remaining", "has a path that was not signed")
    return path


def _id(text: Any) -> str:
    return suite.encode(suite.decode(str(text), suite.MEETING_BYTES))


def _digest(text: Any) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise FormatError("remaining", "has a digest that is none")
    return bytes.fromhex(text)
