"""All meetings of a server: which of them go on, and until when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assent.clock import SystemClock
from assent.errors import MeetingOver, TryAgain
from assent.meeting.acts import Actor, Acts
from assent.meeting.participant_store import ParticipantStore
from assent.meeting.views import CloseReason
from assent_vault.formats.charter import Charter
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.database import Database
from support.clock import JumpingClock
from support.meetings import HOST_ACCOUNT, Scene, hall_of, until, write_meeting
from support.people import Meeting, make_meeting, person_in

DAY = 24 * 3_600_000


class Doubted(JumpingClock):
    """A clock that may be wrong where it is ahead, until somebody believes it."""

    __slots__ = ("believed",)

    def __init__(self) -> None:
        super().__init__()
        self.believed = False

    def surely(self) -> int:
        return self.now() if self.believed else min(self.now(), SystemClock().now())


async def test_no_meeting_ends_by_a_clock_in_doubt(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting()
    await write_meeting(database, meeting)
    clock = Doubted()
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        host = await scene.browser(host=True)
        await host.enter(person_in(meeting), "Ada")
        clock.jump = 100 * DAY
        await scene.hall._sweep()
        assert host.goodbyes == []
        # Whoever was in comes back, and others come in.
        guest = await scene.browser()
        await guest.enter(person_in(meeting), "Ben")
        await scene.hall.host_seat(scene.id, HOST_ACCOUNT)
    # Started again, it goes on as well; and it ends when the clock is believed.
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        again = await scene.browser(host=True)
        await again.enter(person_in(meeting), "Ada")
        clock.believed = True
        await scene.hall._sweep()
        assert again.goodbyes == [CloseReason.EXPIRED]
        with pytest.raises(MeetingOver):
            await scene.hall.host_seat(scene.id, HOST_ACCOUNT)


async def test_who_is_in_a_meeting_is_counted(scene: Scene, meeting: Meeting) -> None:
    assert scene.hall.going_on() == {"running": 0, "people": 0}
    host = await scene.browser(host=True)
    # At the door nobody is in.
    assert scene.hall.going_on() == {"running": 0, "people": 0}
    await host.enter(person_in(meeting), "Ada")
    assert scene.hall.going_on() == {"running": 1, "people": 1}
    guest = await scene.browser()
    await guest.enter(person_in(meeting), "Ben")
    assert scene.hall.going_on() == {"running": 1, "people": 2}
    await scene.hall.end(scene.id)
    assert scene.hall.going_on() == {"running": 0, "people": 0}


async def test_a_meeting_stays_while_somebody_comes_in(scene: Scene, meeting: Meeting) -> None:
    token = (await scene.hall.host_seat(scene.id, HOST_ACCOUNT))["token"]
    async with scene.hall.entering(scene.id, token) as (live, _):
        await scene.hall._sweep()
        assert scene.hall._live.get(scene.id) is live
        assert not live.over
    await scene.hall._sweep()  # nobody came after all
    assert len(scene.hall._live) == 0
    assert live.over


async def test_it_stays_however_slow_the_door_is(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Swept at every moment at which the one who comes in waits for the database."""
    person_of = ParticipantStore.person_of

    async def slow(store: ParticipantStore, token_hash: bytes) -> str | None:
        await scene.hall._sweep()
        found = await person_of(store, token_hash)
        await scene.hall._sweep()
        return found

    monkeypatch.setattr(ParticipantStore, "person_of", slow)
    host = await scene.browser(host=True)
    await host.enter(person_in(meeting), "Ada")
    assert host.live.person(host).present


async def test_an_answer_that_is_stored_while_a_meeting_is_loaded_counts(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person_in(meeting)
    host = await scene.browser("Ada", host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(Will.YES))
    await host.arms()
    await host.live.admission.leave(host.live.person(host))
    host.live.admission.detach(host)
    await until(lambda: host.live.idle)
    await scene.hall._sweep()
    assert len(scene.hall._live) == 0
    people = ParticipantStore.people

    async def read_before(store: ParticipantStore, meeting_id: str, charter: Charter) -> object:
        found = await people(store, meeting_id, charter)
        said = ada.answer(Will.WITHDRAWN)
        await scene.hall.answer(said.body, said.signature, said.sealed)
        return found

    monkeypatch.setattr(ParticipantStore, "people", read_before)
    again = await scene.browser("Ada", host=True)
    await again.live.admission.join(again.live.person(again))
    assert again.capture == "paused"
    assert not again.live.person(again).agrees


async def test_what_is_taken_back_for_somebody_while_a_meeting_is_loaded_holds_by_the_answer(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person_in(meeting)
    host = await scene.browser("Ada", host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(Will.YES))
    await host.arms()
    await host.live.admission.leave(host.live.person(host))
    host.live.admission.detach(host)
    await until(lambda: host.live.idle)
    await scene.hall._sweep()
    assert scene.hall._watcher is not None
    scene.hall._watcher.cancel()  # which would find it within a second
    of, host_acts = Acts.of, Actor("host", HOST_ACCOUNT)
    begun: list[asyncio.Task[object]] = []

    async def read_before(acts: Acts, meeting_id: str) -> object:
        found = await of(acts, meeting_id)
        if not begun:
            begun.append(
                asyncio.create_task(
                    scene.hall.take_back(meeting_id, encode(ada.id), "recording", host_acts)
                )
            )
            await asyncio.sleep(0.2)
        return found

    monkeypatch.setattr(Acts, "of", read_before)
    again = await scene.browser("Ada", host=True)
    await begun[0]
    assert not again.live.person(again).agrees


@pytest.mark.parametrize("loaded", [True, False])
async def test_a_server_that_stops_ends_no_meeting(
    scene: Scene, meeting: Meeting, loaded: bool
) -> None:
    token = (await scene.hall.host_seat(scene.id, HOST_ACCOUNT))["token"]
    if loaded:
        host = await scene.browser(host=True)
        await host.enter(person_in(meeting), "Ada")
    await scene.hall.stop()
    with pytest.raises(TryAgain):
        await scene.enters(token)
