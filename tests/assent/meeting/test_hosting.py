"""What only hosts may have done: by whom, in which order, and to people in every state."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from assent.errors import (
    BadRequest,
    BadSignature,
    BadStatement,
    MeetingOver,
    NotAHost,
    NotEnrolled,
    NotRecordable,
    Refusal,
    Removed,
    StaleAct,
)
from assent.meeting.views import AdmissionState, CloseReason
from assent_vault.errors import VaultError
from assent_vault.formats.host_acts import parse_act
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import digest, encode
from assent_vault.ledger.entry import HostArmed, HostCertified, PersonRemoved
from assent_vault.store.database import Database
from assent_vault.store.models import HostActRow, HostCertificateRow, MeetingRow
from support.full import full
from support.hosts import act_of, certificate_of
from support.logs import records
from support.meetings import Browser, Scene, hall_of, until, write_meeting
from support.people import Meeting, Person, make_meeting, person_in

YES = Will.YES


async def acts_of(database: Database) -> list[bytes]:
    async with database.read() as session:
        rows = await session.scalars(select(HostActRow).order_by(HostActRow.sequence))
        return [row.body for row in rows]


def state_of(browser: Browser) -> AdmissionState:
    return browser.live.seat_view(browser.seat, browser).state


def enrolment_of(person: Person) -> bytes:
    assert person.enrolment is not None
    return person.enrolment.digest


async def test_nothing_is_recorded_but_by_a_signed_act(
    scene: Scene, meeting: Meeting, database: Database
) -> None:
    ada = person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES, YES))
    arm = act_of(ada, 1, "arm", recording=True)
    with pytest.raises(NotAHost):
        await host.performs(arm)  # a host to the server only
    assert (host.capture, await acts_of(database)) == ("off", [])
    said = certificate_of(meeting.host_key, meeting.room, ada)
    await host.live.hosting.certify(said.body, said.signature)
    await host.performs(arm)
    await until(lambda: host.capture == "recording")
    assert await acts_of(database) == [arm.body]
    assert [view.body for view in host.live.hosting.acts] == [arm.body]
    # Once more: it is not the next any more.
    with pytest.raises(StaleAct):
        await host.performs(arm)
    await host.performs(act_of(ada, 2, "arm", recording=False))
    await until(lambda: host.capture == "off")


async def test_what_a_host_signs_is_logged_once(
    scene: Scene, meeting: Meeting, database: Database
) -> None:
    ada, bo = person_in(meeting), person_in(meeting)
    host, guest = await scene.browser(host=True), await scene.browser()
    await host.enter(ada, "Ada")
    await guest.enter(bo, "Bo")
    said = certificate_of(meeting.host_key, meeting.room, ada)
    acts = [
        act_of(ada, 1, "arm", recording=True),
        act_of(ada, 2, "arm", recording=False),
        act_of(ada, 3, "remove", person=bo.id),
    ]
    for _ in range(2):
        await host.live.hosting.certify(said.body, said.signature)
    for act in acts:
        await host.performs(act)
        with pytest.raises(StaleAct):
            await host.performs(act)
    about = (HostCertified, HostArmed, PersonRemoved)
    told = [each for each in await records(database, encode(meeting.id)) if isinstance(each, about)]
    armed, stopped, gone = (digest(act.body) for act in acts)
    of_meeting = {"meeting": meeting.id}
    assert [replace(each, at=0) for each in told] == [
        HostCertified(**of_meeting, person=ada.id, certificate=digest(said.body), at=0),
        HostArmed(**of_meeting, act=armed, at=0),
        HostArmed(**of_meeting, act=stopped, at=0),
        PersonRemoved(**of_meeting, person=bo.id, act=gone, at=0),
    ]


async def test_what_is_not_signed_as_it_must_be_is_refused(
    scene: Scene, meeting: Meeting, database: Database
) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    host, guest = await scene.browser(host=True), await scene.browser()
    hand = await host.hosts(ada, "Ada", meeting)
    await guest.enter(ben, "Ben")
    arm = hand.signed("arm", recording=True)
    with pytest.raises(BadStatement):  # her act, over his connection
        await guest.performs(arm)
    with pytest.raises(NotAHost):  # his own, though he is none
        await guest.performs(act_of(ben, 1, "arm", recording=True))
    with pytest.raises(BadSignature):
        await host.performs(replace(arm, signature=bytes(64)))
    elsewhere = person_in(make_meeting(), seed=ada.seed)
    with pytest.raises(BadStatement):
        await host.performs(act_of(elsewhere, 1, "arm", recording=True))
    link = act_of(ada, 1, "link", ordinal=2, door=bytes(32), brought=bytes(32))
    with pytest.raises(BadRequest):  # which this server does not carry out
        await host.performs(link)
    assert await acts_of(database) == []
    await host.performs(arm)


async def test_who_can_be_a_host(scene: Scene, meeting: Meeting) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    host, guest = await scene.browser(host=True), await scene.browser()
    await host.enter(ada, "Ada")
    await guest.enter(ben, "Ben")
    hosting = host.live.hosting

    async def refused(person: Person, room: Meeting = meeting) -> type[Refusal]:
        said = certificate_of(room.host_key, meeting.room, person)
        with pytest.raises(Refusal) as raised:
            await hosting.certify(said.body, said.signature)
        return type(raised.value)

    assert await refused(ben) is NotAHost  # his seat is no host's
    assert await refused(ada, make_meeting()) is BadSignature
    stranger = person_in(meeting)
    stranger.enrol("Eve")
    assert await refused(stranger) is NotEnrolled
    ada.enrol("Ada")  # with another enrolment than the server has
    assert await refused(ada) is BadStatement
    assert hosting.certificates == []


async def test_two_hosts_with_one_number(scene: Scene, meeting: Meeting) -> None:
    ada, bo = person_in(meeting), person_in(meeting)
    first, second = await scene.browser(host=True), await scene.browser(host=True)
    await first.hosts(ada, "Ada", meeting)
    await second.hosts(bo, "Bo", meeting)
    asked = await asyncio.gather(
        first.performs(act_of(ada, 1, "arm", recording=True)),
        second.performs(act_of(bo, 1, "arm", recording=True)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in asked) == ["NoneType", "StaleAct"]
    # The other one goes on from there.
    await second.performs(act_of(bo, 2, "arm", recording=False))
    assert not first.live.room_view().armed


async def test_a_stop_that_overtakes_what_it_stops_holds(scene: Scene, meeting: Meeting) -> None:
    ada = person_in(meeting)
    host = await scene.browser(host=True)
    hand = await host.hosts(ada, "Ada", meeting)
    await host.says(ada.answer(YES, YES))
    begins, stops = hand.signed("arm", recording=True), hand.signed("arm", recording=False)
    await asyncio.gather(host.performs(begins), host.performs(stops))
    assert not host.live.room_view().armed
    again = hand.signed("arm", recording=True)
    await asyncio.gather(host.performs(again), host.live.hosting.disarm())
    assert not host.live.room_view().armed


async def test_who_comes_too_late_to_stop_it_has_stopped_it(scene: Scene, meeting: Meeting) -> None:
    ada = person_in(meeting)
    host = await scene.browser(host=True)
    hand = await host.hosts(ada, "Ada", meeting)
    await host.says(ada.answer(YES, YES))
    await host.performs(hand.signed("arm", recording=True))
    await until(lambda: host.capture == "recording")
    with pytest.raises(StaleAct):
        await host.performs(act_of(ada, 1, "arm", recording=False))
    assert host.capture == "off"
    assert not host.live.room_view().armed


async def test_it_stops_though_nothing_can_be_stored(
    scene: Scene, meeting: Meeting, database: Database
) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    host, guest = await scene.browser(host=True), await scene.browser()
    hand = await host.hosts(ada, "Ada", meeting)
    await guest.enter(ben, "Ben")
    for browser, person in ((host, ada), (guest, ben)):
        await browser.says(person.answer(YES, YES))
    await host.performs(hand.signed("arm", recording=True))
    await until(lambda: host.capture == "recording")
    async with full(database, "host_acts"):
        with pytest.raises(DBAPIError):
            await host.performs(hand.signed("remove", person=ben.id))
        assert guest.goodbyes == [CloseReason.REMOVED]
        with pytest.raises(DBAPIError):
            await host.performs(act_of(ada, 2, "arm", recording=False))
        assert host.capture == "off"
    # What could not be written down is signed again, and is the next still.
    await host.performs(act_of(ada, 2, "remove", person=ben.id))
    assert guest.live.room_view().present == 1


async def test_people_in_every_state(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting(waiting_room=True)
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        ada = person_in(meeting)
        host = await scene.browser(host=True)
        hand = await host.hosts(ada, "Ada", meeting)
        at_door, waiting, denied, inside, gone, removed = [person_in(meeting) for _ in range(6)]
        browsers = {}
        for person in (at_door, waiting, denied, inside, gone, removed):
            browsers[person.id] = browser = await scene.browser()
            if person is at_door:
                await browser.enrol(person, person.enrol("Door"))
            else:
                await browser.enter(person, "Somebody")
        live = host.live
        await live.admission.deny(encode(denied.id))
        for person in (inside, gone, removed):
            await host.performs(
                hand.signed("admit", person=person.id, enrolment=enrolment_of(person))
            )
            assert state_of(browsers[person.id]) is AdmissionState.ADMITTED
        await live.admission.leave(live.person(browsers[gone.id]))
        await host.performs(hand.signed("remove", person=removed.id))
        assert browsers[removed.id].goodbyes == [CloseReason.REMOVED]

        stranger = person_in(meeting)
        stranger.enrol("Nobody")
        before = await acts_of(database)
        for person in (at_door, denied, inside, gone, removed, stranger, ada):
            admit = act_of(
                ada, hand.sequence + 1, "admit", person=person.id, enrolment=enrolment_of(person)
            )
            with pytest.raises(BadRequest):
                await host.performs(admit)
        other = act_of(
            ada, hand.sequence + 1, "admit", person=waiting.id, enrolment=enrolment_of(inside)
        )
        with pytest.raises(BadRequest):  # him, under what another has signed
            await host.performs(other)
        for person in (stranger, ada):
            with pytest.raises(BadRequest):
                await host.performs(act_of(ada, hand.sequence + 1, "remove", person=person.id))
        # What was in vain is not written down, and takes no number.
        assert await acts_of(database) == before
        assert state_of(browsers[waiting.id]) is AdmissionState.WAITING
        # Whoever is at the door, waits, was denied or is gone can be removed for good.
        for person in (at_door, waiting, denied, gone):
            await host.performs(hand.signed("remove", person=person.id))
            assert live.hosting.course.removed.keys() >= {person.id}
        assert host.live.room_view().present == 2


async def test_a_restart_keeps_what_was_signed(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting(waiting_room=True)
    await write_meeting(database, meeting)
    ada, ben, eve = (person_in(meeting) for _ in range(3))
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host = await scene.browser("ada", host=True)
        hand = await host.hosts(ada, "Ada", meeting)
        await host.says(ada.answer(YES, YES))
        guest, other = await scene.browser("ben"), await scene.browser("eve")
        await guest.enter(ben, "Ben")
        await other.enter(eve, "Eve")
        await host.performs(hand.signed("remove", person=eve.id))
        # The server is killed when the act is stored, and before he is in.
        admit = hand.signed("admit", person=ben.id, enrolment=enrolment_of(ben))
        now = scene.services.clock.now()
        await scene.store.hosts.act(parse_act(admit.body), admit.signature, now)
        tokens = scene.tokens
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        scene.tokens = tokens
        with pytest.raises(Removed):
            await scene.browser("eve")
        host, guest = await scene.browser("ada"), await scene.browser("ben")
        assert [view.body for view in host.live.hosting.acts][-1] == admit.body
        assert state_of(guest) is AdmissionState.DOOR
        await guest.live.admission.join(guest.live.person(guest))
        assert state_of(guest) is AdmissionState.ADMITTED
        # Numbers go on from there, and whoever signs one that was used is too late.
        with pytest.raises(StaleAct):
            await host.performs(act_of(ada, 2, "arm", recording=True))
        await host.performs(act_of(ada, 3, "arm", recording=True))


async def test_a_column_alone_arms_nothing(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    ada = person_in(meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host = await scene.browser("ada", host=True)
        await host.hosts(ada, "Ada", meeting)
        await host.says(ada.answer(YES, YES))
        tokens = scene.tokens
    async with database.write() as session:
        await session.execute(update(MeetingRow).values(armed=True))
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        scene.tokens = tokens
        host = await scene.browser("ada")
        assert not host.live.room_view().armed
        assert host.capture == "off"


@pytest.mark.parametrize("what", ["act", "certificate", "between"])
async def test_rows_that_do_not_verify_open_no_meeting(
    database: Database, tmp_path: Path, meeting: Meeting, what: str
) -> None:
    await write_meeting(database, meeting)
    ada = person_in(meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host = await scene.browser("ada", host=True)
        hand = await host.hosts(ada, "Ada", meeting)
        for recording in (True, False):
            await host.performs(hand.signed("arm", recording=recording))
        tokens = scene.tokens
    async with database.write() as session:
        if what == "certificate":
            await session.execute(update(HostCertificateRow).values(signature=bytes(64)))
        elif what == "act":
            await session.execute(
                update(HostActRow).where(HostActRow.sequence == 1).values(signature=bytes(64))
            )
        else:
            row = await session.get(HostActRow, (encode(meeting.id), 1))
            await session.delete(row)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        scene.tokens = tokens
        assert scene.hall.problems() == ["recordings-unrecovered"]
        with pytest.raises(VaultError):
            await scene.browser("ada")


async def test_what_ends_and_what_can_not_be_recorded(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting(recording=False, training=False)
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        ada = person_in(meeting)
        host = await scene.browser(host=True)
        await host.hosts(ada, "Ada", meeting)
        with pytest.raises(NotRecordable):
            await host.performs(act_of(ada, 1, "arm", recording=True))
        assert await acts_of(database) == []
        live, person = host.live, host.live.person(host)
        await live.end()
        said = act_of(ada, 1, "arm", recording=True)
        with pytest.raises(MeetingOver):
            await live.hosting.act(person, said.body, said.signature)
        certificate = certificate_of(meeting.host_key, meeting.room, ada)
        with pytest.raises(MeetingOver):
            await live.hosting.certify(certificate.body, certificate.signature)


async def test_whoever_is_no_host_can_stop_it_where_their_seat_is_one(
    scene: Scene, meeting: Meeting
) -> None:
    ada, bo = person_in(meeting), person_in(meeting)
    host, second = await scene.browser(host=True), await scene.browser(host=True)
    hand = await host.hosts(ada, "Ada", meeting)
    await second.enter(bo, "Bo")
    await host.performs(hand.signed("arm", recording=True))
    with pytest.raises(NotAHost):
        await second.performs(act_of(bo, 2, "arm", recording=False))
    assert not host.live.room_view().armed
