"""Who spoke when, as Rich Transcription Time Marked (NIST RT-09 evaluation plan, appendix A)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assent_vault.export.description import MeetingEntry

FOLDER: Final = "rttm"


def turns(meeting: MeetingEntry) -> list[tuple[int, int, str]]:
    """Return start, end and speaker of what was said, in milliseconds and in order.

    What somebody says into two microphones at once, or plays beside it, is one turn.
    """
    by_speaker: dict[str, list[tuple[int, int]]] = {}
    for track in meeting.tracks:
        if track.speech is not None:
            by_speaker.setdefault(track.speaker, []).extend(track.speech.turns)
    found = []
    for speaker, said in by_speaker.items():
        merged: list[tuple[int, int]] = []
        for start, end in sorted(said):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        found += [(start, end, speaker) for start, end in merged]
    return sorted(found)


def lines(meeting: MeetingEntry) -> Iterator[bytes]:
    """Yield a SPEAKER object for each turn."""
    for start, end, speaker in turns(meeting):
        yield (
            f"SPEAKER {meeting.meeting} 1 {start / 1000:.3f} {(end - start) / 1000:.3f}"
            f" <NA> <NA> {speaker} <NA> <NA>\n"
        ).encode()
