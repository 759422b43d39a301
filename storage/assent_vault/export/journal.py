"""What of an export is done: kept in its folder, so that one that was killed goes on from there.

Theory of operation. The *head* is written before anything else: whose export it is, what it asks
for, its time, its meetings, and the key of its pseudonyms. Each meeting that is whole has an
*entry*, written when all of its files are durable. Whoever takes the export up again believes an
entry only after having read the meeting's files and found the digests that it has; so nothing that
is finished is done again, and nothing that is half done is taken for finished. With the same head
the same meetings give the same bytes.

All of it lies aside in the folder that nobody takes for a data set, and goes before that gets its
name: the key of the pseudonyms is forgotten then.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import msgspec

from assent_vault.errors import ExportError
from assent_vault.export.description import MeetingEntry, TrackEntry
from assent_vault.export.folder import ASIDE, Folder
from assent_vault.export.pictures import Pictures
from assent_vault.export.sound import Sound

_HEAD: Final = f"{ASIDE}/head.json"


class JournalHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all of an export is written from; ``key`` is that of the pseudonyms."""

    export: str
    created: int
    key: bytes
    recipient: str | None
    purpose: str | None
    options: str
    meetings: tuple[str, ...]


class Journal:
    """The journal of one export. All methods wait for the disk; raises ExportError."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def begin(self, head: JournalHead) -> None:
        """Write the head of an export that begins."""
        self._folder.replace(_HEAD, msgspec.json.encode(head))

    def head(self) -> JournalHead | None:
        """Return the head; None where there is no export to be taken up."""
        found: JournalHead | None = self._read(_HEAD, JournalHead)
        return found

    def finish(self, entry: MeetingEntry, places: tuple[str, ...]) -> None:
        """Write down that a meeting is whole; ``places`` are where its files lie."""
        self._folder.sync_names(places)
        self._folder.replace(_entry(entry.meeting), msgspec.json.encode(entry))

    def fail(self, meeting: str) -> None:
        """Write down that a meeting could not be exported."""
        self._folder.replace(_failed(meeting), b"{}")

    def failed(self, head: JournalHead) -> int:
        """Return how many could not."""
        return sum(self._folder.place(_failed(one)).exists() for one in head.meetings)

    def forget(self, meeting: str) -> None:
        """Say that a meeting is no part of it any more, before its files go."""
        self._folder.remove(_entry(meeting))

    def finished(self, meeting: str) -> MeetingEntry | None:
        """Return a meeting that is whole, to the last byte of its media; None where it is not."""
        found = self._read(_entry(meeting), dict)
        try:
            entry = None if found is None else _meeting(found)
            if entry is None or entry.meeting != meeting:
                return None
            for file in _files(entry):
                if self._folder.measure(file.path) != file:
                    return None
        except (msgspec.MsgspecError, ExportError, KeyError, TypeError, AssertionError):
            return None
        return entry

    def _read(self, path: str, kind: Any) -> Any:
        place = self._folder.place(path)
        try:
            # Nothing here is larger than the description of one meeting, which memory held before.
            return msgspec.json.decode(place.read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None


def _entry(meeting: str) -> str:
    return f"{ASIDE}/{meeting}.json"


def _failed(meeting: str) -> str:
    return f"{ASIDE}/{meeting}.failed"


def _files(entry: MeetingEntry) -> Iterator[Any]:
    for track in entry.tracks:
        yield from track.files


def _meeting(found: dict[str, Any]) -> MeetingEntry:
    hints = typing.get_type_hints(MeetingEntry)
    tracks = tuple(_track(one) for one in found.pop("tracks"))
    rest = {
        each.name: msgspec.convert(found[each.name], hints[each.name])
        for each in fields(MeetingEntry)
        if each.name != "tracks"
    }
    return MeetingEntry(tracks=tracks, **rest)


def _track(found: dict[str, Any]) -> TrackEntry:
    """Read a track: its media is told by what only sound has."""
    hints = typing.get_type_hints(TrackEntry)
    hints["media"] = Sound if "samples" in found["media"] else Pictures
    return TrackEntry(
        **{
            each.name: msgspec.convert(found[each.name], hints[each.name])
            for each in fields(TrackEntry)
        }
    )
