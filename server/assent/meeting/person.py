"""A person of a live meeting, as the server knows them while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from assent.meeting.views import Connection, PersonView, SeatView, State
from assent_vault.statement import Answer, Enrolment, Will
from assent_vault.suite import digest, encode


@dataclass(slots=True)
class Person:
    """One enrolled person. ``answer`` is their last verified one; no field is a permission."""

    id: str
    name: str
    host: bool
    enrolment: Enrolment
    answer: Answer | None = None
    state: State = State.DOOR
    ever_admitted: bool = False
    removed: bool = False
    connection: Connection | None = None
    muted: set[str] = field(default_factory=set)
    grace: asyncio.TimerHandle | None = None

    @property
    def agrees(self) -> bool:
        """Whether the person's last word on recording is yes."""
        return self.answer is not None and self.answer.recording is Will.YES

    @property
    def present(self) -> bool:
        """Whether the person was let in and has not departed."""
        return self.state is State.ADMITTED

    def stop_grace(self) -> None:
        """The person is back, or gone for good."""
        if self.grace is not None:
            self.grace.cancel()
            self.grace = None

    def view(self, sources: tuple[str, ...], *, show_answer: bool) -> PersonView:
        """Return the person as everyone sees them."""
        return PersonView(
            person=self.id,
            name=self.name,
            host=self.host,
            connected=self.connection is not None,
            muted=tuple(sorted(self.muted)),
            sources=sources,
            enrolment=encode(self.enrolment.digest),
            watch=encode(digest(self.enrolment.watch)),
            train=encode(digest(self.enrolment.train)),
            agreed=self.agrees if show_answer else None,
        )

    def seat_view(self) -> SeatView:
        """Return the person as they see themselves."""
        will = self.answer
        return SeatView(
            person=self.id,
            host=self.host,
            state=self.state,
            recording=(will.recording if will else Will.UNANSWERED).value,
            training=(will.training if will else Will.UNANSWERED).value,
            enrolment=encode(self.enrolment.digest),
            last_answer=will.body if will else None,
        )
