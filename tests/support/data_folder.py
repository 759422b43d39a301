"""Looks into every file under a folder for what must never be there: media, and people's seeds.

The searcher is given *needles*: byte strings that are known to have been in the meeting. It looks
for each in every spelling in which a careless program might have written it down.
"""

from __future__ import annotations

import base64
import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What begins a WebM file, and what is in the head of each of its tracks. Each of these is long
# enough not to turn up in a few MiB of ciphertext by chance.
CONTAINER_MARKS = (
    b"\x1a\x45\xdf\xa3\x01\x00\x00\x00",  # EBML header with a size of eight bytes
    b"\x42\x82\x84webm",  # DocType "webm"
    b"A_OPUS",
    b"V_VP8",
    b"OpusHead",
    b"V_VP8\x00",
)

# A file that is being written may be cut off anywhere, so that a piece of a packet has to do.
PIECE = 24


@dataclass(frozen=True, slots=True)
class Find:
    """A needle and the file it was found in."""

    path: Path
    needle: bytes

    def __str__(self) -> str:
        return f"{self.path}: {self.needle[:16]!r}…"


def spellings(secret: bytes) -> Iterator[bytes]:
    """Yield a secret as it is, in hexadecimal, and in both kinds of base64."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield base64.b64encode(secret).rstrip(b"=")
    yield base64.urlsafe_b64encode(secret).rstrip(b"=")


def pieces(packets: Iterable[bytes]) -> Iterator[bytes]:
    """Yield from the middle of each packet a piece that no other packet has."""
    for packet in packets:
        if len(packet) >= 2 * PIECE:
            middle = len(packet) // 2
            piece = packet[middle - PIECE // 2 : middle + PIECE // 2]
            if len(set(piece)) > PIECE // 3:  # a run of equal bytes is nobody's in particular
                yield piece


def search(folder: Path, needles: Iterable[bytes]) -> list[Find]:
    """Return every needle that is in any file under the folder, hidden ones included."""
    wanted = list(dict.fromkeys(needles))
    assert wanted, "nothing to look for finds nothing"
    found: list[Find] = []
    for path in files(folder):
        try:
            with (
                path.open("rb") as file,
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            ):
                found += [Find(path, needle) for needle in wanted if data.find(needle) >= 0]
        except (FileNotFoundError, ValueError):
            continue  # gone meanwhile, or empty
    return found


def files(folder: Path, suffix: str = "") -> list[Path]:
    """Return every file under the folder, or those with that ending.

    Whoever else works in it may take folders away meanwhile, which ``Path.rglob`` does not bear.
    """
    found = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.name.endswith(suffix))
