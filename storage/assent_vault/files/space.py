"""How much room there is on the disks that what people say depends on.

A disk that runs full must not keep anybody from taking something back. So what takes much room,
recordings and exports, ends at a *floor* that is far above what answers need; they may go on below
it. Room is bytes and, where a file system counts them, names for new files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1_000_000
FLOOR_FILES: Final = 1_000
"""New files that must be possible. Few file systems run out of them, and then without notice."""

LOW: Final = "space-low"
UNKNOWN: Final = "space-unknown"


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """What is free in one place. ``files`` is None where the file system does not count them."""

    place: str
    octets: int
    files: int | None


class Space:
    """The disks of one process, by a name for each place, and the floor in bytes; 0 for none.

    What has been below the floor is well again when a quarter more than the floor is free.
    """

    def __init__(self, places: Mapping[str, Path], floor: int) -> None:
        self._places = dict(places)
        self.floor = floor
        self.rooms: tuple[FreeSpace, ...] = ()
        self.problem: str | None = None

    def look(self) -> str | None:
        """Look at every disk; return why nothing large may be written, None where it may.

        It waits for the disks.
        """
        least = self.floor if self.problem is None else self.floor + self.floor // 4
        try:
            self.rooms = tuple(_room(place, path) for place, path in self._places.items())
        except OSError:
            self.problem = UNKNOWN if self.floor else None
            return self.problem
        self.problem = LOW if any(_is_low(room, least, self.floor) for room in self.rooms) else None
        return self.problem


def _is_low(room: FreeSpace, least: int, floor: int) -> bool:
    if floor == 0:
        return False
    return room.octets < least or (room.files is not None and room.files < FLOOR_FILES)


def _room(place: str, path: Path) -> FreeSpace:
    while not path.exists() and path != path.parent:
        path = path.parent  # it will be made there
    found = os.statvfs(path)
    # For those who are not root: a part of many file systems is kept for it.
    return FreeSpace(
        place, found.f_bavail * found.f_frsize, found.f_favail if found.f_files > 0 else None
    )
