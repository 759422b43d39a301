"""Names of objects (FORMAT.md section 10): where a recording's parts lie in the store.

Meeting ids are unpadded base64url, as in the database. They, numbers and names of tracks come from
rows that somebody else may have written: all are read before they become part of a name, and what
is not what it should be raises FormatError.
"""

from __future__ import annotations

import re
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats import suite
from assent_vault.formats.download import DOWNLOAD_BYTES
from assent_vault.formats.track import Track

MOST_NUMBER: Final = 999_999
"""Of generations, and of segments: names have six digits (FORMAT.md section 10)."""

_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def meeting_prefix(meeting_id: str) -> str:
    """Return the prefix of everything that belongs to a meeting."""
    suite.decode(meeting_id, suite.MEETING_BYTES, field="meeting")
    return f"meetings/{meeting_id}/"


def generation_prefix(meeting_id: str, number: int) -> str:
    """Return the prefix of everything that belongs to a recorded generation."""
    return f"{meeting_prefix(meeting_id)}generations/{_number(number, 'generation')}/"


def generation_of(meeting_id: str, key: str) -> int | None:
    """Return which generation of a meeting an object belongs to, by its name; None where to none.

    ``number`` is always that of recorded generations, from 1.
    """
    number = key.removeprefix(f"{meeting_prefix(meeting_id)}generations/").partition("/")[0]
    return int(number) if _DIGITS.fullmatch(number) else None


def generation_header_key(meeting_id: str, number: int) -> str:
    """Return the key of a generation's header."""
    return f"{generation_prefix(meeting_id, number)}header.json"


def generation_signature_key(meeting_id: str, number: int) -> str:
    """Return the key of the signature of a generation's header."""
    return f"{generation_prefix(meeting_id, number)}header.sig"


def generation_boxes_key(meeting_id: str, number: int) -> str:
    """Return the key of the boxes of E, and of the wraps of slots."""
    return f"{generation_prefix(meeting_id, number)}boxes.json"


def generation_pairs_key(meeting_id: str, number: int) -> str:
    """Return the key of the boxes of pair keys, of a relayed meeting."""
    return f"{generation_prefix(meeting_id, number)}pairs.json"


def generation_outer_key(meeting_id: str, number: int) -> str:
    """Return the key of the boxes of O."""
    return f"{generation_prefix(meeting_id, number)}outer.json"


def generation_closing_key(meeting_id: str, number: int) -> str:
    """Return the key of a generation's closing."""
    return f"{generation_prefix(meeting_id, number)}close.json"


def generation_closing_signature_key(meeting_id: str, number: int) -> str:
    """Return the key of the signature of a generation's closing."""
    return f"{generation_prefix(meeting_id, number)}close.sig"


def generation_tracks_prefix(meeting_id: str, number: int) -> str:
    """Return the prefix of everybody's tracks in a generation."""
    return f"{generation_prefix(meeting_id, number)}tracks/"


def generation_track_prefix(meeting_id: str, number: int, track: Track | str) -> str:
    """Return the prefix of one track's segments in a generation."""
    if not isinstance(track, Track):
        track = Track.parse(track)
    return f"{generation_tracks_prefix(meeting_id, number)}{track}/"


def generation_segment_key(meeting_id: str, number: int, track: Track | str, sequence: int) -> str:
    """Return the key of one segment of a generation."""
    prefix = generation_track_prefix(meeting_id, number, track)
    return f"{prefix}{_number(sequence, 'sequence')}.segment"


DOWNLOADS: Final = "downloads/"
"""The prefix of the chunks of all downloads."""


def download_prefix(download_id: str) -> str:
    """Return the prefix of the chunks of a download."""
    suite.decode(download_id, DOWNLOAD_BYTES, field="download")
    return f"{DOWNLOADS}{download_id}/"


def chunk_key(download_id: str, number: int) -> str:
    """Return the key of one chunk of a download."""
    return f"{download_prefix(download_id)}{_number(number, 'number')}.chunk"


def _number(value: int, field: str) -> str:
    if not 0 <= value <= MOST_NUMBER:
        raise FormatError(field, "is not a number that a name has room for")
    return f"{value:06}"
