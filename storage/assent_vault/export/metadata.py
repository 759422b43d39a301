"""A row for each track of a data set, as Parquet and as JSON lines: what trainers choose by.

Times and durations are seconds, levels dBFS. A column has no value where nobody knows one, or where
it is of the other kind, sound or pictures.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from assent_vault.export import filters, opus
from assent_vault.export.description import USE, DataSet, MeetingEntry, TrackEntry
from assent_vault.export.pictures import Pictures
from assent_vault.export.sound import Sound

PARQUET: Final = "metadata.parquet"
JSONL: Final = "metadata.jsonl"

_TEXT, _NUMBER, _SECONDS = pa.string(), pa.int64(), pa.float64()
_SIZE: Final = pa.struct([("at", _SECONDS), ("width", _NUMBER), ("height", _NUMBER)])

COLUMNS: Final = {
    "meeting": _TEXT,
    "speaker": _TEXT,
    "source": _TEXT,
    "kind": _TEXT,
    "path": _TEXT,
    "shard": _TEXT,
    "pcm": _TEXT,
    "offset": _SECONDS,
    "duration": _SECONDS,
    "codec": _TEXT,
    "rate": _NUMBER,
    "channels": _NUMBER,
    "samples": _NUMBER,
    "width": _NUMBER,
    "height": _NUMBER,
    "sizes": pa.list_(_SIZE),
    "frame_rate": _SECONDS,
    "packets": _NUMBER,
    "first": _SECONDS,
    "last": _SECONDS,
    "gaps": _NUMBER,
    "filled": _SECONDS,
    "filled_share": _SECONDS,
    "lost": _NUMBER,
    "lost_duration": _SECONDS,
    "late": _NUMBER,
    "late_duration": _SECONDS,
    "overlapped": _NUMBER,
    "overlapped_duration": _SECONDS,
    "invalid": _NUMBER,
    "drift": _SECONDS,
    "speech": _SECONDS,
    "overlap_ratio": _SECONDS,
    "level": _SECONDS,
    "noise": _SECONDS,
    "clipped": _SECONDS,
    "annotation": _TEXT,
    "languages": pa.list_(_TEXT),
    "use": _TEXT,
    "recipient": _TEXT,
    "purpose": _TEXT,
    "notice_version": _NUMBER,
    "interrupted": pa.bool_(),
    "size": _NUMBER,
    "sha256": _TEXT,
    "evidence": _TEXT,
}
"""Every column, in order, with its type."""

SCHEMA: Final = pa.schema(list(COLUMNS.items()))


def rows(data_set: DataSet) -> Iterator[dict[str, Any]]:
    """Yield the row of each track, with every column."""
    for meeting in data_set.meetings:
        for track in meeting.tracks:
            said = _common(data_set, meeting, track)
            media = track.media
            said |= _sound(media) if isinstance(media, Sound) else _pictures(media)
            said |= _heard(meeting, track)
            yield {column: said.get(column) for column in COLUMNS}


def _common(data_set: DataSet, meeting: MeetingEntry, track: TrackEntry) -> dict[str, Any]:
    return {
        "meeting": meeting.meeting,
        "speaker": track.speaker,
        "source": track.source,
        "path": data_set.name_of(track.file),
        "shard": data_set.shard_of(track.file),
        "pcm": None if track.pcm is None else data_set.name_of(track.pcm),
        "gaps": len(track.media.gaps),
        "packets": track.media.packets,
        "use": USE,
        "recipient": data_set.recipient,
        "purpose": data_set.purpose,
        "notice_version": meeting.notice_version,
        "interrupted": any(stretch.interrupted for stretch in meeting.stretches),
        "size": track.file.size,
        "sha256": track.file.sha256.hex(),
        "evidence": meeting.evidence.hex(),
    }


def _sound(sound: Sound) -> dict[str, Any]:
    duration = sound.samples / opus.RATE
    return {
        "kind": "sound",
        "offset": 0.0,
        "duration": duration,
        "codec": "opus",
        "rate": opus.RATE,
        "channels": sound.channels,
        "samples": sound.samples,
        "first": sound.first / 1000,
        "last": sound.last / 1000,
        "filled": sound.filled.whole / 1000,
        "filled_share": filters.filled_share(sound),
        "lost": sound.holes,
        "lost_duration": sound.filled.lost / 1000,
        "late": sound.late.packets,
        "late_duration": sound.late.duration / 1000,
        "overlapped": sound.overlapped.packets,
        "overlapped_duration": sound.overlapped.duration / 1000,
        "invalid": sound.invalid,
        "drift": sound.drift / 1000,
    }


def _pictures(pictures: Pictures) -> dict[str, Any]:
    return {
        "kind": "pictures",
        "offset": pictures.start / 1000,
        "duration": (pictures.end - pictures.start) / 1000,
        "codec": "vp8",
        "width": pictures.sizes[0].width,
        "height": pictures.sizes[0].height,
        "sizes": [
            {"at": size.at / 1000, "width": size.width, "height": size.height}
            for size in pictures.sizes
        ],
        "frame_rate": pictures.frame_rate,
        "first": pictures.start / 1000,
        "last": pictures.end / 1000,
    }


def _heard(meeting: MeetingEntry, track: TrackEntry) -> dict[str, Any]:
    speech = track.speech
    if speech is None:
        return {"annotation": track.unheard} if isinstance(track.media, Sound) else {}
    return {
        "speech": speech.duration / 1000,
        "overlap_ratio": meeting.overlap(track),
        "level": speech.level,
        "noise": speech.noise,
        "clipped": speech.clipped,
        "annotation": speech.annotation,
    }


def parquet(data_set: DataSet) -> bytes:
    """Write the table."""
    out = io.BytesIO()
    table = pa.Table.from_pylist(list(rows(data_set)), SCHEMA)
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def jsonl(data_set: DataSet) -> Iterator[bytes]:
    """Yield a line for each row."""
    for row in rows(data_set):
        yield json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
