"""A WebM file of one track that is written once, and can be sought in: with cues and a duration.

FFmpeg's muxer does not write how long a picture lasts; so the file is written here, of the same
pieces as a recording. What is known only at the end has its place at the beginning, of a fixed
length, and is written there then.
"""

from __future__ import annotations

from typing import Final, Protocol

from assent_vault.formats import webm
from assent_vault.formats.webm import Block, element, number

SPAN_MS: Final = 5000
"""Milliseconds in a cluster, at most: as much as FFmpeg's own muxer puts into one."""
LARGEST_BYTES: Final = 2 * 1024 * 1024
"""Bytes in one."""

_SIZE_BYTES: Final = 8
_CUES: Final = b"\x1c\x53\xbb\x6b"
_INFO: Final = b"\x15\x49\xa9\x66"
_TRACKS: Final = b"\x16\x54\xae\x6b"
_TRACK: Final = 1


class Out(Protocol):
    """A file that can be written anywhere."""

    def write(self, data: bytes, /) -> int:
        """Write."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go somewhere."""


class WebmFile:
    """See the module. ``description`` is the Tracks of a file (``webm.py``)."""

    def __init__(self, out: Out, description: bytes, *, video: bool) -> None:
        self._out = out
        self._video = video
        self._blocks: list[Block] = []
        self._held = 0
        self._cues: list[tuple[int, int]] = []
        self._head = webm.head() + webm.SEGMENT
        self._description = description
        front = self._front(0, 0, 0)
        # Of what comes next, counted from what follows the Segment's size.
        self._position = len(front) - _SIZE_BYTES + len(description)
        out.write(self._head + front + description)

    def _front(self, size: int, duration: int, cues: int) -> bytes:
        """Return the Segment's size and all that comes before the description of the track."""
        length = (1 << 7 * _SIZE_BYTES | size).to_bytes(_SIZE_BYTES, "big")
        info = webm.info(float(duration))
        at = len(_seek_head(0, 0, 0))
        return length + _seek_head(at, at + len(info), cues) + info

    def add(self, block: Block) -> None:
        """Take the next block; their times must not go back. A picture begins with a key frame."""
        time, key, data, _ = block
        blocks = self._blocks
        if blocks and (
            time - blocks[0][0] > SPAN_MS
            or self._held + len(data) > LARGEST_BYTES
            or (self._video and key)
        ):
            self._flush()
        self._blocks.append(block)
        self._held += len(data)

    def _flush(self) -> None:
        if not self._blocks:
            return
        data = webm.cluster(self._blocks)
        if self._blocks[0][1]:
            self._cues.append((self._blocks[0][0], self._position))
        self._out.write(data)
        self._position += len(data)
        self._blocks = []
        self._held = 0

    def finish(self, duration: int) -> None:
        """Write what is left, and what is known only now; ``duration`` in milliseconds from 0."""
        self._flush()
        cues = element(
            _CUES,
            b"".join(
                element(
                    b"\xbb",
                    number(b"\xb3", time)
                    + element(b"\xb7", number(b"\xf7", _TRACK) + number(b"\xf1", position)),
                )
                for time, position in self._cues
            ),
        )
        self._out.write(cues)
        self._out.seek(len(self._head))
        front = self._front(self._position + len(cues), duration, self._position)
        self._out.write(front + self._description)

    def describe(self, description: bytes) -> None:
        """Say something else of the track than was said, just as long; it is written at the end."""
        assert len(description) == len(self._description), "there is no other room for it"
        self._description = description


def _seek_head(info: int, tracks: int, cues: int) -> bytes:
    """Return where things are; positions are written in as many bytes, whatever they are."""
    return element(
        b"\x11\x4d\x9b\x74",
        b"".join(
            element(
                b"\x4d\xbb",
                element(b"\x53\xab", name) + element(b"\x53\xac", position.to_bytes(8, "big")),
            )
            for name, position in ((_INFO, info), (_TRACKS, tracks), (_CUES, cues))
        ),
    )
