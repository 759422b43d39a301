"""The rules of capture, and nothing else: no clock, no input or output, no randomness.

:mod:`assent.consent.capture` opens with the theory of operation.
"""

from assent.consent.capture import Capture, Epoch, Illegal, Phase, advance, may_capture, opened
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
    Admitted,
    Aged,
    Answered,
    Armed,
    Connected,
    Departed,
    Disarmed,
    Disconnected,
    Ended,
    EpochFailed,
    EpochReady,
    Event,
    StorageBack,
    StorageFailed,
)

__all__ = [
    "Admitted",
    "Aged",
    "Announce",
    "Answered",
    "Armed",
    "Capture",
    "CloseEpoch",
    "Connected",
    "CutOff",
    "Departed",
    "Disarmed",
    "Disconnected",
    "Effect",
    "Ended",
    "Epoch",
    "EpochFailed",
    "EpochReady",
    "Event",
    "Illegal",
    "LetIn",
    "OpenEpoch",
    "Phase",
    "StartCapture",
    "StopCapture",
    "StorageBack",
    "StorageFailed",
    "advance",
    "may_capture",
    "opened",
]
