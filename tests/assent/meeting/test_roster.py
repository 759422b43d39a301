"""Who is at the door and who is inside, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from assent.errors import MeetingFull, NotEnrolled
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.store import Seat
from assent.meeting.views import Goodbye, State
from assent_vault.suite import encode
from support.meetings import Browser
from support.people import Meeting, make_meeting, person_in


def seat(number: int) -> Seat:
    return Seat(bytes([number]) * 32, "meeting", host=False)


def browser() -> Browser:
    nothing: Any = None  # neither a hall nor a meeting is asked for anything here
    return Browser(nothing, nothing, seat(0))


@pytest.fixture(scope="module")
def meeting() -> Meeting:
    return make_meeting()


def somebody(meeting: Meeting, name: str, state: State = State.ADMITTED) -> Person:
    who = person_in(meeting)
    who.enrol()
    said = who.enrolment
    assert said is not None
    return Person(encode(said.person), name, host=False, enrolment=said, state=state)


def test_a_seat_stands_at_the_door_once() -> None:
    roster = Roster(2)
    first, again, other = browser(), browser(), browser()
    roster.knock(seat(1), first)
    roster.knock(seat(1), again)
    roster.knock(seat(2), other)
    assert (first.goodbyes, again.goodbyes) == ([Goodbye.REPLACED], [])
    assert [roster.at_the_door(one) for one in (first, again, other)] == [False, True, True]


def test_a_full_door_takes_nobody_more() -> None:
    roster = Roster(1)
    here = browser()
    roster.knock(seat(1), here)
    with pytest.raises(MeetingFull):
        roster.knock(seat(2), browser())
    roster.left_the_door(here)
    roster.knock(seat(2), browser())


def test_people_are_found_by_their_connection(meeting: Meeting) -> None:
    roster = Roster(1)
    ada = somebody(meeting, "Ada")
    ada.connection = browser()
    roster.people[ada.id] = ada
    assert roster.behind(ada.connection) is ada
    assert roster.of(browser()) is None
    with pytest.raises(NotEnrolled):
        roster.behind(browser())


def test_who_is_in_sight(meeting: Meeting) -> None:
    roster = Roster(1)
    ada, bob, cleo = (
        somebody(meeting, name, state)
        for name, state in (("Ada", State.ADMITTED), ("Bob", State.WAITING), ("Cleo", State.DOOR))
    )
    for person in (ada, bob, cleo):
        roster.people[person.id] = person
    cleo.host = cleo.ever_admitted = True
    [shown] = roster.present({ada.id: ("camera",)}, show_answers=False)
    assert (shown.name, shown.sources, shown.agreed) == ("Ada", ("camera",), None)
    [shown] = roster.present({}, show_answers=True)
    assert (shown.sources, shown.agreed) == ((), False)
    assert roster.waiting() == ((bob.id, "Bob"),)
    assert [host.name for host in roster.absent_hosts()] == ["Cleo"]
    assert roster.ever_admitted() == [cleo]


def test_everyone_is_told_and_only_who_is_inside_is_asked(meeting: Meeting) -> None:
    roster = Roster(1)
    inside, outside = browser(), browser()
    for name, state, page in (
        ("Ada", State.ADMITTED, inside),
        ("Bob", State.WAITING, outside),
        ("Cleo", State.ADMITTED, None),
    ):
        person = somebody(meeting, name, state)
        person.connection = page
        roster.people[person.id] = person
    roster.tell()
    roster.ask()
    roster.show_epoch(3, b"header")
    assert (inside.changes, inside.asks, inside.epochs) == (1, 1, [(3, b"header")])
    assert (outside.changes, outside.asks, outside.epochs) == (1, 0, [])


def test_after_the_farewell_nobody_is_left(meeting: Meeting) -> None:
    roster = Roster(1)
    door, inside = browser(), browser()
    roster.knock(seat(1), door)
    ada = somebody(meeting, "Ada")
    ada.connection = inside
    roster.people[ada.id] = ada
    before = roster.empty
    roster.farewell(Goodbye.ENDED)
    assert (before, roster.empty) == (False, True)
    assert (door.goodbyes, inside.goodbyes) == ([Goodbye.ENDED], [Goodbye.ENDED])
    assert roster.of(inside) is None
    assert ada.state is State.DOOR
