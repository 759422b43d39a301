"""What a meeting tells the connections of its people: plain data, no wire format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from assent.media.sources import BrowserSource, Source
from assent.meeting.device_tokens import Line
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Revoked

ShownCapture = Literal["off", "paused", "recording"]
"""What everybody sees of the recording."""


class AdmissionState(StrEnum):
    """Where a person stands with regard to the room."""

    DOOR = "door"
    WAITING = "waiting"
    ADMITTED = "admitted"


class CloseReason(StrEnum):
    """Why a connection is over."""

    LEFT = "left"
    REMOVED = "removed"
    DENIED = "denied"
    ENDED = "ended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    RESTARTING = "restarting"
    CROWDED = "crowded"  # others from there wanted in; come back


@dataclass(frozen=True, slots=True)
class PersonView:
    """A present person as everyone sees them; digests as unpadded base64url text.

    ``agreed`` is None where the server does not show who has agreed.
    """

    person: str
    name: str
    host: bool
    connected: bool
    muted: tuple[BrowserSource, ...]
    silenced: tuple[BrowserSource, ...]
    sources: tuple[Source, ...]
    enrolment: str
    watch: str
    train: str
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class IntroductionView:
    """What shows other browsers who somebody is: an enrolment, and what belongs to it.

    ``brought`` is the ordinal of a link with the HMAC of FORMAT.md section 6, None where no link
    has brought them.
    """

    person: str
    enrolment: bytes
    signature: bytes
    name: str
    salt: bytes
    brought: tuple[int, bytes] | None


@dataclass(frozen=True, slots=True)
class SignedView:
    """A document with the signature over it, as they came."""

    body: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class CertificateView:
    """What shows that somebody is a host, with the enrolment that they sign their acts under."""

    certificate: SignedView
    enrolment: SignedView


@dataclass(frozen=True, slots=True)
class RoomView:
    """The state of a meeting that everyone in it shares.

    ``disputed_by``: how many people's browsers have found that the header of the running generation
    is not what they were shown. ``absent_hosts`` were let in and are not here now: they can watch
    what is recorded all the same.
    """

    revision: int
    title: str
    started_at: int | None
    locked: bool
    capture: ShownCapture
    armed: bool
    problem: str | None
    disputed_by: int
    present: int
    agreed: int
    recorder: bool
    people: tuple[PersonView, ...]
    absent_hosts: tuple[PersonView, ...]
    waiting: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SeatView:
    """What the meeting knows of one seat; ``None`` where it has not enrolled.

    ``device``: what the person's other device does now; None where no token is drawn. ``acts`` is
    what others took back for them.
    """

    person: str | None
    host: bool
    state: AdmissionState
    recording: Will
    training: Will
    enrolment: str | None
    last_answer: bytes | None
    device: tuple[Line, ...] | None = None
    acts: tuple[Revoked, ...] = ()
    certified: bool = False  # the host key of the room says that they are a host


def seat_of_nobody(*, host: bool) -> SeatView:
    """Return the view of a seat at the door in which nobody has enrolled."""
    unsaid = Will.UNANSWERED
    return SeatView(None, host, AdmissionState.DOOR, unsaid, unsaid, None, None)


@dataclass(frozen=True, slots=True)
class OfferedSdp:
    """A media section of an offer to a subscriber."""

    mid: str
    person: str
    source: Source


class ClientConnection(Protocol):
    """The way to one person's browser. No method blocks, and none raises."""

    def changed(self) -> None:
        """The room looks different; ask for a view when it suits."""

    def offer(self, generation: int, sdp: str, tracks: Sequence[OfferedSdp]) -> None:
        """The media plane offers tracks to this person."""

    def layers(self, wanted: Mapping[Source, int]) -> None:
        """How many layers of a source this person need send, from the lowest."""

    def publish_again(self) -> None:
        """Our end of the publishing connection is gone; a new one is to be made."""

    def speaking(self, people: Sequence[str]) -> None:
        """Who speaks, loudest first."""

    def generation(self, number: int, header: bytes, signature: bytes) -> None:
        """A recorded generation that this person is in has opened."""

    def asked(self) -> None:
        """The host asks everyone again."""

    def goodbye(self, reason: CloseReason) -> None:
        """The conversation is over; close after saying so."""
