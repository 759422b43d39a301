"""Who spoke when, as the segment-wise long-form speech transcription of CHiME and MeetEval.

Its words are empty: nobody has written down what was said.
"""

from __future__ import annotations

import json
from typing import Final

from assent_vault.export import rttm
from assent_vault.export.description import MeetingEntry

FOLDER: Final = "seglst"


def document(meeting: MeetingEntry) -> bytes:
    """Write the list of segments; times are seconds, as decimals."""
    found = [
        {
            "session_id": meeting.meeting,
            "speaker": speaker,
            "start_time": round(start / 1000, 3),
            "end_time": round(end / 1000, 3),
            "words": "",
        }
        for start, end, speaker in rttm.turns(meeting)
    ]
    return (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()
