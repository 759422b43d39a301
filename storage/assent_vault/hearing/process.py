"""The process that hears: reads one track from its standard input, and says what was heard.

Its one argument is how many milliseconds the track has. It exits with 0 and an answer, or with
anything else and none. Before the first byte is read it is confined.
"""

from __future__ import annotations

import sys
from typing import BinaryIO, Final

from assent_vault.hearing import wire
from assent_vault.hearing.confinement import confine
from assent_vault.hearing.decoder import RATE, Decoder
from assent_vault.hearing.voices import FRAME_MS, Voices

PRE_SKIP: Final = 312
"""Samples at 48 kHz that come before the first one: the codec's delay (FORMAT.md section 15)."""
LEAST_SECONDS: Final = 20
"""Of the processor's time that it may have, whatever the length."""
SLOWEST: Final = 20
"""Times real time that it is at least, by the processor's time: it is some hundred times."""

_SILENT: Final = b"\xf8\xff\xfe"  # 20 ms, in which the sound before it ends
_SILENT_SAMPLES: Final = 960
_THIRD: Final = 48_000 // RATE


def hear(source: BinaryIO, decoder: Decoder, voices: Voices) -> wire.Heard:
    """Read records to the end and tell what is in them; raises EOFError where they end before."""
    skip = PRE_SKIP // _THIRD * 2  # bytes
    left = 0  # samples at 48 kHz of silence that make no whole one at RATE

    def add(packet: bytes) -> None:
        nonlocal skip
        samples = decoder.decode(packet)
        if samples is not None:
            voices.add(samples[skip:])
            skip -= min(skip, len(samples))

    while length := wire.RECORD.unpack(_exactly(source, wire.RECORD.size))[0]:
        if length < wire.SILENCE:
            if length > wire.LARGEST:
                raise ValueError("larger than a packet is")
            add(_exactly(source, length))
            continue
        silent = length - wire.SILENCE + left
        if silent >= _SILENT_SAMPLES:
            add(_SILENT)
            silent -= _SILENT_SAMPLES
        whole, left = divmod(silent, _THIRD)
        skipped = min(skip // 2, whole)
        skip -= 2 * skipped
        voices.add_silence(whole - skipped)
    return voices.finish()


def _exactly(source: BinaryIO, count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError
    return data


def main() -> None:
    """Hear, confined."""
    duration = int(sys.argv[1])
    # What is used first later on is loaded now, while files can be opened.
    warm = Voices(FRAME_MS)
    warm.add(bytes([1, 40] * (RATE // 10)))
    warm.finish()
    Decoder().decode(_SILENT)
    decoder, voices = Decoder(), Voices(duration)
    confine(LEAST_SECONDS + duration // 1000 // SLOWEST)
    sys.stdout.buffer.write(wire.write(hear(sys.stdin.buffer, decoder, voices)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
