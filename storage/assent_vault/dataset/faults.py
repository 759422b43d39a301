"""What can be wrong with a data set that somebody holds: a stable code, and words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WORDS: Final = {
    # Of the manifest and its signature.
    "not-a-data-set": "There is no data set here: MANIFEST.json is missing or cannot be read.",
    "manifest-broken": "MANIFEST.json is not the manifest of a data set.",
    "manifest-too-large": "MANIFEST.json is larger than any manifest may be.",
    "path-escapes": "The manifest lists a path that leads out of the folder.",
    "path-twice": "The manifest lists a path twice.",
    "unsigned": "There is no signature: MANIFEST.jws is missing or is none.",
    "signature-wrong": "The signature is not of this manifest: one of the two was changed.",
    "signed-by-another": "The manifest is signed, but not by the vault that was named.",
    "identity-unknown": "It is signed by the key that it names itself. Ask whoever runs the server"
    " for the vault's key, and say it with --identity.",
    # Of the files.
    "file-changed": "This file is not the one that was signed.",
    "file-missing": "This file is missing.",
    "file-added": "This file is not part of the data set.",
    "not-a-file": "This is a link or something else that is no plain file; it was not followed.",
    "file-unreadable": "This file cannot be read.",
    # Of what is left after a recall.
    "remaining-broken": "REMAINING.json is not what check-dataset writes, or not of this data set.",
    "removed-unrecalled": "This was removed, and the feed does not say that it was recalled.",
    "recalled": "Consent was taken back for this meeting, and something of it is still here.",
    "not-taken-out": "This file still names a recalled meeting, and nothing here can take it out.",
    "in-use": "Somebody else is at work on this folder; try again.",
    "apply-unsigned": "Nothing was taken out: --apply takes a manifest that is signed by the vault"
    " of --identity, and a feed.",
    "cannot-write": "This cannot be written or removed.",
    # Of the feed.
    "feed-missing": "The feed of recalls cannot be read.",
    "feed-broken": "This is no feed of recalls: an entry is cut off, changed, left out or out of"
    " its place.",
    "feed-of-another": "This is the feed of another data set.",
    "feed-signed-by-another": "The feed is signed, but not by the vault that was named.",
    "feed-old": "The feed is shorter than one that was seen before.",
    "feed-forked": "The feed contradicts one that was seen before: the vault has signed both.",
}
"""Every code, with what it means."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong; ``what`` is the path or the meeting concerned, where there is one.

    What stands in it may have been chosen by anybody: print it with ``shown``.
    """

    code: str
    what: str | None = None

    @property
    def words(self) -> str:
        """What it means."""
        return WORDS[self.code]


def shown(text: str) -> str:
    """Return text that somebody else has chosen as one line that does nothing to a terminal."""
    plain = "".join(
        each if each.isprintable() else ascii(each)[1:-1] for each in text[:_SHOWN_LENGTH]
    )
    return plain if len(text) <= _SHOWN_LENGTH else f"{plain}…"


_SHOWN_LENGTH: Final = 300
