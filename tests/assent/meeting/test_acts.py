"""What is taken back for others, in a meeting that runs and in one that is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assent.errors import MeetingDeleted, MeetingNotFound, MeetingOver, NotFound
from assent.meeting import Actor, Acts
from assent.meeting.acts import Purpose
from assent.meeting.views import CloseReason
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store.database import Database
from assent_vault.store.meeting_rows import load_revocations
from assent_vault.store.models import MeetingRow, ParticipantRow, RevocationRow
from support.meetings import HOST_ACCOUNT, Browser, Scene, hall_of, until, write_meeting
from support.people import Meeting, Person, make_meeting, person_in

YES = Will.YES
HOST = Actor("host", HOST_ACCOUNT)
ADMINISTRATOR = Actor("administrator", None)
OPERATOR = Actor("operator", None)


async def recorded(scene: Scene, meeting: Meeting) -> tuple[Browser, Person, Browser, Person]:
    """Have a host and a guest in a meeting that is being recorded."""
    ada, ben = person_in(meeting), person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    guest = await scene.browser("Ben")
    await guest.enter(ben, "Ben")
    await host.arms()
    await host.says(ada.answer(YES, YES))
    await guest.says(ben.answer(YES, YES))
    await until(lambda: host.capture == "recording")
    return host, ada, guest, ben


async def test_capture_stops_as_if_they_had_withdrawn(scene: Scene, meeting: Meeting) -> None:
    host, _, guest, ben = await recorded(scene, meeting)
    id_ = encode(ben.id)
    act = await scene.hall.take_back(scene.id, id_, "recording", HOST)
    assert (act.by, act.sequence) == ("host", 1)
    assert host.capture == "paused"
    assert host.live.room_view().agreed == 1
    seat = guest.live.seat_view(guest.seat, guest)
    assert [(each.purpose, each.by) for each in seat.acts] == [("recording", "host")]
    # Again, it is the same act, also in another role; and it stays paused.
    assert await scene.hall.take_back(scene.id, id_, "recording", ADMINISTRATOR) == act
    assert await scene.hall.take_back(scene.id, id_, "training", HOST) == act
    async with scene.database.read() as session:
        assert len((await session.scalars(select(RevocationRow))).all()) == 1
    # They themself can agree anew to what comes, and the host can take that back as well.
    await guest.says(ben.answer(YES, Will.WITHDRAWN))
    await until(lambda: host.capture == "recording")
    again = await scene.hall.take_back(scene.id, id_, "recording", HOST)
    assert again.sequence == 2
    assert host.capture == "paused"


async def test_taking_back_training_leaves_the_recording(scene: Scene, meeting: Meeting) -> None:
    host, _, _, ben = await recorded(scene, meeting)
    await scene.hall.take_back(scene.id, encode(ben.id), "training", HOST)
    assert host.capture == "recording"


async def test_what_is_done_beside_the_server_is_noticed(scene: Scene, meeting: Meeting) -> None:
    host, _, _, ben = await recorded(scene, meeting)
    beside = Acts(scene.database, meeting.server)
    now = scene.services.clock.now()
    await beside.take_back(scene.id, encode(ben.id), "recording", OPERATOR, now)
    await until(lambda: host.capture == "paused")
    await beside.take_back(scene.id, None, "meeting", OPERATOR, now)
    await until(lambda: host.goodbyes == [CloseReason.ENDED])


async def test_it_holds_after_a_restart(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        _, _, _, ben = await recorded(scene, meeting)
        await scene.hall.take_back(scene.id, encode(ben.id), "recording", HOST)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        token = (await scene.hall.host_seat(scene.id, HOST_ACCOUNT))["token"]
        async with scene.hall.entering(scene.id, token) as (live, _):
            view = live.room_view()
        assert (view.capture, view.present, view.agreed) == ("paused", 2, 1)


async def test_a_deleted_meeting_is_over_and_stays_so(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host, _, guest, _ = await recorded(scene, meeting)
        token = scene.tokens["Ben"]
        await scene.hall.take_back(scene.id, None, "meeting", HOST)
        assert host.goodbyes == guest.goodbyes == [CloseReason.ENDED]
        assert host.capture == "off"
        with pytest.raises(MeetingOver):
            await scene.enters(token)


async def test_a_meeting_deleted_while_no_server_ran_does_not_go_on(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        await recorded(scene, meeting)
        token = scene.tokens["Ben"]
    await Acts(database, meeting.server).take_back(encode(meeting.id), None, "meeting", OPERATOR, 5)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        with pytest.raises(MeetingOver):
            await scene.enters(token)
        async with database.read() as session:
            row = await session.get(MeetingRow, scene.id)
        assert row is not None
        assert row.ended_at is not None


@pytest.mark.parametrize("purpose", ["training", "recording"])
async def test_there_is_nothing_to_take_from_whoever_was_not_let_in(
    database: Database, tmp_path: Path, purpose: Purpose
) -> None:
    meeting = make_meeting(waiting_room=True)
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        waiting = person_in(meeting)
        await (await scene.browser()).enter(waiting, "Cy")
        for person in (encode(waiting.id), encode(bytes(32))):
            with pytest.raises(NotFound):
                await scene.hall.take_back(scene.id, person, purpose, HOST)
        with pytest.raises(MeetingNotFound):
            await scene.hall.take_back("A" * 22, encode(waiting.id), purpose, HOST)
        assert await scene.hall.acts.people(scene.id) == ()


async def test_capture_stays_stopped_when_it_cannot_be_stored(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, _, _, ben = await recorded(scene, meeting)

    async def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(host.live.answers._acts, "take_back", full)
    with pytest.raises(OperationalError):
        await scene.hall.take_back(scene.id, encode(ben.id), "recording", HOST)
    assert host.capture == "paused"


async def test_people_are_told_by_name_and_nothing_of_what_they_said(
    scene: Scene, meeting: Meeting
) -> None:
    _, ada, _, ben = await recorded(scene, meeting)
    await scene.hall.take_back(scene.id, encode(ben.id), "training", ADMINISTRATOR)
    listed = await scene.hall.acts.people(scene.id)
    assert [(each.name, each.person, each.host) for each in listed] == [
        ("Ada", encode(ada.id), True),
        ("Ben", encode(ben.id), False),
    ]
    assert [[act.by for act in each.acts] for each in listed] == [[], ["administrator"]]


async def test_it_is_told_to_the_person_and_to_no_other(scene: Scene, meeting: Meeting) -> None:
    _, ada, _, ben = await recorded(scene, meeting)
    await scene.hall.end(scene.id)
    await scene.hall.take_back(scene.id, encode(ben.id), "recording", HOST)

    async def told(person: Person) -> list[tuple[str, str]]:
        asked = person.receipt_request(scene.services.clock.now())
        record = await scene.hall.records.receipt(asked.body, asked.signature)
        return [(act["purpose"], act["by"]) for act in record["revoked"]]

    assert await told(ben) == [("recording", "host")]
    assert await told(ada) == []
    await scene.hall.take_back(scene.id, None, "meeting", ADMINISTRATOR)
    assert await told(ada) == [("meeting", "administrator")]
    async with scene.database.write() as session:  # as the worker leaves it
        for row in (await session.scalars(select(ParticipantRow))).all():
            await session.delete(row)
        meeting_row = await session.get(MeetingRow, scene.id)
        assert meeting_row is not None
        meeting_row.destroyed_at = 7
    with pytest.raises(MeetingDeleted) as refusal:
        await told(ada)
    assert refusal.value.to_wire()["by"] == "administrator"


async def test_a_row_that_the_server_has_not_signed_is_nobodys_act(
    scene: Scene, meeting: Meeting
) -> None:
    host, _, _, ben = await recorded(scene, meeting)
    forger = Acts(scene.database, Ed25519PrivateKey.generate())
    await forger.take_back(scene.id, encode(ben.id), "recording", HOST, 5)
    await host.live.answers.look_at_acts()
    assert host.capture == "recording"
    async with scene.database.read() as session:
        assert len(await load_revocations(session, scene.id)) == 2
    assert await scene.hall.acts.of(scene.id) == ()
