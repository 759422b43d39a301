"""Who is in a meeting, who waits for it, and who is at its door without having said who they are.

It finds people and tells them things. Who is let in is decided in :mod:`assent.meeting.admission`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assent.errors import MeetingFull, NotEnrolled
from assent.media.sources import Source
from assent.meeting.newcomers import HOST_PLACES, MOST, MOST_EACH, Newcomer, room_for_one
from assent.meeting.person import Person
from assent.meeting.seats import Seat
from assent.meeting.views import (
    AdmissionState,
    ClientConnection,
    CloseReason,
    IntroductionView,
    PersonView,
)


class Roster:
    """``people`` is everyone who has enrolled, by their identifier, wherever they are now."""

    def __init__(self, most: int = MOST, most_each: int = MOST_EACH) -> None:
        self.people: dict[str, Person] = {}
        self._most = most
        self._most_each = most_each
        self._doors: dict[ClientConnection, tuple[Seat, str]] = {}  # connected, not enrolled

    # ---- the door ---------------------------------------------------------------------------

    def knock(self, seat: Seat, connection: ClientConnection, client: str = "") -> None:
        """A browser is at the door; another one with its seat goes. Raises MeetingFull."""
        for other, (taken, _) in list(self._doors.items()):
            if taken == seat:
                del self._doors[other]
                other.goodbye(CloseReason.REPLACED)
        if seat.host:
            hosts = [other for other, (taken, _) in self._doors.items() if taken.host]
            if len(hosts) >= HOST_PLACES:
                self._turn_away(hosts[0])
        else:
            self.make_room(client)
        self._doors[connection] = (seat, client)

    def make_room(self, client: str) -> None:
        """Have room for one more socket of somebody who is not let in; raises MeetingFull."""
        outside = [
            Newcomer(connection, where, settled=False)
            for connection, (seat, where) in self._doors.items()
            if not seat.host
        ]
        outside += [
            Newcomer(person.connection, person.client, settled=True)
            for person in self.people.values()
            if person.connection is not None and not person.host and not person.ever_admitted
        ]
        fits, going = room_for_one(outside, client, most=self._most, most_each=self._most_each)
        if going is not None:
            self._turn_away(going)
        if not fits:
            raise MeetingFull

    def _turn_away(self, connection: ClientConnection) -> None:
        self._doors.pop(connection, None)
        person = self.of(connection)
        if person is not None:
            person.connection = None
            person.state = AdmissionState.DOOR
        connection.goodbye(CloseReason.CROWDED)

    def crowd_of(self, client: str, *, host: bool) -> tuple[bool, Person | None]:
        """Return whether one more of a client can enrol, and who has to be forgotten before."""
        outside = [
            Newcomer(
                person,
                person.client,
                settled=person.answer is not None,
                can_go=person.connection is None,
            )
            for person in self.people.values()
            if person.host == host and not person.ever_admitted
        ]
        if host:
            return room_for_one(outside, client, most=HOST_PLACES, most_each=HOST_PLACES)
        return room_for_one(outside, client, most=self._most, most_each=self._most_each)

    def at_the_door(self, connection: ClientConnection) -> bool:
        """Whether a connection is of nobody yet."""
        return connection in self._doors

    def left_the_door(self, connection: ClientConnection) -> None:
        """A connection has become somebody's, or is gone."""
        self._doors.pop(connection, None)

    # ---- finding ----------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Person]:
        """Go through everybody who has enrolled; who comes or goes meanwhile is no harm."""
        return iter(tuple(self.people.values()))

    def get(self, id_: str) -> Person | None:
        """Return who has that identifier."""
        return self.people.get(id_)

    def add(self, person: Person) -> None:
        """Know somebody who has enrolled."""
        self.people[person.id] = person

    def forget(self, id_: str) -> None:
        """Know somebody no longer."""
        self.people.pop(id_, None)

    def of(self, connection: ClientConnection) -> Person | None:
        """Return who is behind a connection."""
        for person in self.people.values():
            if person.connection is connection:
                return person
        return None

    def behind(self, connection: ClientConnection) -> Person:
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

    def show_generation(
        self, number: int, header: bytes, signature: bytes
    ) -> list[ClientConnection]:
        """Show everybody present who is in a generation; return the connections it was sent to."""
        told = [
            person.connection
            for person in self.people.values()
            if person.present and person.connection is not None
        ]
        for connection in told:
            connection.generation(number, header, signature)
        return told

    def farewell(self, reason: CloseReason) -> None:
        """Send everybody away."""
        for person in self.people.values():
            person.stop_grace()
            person.state = AdmissionState.DOOR
            if person.connection is not None:
                person.connection.goodbye(reason)
                person.connection = None
        for connection in list(self._doors):
            connection.goodbye(reason)
        self._doors.clear()

    # ---- views ------------------------------------------------------------------------------

    def present(
        self, sources: Mapping[str, tuple[Source, ...]], *, show_answers: bool
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

    def introduced(self, people: Iterable[str]) -> list[IntroductionView]:
        """Return what shows who each of ``people`` is, of those who are known."""
        found = map(self.people.get, people)
        return [person.introduction_view() for person in found if person is not None]

    @property
    def has_removed(self) -> bool:
        """Whether the host has removed anybody from this meeting."""
        return any(person.removed for person in self.people.values())

    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Return identifier and name of everybody who waits to be let in."""
        return tuple(
            (person.id, person.name)
            for person in self.people.values()
            if person.state is AdmissionState.WAITING
        )
