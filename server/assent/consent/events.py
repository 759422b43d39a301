"""What can happen to a meeting, as far as capture cares.

An event is a fact that has already been checked: a signature has been verified before
:class:`PersonAnswered` is made of it, a write has completed before :class:`EpochReady` is. Persons
are opaque strings.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonAdmitted:
    """A person is let in; ``agrees`` is whether they hold a valid yes to recording right now."""

    person: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class PersonDeparted:
    """A person has left, was removed, or stayed away longer than the grace time."""

    person: str


@dataclass(frozen=True, slots=True)
class PersonConnected:
    """A person who is present can be reached (again)."""

    person: str


@dataclass(frozen=True, slots=True)
class PersonDisconnected:
    """Nobody can reach a person who is present, and who stays so until :class:`PersonDeparted`."""

    person: str


@dataclass(frozen=True, slots=True)
class PersonAnswered:
    """A present person's will about recording is now ``agrees``."""

    person: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class Armed:
    """The host wants a recording."""


@dataclass(frozen=True, slots=True)
class Disarmed:
    """The host wants no recording (any more)."""


@dataclass(frozen=True, slots=True)
class EpochReady:
    """Header and shares of epoch ``number`` are durable."""

    number: int


@dataclass(frozen=True, slots=True)
class EpochFailed:
    """Header and shares of epoch ``number`` could not be made durable."""

    number: int


@dataclass(frozen=True, slots=True)
class Aged:
    """Epoch ``number`` has lasted as long as one epoch may."""

    number: int


@dataclass(frozen=True, slots=True)
class StorageFailed:
    """Something of the running epoch could not be stored."""


@dataclass(frozen=True, slots=True)
class StorageBack:
    """A trial write has completed after a failure."""


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """The meeting is over, for good."""


Event = (
    PersonAdmitted
    | PersonDeparted
    | PersonConnected
    | PersonDisconnected
    | PersonAnswered
    | Armed
    | Disarmed
    | EpochReady
    | EpochFailed
    | Aged
    | StorageFailed
    | StorageBack
    | MeetingEnded
)
