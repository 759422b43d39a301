"""What each person is told of the room: who is outside learns nothing about those inside."""

from __future__ import annotations

import pytest

from assent.meeting.views import AdmissionState, PersonView, RoomView, SeatView
from assent.signalling.wire import LEAST_COUNTED, room_message
from assent_vault.formats.statement import Will


def room(present: int, agreed: int, *, names: bool = False) -> RoomView:
    people = tuple(
        PersonView(
            person=f"p{number}",
            name="Somebody",
            host=False,
            connected=True,
            muted=(),
            silenced=(),
            sources=(),
            agreed=number < agreed if names else None,
            enrolment="",
            watch="",
            train="",
        )
        for number in range(present)
    )
    return RoomView(
        revision=1,
        title="Tea",
        started_at=1,
        locked=False,
        capture="paused",
        armed=True,
        problem=None,
        disputed_by=present,
        present=present,
        agreed=agreed,
        recorder=True,
        people=people,
        absent_hosts=(),
        waiting=(("w", "Waiting"),),
    )


def seat(state: AdmissionState, *, host: bool = False) -> SeatView:
    return SeatView("p0", host, state, Will.UNANSWERED, Will.UNANSWERED, None, None)


@pytest.mark.parametrize("state", [AdmissionState.DOOR, AdmissionState.WAITING])
@pytest.mark.parametrize("names", [False, True])
def test_outside_nothing_is_told_of_those_inside(state: AdmissionState, names: bool) -> None:
    told = {
        (
            said.present,
            said.disputed_by,
            said.agreed,
            said.all_agreed,
            len(said.people),
            len(said.waiting),
        )
        for present in range(1, 8)
        for agreed in range(present + 1)
        for said in [room_message(room(present, agreed, names=names), seat(state, host=True))]
    }
    assert told == {(0, 0, None, None, 0, 0)}


@pytest.mark.parametrize("host", [False, True])
def test_a_small_meeting_is_not_counted(host: bool) -> None:
    inside = seat(AdmissionState.ADMITTED, host=host)
    for present in range(1, 8):
        for agreed in range(present + 1):
            said = room_message(room(present, agreed), inside)
            assert said.agreed == (agreed if present >= LEAST_COUNTED else None)
            assert said.all_agreed == (agreed == present)
            assert said.present == present


def test_where_names_are_shown_numbers_are_no_secret() -> None:
    said = room_message(room(2, 1, names=True), seat(AdmissionState.ADMITTED))
    assert (said.agreed, said.all_agreed) == (1, False)
    assert [person.agreed for person in said.people] == [True, False]
