"""NeMo's manifest of a data set: a line for each turn of each sound, with no transcript.

Where there is a FLAC of 16 kHz it is what is named, else the original. Paths begin in the
manifest's own folder, where NeMo looks for those that are not absolute. ``text`` is empty: nobody
has written down what was said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from assent_vault.export.description import DataSet

NAME: Final = "nemo.jsonl"


def lines(data_set: DataSet) -> Iterator[bytes]:
    """Yield a line for each turn; times are seconds."""
    for meeting in data_set.meetings:
        for track, _ in meeting.sounds:
            if track.speech is None:
                continue
            for start, end in track.speech.turns:
                said = {
                    "audio_filepath": (track.pcm or track.file).path,
                    "offset": start / 1000,
                    "duration": round((end - start) / 1000, 3),
                    "text": "",
                    "speaker": track.speaker,
                    "session_id": meeting.meeting,
                    "source": track.source,
                }
                yield json.dumps(said, ensure_ascii=False).encode() + b"\n"
