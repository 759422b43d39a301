"""Joins the opened segments of a track into one file, without decoding any of it.

Times are those of the blocks as they were recorded: a block of sound has the time at which it was
said, and a decoder takes the codec's delay off together with as many samples. FFmpeg's demuxer
takes it off each time, so here it is put back.

The plaintexts of a generation, in a row, are a live WebM; each is demuxed, and its packets are put
on the data set's timeline: sound in ``sound``, pictures in ``pictures``. Memory holds one segment
at a time, and a page or a cluster. FFmpeg would open a decoder to find out more about a stream than
its header says; the empty list of allowed codecs forbids it that.
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

from assent_vault.errors import ExportError
from assent_vault.export.pictures import PictureFile, Pictures
from assent_vault.export.sound import Ear, Sound, SoundFile
from assent_vault.formats.track import SOUNDS

NO_FRAMES: Final = "no-frames"
"""The code for a track, or a meeting, in which there is nothing that can be played."""
_NO_DECODER = {"codec_whitelist": "none"}
# What FFmpeg says goes to standard error, and may show what is in a file.
av.logging.set_level(None)


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


class Sink:
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
    """What one generation has of a track: ``plaintexts`` of its segments when called.

    ``end`` is that of the generation: a last picture stays up no longer.
    """

    plaintexts: Callable[[], Iterator[bytes]]
    end: int


def suffix_of(source: str) -> str:
    """Return how the name of a source's file ends."""
    return "opus" if source in SOUNDS else "webm"


def join(
    source: str,
    pieces: Iterable[Piece],
    base: int,
    length: int,
    out: BinaryIO,
    ear: Ear | None = None,
) -> Sound | Pictures:
    """Write one file to ``out``, an empty file that can seek.

    ``source`` is the track's; ``base`` is what is taken from every timestamp, and ``length`` of the
    timeline, both in milliseconds; ``ear`` hears what is sound. Raises ExportError
    ``segments-damaged`` for what is no WebM of the right kind, ``no-frames`` where nothing is in it
    that can be played, ``cannot-write`` when ``out`` takes no more, and whatever a piece or the ear
    raises.
    """
    sink = Sink(out)
    track = SoundFile(sink, length, ear) if source in SOUNDS else PictureFile(sink)
    for piece in pieces:
        pipe = _Pipe(piece.plaintexts())
        try:
            for data, key, at in _packets(pipe, sound=source in SOUNDS):
                track.add(data, at - base, key=key)
                sink.check()
        except av.error.FFmpegError as error:
            pipe.check()
            raise _damaged() from error
        pipe.check()
        track.pause(piece.end - base)
    said = track.finish()
    sink.check()
    if said is None:
        raise ExportError(NO_FRAMES, "A track has nothing in it that can be played.")
    return said


def _packets(pipe: _Pipe, *, sound: bool) -> Iterator[tuple[bytes, bool, int]]:
    """Yield each packet, whether it is a key frame, and its time in milliseconds."""
    found: Any = av.open(pipe, "r", format="matroska", options=_NO_DECODER)
    container: InputContainer = found
    with container:
        if len(container.streams) != 1:
            raise _damaged()
        stream = container.streams[0]
        delay = _expect(stream, sound=sound)
        base = stream.time_base
        if base is None:
            raise _damaged()
        # Whole numbers: fractions would take longer than all else that is done for a packet.
        scale, parts = 1000 * base.numerator, base.denominator
        for packet in container.demux(stream):
            if packet.dts is None:
                continue  # the one that says that there are no more
            if packet.pts is None:
                raise _damaged()
            at = (2 * packet.pts * scale + parts) // (2 * parts) + delay
            yield bytes(packet), packet.is_keyframe, at


def _expect(stream: Any, *, sound: bool) -> int:
    """Take the description of a track, which must be of its kind; return its delay in ms."""
    codec = "opus" if sound else "vp8"
    if stream.codec_context.name not in (codec, f"lib{codec}"):
        raise _damaged()
    if not sound:
        return 0
    head = bytes(stream.codec_context.extradata or b"")
    if head[:8] != b"OpusHead" or len(head) < 12 or head[9] not in (1, 2):
        raise _damaged()
    # RFC 7845 section 5.1: "Pre-skip (16 bits, unsigned, little endian)", at 48 kHz.
    return (int.from_bytes(head[10:12], "little") + 24) // 48


def cannot_write(error: OSError) -> ExportError:
    """Return the refusal for a file that cannot be written, with the name of what is wrong."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return ExportError("cannot-write", f"The data set cannot be written ({name}).")


def _damaged() -> ExportError:
    return ExportError("segments-damaged", "What was recorded is not what it should be.")
