"""A track of sound once more as FLAC, 16 kHz and one channel, for who trains with nothing else.

It is decoded from the file that was written, resampled and encoded without loss, and is as long as
the timeline to the sample. Nothing in it tells when or by what it was written: the same sound gives
the same bytes with one version of FFmpeg's libraries. Memory holds some frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
import numpy as np

from assent_vault.errors import ExportError
from assent_vault.export.join import Sink

RATE: Final = 16_000
"""Hz: what speech recognition is trained with."""
SUFFIX: Final = "flac"
_FRAME: Final = 4096
_STREAMINFO: Final = 4 + 4 + 10
"""Bytes before the rate: "fLaC", a block's header, and the sizes of blocks and frames."""


def write(sound: Path, out: BinaryIO, duration: int) -> None:
    """Write ``out``, an empty file, from ``sound``, an Ogg Opus of ``duration`` milliseconds.

    Raises ExportError ``segments-damaged`` where it cannot be decoded, ``cannot-write``.
    """
    samples = duration * RATE // 1000
    sink = Sink(out)
    heard, at = hashlib.md5(usedforsecurity=False), 0
    try:
        target: Any = av.open(sink, "w", format="flac", options={"fflags": "+bitexact"})
        with target:
            stream: Any = target.add_stream("flac", rate=RATE)
            stream.codec_context.flags |= av.codec.context.Flags.bitexact
            stream.codec_context.format = "s16"
            stream.codec_context.layout = "mono"
            stream.codec_context.thread_count = 1

            for part in _cut(_decoded(sound), samples):
                frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout="mono")
                frame.sample_rate, frame.pts = RATE, at
                at += part.size
                heard.update(part.astype("<i2").tobytes())
                for packet in stream.encode(frame):
                    target.mux(packet)
            for packet in stream.encode(None):
                target.mux(packet)
                sink.check()
    except av.error.FFmpegError as error:
        sink.check()
        raise ExportError("segments-damaged", "A track cannot be decoded.") from error
    sink.seek(_STREAMINFO)
    sink.write(_streaminfo(at) + heard.digest())
    sink.check()


def _streaminfo(samples: int) -> bytes:
    """Return what STREAMINFO says of rate, channels, bits and length (RFC 9639 section 8.2).

    FFmpeg writes it before it knows the length, and a length of 0 is an unknown one.
    """
    return (RATE << 44 | (1 - 1) << 41 | (16 - 1) << 36 | samples).to_bytes(8, "big")


def _decoded(path: Path) -> Iterator[Any]:
    """Yield samples of RATE, one channel, 16 bits."""
    source: Any = av.open(str(path), "r", format="ogg")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with source:
        for frame in source.decode(source.streams.audio[0]):
            for made in resampler.resample(frame):
                yield made.to_ndarray().reshape(-1)
        for made in resampler.resample(None):
            yield made.to_ndarray().reshape(-1)


def _cut(parts: Iterator[Any], samples: int) -> Iterator[Any]:
    """Yield as many samples as there must be, in pieces of one size: cut off, or filled up."""
    rest = np.zeros(0, np.int16)
    for part in parts:
        rest = np.concatenate((rest, part[: max(0, samples - rest.size)]))
        while rest.size >= _FRAME:
            yield np.ascontiguousarray(rest[:_FRAME])
            rest, samples = rest[_FRAME:], samples - _FRAME
    while samples > 0:
        filled = np.zeros(min(_FRAME, samples), np.int16)
        filled[: min(rest.size, filled.size)] = rest[: filled.size]
        yield filled
        rest, samples = rest[filled.size :], samples - filled.size
