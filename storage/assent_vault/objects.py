"""Names of objects (FORMAT.md section 10): where a recording's parts lie in the store.

Meeting ids are unpadded base64url, as in the database.
"""

from __future__ import annotations

from assent_vault.track import Track


def meeting_prefix(meeting_id: str) -> str:
    """Return the prefix of everything that belongs to a meeting."""
    return f"meetings/{meeting_id}/"


def epoch_prefix(meeting_id: str, epoch: int) -> str:
    """Return the prefix of everything that belongs to an epoch."""
    return f"{meeting_prefix(meeting_id)}epochs/{epoch:06}/"


def header_key(meeting_id: str, epoch: int) -> str:
    """Return the key of an epoch's header."""
    return f"{epoch_prefix(meeting_id, epoch)}header.json"


def shares_key(meeting_id: str, epoch: int) -> str:
    """Return the key of an epoch's shares."""
    return f"{epoch_prefix(meeting_id, epoch)}shares.json"


def closing_key(meeting_id: str, epoch: int) -> str:
    """Return the key of an epoch's closing."""
    return f"{epoch_prefix(meeting_id, epoch)}close.json"


def closing_signature_key(meeting_id: str, epoch: int) -> str:
    """Return the key of the signature of an epoch's closing."""
    return f"{epoch_prefix(meeting_id, epoch)}close.sig"


def tracks_prefix(meeting_id: str, epoch: int) -> str:
    """Return the prefix of everybody's tracks in an epoch."""
    return f"{epoch_prefix(meeting_id, epoch)}tracks/"


def track_prefix(meeting_id: str, epoch: int, track: Track | str) -> str:
    """Return the prefix of one track's segments in an epoch."""
    return f"{tracks_prefix(meeting_id, epoch)}{track}/"


def segment_key(meeting_id: str, epoch: int, track: Track | str, sequence: int) -> str:
    """Return the key of one segment."""
    return f"{track_prefix(meeting_id, epoch, track)}{sequence:06}.segment"
