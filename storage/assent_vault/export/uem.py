"""What of a meeting is to be scored, as an Un-partitioned Evaluation Map: all of its timeline.

Pauses between generations are in it, as they are in the sound, silent: some readers take one
stretch of a file and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assent_vault.export.description import MeetingEntry

FOLDER: Final = "uem"


def lines(meeting: MeetingEntry) -> Iterator[bytes]:
    """Yield its line."""
    yield f"{meeting.meeting} 1 0.000 {meeting.duration / 1000:.3f}\n".encode()
