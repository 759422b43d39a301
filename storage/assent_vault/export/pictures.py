"""A track of pictures as one WebM file, which says how long each picture lasts.

What is encoded is not touched. Pictures keep their gaps: a timestamp in the file is a time on the
meeting's timeline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from assent_vault.errors import ExportError
from assent_vault.export.container import Out, WebmFile
from assent_vault.export.sound import GAP_MS, MOST
from assent_vault.formats import webm

LASTS_MS: Final = 5000
"""Milliseconds that a picture stays up at most (FORMAT.md section 9)."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the pictures are from a moment on, in pixels."""

    at: int
    width: int
    height: int


@dataclass(slots=True)
class Pictures:
    """What came out of a track of pictures. Times are milliseconds on the timeline.

    ``gaps`` are the stretches between ``start`` and ``end``, of GAP_MS and more, in which there is
    nothing; ``sizes`` the first one, and each that differs from the last.
    """

    start: int = 0
    end: int = 0
    packets: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)

    @property
    def frame_rate(self) -> float:
        """Pictures in a second, of the time in which there are any."""
        up = self.end - self.start - sum(end - start for start, end in self.gaps)
        return round(1000 * self.packets / up, 3) if up > 0 else 0.0


class PictureFile:
    """Writes one track to ``out``, an empty file."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._file: WebmFile | None = None
        self._held: tuple[bytes, bool] | None = None
        self._usual = 0  # how long the picture before this one was up
        self._last = 0
        self._said = Pictures()

    def add(self, data: bytes, at: int, *, key: bool) -> None:
        """Take the next picture, at a moment of the timeline; never before the one before it."""
        said = self._said
        at = max(at, self._last, 0)
        self._flush(at)
        if not said.packets:
            said.start = said.end = at
        if at - said.end >= GAP_MS:
            self._add_gap(said.end, at)
        self._held = data, key
        self._last = at
        said.packets += 1
        self._learn_size(data, at)

    def _add_gap(self, start: int, end: int) -> None:
        gaps = self._said.gaps
        if len(gaps) < MOST:
            gaps.append((start, end))
        else:
            gaps[-1] = (gaps[-1][0], end)

    def _learn_size(self, frame: bytes, at: int) -> None:
        """Read what a key frame says of itself (RFC 6386 section 9.1)."""
        if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
            return
        width = (frame[6] | frame[7] << 8) & 0x3FFF
        height = (frame[8] | frame[9] << 8) & 0x3FFF
        sizes = self._said.sizes
        if sizes and (sizes[-1].width, sizes[-1].height) == (width, height):
            return
        if len(sizes) < MOST:
            sizes.append(Size(at, width, height))

    def pause(self, end: int) -> None:
        """Write what was held back: a generation ends there, and with it what was to be seen."""
        self._flush(end)
        self._usual = 0

    def _flush(self, until: int) -> None:
        """Write what was held back; a picture lasts until ``until``, if that is soon."""
        if self._held is None:
            return
        (data, key), self._held = self._held, None
        lasts = until - self._last
        if lasts > LASTS_MS:
            # Nobody knows when it went: as long as the one before it, and alone a while.
            lasts = min(self._usual or LASTS_MS, LASTS_MS)
        lasts = self._usual = max(0, lasts)
        self._said.end = max(self._said.end, self._last + lasts)
        if self._file is None:
            first = self._said.sizes[0] if self._said.sizes else None
            if first is None:
                raise ExportError("segments-damaged", "Nothing is seen before a key frame.")
            self._file = WebmFile(self._out, webm.vp8_track(first.width, first.height), video=True)
        self._file.add((self._last, key, data, lasts))

    def finish(self) -> Pictures | None:
        """Write what comes last; return what came out, or None where there was no picture."""
        if self._file is None:
            return None
        self._file.finish(self._said.end)
        return self._said
