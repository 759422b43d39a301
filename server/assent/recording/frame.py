"""One encoded frame, as it came out of its packets."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """A whole video frame or audio packet that a decoder can be given.

    ``timestamp`` is RTP's, 32 bits. ``arrival`` is when the first of its packets came, in seconds
    of the monotonic clock. ``sequence`` is the 16-bit number of the last of them. ``duration`` is
    in milliseconds, 0 where it is not known.
    """

    timestamp: int
    arrival: float
    key: bool
    data: bytes
    sequence: int
    duration: float = 0.0
