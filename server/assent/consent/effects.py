"""What the shell has to carry out, in the order given.

Order is a promise: :class:`StopCapture` comes before the :class:`LetIn` of a person who has not
agreed, so the shell must have finished one effect before it begins the next. StopCapture,
StartCapture, LetIn and CutOff take effect at once; OpenEpoch and CloseEpoch start work that ends
later.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StopCapture:
    """From this instant not one packet more is stored."""


@dataclass(frozen=True, slots=True)
class OpenEpoch:
    """Make header and shares of epoch ``number`` durable, then say EpochReady or EpochFailed."""

    number: int
    present: frozenset[str]


@dataclass(frozen=True, slots=True)
class StartCapture:
    """Packets that arrive from now on belong to epoch ``number``."""

    number: int


@dataclass(frozen=True, slots=True)
class CloseEpoch:
    """Epoch ``number`` gets nothing more: forget its key, write its closing."""

    number: int


@dataclass(frozen=True, slots=True)
class LetIn:
    """Media of ``person`` may flow."""

    person: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """Media of ``person`` flows no more."""

    person: str


@dataclass(frozen=True, slots=True)
class Announce:
    """The truth that everybody sees has changed."""


Effect = StopCapture | OpenEpoch | StartCapture | CloseEpoch | LetIn | CutOff | Announce
