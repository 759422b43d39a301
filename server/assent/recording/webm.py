"""A live WebM file of one track, in two kinds of pieces: a header, and clusters.

Pieces in a row are one file: the Segment has an unknown size, as a live one may (RFC 8794 section
6.2), so that nothing is ever gone back to.
"""

from __future__ import annotations

from assent_vault.formats import webm
from assent_vault.formats.webm import Block, cluster

__all__ = ["Block", "cluster", "opus_header", "vp8_header"]

_UNKNOWN_SIZE = b"\x01\xff\xff\xff\xff\xff\xff\xff"


def opus_header(channels: int) -> bytes:
    """Return the header of an Opus track; see :func:`assent_vault.formats.webm.opus_track`."""
    return _file(webm.opus_track(channels))


def vp8_header(width: int, height: int) -> bytes:
    """Return the header of a VP8 track; see :func:`assent_vault.formats.webm.vp8_track`."""
    return _file(webm.vp8_track(width, height))


def _file(tracks: bytes) -> bytes:
    """Return everything before the first cluster."""
    return b"".join((webm.head(), webm.SEGMENT, _UNKNOWN_SIZE, webm.info(), tracks))
