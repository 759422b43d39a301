"""Decodes Opus to one channel of 16 kHz, by libopus: a third of the work that 48 kHz are.

FFmpeg always decodes to 48 kHz. The library is the one that PyAV brings along, or the system's.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

RATE: Final = 16_000
"""Hz of what comes out."""
LONGEST: Final = RATE * 120 // 1000
"""Samples of a packet, at most (RFC 6716 section 3.2.5)."""


class NoDecoder(Exception):
    """There is no libopus."""


def _library() -> str:
    """Return where libopus is."""
    found = find_spec("av")
    for place in found.submodule_search_locations or () if found is not None else ():
        # Where wheels for Linux and for macOS have what they bring along.
        for folder in (Path(place).with_name("av.libs"), Path(place) / ".dylibs"):
            for library in sorted(folder.glob("libopus*")):
                return str(library)
    name = ctypes.util.find_library("opus")
    if name is None:
        raise NoDecoder("There is no libopus.")
    return name


class Decoder:
    """Decodes the packets of one track, in order."""

    def __init__(self) -> None:
        library = ctypes.CDLL(_library())
        library.opus_decoder_create.restype = ctypes.c_void_p
        decode = library.opus_decode
        decode.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_int,
        ]
        error = ctypes.c_int()
        made = library.opus_decoder_create(RATE, 1, ctypes.byref(error))
        if not made:
            raise NoDecoder("libopus makes no decoder.")
        self._decoder = made
        self._decode: Any = decode
        self._samples = (ctypes.c_int16 * LONGEST)()
        self._place = ctypes.addressof(self._samples)
        self._view = memoryview(self._samples).cast("B")

    def decode(self, packet: bytes) -> memoryview | None:
        """Return the samples of a packet, 16 bits each, until the next; None where it has none."""
        found = self._decode(self._decoder, packet, len(packet), self._place, LONGEST, 0)
        return None if found <= 0 else self._view[: 2 * found]
