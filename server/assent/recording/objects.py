"""Where the objects of an epoch are (FORMAT.md section 10)."""

from __future__ import annotations

import re

_SEGMENT = re.compile(r"([^/]+)/([0-9]{6})\.segment", re.ASCII)


def epoch_prefix(meeting: str, epoch: int) -> str:
    """Return what the keys of all objects of an epoch begin with; ``meeting`` is b64."""
    return f"meetings/{meeting}/epochs/{epoch:06}/"


def header_key(meeting: str, epoch: int) -> str:
    """Return the key of the header."""
    return epoch_prefix(meeting, epoch) + "header.json"


def shares_key(meeting: str, epoch: int) -> str:
    """Return the key of the shares document."""
    return epoch_prefix(meeting, epoch) + "shares.json"


def closing_key(meeting: str, epoch: int) -> str:
    """Return the key of the closing."""
    return epoch_prefix(meeting, epoch) + "close.json"


def signature_key(meeting: str, epoch: int) -> str:
    """Return the key of the closing's signature."""
    return epoch_prefix(meeting, epoch) + "close.sig"


def tracks_prefix(meeting: str, epoch: int) -> str:
    """Return what the keys of all segments of an epoch begin with."""
    return epoch_prefix(meeting, epoch) + "tracks/"


def segment_key(meeting: str, epoch: int, track: str, sequence: int) -> str:
    """Return the key of a segment; ``track`` is the track's name."""
    return f"{tracks_prefix(meeting, epoch)}{track}/{sequence:06}.segment"


def parse_segment_key(key: str, prefix: str) -> tuple[str, int] | None:
    """Return track name and sequence of a segment's key, None where it is not one."""
    match = _SEGMENT.fullmatch(key.removeprefix(prefix)) if key.startswith(prefix) else None
    return None if match is None else (match[1], int(match[2]))
