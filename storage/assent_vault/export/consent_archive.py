"""The consent behind a data set, as one tar that no loader takes for data.

It is the same bytes each time: names in order, no time, nobody's name, one mode. Each meeting's
members are written when the meeting is, and lie aside until it is known which ones stay in.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from assent_vault.export.folder import ASIDE, File, Folder

NAME: Final = "consent.tar"

_BLOCK: Final = 512
_END: Final = bytes(2 * _BLOCK)
"""POSIX ustar: "two 512-byte blocks filled with binary zeros"."""
_MODE: Final = 0o600


def aside(meeting_id: str) -> str:
    """Return where the members of a meeting lie until the archive is written."""
    return f"{ASIDE}/{meeting_id}.tar"


def put_aside(folder: Folder, meeting_id: str, documents: Mapping[str, bytes]) -> None:
    """Write the members of a meeting: paths within its folder of the archive, and contents."""
    folder.write(
        aside(meeting_id),
        (member(f"consent/{meeting_id}/{path}", data) for path, data in sorted(documents.items())),
    )


def member(name: str, data: bytes) -> bytes:
    """Return a member of the archive, whole."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), _MODE
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % _BLOCK)


def write(folder: Folder, meeting_ids: Iterable[str]) -> File:
    """Write the archive of these meetings from what lies aside."""
    parts = (folder.read(aside(meeting_id)) for meeting_id in sorted(meeting_ids))
    return folder.write(NAME, chain(chain.from_iterable(parts), (_END,)))
