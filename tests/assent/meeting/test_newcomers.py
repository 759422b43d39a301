"""Those outside: whoever floods a meeting's door, those let in and the host have their places."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from assent.errors import BadToken, MeetingFull, MeetingLocked, NotEnrolled, RateLimited
from assent.meeting import newcomers
from assent.meeting.newcomers import HOST_PLACES, MOST, MOST_EACH, Newcomer, Pace, room_for_one
from assent.meeting.seats import UNUSED_MS
from assent.meeting.views import AdmissionState, CloseReason
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.database import Database
from assent_vault.store.models import (
    JoinTokenRow,
    LogEntryRow,
    MeetingRow,
    ParticipantRow,
    StatementRow,
)
from assent_vault.worker.strangers import Strangers
from support.clock import JumpingClock
from support.meetings import Browser, Scene, hall_of, until, write_meeting
from support.people import Meeting, make_meeting, person_in

# The rule.


def crowd(*clients: str) -> list[Newcomer[int]]:
    return [Newcomer(number, client, settled=False) for number, client in enumerate(clients)]


def test_whoever_has_most_makes_room() -> None:
    assert room_for_one(crowd("a", "b"), "c", most=3, most_each=2) == (True, None)
    assert room_for_one(crowd("a", "b", "b"), "c", most=3, most_each=2) == (True, 1)
    assert room_for_one(crowd("a", "b", "b"), "a", most=4, most_each=2) == (True, None)
    assert room_for_one(crowd("a", "b", "b"), "b", most=4, most_each=2) == (True, 1)
    settled = [Newcomer(0, "a", settled=True), Newcomer(1, "a", settled=False)]
    assert room_for_one(settled, "a", most=9, most_each=2) == (True, 1)
    stays = [Newcomer(0, "a", settled=False, can_go=False)]
    assert room_for_one(stays, "b", most=1, most_each=1) == (False, None)


@given(st.lists(st.sampled_from("abcde"), max_size=200))
def test_nobody_alone_ever_makes_room_for_a_crowd(clients: list[str]) -> None:
    """Whatever the order: who has one place keeps it while anybody has two."""
    outside = crowd("alone")
    for number, client in enumerate(clients, 1):
        fits, going = room_for_one(outside, client, most=8, most_each=4)
        assert fits
        outside = [one for one in outside if one.who != going]
        outside.append(Newcomer(number, client, settled=False))
        assert len(outside) <= 8
        assert any(one.client == "alone" for one in outside)


def test_the_table_of_paces_is_bounded() -> None:
    pace = Pace()
    for number in range(50_000):
        assert pace.take("meeting", str(number), 0.0)
    assert len(pace) <= 10_000
    assert all(pace.take("meeting", "a", 0.0) for _ in range(int(newcomers.ENROL_BURST)))
    assert not pace.take("meeting", "a", 0.0)
    assert pace.take("another meeting", "a", 0.0)
    assert pace.take("meeting", "a", newcomers.ENROL_SECONDS)


# A meeting.


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting(waiting_room=True)


@pytest.fixture
async def scene(database: Database, tmp_path: Path, meeting: Meeting) -> AsyncIterator[Scene]:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting, max_people=3) as scene:
        yield scene


async def come(scene: Scene, meeting: Meeting, name: str, **where: object) -> Browser:
    page = await scene.browser(**where)  # type: ignore[arg-type]
    await page.enter(person_in(meeting), name)
    return page


async def count(
    scene: Scene, table: type[ParticipantRow | JoinTokenRow | LogEntryRow | StatementRow]
) -> int:
    async with scene.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


@asynccontextmanager
async def _one_too_many() -> AsyncIterator[Iterator[int]]:
    """Count those of one client who enrol in the block, which ends with one too many of them."""
    began, enrolled = time.monotonic(), itertools.count()
    with pytest.raises(RateLimited):
        yield enrolled
    more = 1 + (time.monotonic() - began) / newcomers.ENROL_SECONDS
    assert newcomers.ENROL_BURST < next(enrolled) <= newcomers.ENROL_BURST + 1 + more


async def test_sockets_at_the_door_keep_nobody_out(scene: Scene, meeting: Meeting) -> None:
    guest = await come(scene, meeting, "Ben", client="ben")
    flood = [await scene.browser(client="flood") for _ in range(2 * MOST_EACH)]
    for number in range(MOST):  # from everywhere
        await scene.browser(client=f"flood {number}")
    host = await come(scene, meeting, "Ada", host=True)
    late = await come(scene, meeting, "Cy", client="cy")
    for page in (guest, host, late):
        assert page.goodbyes == []
        await host.live.admission.admit(page.live.person(page).id) if page is not host else None
    assert len(host.live.room_view().people) == 3
    assert sum(page.goodbyes == [CloseReason.CROWDED] for page in flood) >= MOST_EACH


async def test_enrolments_that_nobody_lets_in_keep_nobody_out(
    scene: Scene, meeting: Meeting
) -> None:
    """More of them than may ever be let in, whether they stay or go."""
    async with _one_too_many() as numbers:
        for number in numbers:
            page = await come(scene, meeting, "X", client="flood")
            if number % 2:
                page.live.admission.detach(page)
    host = await come(scene, meeting, "Ada", host=True, client="flood")
    guests = [await come(scene, meeting, name, client=name) for name in ("Ben", "Cy")]
    for guest in guests:
        await host.live.admission.admit(guest.live.person(guest).id)
    assert len(host.live.room_view().people) == 3


async def test_a_meeting_that_is_let_go_begins_no_new_count(scene: Scene, meeting: Meeting) -> None:
    """Whoever comes back once all have gone is counted on from where they were."""
    async with _one_too_many() as numbers:
        for number in numbers:
            page = await come(scene, meeting, "X", client="flood")
            page.live.admission.detach(page)
            if number % 20 == 0:
                await until(lambda page=page: page.live.idle)  # type: ignore[misc]
                await scene.hall._sweep()
                assert not scene.hall._live


async def flood(scene: Scene, meeting: Meeting, number: int) -> None:
    """Have so many enrol from four places, and go; six of them find room, three of one place."""
    roster = (await scene.browser()).live._roster
    roster._most, roster._most_each = 6, 3
    for each in range(number):
        page = await come(scene, meeting, "X", client=f"client {each % 4}")
        page.live.admission.detach(page)


async def test_rows_of_those_not_let_in_are_bounded(scene: Scene, meeting: Meeting) -> None:
    """With a worker those who made room leave none."""
    strangers = Strangers(scene.database)
    live = (await scene.browser()).live
    for _ in range(5):
        await flood(scene, meeting, 4)
        assert await strangers.take_away() in ([], [scene.id])
        assert await count(scene, ParticipantRow) == len(live._roster.people) <= 6
    assert await count(scene, ParticipantRow) == 6
    assert await count(scene, LogEntryRow) == 21  # the log stands


async def test_rows_are_bounded_where_no_worker_runs(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers are kept out then; who is here, who comes back and the host are not."""
    monkeypatch.setattr("assent.meeting.participant_store.FORGOTTEN_MOST", 4)
    silent = person_in(meeting)
    page = await scene.browser("silent")
    said = silent.enrol()
    await page.enrol(silent, said)
    page.live.admission.detach(page)
    with pytest.raises(RateLimited):
        await flood(scene, meeting, 20)
    assert await count(scene, ParticipantRow) == 6 + 4
    for _ in range(3):
        with pytest.raises(RateLimited):
            await come(scene, meeting, "Y", client="elsewhere")
    assert len(page.live._roster.people) == 6  # nobody had to go for who cannot come
    host = await come(scene, meeting, "Ada", host=True)
    page = await scene.browser("silent")
    await page.enrol(silent, said)
    await page.live.admission.join(page.live.person(page))
    await host.live.admission.admit(encode(silent.id))
    assert len(host.live.room_view().people) == 2
    await Strangers(scene.database).take_away()
    await come(scene, meeting, "Y", client="elsewhere")


async def test_what_may_ever_be_let_in_counts_those_let_in_and_the_host_beyond(
    scene: Scene, meeting: Meeting
) -> None:
    first = await come(scene, meeting, "Ada", host=True)
    for name in ("Ben", "Cy"):
        page = await come(scene, meeting, name)
        await first.live.admission.admit(page.live.person(page).id)
    late = await come(scene, meeting, "Di")
    with pytest.raises(MeetingFull):
        await first.live.admission.admit(late.live.person(late).id)
    assert late.live.person(late).state is AdmissionState.WAITING
    second = await come(scene, meeting, "Ada", host=True)  # on her telephone
    assert second.live.person(second).state is AdmissionState.ADMITTED
    for _ in range(HOST_PLACES - 1):
        await come(scene, meeting, "Ada", host=True)
    with pytest.raises(MeetingFull):
        await come(scene, meeting, "Ada", host=True)


async def test_a_full_room_has_a_place_for_the_host(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting()
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting, max_participants=2) as scene:
        for name in ("Ben", "Cy"):
            await come(scene, meeting, name)
        with pytest.raises(MeetingFull):
            await come(scene, meeting, "Di")
        host = await come(scene, meeting, "Ada", host=True)
        assert host.live.person(host).present
        await host.live.lock(True)
        with pytest.raises(MeetingLocked):
            await come(scene, meeting, "Eve")


async def test_a_seat_is_no_row(scene: Scene) -> None:
    for _ in range(50):
        await scene.hall.seat(scene.id, scene.meeting.link.door)
    assert await count(scene, JoinTokenRow) == 0


async def test_an_unused_seat_ends_and_one_in_use_does_not(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    clock = JumpingClock()
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        async with database.write() as session:
            await session.execute(update(MeetingRow).values(expires_at=10**14))
        await scene.browser("unused")
        await come(scene, meeting, "Ada", host=True)
        ben = await scene.browser("ben")
        await ben.enter(person_in(meeting), "Ben")
        await ben.live.admission.admit(ben.live.person(ben).id)
        clock.jump = UNUSED_MS + 1
        with pytest.raises(BadToken):
            await scene.browser("unused")
        assert (await scene.browser("ben")).live.room_view().present == 2


async def test_who_was_never_let_in_is_forgotten_after_a_day(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    """With their answers; the log stands, and those who were let in or wait here stay."""
    await write_meeting(database, meeting)
    clock = JumpingClock()
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        async with database.write() as session:
            await session.execute(update(MeetingRow).values(expires_at=10**14))
            session.add(
                JoinTokenRow(
                    token_hash=bytes(32), meeting_id=scene.id, created_at=clock.now(),
                    expires_at=10**14, is_host=False,
                )
            )  # fmt: skip
        host = await come(scene, meeting, "Ada", host=True)
        inside, waits = person_in(meeting), person_in(meeting)
        page = await scene.browser()
        await page.enter(inside, "Ben")
        await page.live.admission.admit(encode(inside.id))
        await page.live.admission.leave(page.live.person(page))
        await (await scene.browser()).enter(waits, "Cy")
        gone, silent = person_in(meeting), person_in(meeting)
        for who, person in (("gone", gone), ("silent", silent)):
            page = await scene.browser(who)
            await page.enter(person, "Di")
            if person is gone:
                await page.says(person.answer(Will.YES, Will.YES))
            page.live.admission.detach(page)
        before = await count(scene, LogEntryRow)
        await scene.hall.forget_unused()
        assert await count(scene, ParticipantRow) == 5
        clock.jump = UNUSED_MS + 1
        await scene.hall.forget_unused()
        assert await Strangers(database).take_away() == [scene.id]
        async with database.read() as session:
            left = set(await session.scalars(select(ParticipantRow.person_id)))
        assert left == {
            host.live.person(host).id, encode(inside.id), encode(waits.id),
        }  # fmt: skip
        assert set(host.live._roster.people) == left
        assert await count(scene, StatementRow) == 0
        assert await count(scene, JoinTokenRow) == 0
        assert await count(scene, LogEntryRow) == before


@pytest.mark.parametrize("rows", ["taken away", "still there"])
async def test_who_was_forgotten_may_come_back_and_is_logged_once(
    scene: Scene, meeting: Meeting, rows: str
) -> None:
    """Who has answered takes another seat: what they said is logged, and cannot be said again.

    Whether or not the worker has taken their rows away by then is all the same to them.
    """
    host = await come(scene, meeting, "Ada", host=True)
    silent, said = person_in(meeting), person_in(meeting)
    bodies = {}
    for who, person in (("silent", silent), ("said", said)):
        page = await scene.browser(who)
        bodies[who] = person.enrol()
        await page.enrol(person, bodies[who])
        if person is said:
            await page.says(person.answer(Will.YES))
        page.live.admission.detach(page)
    before = await count(scene, LogEntryRow)
    await host.live.admission.forget_people(
        [encode(silent.id), encode(said.id), host.live.person(host).id]
    )
    if rows == "taken away":
        await Strangers(scene.database).take_away()
        assert await count(scene, ParticipantRow) == 1
    page = await scene.browser("silent")
    again = await page.enrol(silent, bodies["silent"])
    assert again is not None
    await page.live.admission.join(page.live.person(page))
    await host.live.admission.admit(encode(silent.id))
    assert await count(scene, LogEntryRow) == before + 1  # let in, and not enrolled again
    page = await scene.browser("said")
    with pytest.raises(BadToken):
        await page.enrol(said, bodies["said"])
    # Nor under the same key in another seat, whatever else is in it.
    page = await scene.browser()
    other = said.enrol(language="de")
    with pytest.raises(BadToken):
        await page.enrol(said, other)
    assert await count(scene, LogEntryRow) == before + 1
    # What they had said is nobody's any more.
    for forgotten in (said.answer(Will.NO), said.answer(Will.YES)):
        with pytest.raises(NotEnrolled):
            await scene.hall.answer(forgotten.body, forgotten.signature, forgotten.sealed)
    asked = said.receipt_request(scene.services.clock.now())
    with pytest.raises(NotEnrolled):
        await scene.hall.records.receipt(asked.body, asked.signature)
    # And who came back stays.
    await Strangers(scene.database).take_away()
    async with scene.database.read() as session:
        left = set(await session.scalars(select(ParticipantRow.person_id)))
    assert left == {encode(silent.id), host.live.person(host).id}


async def test_nobody_who_was_let_in_is_forgotten_whatever_the_row_says(
    scene: Scene, meeting: Meeting
) -> None:
    host = await come(scene, meeting, "Ada", host=True)
    page = await come(scene, meeting, "Ben")
    ben = page.live.person(page).id
    await host.live.admission.admit(ben)
    async with scene.database.write() as session:
        await session.execute(update(ParticipantRow).values(admitted_at=None, enrolled_at=0))
    assert await scene.store.participants.forget(scene.id, [ben], 1) == frozenset()
    assert await count(scene, ParticipantRow) == 2
