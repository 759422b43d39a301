"""Joins the opened segments of a track into one WebM file, without decoding any of it.

Times are those of the blocks as they were recorded: a block of sound has the time at which it was
said, and a decoder takes the codec's delay off together with as many samples. FFmpeg's demuxer
takes it off each time, so here it is put back.

The plaintexts of an epoch, in a row, are a live WebM; each is demuxed, its packets are put on the
data set's timeline and written into one file, with cues and a duration. Memory holds one segment at
a time, and one cluster. FFmpeg would open a decoder to find out more about a stream than its header
says; the empty list of allowed codecs forbids it that.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import av
import av.error
import av.logging
from av.container import InputContainer
from av.packet import Packet

from assent_vault.errors import ExportError
from assent_vault.export.container import WebmFile
from assent_vault.formats import webm
from assent_vault.formats.track import SOUNDS

LASTS_MS: Final = 5000
"""Milliseconds that a picture stays up at most (FORMAT.md section 9)."""
GAP_MS: Final = 100
"""Milliseconds without anything that count as a gap: some packets of sound."""
MOST: Final = 100_000
"""Gaps, and changes of size, that are listed of a track, so that a manifest stays bounded whatever
somebody has sent: the last gap then takes in all that would follow."""
_NO_DECODER = {"codec_whitelist": "none"}
# What FFmpeg says goes to standard error, and may show what is in a file.
av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the pictures are from a moment on, in pixels."""

    at: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Joined:
    """What came out: first and last moment on the timeline in milliseconds, and the packets.

    ``gaps`` are the stretches in between, of GAP_MS and more, with nothing in them. ``channels``
    are those of sound, ``sizes`` those of pictures: the first, and each that differs from the last.
    """

    codec: str
    start: int
    end: int
    packets: int
    gaps: tuple[tuple[int, int], ...]
    channels: int | None
    sizes: tuple[Size, ...]


class _Pipe:
    """A file object over pieces that are made when they are read; it cannot seek.

    FFmpeg may pass over an error of a file, so one that comes up is kept, and looks like the end.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self._failure: Exception | None = None

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        try:
            while not self._rest and self._failure is None:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except Exception as error:
            self._failure = error
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)

    def check(self) -> None:
        """Raise what reading has raised."""
        if self._failure is not None:
            raise self._failure


class _Sink:
    """The file that is written, with its first error kept."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._failure: OSError | None = None

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere; after an error nowhere."""
        return offset if self._failure is not None else self._out.seek(offset, whence)

    def write(self, data: bytes) -> int:
        """Write ``data``; after an error there is only silence, until ``check``."""
        try:
            if self._failure is None:
                self._out.write(data)
        except OSError as error:
            self._failure = error
        return len(data)

    def check(self) -> None:
        """Raise ExportError where something could not be written."""
        if self._failure is not None:
            raise cannot_write(self._failure) from self._failure


@dataclass(frozen=True, slots=True)
class Piece:
    """What one epoch has of a track: ``plaintexts`` of its segments when called.

    ``end`` is that of the epoch: a last picture stays up no longer.
    """

    plaintexts: Callable[[], Iterator[bytes]]
    end: int


def join(source: str, pieces: Iterable[Piece], base: int, out: BinaryIO) -> Joined:
    """Write one WebM file to ``out``, an empty file that can seek.

    ``source`` is the track's; ``base`` is what is taken from every timestamp. Raises ExportError
    ``segments-damaged`` for what is no WebM of the right kind, ``cannot-write`` when ``out`` takes
    no more, and whatever a piece raises.
    """
    writer = _Writer(out, source)
    for piece in pieces:
        pipe = _Pipe(piece.plaintexts())
        try:
            _copy(pipe, base, writer)
        except av.error.FFmpegError as error:
            pipe.check()
            raise _damaged() from error
        pipe.check()
        writer.pause(piece.end - base)
    return writer.finish()


def _copy(pipe: _Pipe, base: int, writer: _Writer) -> None:
    found: Any = av.open(pipe, "r", format="matroska", options=_NO_DECODER)
    container: InputContainer = found
    with container:
        if len(container.streams) != 1:
            raise _damaged()
        stream = container.streams[0]
        writer.expect(stream)
        for packet in container.demux(stream):
            if packet.dts is None:
                continue  # the one that says that there are no more
            if packet.pts is None or packet.time_base is None:
                raise _damaged()
            at = round(packet.pts * packet.time_base * 1000) + writer.delay - base
            writer.write(packet, at)


class _Writer:
    """The file that is being written, and where on the timeline it has come to."""

    def __init__(self, out: BinaryIO, source: str) -> None:
        self.sink = _Sink(out)
        self.delay = 0  # of the codec, in milliseconds as FFmpeg rounds it
        self._codec = "opus" if source in SOUNDS else "vp8"
        self._file: WebmFile | None = None
        self._start: int | None = None
        self._held: tuple[bytes, bool, int] | None = None  # the last packet, and how long it lasts
        self._usual = 0  # how long the picture before this one was up
        self._last = 0
        self._end = 0
        self._packets = 0
        self._gaps: list[tuple[int, int]] = []
        self._channels = 0
        self._sizes: list[Size] = []

    def expect(self, stream: Any) -> None:
        """Take the description of the track in this part; it must be of its kind."""
        if stream.codec_context.name not in (self._codec, f"lib{self._codec}"):
            raise _damaged()
        if self._codec == "opus":
            head = bytes(stream.codec_context.extradata or b"")
            if head[:8] != b"OpusHead" or len(head) < 12 or head[9] not in (1, 2):
                raise _damaged()
            # RFC 7845 section 5.1: "Pre-skip (16 bits, unsigned, little endian)", at 48 kHz.
            self.delay = (int.from_bytes(head[10:12], "little") + 24) // 48
            self._channels = max(self._channels, head[9])

    def write(self, packet: Packet[Any], at: int) -> None:
        """Write a packet at a moment of the timeline; never before the one before it."""
        data = bytes(packet)
        at = max(at, self._last, 0)
        self._flush(at)
        if self._start is None:
            self._start = self._end = at
        if at - self._end >= GAP_MS:
            self._add_gap(self._end, at)
        self._held = data, packet.is_keyframe, packet.duration or 0
        self._last = at
        self._packets += 1
        if self._codec == "vp8":
            self._learn_size(data, at)
        elif data and data[0] & 0x04:
            # RFC 6716 section 3.1: "One additional bit, labeled "s", signals mono vs. stereo".
            self._channels = 2

    def _add_gap(self, start: int, end: int) -> None:
        if len(self._gaps) < MOST:
            self._gaps.append((start, end))
        else:
            self._gaps[-1] = (self._gaps[-1][0], end)

    def _learn_size(self, frame: bytes, at: int) -> None:
        """Read what a key frame says of itself (RFC 6386 section 9.1)."""
        if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
            return
        width = (frame[6] | frame[7] << 8) & 0x3FFF
        height = (frame[8] | frame[9] << 8) & 0x3FFF
        last = self._sizes[-1] if self._sizes else None
        if last is not None and (last.width, last.height) == (width, height):
            return
        if len(self._sizes) < MOST:
            self._sizes.append(Size(at, width, height))

    def pause(self, end: int) -> None:
        """Write what was held back: an epoch ends there, and with it what was to be seen."""
        self._flush(end)
        self._usual = 0

    def _flush(self, until: int) -> None:
        """Write what was held back; a picture lasts until ``until``, if that is soon."""
        if self._held is None:
            return
        (data, key, lasts), self._held = self._held, None
        said = 0
        if self._codec == "vp8":
            lasts = until - self._last
            if lasts > LASTS_MS:
                # Nobody knows when it went: as long as the one before it, and alone a while.
                lasts = min(self._usual or LASTS_MS, LASTS_MS)
            said = lasts = self._usual = max(0, lasts)
        self._end = max(self._end, self._last + lasts)
        if self._file is None:
            self._file = WebmFile(self.sink, self._described(), video=self._codec == "vp8")
        self._file.add((self._last, key, data, said))
        self.sink.check()

    def _described(self) -> bytes:
        if self._codec == "opus":
            return webm.opus_track(self._channels)
        if not self._sizes:
            raise _damaged()
        return webm.vp8_track(self._sizes[0].width, self._sizes[0].height)

    def finish(self) -> Joined:
        """Write what comes last: cues, and the duration at the beginning."""
        if self._file is None or self._start is None:
            raise _damaged()
        if self._codec == "opus":
            # It may have become stereo on the way.
            self._file.describe(webm.opus_track(self._channels))
        self._file.finish(self._end)
        self.sink.check()
        return Joined(
            self._codec,
            self._start,
            self._end,
            self._packets,
            tuple(self._gaps),
            self._channels or None,
            tuple(self._sizes),
        )


def cannot_write(error: OSError) -> ExportError:
    """Return the refusal for a file that cannot be written, with the name of what is wrong."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return ExportError("cannot-write", f"The data set cannot be written ({name}).")


def _damaged() -> ExportError:
    return ExportError("segments-damaged", "What was recorded is not what it should be.")
