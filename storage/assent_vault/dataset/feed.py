"""The feed of recalls of one export: what was taken back after it was handed out, signed.

Theory of operation. A feed is lines of JSON, each a JWS by the vault. The first one opens it: which
export it is of, and by which manifest. Each further one recalls a meeting. They are numbered, and
each has the digest of the one before: a feed can only grow, so of two feeds of one export one is
the beginning of the other, or somebody has signed two histories. Nothing is ever taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent_vault import jws
from assent_vault.dataset.signed_manifest import EXPORT_BYTES
from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import document, suite

OPENING: Final = "assent/recalls/v1"
RECALL: Final = "assent/recall/v1"

WITHDRAWN: Final = "withdrawn"
REVOKED: Final = "revoked"
DELETED: Final = "deleted"
REASONS: Final = (WITHDRAWN, REVOKED, DELETED)
"""Somebody took back what they had said; it was done for them; the meeting was deleted."""

MAX_BYTES: Final = 64 << 20
MAX_LINE_BYTES: Final = 4096
_NAME_BYTES: Final = 16


class FeedError(FormatError):
    """A feed cannot be used; ``code`` is one of ``faults.WORDS``."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__("feed", code)


@dataclass(frozen=True, slots=True)
class Recall:
    """That a meeting of an export is not agreed to any more. ``at`` is the vault's clock, Unix ms.

    ``meeting`` is its id in b64.
    """

    sequence: int
    meeting: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that hangs together. ``digests`` are of its entries, the opening one included.

    ``signers`` are the keys that have signed it, whoever they are.
    """

    body: bytes
    export: str
    manifest: bytes
    opened_at: int
    recalls: tuple[Recall, ...]
    digests: tuple[bytes, ...]
    signers: frozenset[bytes]

    @property
    def meetings(self) -> frozenset[str]:
        """The meetings that are recalled."""
        return frozenset(each.meeting for each in self.recalls)


def name_of(identity: Ed25519PrivateKey, export: str) -> str:
    """Return what the feed of an export is asked for by: whoever has not been told cannot guess.

    It is the same each time, so that it can be in the manifest before there is a feed.
    """
    derived = HKDF(SHA256(), _NAME_BYTES, salt=None, info=b"assent/recalls/v1\0" + export.encode())
    return suite.encode(derived.derive(identity.private_bytes_raw()))


def begin(identity: Ed25519PrivateKey, export: str, manifest: bytes, now: int) -> bytes:
    """Return the feed of an export of which nothing was recalled."""
    said = {"type": OPENING, "export": export, "manifest": suite.encode(manifest), "at": now}
    return jws.sign_line(identity, OPENING, document.write(said))


def extend(identity: Ed25519PrivateKey, feed: Feed, meeting: str, reason: str, now: int) -> bytes:
    """Return a feed with one more meeting recalled."""
    assert meeting not in feed.meetings, "a meeting is recalled once, and for good"
    said = {
        "type": RECALL,
        "export": feed.export,
        "sequence": len(feed.digests),
        "previous": suite.encode(feed.digests[-1]),
        "meeting": meeting,
        "reason": reason,
        "at": now,
    }
    return feed.body + jws.sign_line(identity, RECALL, document.write(said))


def parse(body: bytes) -> Feed:
    """Read a feed, with every signature by the key that it names; raises FeedError.

    Whether these are the right keys, ``check`` tells.
    """
    if len(body) > MAX_BYTES or not body.endswith(b"\n"):
        raise FeedError("feed-broken")
    lines = body[:-1].split(b"\n")
    try:
        found = _first(lines[0])
        digests, signers = [suite.digest(found.body)], {found.signer}
        recalls: list[Recall] = []
        for line in lines[1:]:
            entry = _line(line, RECALL)
            fields = document.read(entry.body, RECALL, most=MAX_LINE_BYTES).only(
                "type", "export", "sequence", "previous", "meeting", "reason", "at"
            )
            recall = Recall(
                fields.integer("sequence", least=1),
                suite.encode(fields.b64("meeting", suite.MEETING_BYTES)),
                fields.choice("reason", REASONS),
                fields.integer("at"),
            )
            if (
                suite.encode(fields.b64("export", EXPORT_BYTES)) != found.export
                or recall.sequence != len(digests)
                or fields.b64("previous", suite.DIGEST_BYTES) != digests[-1]
            ):
                raise FeedError("feed-broken")
            recalls.append(recall)
            digests.append(suite.digest(entry.body))
            signers.add(entry.signer)
    except (SignatureError, FormatError) as error:
        raise FeedError("feed-broken") from error
    if len({each.meeting for each in recalls}) != len(recalls):
        raise FeedError("feed-broken")
    return Feed(
        body=body,
        export=found.export,
        manifest=found.manifest,
        opened_at=found.at,
        recalls=tuple(recalls),
        digests=tuple(digests),
        signers=frozenset(signers),
    )


def check(feed: Feed, export: str, manifest: bytes, identities: Iterable[bytes]) -> None:
    """Raise FeedError unless a feed is of this very data set, signed by these keys alone."""
    if not feed.signers <= set(identities):
        raise FeedError("feed-signed-by-another")
    if (feed.export, feed.manifest) != (export, manifest):
        raise FeedError("feed-of-another")


def must_extend(feed: Feed, seen: Feed) -> None:
    """Raise FeedError unless a feed is what was seen before, or that and more."""
    shared = min(len(feed.digests), len(seen.digests))
    if feed.digests[:shared] != seen.digests[:shared]:
        raise FeedError("feed-forked")
    if len(feed.digests) < len(seen.digests):
        raise FeedError("feed-old")


@dataclass(frozen=True, slots=True)
class _Line:
    body: bytes
    signer: bytes


@dataclass(frozen=True, slots=True)
class _Opening(_Line):
    export: str
    manifest: bytes
    at: int


def _line(line: bytes, type_: str) -> _Line:
    if len(line) > MAX_LINE_BYTES:
        raise FeedError("feed-broken")
    whole, body = jws.read_line(line)
    signer = jws.key_of(whole)
    if signer is None:
        raise FeedError("feed-broken")
    jws.verify(signer, type_, whole)
    return _Line(body, signer)


def _first(line: bytes) -> _Opening:
    entry = _line(line, OPENING)
    fields = document.read(entry.body, OPENING, most=MAX_LINE_BYTES).only(
        "type", "export", "manifest", "at"
    )
    return _Opening(
        entry.body,
        entry.signer,
        suite.encode(fields.b64("export", EXPORT_BYTES)),
        fields.b64("manifest", suite.DIGEST_BYTES),
        fields.integer("at"),
    )
