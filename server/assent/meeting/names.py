"""Names as people type them: kept as they are, less what could harm others."""

from __future__ import annotations

import unicodedata

from assent.errors import BadRequest

MAX_GRAPHEMES = 64  # about what fits on a tile; PROTOCOL.md promises it
_MAX_POINTS = 512

# Explicit embeddings, overrides and isolates of Unicode TR 9 reach beyond the name they stand in.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


def clean_name(typed: str) -> str:
    """Return a name fit to be shown; raises BadRequest where nothing is left or too much.

    The form is NFC; controls, unassigned code points and directional overrides go, runs of white
    space become one space. A grapheme is approximated as a base with what combines with it
    (Unicode TR 29 has more rules; the approximation never counts fewer than it finds bases).
    """
    kept = []
    for point in unicodedata.normalize("NFC", typed[: 4 * _MAX_POINTS]):
        if point in _BIDI:
            continue
        if point.isspace():
            kept.append(" ")
        elif unicodedata.category(point) in {"Cc", "Cs", "Co", "Cn"}:
            continue
        else:
            kept.append(point)
    name = " ".join("".join(kept).split())
    if not any(unicodedata.category(point)[0] in "LNPS" for point in name):
        raise BadRequest("Please give a name.", field="name")
    if len(name) > _MAX_POINTS or _graphemes(name) > MAX_GRAPHEMES:
        raise BadRequest(f"A name has at most {MAX_GRAPHEMES} characters.", field="name")
    return name


def _graphemes(text: str) -> int:
    count = 0
    joined = False
    for point in text:
        if point in _JOINERS:
            joined = point == "\u200d"
            continue
        if not unicodedata.combining(point) and not joined:
            count += 1
        joined = False
    return count
