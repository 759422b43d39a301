"""The rules of capture, and nothing else: no clock, no input or output, no randomness.

:mod:`assent.consent.capture` opens with the theory of operation.
"""

from assent.consent.capture import (
    Capture,
    CapturedEpoch,
    Illegal,
    Phase,
    advance,
    may_capture,
    opened,
)
from assent.consent.effects import (
    Announce,
    CloseEpoch,
    CutOff,
    Effect,
    LetIn,
    OpenEpoch,
    StartCapture,
    StopCapture,
)
from assent.consent.events import (
    Aged,
    Armed,
    Disarmed,
    EpochFailed,
    EpochReady,
    Event,
    MeetingEnded,
    PersonAdmitted,
    PersonAnswered,
    PersonConnected,
    PersonDeparted,
    PersonDisconnected,
    StorageBack,
    StorageFailed,
)

__all__ = [
    "Aged",
    "Announce",
    "Armed",
    "Capture",
    "CapturedEpoch",
    "CloseEpoch",
    "CutOff",
    "Disarmed",
    "Effect",
    "EpochFailed",
    "EpochReady",
    "Event",
    "Illegal",
    "LetIn",
    "MeetingEnded",
    "OpenEpoch",
    "PersonAdmitted",
    "PersonAnswered",
    "PersonConnected",
    "PersonDeparted",
    "PersonDisconnected",
    "Phase",
    "StartCapture",
    "StopCapture",
    "StorageBack",
    "StorageFailed",
    "advance",
    "may_capture",
    "opened",
]
