"""The process that hears: reads one track from its standard input, and says what was heard.

Its argument is how many milliseconds the track has; with a second one, ``flac``, it also gives the
track as FLAC. It exits with 0 and an answer, or with anything else and none. Before the first byte
is read it is confined.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from assent_vault.hearing import wire
from assent_vault.hearing.confinement import confine
from assent_vault.hearing.decoder import RATE, Decoder
from assent_vault.hearing.voices import FRAME_MS, Voices

if TYPE_CHECKING:
    from assent_vault.hearing.flac import FlacEncoder

PRE_SKIP: Final = 312
"""Samples at 48 kHz that come before the first one: the codec's delay (FORMAT.md section 15)."""
LEAST_SECONDS: Final = 20
"""Of the processor's time that it may have, whatever the length."""
SLOWEST: Final = 20
"""Times real time that it is at least, by the processor's time: it is some hundred times."""

_SILENT: Final = ((960, b"\xf8"), (480, b"\xf0"), (240, b"\xe8"), (120, b"\xe0"))
"""Packets of silence by their samples at 48 kHz: of the silence that is laid into a file the first
20 ms are decoded, in which the sound before it ends; all that follows is nothing."""
_SILENCE_FLAG: Final = b"\xff\xfe"
_DECODED: Final = 960
_THIRD: Final = 48_000 // RATE


class Taker(Protocol):
    """Takes what was decoded, in order."""

    def add(self, samples: bytes | memoryview, /) -> None:
        """Take samples of 16 bits."""

    def add_silence(self, samples: int, /) -> None:
        """Take so many samples of nothing."""


def hear(source: BinaryIO, decoder: Decoder, *takers: Taker) -> None:
    """Read records to the end and decode them; raises EOFError where they end before."""
    skip = PRE_SKIP // _THIRD * 2  # bytes
    left = 0  # samples at 48 kHz of silence that make no whole one at RATE

    def add(packet: bytes) -> None:
        nonlocal skip
        samples = decoder.decode(packet)
        if samples is not None:
            for taker in takers:
                taker.add(samples[skip:])
            skip -= min(skip, len(samples))

    while length := wire.RECORD.unpack(_exactly(source, wire.RECORD.size))[0]:
        if length < wire.SILENCE:
            if length > wire.LARGEST:
                raise ValueError("larger than a packet is")
            add(_exactly(source, length))
            continue
        silent = length - wire.SILENCE + left
        for packet, samples in _silence(min(silent, _DECODED)):
            add(packet)
            silent -= samples
        whole, left = divmod(silent, _THIRD)
        skipped = min(skip // 2, whole)
        skip -= 2 * skipped
        for taker in takers:
            taker.add_silence(whole - skipped)


def _silence(samples: int) -> Iterator[tuple[bytes, int]]:
    """Yield packets of silence, the longest first, that are not more than so many samples."""
    for lasts, config in _SILENT:
        while samples >= lasts:
            yield config + _SILENCE_FLAG, lasts
            samples -= lasts


def _exactly(source: BinaryIO, count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data


def _warm(*, flac: bool) -> None:
    """Use once what is used later, while files can be opened."""
    voices = Voices(FRAME_MS)
    voices.add(bytes([1, 40] * (RATE // 10)))
    voices.finish()
    Decoder().decode(b"\xf8\xff\xfe")
    if flac:
        encoder = _encoder(RATE, lambda _: None)
        encoder.add(bytes([1, 40] * (RATE // 10)))
        encoder.finish()


def _encoder(samples: int, frame: Callable[[bytes], None]) -> FlacEncoder:
    from assent_vault.hearing.flac import FlacEncoder  # FFmpeg takes 30 MB, and time to be loaded

    return FlacEncoder(samples, frame)


def main() -> None:
    """Hear, confined."""
    duration, flac = int(sys.argv[1]), sys.argv[2:] == ["flac"]
    _warm(flac=flac)
    out = sys.stdout.buffer

    def frame(data: bytes) -> None:
        out.write(wire.RECORD.pack(len(data)) + data)

    decoder, voices = Decoder(), Voices(duration)
    encoder = _encoder(duration * RATE // 1000, frame) if flac else None
    confine(LEAST_SECONDS + duration // 1000 // SLOWEST)
    hear(sys.stdin.buffer, decoder, voices, *(() if encoder is None else (encoder,)))
    if encoder is not None:
        out.write(wire.END + encoder.finish())
    out.write(wire.write(voices.finish()))
    out.flush()


if __name__ == "__main__":
    main()
