"""What a meeting tells the connections of its people: plain data, no wire format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from assent.meeting.passes import Line


class State(StrEnum):
    """Where a person stands with regard to the room."""

    DOOR = "door"
    WAITING = "waiting"
    ADMITTED = "admitted"


class Goodbye(StrEnum):
    """Why a connection is over."""

    LEFT = "left"
    REMOVED = "removed"
    DENIED = "denied"
    ENDED = "ended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True)
class PersonView:
    """A present person as everyone sees them; digests as unpadded base64url text.

    ``agreed`` is None where the server does not show who has agreed.
    """

    person: str
    name: str
    host: bool
    connected: bool
    muted: tuple[str, ...]
    sources: tuple[str, ...]
    enrolment: str
    watch: str
    train: str
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class RoomView:
    """The state of a meeting that everyone in it shares.

    ``absent_hosts`` were let in and are not here now: they can watch what is recorded all the same.
    """

    revision: int
    title: str
    started_at: int | None
    locked: bool
    capture: str
    armed: bool
    problem: str | None
    present: int
    agreed: int
    recorder: bool
    people: tuple[PersonView, ...]
    absent_hosts: tuple[PersonView, ...]
    waiting: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SeatView:
    """What the meeting knows of one seat; ``None`` where it has not enrolled.

    ``device``: what the person's other device does now; None where no token is drawn.
    """

    person: str | None
    host: bool
    state: State
    recording: str
    training: str
    enrolment: str | None
    last_answer: bytes | None
    device: tuple[Line, ...] | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A media section of an offer to a subscriber."""

    mid: str
    person: str
    source: str


class Connection(Protocol):
    """The way to one person's browser. No method blocks, and none raises."""

    def changed(self) -> None:
        """The room looks different; ask for a view when it suits."""

    def offer(self, generation: int, sdp: str, tracks: Sequence[Offered]) -> None:
        """The media plane offers tracks to this person."""

    def layers(self, wanted: Mapping[str, int]) -> None:
        """How many layers of a source this person need send, from the lowest."""

    def publish_again(self) -> None:
        """Our end of the publishing connection is gone; a new one is to be made."""

    def speaking(self, people: Sequence[str]) -> None:
        """Who speaks, loudest first."""

    def epoch(self, number: int, header: bytes) -> None:
        """An epoch that this person is in has opened."""

    def asked(self) -> None:
        """The host asks everyone again."""

    def goodbye(self, reason: Goodbye) -> None:
        """The conversation is over; close after saying so."""
