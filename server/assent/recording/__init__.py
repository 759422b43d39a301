"""The recorder, a visible member of a meeting: RTP to frames to sealed segments, never decoded.

:class:`Recorder` opens a generation after the other; a :class:`GenerationRecording` is set as a
room's tap while it captures; :func:`recover` closes what a crash has left open. What it stores,
nothing in the server can open.
"""

from assent.recording.errors import RecordingError, StorageStalled, Unrecoverable
from assent.recording.recorder import PICTURES, GenerationRecording, Recorder
from assent.recording.recovery import recover

__all__ = [
    "PICTURES",
    "GenerationRecording",
    "Recorder",
    "RecordingError",
    "StorageStalled",
    "Unrecoverable",
    "recover",
]
