"""A data set described: what is in it, of whom, and when; its documents are written from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from assent_vault.export.folder import File
from assent_vault.export.pictures import Pictures
from assent_vault.export.sound import Sound
from assent_vault.export.timeline import Stretch
from assent_vault.store.export_order import NOTHING_SAID, ExportOrder

USE: Final = "training"
"""What everybody in it has agreed to, and nothing else."""
UNHEARD: Final = "none"
"""The annotation of sound that nobody was asked to listen to."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What was heard in a track: when somebody speaks, in milliseconds, and how it sounds.

    ``annotation`` tells what heard it. Levels are in dB below the largest sample (dBFS): of speech,
    and of what is there besides, None where there is no such; ``clipped`` is the share of samples
    that are as large as can be.
    """

    annotation: str
    turns: tuple[tuple[int, int], ...]
    level: float | None
    noise: float | None
    clipped: float

    @property
    def duration(self) -> int:
        """Milliseconds of speech."""
        return sum(end - start for start, end in self.turns)


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """A media file: whose, what is in it and when, and what was heard in it.

    ``pcm`` is the same sound as FLAC, where that was asked for.
    Without ``speech``, ``unheard`` is the annotation of sound that tells why.
    """

    speaker: str
    source: str
    media: Sound | Pictures
    file: File
    speech: Speech | None = None
    pcm: File | None = None
    unheard: str = UNHEARD

    @property
    def files(self) -> tuple[File, ...]:
        """Its files: as it was sent, and decoded where that was asked for."""
        return (self.file,) if self.pcm is None else (self.file, self.pcm)


@dataclass(frozen=True, slots=True)
class MissingTrack:
    """A track that is not in the data set, with the stable code for why."""

    speaker: str
    source: str
    code: str


@dataclass(frozen=True, slots=True)
class MeetingEntry:
    """A meeting in the data set. ``duration`` and all times of its tracks are milliseconds."""

    meeting: str
    notice_version: int
    evidence: bytes
    duration: int
    stretches: tuple[Stretch, ...]
    tracks: tuple[TrackEntry, ...]
    missing: tuple[MissingTrack, ...] = ()

    @property
    def sounds(self) -> list[tuple[TrackEntry, Sound]]:
        """Its tracks of sound, by speaker and source."""
        found = [(one, one.media) for one in self.tracks if isinstance(one.media, Sound)]
        return sorted(found, key=lambda each: each[0].file.path)

    def overlap(self, track: TrackEntry) -> float | None:
        """Return the share of a track's speech in which somebody else speaks, too."""
        if track.speech is None:
            return None
        others = sorted(
            turn
            for one in self.tracks
            if one.speaker != track.speaker and one.speech is not None
            for turn in one.speech.turns
        )
        merged: list[tuple[int, int]] = []
        for start, end in others:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        shared, at = 0, 0
        for start, end in track.speech.turns:
            while at < len(merged) and merged[at][1] <= start:
                at += 1
            look = at
            while look < len(merged) and merged[look][0] < end:
                shared += min(end, merged[look][1]) - max(start, merged[look][0])
                look += 1
        return round(shared / track.speech.duration, 4) if track.speech.duration else 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file of media is that lies in a shard: which, and as what."""

    shard: str
    name: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: its meetings in the order of their ids. ``vault`` is the public key that signs.

    ``asked`` is whom it is for, for what, and what was asked for; ``places`` where files of media
    are, by their path, if they are in shards.
    """

    export_id: str
    created: int
    vault: bytes
    meetings: tuple[MeetingEntry, ...]
    asked: ExportOrder = NOTHING_SAID
    places: Mapping[str, Place] = field(default_factory=dict)

    def name_of(self, file: File) -> str:
        """Return what a file of media is called in the data set, or in its shard."""
        place = self.places.get(file.path)
        return file.path if place is None else place.name

    def shard_of(self, file: File) -> str | None:
        """Return in which shard a file of media is, if it is in one."""
        place = self.places.get(file.path)
        return None if place is None else place.shard

    @property
    def recipient(self) -> str | None:
        """Whom it is for, where that was said."""
        return self.asked.recipient

    @property
    def purpose(self) -> str | None:
        """What it is for, where that was said."""
        return self.asked.purpose

    @property
    def proofs(self) -> bool:
        """Whether what was signed is in it."""
        return self.asked.options.proofs
