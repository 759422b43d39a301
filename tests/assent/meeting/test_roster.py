"""Who is at the door and who is inside, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from assent.errors import NotEnrolled
from assent.meeting.newcomers import HOST_PLACES
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.seats import Seat
from assent.meeting.views import AdmissionState, CloseReason
from assent_vault.formats.suite import encode
from support.introductions import introduction_of
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


def somebody(
    meeting: Meeting, name: str, state: AdmissionState = AdmissionState.ADMITTED
) -> Person:
    who = person_in(meeting)
    signed = who.enrol(name)
    said = who.enrolment
    assert said is not None
    return Person(
        encode(said.person),
        introduction_of(who, signed),
        host=False,
        enrolment=said,
        signature=signed.signature,
        state=state,
    )


def test_a_seat_stands_at_the_door_once() -> None:
    roster = Roster(2)
    first, again, other = browser(), browser(), browser()
    roster.knock(seat(1), first)
    roster.knock(seat(1), again)
    roster.knock(seat(2), other)
    assert (first.goodbyes, again.goodbyes) == ([CloseReason.REPLACED], [])
    assert [roster.at_the_door(one) for one in (first, again, other)] == [False, True, True]


def test_at_a_full_door_the_largest_crowd_makes_room() -> None:
    roster = Roster(4, 3)
    crowd = [browser() for _ in range(3)]
    for number, one in enumerate(crowd):
        roster.knock(seat(number), one, "crowd")
    alone = browser()
    roster.knock(seat(10), alone, "alone")
    newcomer = browser()
    roster.knock(seat(11), newcomer, "elsewhere")
    assert [one.goodbyes for one in crowd] == [[CloseReason.CROWDED], [], []]
    roster.knock(seat(12), browser(), "crowd")
    roster.knock(seat(13), browser(), "crowd")
    assert crowd[1].goodbyes == crowd[2].goodbyes == [CloseReason.CROWDED]
    assert alone.goodbyes == newcomer.goodbyes == []


def test_a_host_needs_no_room_at_the_door() -> None:
    roster = Roster(1, 1)
    guest, hosts = browser(), [browser() for _ in range(HOST_PLACES + 1)]
    roster.knock(seat(0), guest)
    for number, one in enumerate(hosts, 1):
        roster.knock(Seat(bytes([number]) * 32, "meeting", host=True), one)
    assert guest.goodbyes == []
    assert [one.goodbyes for one in hosts] == [[CloseReason.CROWDED], *[[]] * HOST_PLACES]


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
        for name, state in (
            ("Ada", AdmissionState.ADMITTED),
            ("Bob", AdmissionState.WAITING),
            ("Cleo", AdmissionState.DOOR),
        )
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
        ("Ada", AdmissionState.ADMITTED, inside),
        ("Bob", AdmissionState.WAITING, outside),
        ("Cleo", AdmissionState.ADMITTED, None),
    ):
        person = somebody(meeting, name, state)
        person.connection = page
        roster.people[person.id] = person
    roster.tell()
    roster.ask()
    roster.show_generation(3, b"header", b"signature")
    assert (inside.changes, inside.asks, inside.generations) == (1, 1, [(3, b"header")])
    assert (outside.changes, outside.asks, outside.generations) == (1, 0, [])


def test_after_the_farewell_nobody_is_left(meeting: Meeting) -> None:
    roster = Roster(1)
    door, inside = browser(), browser()
    roster.knock(seat(1), door)
    ada = somebody(meeting, "Ada")
    ada.connection = inside
    roster.people[ada.id] = ada
    before = roster.empty
    roster.farewell(CloseReason.ENDED)
    assert (before, roster.empty) == (False, True)
    assert (door.goodbyes, inside.goodbyes) == ([CloseReason.ENDED], [CloseReason.ENDED])
    assert roster.of(inside) is None
    assert ada.state is AdmissionState.DOOR
