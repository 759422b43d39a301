"""Who is in a meeting, who waits for it, and who is at its door without having said who they are.

It finds people and tells them things. Who may do what is decided in :mod:`assent.meeting.live`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assent.errors import MeetingFull, NotEnrolled
from assent.meeting.person import Person
from assent.meeting.store import Seat
from assent.meeting.views import Connection, Goodbye, PersonView, State


class Roster:
    """``people`` is everyone who has enrolled, by their identifier, wherever they are now."""

    def __init__(self, most_at_the_door: int) -> None:
        self.people: dict[str, Person] = {}
        self._most = most_at_the_door
        self._doors: dict[Connection, Seat] = {}  # connected, not enrolled

    # ---- the door ---------------------------------------------------------------------------

    def knock(self, seat: Seat, connection: Connection) -> None:
        """A browser is at the door; another one with its seat goes. Raises MeetingFull."""
        for other, taken in list(self._doors.items()):
            if taken == seat:
                del self._doors[other]
                other.goodbye(Goodbye.REPLACED)
        if len(self._doors) >= self._most:
            raise MeetingFull
        self._doors[connection] = seat

    def at_the_door(self, connection: Connection) -> bool:
        """Whether a connection is of nobody yet."""
        return connection in self._doors

    def left_the_door(self, connection: Connection) -> None:
        """A connection has become somebody's, or is gone."""
        self._doors.pop(connection, None)

    # ---- finding ----------------------------------------------------------------------------

    def of(self, connection: Connection) -> Person | None:
        """Return who is behind a connection."""
        for person in self.people.values():
            if person.connection is connection:
                return person
        return None

    def behind(self, connection: Connection) -> Person:
        """Return who is behind a connection; raises NotEnrolled."""
        person = self.of(connection)
        if person is None:
            raise NotEnrolled
        return person

    def ever_admitted(self) -> Sequence[Person]:
        """Everyone who was ever let in."""
        return [person for person in self.people.values() if person.ever_admitted]

    @property
    def empty(self) -> bool:
        """Whether nobody is here, waits, is at the door, or may still come back in time."""
        return not self._doors and not any(p.connection or p.present for p in self.people.values())

    # ---- telling ----------------------------------------------------------------------------

    def tell(self) -> None:
        """Say to everybody that what they see has changed."""
        for person in self.people.values():
            if person.connection is not None:
                person.connection.changed()

    def ask(self) -> None:
        """Ask everybody present once more."""
        for person in self.people.values():
            if person.present and person.connection is not None:
                person.connection.asked()

    def show_epoch(self, number: int, header: bytes) -> None:
        """Show everybody present who is in the epoch, so that their browser can check it."""
        for person in self.people.values():
            if person.present and person.connection is not None:
                person.connection.epoch(number, header)

    def farewell(self, reason: Goodbye) -> None:
        """Send everybody away."""
        for person in self.people.values():
            person.stop_grace()
            person.state = State.DOOR
            if person.connection is not None:
                person.connection.goodbye(reason)
                person.connection = None
        for connection in list(self._doors):
            connection.goodbye(reason)
        self._doors.clear()

    # ---- views ------------------------------------------------------------------------------

    def present(
        self, sources: Mapping[str, tuple[str, ...]], *, show_answers: bool
    ) -> tuple[PersonView, ...]:
        """Return everybody present, with the sources that each sends."""
        return tuple(
            person.view(sources.get(person.id, ()), show_answer=show_answers)
            for person in self.people.values()
            if person.present
        )

    def absent_hosts(self) -> tuple[PersonView, ...]:
        """Return the hosts who were let in and are not here now."""
        return tuple(
            person.view((), show_answer=False)
            for person in self.ever_admitted()
            if person.host and not person.present
        )

    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Return identifier and name of everybody who waits to be let in."""
        return tuple(
            (person.id, person.name)
            for person in self.people.values()
            if person.state is State.WAITING
        )
