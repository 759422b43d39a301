"""The recorder, a visible member of a meeting: RTP to frames to sealed segments, never decoded.

:class:`Recorder` opens an epoch after the other; an :class:`EpochRecording` is set as a room's tap
while it captures; :func:`recover` closes what a crash has left open. What it stores, nothing in the
server can open.
"""

from assent.recording.errors import RecordingError, StorageStalled, Unrecoverable
from assent.recording.generation_recovery import recover_generation
from assent.recording.recorder import PICTURES, EpochRecording, Recorder
from assent.recording.recovery import recover

__all__ = [
    "PICTURES",
    "EpochRecording",
    "Recorder",
    "RecordingError",
    "StorageStalled",
    "Unrecoverable",
    "recover",
    "recover_generation",
]
