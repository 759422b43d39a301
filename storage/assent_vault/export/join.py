"""Joins the opened segments of a track into one WebM file, without decoding any of it.

The plaintexts of an epoch, in a row, are a live WebM; each is demuxed, its packets are put on the
data set's timeline and muxed into one file, with cues and a duration. Memory holds one segment at
a time. FFmpeg would open a decoder to find out more about a stream than its header says; the empty
list of allowed codecs forbids it that.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, Final

import av
import av.error
import av.logging
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from assent_vault.errors import ExportError

AUDIO: Final = ("microphone", "screen-audio", "device-microphone")
_MILLISECONDS = Fraction(1, 1000)
# No segment spans more; a picture that is said to last longer is not believed.
_LONGEST: Final = 2000
_NO_DECODER = {"codec_whitelist": "none"}
_MUXER = {
    # Tracks begin where they begin: FFmpeg would otherwise move a file so that it starts at 0.
    "avoid_negative_ts": "disabled",
    # No version numbers and no random ids: the same recording gives the same file.
    "fflags": "+bitexact",
}
# What FFmpeg says goes to standard error, and may show what is in a file.
av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class Joined:
    """What came out: first and last moment on the timeline in milliseconds, and the packets."""

    codec: str
    start: int
    end: int
    packets: int


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
        self.seek = out.seek
        self.tell = out.tell

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
    """What one epoch has of a track: ``plaintexts`` of its segments when called, until ``end``."""

    plaintexts: Callable[[], Iterator[bytes]]
    end: int


def join(source: str, pieces: Iterable[Piece], base: int, out: BinaryIO) -> Joined:
    """Write one WebM file to ``out``, an empty file that can seek.

    ``source`` is the track's; ``base`` is what is taken from every timestamp. Raises ExportError
    ``segments-damaged`` for what is no WebM of the right kind, ``cannot-write`` when ``out`` takes
    no more, and whatever a piece raises.
    """
    with closing(_Writer(out, source)) as writer:
        for piece in pieces:
            pipe = _Pipe(piece.plaintexts())
            try:
                _copy(pipe, base, writer)
                writer.pause(piece.end - base)
            except av.error.FFmpegError as error:
                pipe.check()
                writer.sink.check()
                raise _damaged() from error
            pipe.check()
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
            writer.write(packet, round(packet.pts * packet.time_base * 1000) - base)


class _Writer:
    """The file that is being written, and where on the timeline it has come to."""

    def __init__(self, out: BinaryIO, source: str) -> None:
        self.sink = _Sink(out)
        self._codec = "opus" if source in AUDIO else "vp8"
        opened: Any = av.open(self.sink, "w", format="webm", options=_MUXER)
        self._container: OutputContainer = opened
        self._stream: Any = None
        self._start: int | None = None
        self._held: Packet[Any] | None = None
        self._last = 0
        self._end = 0
        self._packets = 0

    def expect(self, stream: Any) -> None:
        """Take the description of the track from the first part; others must be of its kind."""
        if stream.codec_context.name not in (self._codec, f"lib{self._codec}"):
            raise _damaged()
        if self._stream is None:
            self._stream = self._container.add_stream_from_template(stream)

    def write(self, packet: Packet[Any], at: int) -> None:
        """Write a packet at a moment of the timeline; never before the one before it."""
        at = max(at, self._last, 0)
        self._flush()
        packet.time_base = _MILLISECONDS
        packet.pts = packet.dts = at
        packet.stream = self._stream
        if self._start is None:
            self._start = at
        self._held = packet
        self._last = at
        self._packets += 1

    def pause(self, end: int) -> None:
        """Write what was held back: the last picture before a pause lasts until the pause."""
        if self._held is not None and not self._held.duration:
            self._held.duration = max(0, min(end - self._last, _LONGEST))
        self._flush()

    def _flush(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._end = max(self._end, self._last + (held.duration or 0))
            self._container.mux_one(held)
            self.sink.check()

    def finish(self) -> Joined:
        """Write what comes last: cues, and the duration at the beginning."""
        if self._start is None:
            raise _damaged()
        self.close()
        self.sink.check()
        return Joined(self._codec, self._start, self._end, self._packets)

    def close(self) -> None:
        """Let go of the muxer."""
        self._container.close()


def cannot_write(error: OSError) -> ExportError:
    """Return the refusal for a file that cannot be written, with the name of what is wrong."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return ExportError("cannot-write", f"The data set cannot be written ({name}).")


def _damaged() -> ExportError:
    return ExportError("segments-damaged", "What was recorded is not what it should be.")
