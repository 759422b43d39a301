"""Writes the client's sources and codecs from :mod:`assent.media.sources` and ``codecs``.

Run ``python -m assent.signalling.typescript_tracks client-web/src/signalling/tracks.ts`` after a
change of either; a test fails while the file is out of date. What the client does with each source
it keeps in a ``Record<Source, …>``, so that it does not type-check while one is forgotten.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from assent.media.codecs import CODECS, CodecTraits
from assent.media.sources import BROWSER, DEVICE, SOURCES

HEADER = """\
// The sources and codecs that there are, as server/PROTOCOL.md names them.
// Written by `python -m assent.signalling.typescript_tracks`; change server/assent/media/sources.py
// and codecs.py.
"""


def render() -> str:
    """Return the whole TypeScript module, as prettier would have it."""
    parts = [
        HEADER,
        "/** Every source, and what it is. */",
        "export const SOURCES = {",
        *(
            f"  {_key(name)}: {{ video: {_bool(each.video)}, voice: {_bool(each.voice)},"
            f" screen: {_bool(each.screen)} }},"
            for name, each in SOURCES.items()
        ),
        "} as const;",
        "",
        "export type Source = keyof typeof SOURCES;",
        _alias("BrowserSource", BROWSER),
        _alias("DeviceSource", DEVICE),
        _alias("PictureSource", (name for name, each in SOURCES.items() if each.video)),
        "",
        "/** Every codec that is forwarded, of pictures the preferred first. */",
        "export const CODECS = {",
        *(
            f'  {name}: {{ video: {_bool(each.video)}, mimeType: "{_mime_type(each)}" }},'
            for name, each in CODECS.items()
        ),
        "} as const;",
        "",
    ]
    return "\n".join(parts)


def _mime_type(codec: CodecTraits) -> str:
    """Return the media type of RTP (RFC 4855 section 3), in lower case: its case means nothing."""
    return f"{'video' if codec.video else 'audio'}/{codec.encoding}".lower()


def _alias(name: str, sources: Iterable[str]) -> str:
    named = set(sources)
    listed = " | ".join(f'"{each}"' for each in SOURCES if each in named)
    return f"export type {name} = {listed};"


def _key(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _bool(value: bool) -> str:
    return "true" if value else "false"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
