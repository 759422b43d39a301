"""Feeds of recalls for the data set that ``data_set`` writes."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.dataset import feed as feeds
from assent_vault.formats import suite
from support.data_set import KEY

EXPORT = "E" * 21 + "A"
AT = 1_760_000_000_000


def opened(place: Path, key: Ed25519PrivateKey = KEY, export: str = EXPORT) -> bytes:
    """Return the feed of a data set of which nothing was recalled."""
    digest = suite.digest((place / "MANIFEST.json").read_bytes())
    return feeds.begin(key, export, digest, AT)


def recalling(body: bytes, *meetings: str, key: Ed25519PrivateKey = KEY) -> bytes:
    """Return a feed that recalls these meetings too."""
    for meeting in meetings:
        body = feeds.extend(key, feeds.parse(body), meeting, feeds.WITHDRAWN, AT + 1)
    return body
