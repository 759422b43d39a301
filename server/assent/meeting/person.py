"""A person of a live meeting, as the server knows them while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from assent.media.sources import BrowserSource, Source
from assent.meeting.acts import covered
from assent.meeting.introduction import Introduction
from assent.meeting.views import (
    AdmissionState,
    ClientConnection,
    IntroductionView,
    PersonView,
    SeatView,
)
from assent_vault.formats.statement import Answer, Enrolment, Will
from assent_vault.formats.suite import digest, encode
from assent_vault.ledger.entry import Revoked


@dataclass(slots=True)
class Person:
    """One enrolled person. ``answer`` is their last verified one; no field is a permission.

    ``withheld``: they have taken back their yes to recording, and it is not stored yet.
    ``acts`` is what others took back for them.
    """

    id: str
    introduction: Introduction
    host: bool
    enrolment: Enrolment
    signature: bytes  # of the enrolment
    answer: Answer | None = None
    state: AdmissionState = AdmissionState.DOOR
    ever_admitted: bool = False
    removed: bool = False
    connection: ClientConnection | None = None
    client: str = ""  # where the connection came from, as limits count it
    muted: set[BrowserSource] = field(default_factory=set)
    # Of those, what is not muted by the person, but by their system or the device itself.
    silenced: set[BrowserSource] = field(default_factory=set)
    grace: asyncio.TimerHandle | None = None
    withheld: bool = False
    acts: tuple[Revoked, ...] = ()

    @property
    def name(self) -> str:
        """What the person has said that they are called."""
        return self.introduction.name

    @property
    def agrees(self) -> bool:
        """Whether the person's last word on recording is yes, and was not taken back for them."""
        said = self.answer
        return (
            said is not None
            and said.recording is Will.YES
            and not self.withheld
            and said.sequence > covered(self.acts, self.id)
        )

    @property
    def present(self) -> bool:
        """Whether the person was let in and has not departed."""
        return self.state is AdmissionState.ADMITTED

    def stop_grace(self) -> None:
        """The person is back, or gone for good."""
        if self.grace is not None:
            self.grace.cancel()
            self.grace = None

    def view(self, sources: tuple[Source, ...], *, show_answer: bool) -> PersonView:
        """Return the person as everyone sees them."""
        return PersonView(
            person=self.id,
            name=self.name,
            host=self.host,
            connected=self.connection is not None,
            muted=tuple(sorted(self.muted)),
            silenced=tuple(sorted(self.silenced)),
            sources=sources,
            enrolment=encode(self.enrolment.digest),
            watch=encode(digest(self.enrolment.watch)),
            train=encode(digest(self.enrolment.train)),
            agreed=self.agrees if show_answer else None,
        )

    def introduction_view(self) -> IntroductionView:
        """Return what other browsers check before they believe who this is."""
        said = self.introduction
        return IntroductionView(
            person=self.id,
            enrolment=self.enrolment.body,
            signature=self.signature,
            name=said.name,
            salt=said.salt,
            brought=None if said.brought is None else (said.brought.ordinal, said.brought.mac),
        )

    def seat_view(self) -> SeatView:
        """Return the person as they see themselves."""
        will = self.answer
        return SeatView(
            person=self.id,
            host=self.host,
            state=self.state,
            recording=will.recording if will else Will.UNANSWERED,
            training=will.training if will else Will.UNANSWERED,
            enrolment=encode(self.enrolment.digest),
            last_answer=will.body if will else None,
            acts=self.acts,
        )
