"""Who was never let in: they may answer at the door, and have no part in the meeting."""

from __future__ import annotations

import pytest

from assent.errors import BadSignature, NotAdmitted
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from support.meetings import Scene
from support.people import Meeting, Person, Signed, make_meeting, person_in

YES = Will.YES


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting(waiting_room=True)


async def answer(scene: Scene, said: Signed) -> None:
    await scene.hall.answer(said.body, said.signature, said.sealed)


async def denied(scene: Scene, meeting: Meeting) -> Person:
    """Have somebody ask to be let in, and be sent away."""
    person = person_in(meeting)
    browser = await scene.browser()
    await browser.enter(person, "Stranger")
    await browser.live.admission.deny(encode(person.id))
    return person


async def test_what_is_answered_at_the_door_counts_once_let_in(
    scene: Scene, meeting: Meeting
) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    guest = await scene.browser()
    await guest.enter(ben, "Ben")
    await guest.says(ben.answer(YES))
    view = host.live.room_view()
    assert (view.present, view.agreed) == (1, 0)
    await host.live.admission.admit(encode(ben.id))
    view = host.live.room_view()
    assert (view.present, view.agreed) == (2, 1)


async def test_nothing_is_taken_from_whoever_was_sent_away_when_it_is_over(
    scene: Scene, meeting: Meeting
) -> None:
    host = await scene.browser(host=True)
    ada = person_in(meeting)
    await host.enter(ada, "Ada")
    stranger = await denied(scene, meeting)
    at_the_door = stranger.answer(YES)
    await answer(scene, at_the_door)
    await scene.hall.end(scene.id)
    with pytest.raises(NotAdmitted):
        await answer(scene, stranger.answer(Will.WITHDRAWN))
    # What was taken before is acknowledged again, and whoever was in it is heard.
    await answer(scene, at_the_door)
    await answer(scene, ada.answer(YES))
    # Who cannot sign for them does not learn where they stood.
    forged = stranger.answer(Will.WITHDRAWN)
    with pytest.raises(BadSignature):
        await answer(scene, Signed(forged.body, bytes(64)))


async def test_who_was_sent_away_is_shown_what_is_theirs_and_no_more(
    scene: Scene, meeting: Meeting
) -> None:
    host = await scene.browser(host=True)
    ada = person_in(meeting)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES))
    stranger = await denied(scene, meeting)
    await answer(scene, stranger.answer(YES))
    await scene.hall.end(scene.id)
    for person, admitted in ((ada, True), (stranger, False)):
        asked = person.receipt_request(scene.services.clock.now())
        record = await scene.hall.records.receipt(asked.body, asked.signature)
        assert record["admitted"] is admitted
        assert len(record["answers"]) == 1
        watch = await scene.hall.watch(asked.body, asked.signature)
        assert watch["generations"] == []
