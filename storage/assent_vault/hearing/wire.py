"""What goes into a hearing process, and what comes out of it.

In: records of one track, in order. Each begins with a number of 32 bits, least byte first: the
length of an Opus packet, which follows; or SILENCE plus samples at 48 kHz in which there is
nothing; or 0 at the end. Out: one answer, and only after the end. Where the sound is wanted as
FLAC, too, that comes before: records of its frames while they are made, 0 at their end, and the MD5
of all samples. Whoever reads this believes nothing of it: a process that was taken over may say
anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, iter_unpack
from typing import Final

RECORD: Final = Struct("<I")
END: Final = RECORD.pack(0)
SILENCE: Final = 1 << 31
LARGEST: Final = 65_535
"""Bytes of a packet, at most."""
FLAC_FRAME: Final = 1152
"""Samples of a frame of FLAC, but for the last one: what FFmpeg's encoder takes at 16 kHz."""
LARGEST_FLAC: Final = 2 * FLAC_FRAME + 16
"""Bytes of one, at most: samples as they are, and what is around them."""
MD5_BYTES: Final = 16
JOINED: Final = 300
"""Milliseconds between two stretches of speech that are one turn, as in the DIHARD annotations."""
SHORTEST: Final = 90
"""Milliseconds of a turn, at least."""
QUIETEST: Final = -120.0
"""dBFS: there is no sound below."""

_ANSWER: Final = Struct("<4sIddd")
_MAGIC: Final = b"HRD1"
_TURN: Final = "<II"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard: turns in milliseconds, levels in dBFS, and the share of clipped samples."""

    turns: tuple[tuple[int, int], ...]
    level: float | None
    noise: float | None
    clipped: float


def largest(duration: int) -> int:
    """Return how many bytes an answer about so many milliseconds has at most."""
    return _ANSWER.size + 8 * (duration // (SHORTEST + JOINED) + 2)


def write(heard: Heard) -> bytes:
    """Write an answer."""
    level, noise = (math.nan if one is None else one for one in (heard.level, heard.noise))
    head = _ANSWER.pack(_MAGIC, len(heard.turns), level, noise, heard.clipped)
    turn = Struct(_TURN)
    return head + b"".join(turn.pack(*one) for one in heard.turns)


def read(answer: bytes, duration: int) -> Heard:
    """Read an answer; raises ValueError for one that cannot be true."""
    if not _ANSWER.size <= len(answer) <= largest(duration):
        raise ValueError("not as long as an answer is")
    magic, count, level, noise, clipped = _ANSWER.unpack_from(answer)
    if magic != _MAGIC or len(answer) != _ANSWER.size + 8 * count:
        raise ValueError("no answer")
    if not 0 <= clipped <= 1:
        raise ValueError("no share")
    turns = tuple(_turns(answer[_ANSWER.size :], duration))
    return Heard(turns, _level(level), _level(noise), round(clipped, 6))


def _turns(data: bytes, duration: int) -> Iterator[tuple[int, int]]:
    before = 0
    for start, end in iter_unpack(_TURN, data):
        if not before <= start < end <= duration:
            raise ValueError("turns that cannot follow one another")
        yield start, end
        before = end


def _level(said: float) -> float | None:
    if math.isnan(said):
        return None
    if not QUIETEST <= said <= 0.1:
        raise ValueError("no level")
    return round(said, 2)
