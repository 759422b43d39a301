"""Lhotse's manifests of a data set: a recording and a cut for each meeting, over all its sound.

Each track is a source of the meeting's recording with channels of its own, so that a cut loads as
an array in which every speaker has their row. Paths begin in the data set's folder: whoever loads
says where that is (``with_recording_path_prefix``). Pictures are in the metadata.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from assent_vault.export import opus
from assent_vault.export.description import DataSet, MeetingEntry, TrackEntry
from assent_vault.export.sound import Sound

FOLDER: Final = "lhotse"

_GZIP: Final = 16 + zlib.MAX_WBITS  # with zlib's own head of a gzip: no name, no time
_LEVEL: Final = 6


def files(data_set: DataSet) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the path and the bytes of each manifest."""
    meetings = [meeting for meeting in data_set.meetings if meeting.sounds]
    for name, found in (
        ("recordings", (recording(meeting) for meeting in meetings)),
        ("supervisions", (one for meeting in meetings for one in supervisions(meeting))),
        ("cuts", (cut(meeting) for meeting in meetings)),
        ("utterances", (one for meeting in meetings for one in utterances(meeting))),
    ):
        yield f"{FOLDER}/{name}.jsonl.gz", compressed(found)


def compressed(found: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield the gzip of a line for each object; the same objects give the same bytes."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for one in found:
        yield packer.compress(json.dumps(one, ensure_ascii=False).encode() + b"\n")
    yield packer.flush()


def channels(meeting: MeetingEntry) -> list[tuple[TrackEntry, Sound, list[int]]]:
    """Return each track of sound with its channels in the meeting's recording."""
    found, next_free = [], 0
    for track, sound in meeting.sounds:
        found.append((track, sound, list(range(next_free, next_free + sound.channels))))
        next_free += sound.channels
    return found


def recording(meeting: MeetingEntry) -> dict[str, Any]:
    """Return the recording of a meeting."""
    found = channels(meeting)
    samples = found[0][1].samples
    return {
        "id": meeting.meeting,
        "sources": [
            {"type": "file", "channels": own, "source": track.file.path} for track, _, own in found
        ],
        "sampling_rate": opus.RATE,
        "num_samples": samples,
        "duration": samples / opus.RATE,
        "channel_ids": [channel for _, _, own in found for channel in own],
    }


def supervisions(meeting: MeetingEntry) -> Iterator[dict[str, Any]]:
    """Yield each turn of each track."""
    for track, _, own in channels(meeting):
        if track.speech is None:
            continue
        for number, (start, end) in enumerate(track.speech.turns):
            yield {
                "id": f"{meeting.meeting}-{track.speaker}-{track.source}-{number:06}",
                "recording_id": meeting.meeting,
                "start": start / 1000,
                "duration": round((end - start) / 1000, 3),
                "channel": own if len(own) > 1 else own[0],
                "speaker": track.speaker,
                "custom": {"source": track.source, "annotation": track.speech.annotation},
            }


def cut(meeting: MeetingEntry) -> dict[str, Any]:
    """Return the cut of a whole meeting."""
    said = recording(meeting)
    tracks = [
        {"channels": own, "speaker": track.speaker, "source": track.source}
        for track, _, own in channels(meeting)
    ]
    return {
        "id": meeting.meeting,
        "start": 0,
        "duration": said["duration"],
        "channel": said["channel_ids"],
        "supervisions": list(supervisions(meeting)),
        "recording": said,
        "custom": {"tracks": tracks},
        "type": "MultiCut",
    }


def utterances(meeting: MeetingEntry) -> Iterator[dict[str, Any]]:
    """Yield a cut of one channel for each turn of a track, the first of a stereo one.

    Each has a recording of its track alone, which is what NeMo takes.
    """
    for track, sound in meeting.sounds:
        if track.speech is None:
            continue
        name = f"{meeting.meeting}-{track.speaker}-{track.source}"
        alone = {
            "id": name,
            "sources": [
                {
                    "type": "file",
                    "channels": list(range(sound.channels)),
                    "source": track.file.path,
                }
            ],
            "sampling_rate": opus.RATE,
            "num_samples": sound.samples,
            "duration": sound.samples / opus.RATE,
            "channel_ids": list(range(sound.channels)),
        }
        for number, (start, end) in enumerate(track.speech.turns):
            duration = round((end - start) / 1000, 3)
            yield {
                "id": f"{name}-{number:06}",
                "start": start / 1000,
                "duration": duration,
                "channel": 0,
                "supervisions": [
                    {
                        "id": f"{name}-{number:06}",
                        "recording_id": name,
                        "start": 0.0,
                        "duration": duration,
                        "channel": 0,
                        "speaker": track.speaker,
                        "custom": {
                            "source": track.source,
                            "annotation": track.speech.annotation,
                        },
                    }
                ],
                "recording": alone,
                "type": "MonoCut",
            }
