"""The manifest of a data set as whoever holds it reads it: bounded, and believed in nothing.

Only what is needed to check the files is read; what else stands in it is for others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Never

from assent_vault import jws
from assent_vault.dataset.faults import Flaw
from assent_vault.dataset.tree import Digested, HeldFolder, NotPlain, is_inside
from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import suite

TYPE: Final = "assent/manifest/v2"
NAME: Final = "MANIFEST.json"
SIGNATURE: Final = "MANIFEST.jws"
REMAINING: Final = "REMAINING.json"
FEED: Final = "revoked.jsonl"
BESIDE: Final = (NAME, SIGNATURE, REMAINING, FEED)
"""What no manifest lists: itself, its signature, and what a recipient's copy has beside it."""

EXPORT_BYTES: Final = 16
MAX_BYTES: Final = 128 << 20
"""Far above what any export writes: a hundred meetings of a dozen tracks take some 30 MB."""
MAX_FILES: Final = 1_000_000
_SIGNATURE_BYTES: Final = 4096
_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """What a manifest says. ``export`` and ``meetings`` are ids in b64, ``vault`` is a key."""

    digest: bytes
    export: str
    vault: bytes
    meetings: tuple[str, ...]
    files: Mapping[str, Digested]


class BrokenManifest(FormatError):
    """A manifest cannot be used; ``fault`` says why."""

    def __init__(self, fault: Flaw) -> None:
        self.fault = fault
        super().__init__("manifest", fault.code)


def load(tree: HeldFolder) -> bytes:
    """Return the exact bytes of a data set's manifest; raises BrokenManifest."""
    try:
        body = tree.read(NAME, MAX_BYTES)
    except NotPlain as error:
        raise BrokenManifest(Flaw("not-a-file", NAME)) from error
    except OSError as error:
        raise BrokenManifest(Flaw("not-a-data-set")) from error
    if len(body) > MAX_BYTES:
        raise BrokenManifest(Flaw("manifest-too-large"))
    return body


def parse(body: bytes) -> SignedManifest:
    """Read a manifest; raises BrokenManifest."""
    try:
        return _parse(body)
    except BrokenManifest:
        raise
    except (FormatError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BrokenManifest(Flaw("manifest-broken")) from error


def _parse(body: bytes) -> SignedManifest:
    said = json.loads(
        body.decode(), object_pairs_hook=_unique, parse_constant=_no_number, parse_int=_integer
    )
    if said["type"] != TYPE:
        raise FormatError("type", "is not that of a manifest")
    return SignedManifest(
        digest=suite.digest(body),
        export=_id(said["export"], EXPORT_BYTES),
        vault=suite.decode(_text(said["vault"]), suite.SIGN_PUBLIC_BYTES),
        meetings=tuple(
            _id(meeting["meeting"], suite.MEETING_BYTES) for meeting in said["meetings"]
        ),
        files=_files(said["files"]),
    )


def _files(listed: Any) -> dict[str, Digested]:
    if not isinstance(listed, list) or len(listed) > MAX_FILES:
        raise BrokenManifest(Flaw("manifest-broken"))
    found: dict[str, Digested] = {}
    for one in listed:
        path, size, digest = _text(one["path"]), one["size"], _text(one["sha256"])
        if not is_inside(path) or path in BESIDE:
            raise BrokenManifest(Flaw("path-escapes", path))
        if path in found:
            raise BrokenManifest(Flaw("path-twice", path))
        if type(size) is not int or size < 0 or not _HEX.fullmatch(digest):
            raise BrokenManifest(Flaw("manifest-broken"))
        found[path] = Digested(size, bytes.fromhex(digest))
    return found


def signature_fault(
    tree: HeldFolder, body: bytes, named: bytes, identities: tuple[bytes, ...]
) -> Flaw | None:
    """Return what is wrong with the signature of a manifest; None where nothing is.

    ``identities`` are the keys that whoever checks knows from elsewhere; ``named`` is the one that
    the manifest names itself, which is worth nothing alone.
    """
    try:
        signature = tree.read(SIGNATURE, _SIGNATURE_BYTES).strip()
    except OSError:
        return Flaw("unsigned")
    claimed = jws.key_of(signature)
    if claimed is None or len(signature) > _SIGNATURE_BYTES:
        return Flaw("unsigned")
    try:
        jws.verify_detached(claimed, TYPE, body, signature)
    except SignatureError:
        return Flaw("signature-wrong")
    if not identities:
        return Flaw("identity-unknown" if claimed == named else "signed-by-another")
    return None if claimed in identities else Flaw("signed-by-another")


def meeting_of(path: str, meetings: Iterable[str]) -> str | None:
    """Return which of these meetings a file is of: the one whose id is in its path.

    An id is drawn at random and longer than any name; none stands in a path by chance.
    """
    return next((each for each in meetings if each in path), None)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise FormatError("manifest", "has something that is not text")
    return value


def _id(value: Any, length: int) -> str:
    return suite.encode(suite.decode(_text(value), length))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormatError("manifest", "has a member twice")
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise FormatError("manifest", "has a number that is too large")
    return int(text)


_DIGITS: Final = 16


def _no_number(_: str) -> Never:
    raise FormatError("manifest", "has a number that is none")
