"""Shards: the media of a data set in tars of about one size, where it is not a folder of files.

As ``tar`` they hold the files as the folder would: unpacked side by side they are it. As
``webdataset`` each track is a *sample*, its files next to each other and of one name up to the
first dot: the media, and as JSON the row of the table. A meeting is in one shard where it fits,
and shards follow the order of meetings; so a recall concerns few of them.

The same description gives the same bytes: no time, nobody's name, one mode. A shard that was
written whole before is not written again.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from assent_vault.errors import ExportError
from assent_vault.export import metadata
from assent_vault.export.description import DataSet, MeetingEntry, Place, TrackEntry
from assent_vault.export.folder import ASIDE, PACKED, File, Folder

FOLDER: Final = "shards"
FOLDERS: Final = "folder"
TARS: Final = "tar"
SAMPLES: Final = "webdataset"

_BLOCK: Final = 512
_END: Final = bytes(2 * _BLOCK)
_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in a shard: as it is called there, and what it is, in the folder or in memory."""

    name: str
    file: File
    data: bytes | None = None


class _Done(msgspec.Struct, frozen=True):
    """What is known of a shard that was written: of which members, and what came out."""

    members: str
    size: int
    sha256: bytes


def places(data_set: DataSet) -> dict[str, Place]:
    """Lay out which file goes into which shard, and what it is called there, by its path."""
    options = data_set.asked.options
    if options.format == FOLDERS:
        return {}
    found: dict[str, Place] = {}
    number, held = 0, 0
    for meeting in data_set.meetings:
        whole = sum(_size(track) for track in meeting.tracks)
        if held and held + whole > options.shard_bytes:
            number, held = number + 1, 0
        for track in meeting.tracks:
            size = _size(track)
            if held and held + size > options.shard_bytes:
                number, held = number + 1, 0
            held += size
            for file in track.files:
                name = file.path if options.format == TARS else _sample(meeting, track, file)
                found[file.path] = Place(f"{FOLDER}/{number:06}.tar", name)
    return found


def _size(track: TrackEntry) -> int:
    return sum(file.size for file in track.files)


def _sample(meeting: MeetingEntry, track: TrackEntry, file: File) -> str:
    """Return the name of a file of a sample; all up to the first dot is the sample's key."""
    suffix = file.path.rpartition(".")[2]
    return f"{meeting.meeting}/{track.speaker}-{track.source}.{suffix}"


def write(folder: Folder, data_set: DataSet) -> tuple[list[File], list[tuple[str, File]]]:
    """Write the shards; return their files, and what is in them, each with its shard.

    The media stay where they are until the data set gets its name.
    """
    folder.replace(f"{ASIDE}/{PACKED}", b"")
    shards: dict[str, list[_Member]] = {}
    for shard, member in _members(data_set):
        shards.setdefault(shard, []).append(member)
    for path in folder.inside(FOLDER):
        if path not in shards:
            folder.remove(path)
    files = [_shard(folder, path, members) for path, members in shards.items()]
    return files, [
        (path, File(each.name, each.file.size, each.file.sha256))
        for path, members in shards.items()
        for each in members
    ]


def _members(data_set: DataSet) -> Iterator[tuple[str, _Member]]:
    rows = {row["path"]: row for row in metadata.rows(data_set)}
    for meeting in data_set.meetings:
        for track in meeting.tracks:
            for file in track.files:
                place = data_set.places[file.path]
                yield place.shard, _Member(place.name, file)
            place = data_set.places[track.file.path]
            if data_set.asked.options.format == SAMPLES:
                row = rows[place.name]
                data = json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
                name = place.name.rpartition(".")[0] + ".json"
                described = File(name, len(data), hashlib.sha256(data).digest())
                yield place.shard, _Member(name, described, data)


def _shard(folder: Folder, path: str, members: list[_Member]) -> File:
    """Write a shard, unless it is there, whole and of the same members."""
    note = f"{ASIDE}/{path.replace('/', '-')}.done"
    told = json.dumps([[one.name, one.file.size, one.file.sha256.hex()] for one in members])
    wanted = hashlib.sha256(told.encode()).hexdigest()
    try:
        done = msgspec.json.decode(b"".join(folder.read(note)), type=_Done)
        if done.members == wanted and folder.measure(path) == File(path, done.size, done.sha256):
            return File(path, done.size, done.sha256)
    except (ExportError, msgspec.MsgspecError):
        pass  # there is none, or not that one
    folder.remove(note)
    folder.remove(path)
    file = folder.write(path, _tar(folder, members))
    folder.replace(note, msgspec.json.encode(_Done(wanted, file.size, file.sha256)))
    return file


def _tar(folder: Folder, members: Iterable[_Member]) -> Iterator[bytes]:
    for member in members:
        folder.must_have_room()
        info = tarfile.TarInfo(member.name)
        info.size, info.mode = member.file.size, _MODE
        # POSIX.1-2001 (pax): for what is over 8 GiB there is no room in the plain header.
        yield info.tobuf(tarfile.PAX_FORMAT)
        if member.data is not None:
            yield member.data
        else:
            yield from folder.read(member.file.path)
        yield bytes(-member.file.size % _BLOCK)
    yield _END
