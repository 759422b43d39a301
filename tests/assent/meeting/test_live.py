"""A live meeting over a real database and real objects: doors, answers, capture, restarts."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from assent.errors import (
    AlreadyEnrolled,
    BadRequest,
    BadSignature,
    BadStatement,
    BadToken,
    MeetingFull,
    MeetingLocked,
    MeetingOver,
    NotRecordable,
    RateLimited,
    Removed,
    StaleStatement,
    TryAgain,
)
from assent.meeting import capture_controller
from assent.meeting.participant_store import ParticipantStore
from assent.meeting.views import AdmissionState, CloseReason
from assent_vault.errors import BlobUnavailable
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.generation_header import parse_generation
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import digest, encode
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.database import Database
from assent_vault.store.models import GenerationRow, MeetingRow
from support.clock import JumpingClock
from support.introductions import introduction_of
from support.meetings import Browser, Scene, hall_of, until, write_meeting
from support.people import Meeting, Person, make_meeting, person_in

YES = Will.YES
DAY = 24 * 3_600_000


async def generations_of(database: Database) -> list[GenerationRow]:
    async with database.read() as session:
        rows = list(
            (await session.scalars(select(GenerationRow).order_by(GenerationRow.number))).all()
        )
        session.expunge_all()
        return rows


async def test_capture_follows_what_everyone_says(scene: Scene, meeting: Meeting) -> None:
    ada, ben, eve = (person_in(meeting) for _ in range(3))
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    guest = await scene.browser()
    await guest.enter(ben, "Ben")
    await host.arms()
    assert host.capture == "paused"
    await host.says(ada.answer(YES, YES))
    assert host.capture == "paused"
    await guest.says(ben.answer(YES))
    await until(lambda: host.capture == "recording")
    await until(lambda: bool(host.generations and guest.generations))
    header = parse_generation(host.generations[0][1])
    assert {person.id for person in header.people if person.present} == {ada.id, ben.id}

    late = await scene.browser()
    await late.enter(eve, "Eve")
    assert host.capture == "paused"
    await late.says(eve.answer(YES))
    await until(lambda: host.capture == "recording")
    await until(lambda: bool(late.generations))
    assert late.generations[0][0] == 2

    await guest.says(ben.answer(Will.WITHDRAWN))
    assert host.capture == "paused"
    view = host.live.room_view()
    assert (view.present, view.agreed) == (3, 2)
    assert all(person.agreed is None for person in view.people)
    await guest.says(ben.answer(YES))
    await until(lambda: host.capture == "recording")

    await host.live.arm(False)
    assert host.capture == "off"
    await host.live.end()
    assert host.goodbyes == [CloseReason.ENDED]
    rows = await generations_of(scene.database)
    assert [row.number for row in rows] == [1, 2, 3]
    assert all(row.close is not None for row in rows)


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_a_clock_that_jumps_a_day_changes_nothing(
    database: Database, tmp_path: Path, meeting: Meeting, jump: int
) -> None:
    """Not who is captured, nor which answer is the last, nor where on the timeline things are."""
    await write_meeting(database, meeting)
    async with database.write() as session:
        await session.execute(update(MeetingRow).values(expires_at=10**14))  # looked at elsewhere
    clock = JumpingClock()
    ada, ben = person_in(meeting), person_in(meeting)
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        host, guest = await scene.browser(host=True), await scene.browser()
        await host.enter(ada, "Ada")
        await host.says(ada.answer(YES))
        await host.arms()
        await until(lambda: host.capture == "recording")
        clock.jump = jump
        await guest.enter(ben, "Ben")
        assert host.capture == "paused"
        await guest.says(ben.answer(YES))
        await until(lambda: host.capture == "recording")
        clock.jump = 0
        await guest.says(ben.answer(Will.WITHDRAWN))
        assert host.capture == "paused"
        clock.jump = jump
        assert host.capture == "paused"
        await guest.says(ben.answer(YES))
        await until(lambda: host.capture == "recording" and len(host.generations) == 3)
        offsets = [parse_generation(header).recorded.offset for _, header in host.generations]
        assert offsets == sorted(offsets)
        assert offsets[-1] < 60_000
        await host.live.end()
    rows = await generations_of(database)
    assert all(row.close is not None for row in rows)


async def test_a_withdrawal_is_believed_before_it_is_stored(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES))
    await host.arms()
    await until(lambda: host.capture == "recording")

    async def broken(*_: object) -> None:
        assert host.capture == "paused"
        raise OSError("the database is away")

    monkeypatch.setattr(scene.store.answers, "answer", broken)
    with pytest.raises(TryAgain):
        await host.says(ada.answer(Will.WITHDRAWN))
    assert host.capture == "paused"


async def test_somebody_leaving_lets_capture_resume(scene: Scene, meeting: Meeting) -> None:
    ada, ben = person_in(meeting), person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES))
    guest = await scene.browser()
    await guest.enter(ben, "Ben")
    await host.arms()
    assert host.capture == "paused"
    await guest.live.admission.leave(guest.live.person(guest))
    await until(lambda: host.capture == "recording")
    assert guest.goodbyes == [CloseReason.LEFT]
    # Whoever was ever let in owns a share of everything after.
    await until(lambda: bool(host.generations))
    header = parse_generation(host.generations[0][1])
    assert {person.id: person.present for person in header.people} == {ada.id: True, ben.id: False}


async def test_the_waiting_room(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting(waiting_room=True)
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        ada, ben = person_in(meeting), person_in(meeting)
        host = await scene.browser(host=True)
        await host.enter(ada, "Ada")
        guest = await scene.browser()
        await guest.enter(ben, "Ben")
        assert guest.live.seat_view(guest.seat, guest).state is AdmissionState.WAITING
        assert host.live.room_view().waiting == ((encode(ben.id), "Ben"),)
        assert host.live.room_view().present == 1
        await host.live.admission.admit(encode(ben.id))
        assert guest.live.seat_view(guest.seat, guest).state is AdmissionState.ADMITTED
        with pytest.raises(BadRequest):
            await host.live.admission.admit(encode(ben.id))

        other = await scene.browser()
        eve = person_in(meeting)
        await other.enter(eve, "Eve")
        await host.live.admission.deny(encode(eve.id))
        assert other.goodbyes == [CloseReason.DENIED]


async def test_whoever_was_removed_does_not_come_back_by_the_same_link(
    scene: Scene, meeting: Meeting
) -> None:
    host = await scene.browser(host=True)
    await host.enter(person_in(meeting), "Ada")
    ben = person_in(meeting)
    guest, spare = await scene.browser(), await scene.browser()
    await guest.enter(ben, "Ben")
    await host.live.admission.remove(encode(ben.id))
    assert guest.goodbyes == [CloseReason.REMOVED]
    # With a seat taken before, or with another one; under any name.
    for browser, name in ((spare, "Somebody else"), (await scene.browser(), "Ada")):
        await browser.enter(person_in(meeting), name)
        assert browser.live.seat_view(browser.seat, browser).state is AdmissionState.WAITING
    assert host.live.room_view().present == 1
    assert [name for _, name in host.live.room_view().waiting] == ["Somebody else", "Ada"]


async def test_the_door(scene: Scene, meeting: Meeting) -> None:
    with pytest.raises(BadToken):
        await scene.hall.seat(scene.id, encode(b"another secret of 32 bytes......"))
    with pytest.raises(BadToken):
        await scene.hall.seat(scene.id, "not base64url!")
    with pytest.raises(BadToken):
        await scene.enters(encode(bytes(32)))
    host = await scene.browser(host=True)
    ada = person_in(meeting)
    await host.enter(ada, "Ada")
    guest = await scene.browser("ben")
    await host.live.lock(True)
    with pytest.raises(MeetingLocked):
        await guest.enter(person_in(meeting), "Ben")
    with pytest.raises(MeetingLocked):
        await scene.browser()
    await host.live.lock(False)
    ben = person_in(meeting)
    await guest.enter(ben, "Ben")
    # A seat is one person's, and a person has one seat.
    another = person_in(meeting)
    with pytest.raises(AlreadyEnrolled):
        await guest.enrol(another, another.enrol("Ben"))
    other = await scene.browser()
    with pytest.raises(AlreadyEnrolled):
        await other.enrol(ben, ben.enrol("Ben"))
    await host.live.admission.remove(encode(ben.id))
    assert guest.goodbyes == [CloseReason.REMOVED]
    with pytest.raises(Removed):
        await scene.browser("ben")


async def test_a_name_is_the_one_that_was_signed(scene: Scene, meeting: Meeting) -> None:
    guest = await scene.browser()
    ada = person_in(meeting)
    said = ada.enrol("Ada")
    for change in ({"name": "Eve"}, {"salt": bytes(32)}, {"salt": b""}):
        given = replace(introduction_of(ada, said), **change)
        with pytest.raises(BadStatement) as caught:
            await guest.live.admission.enrol(guest.seat, guest, given, said.body, said.signature)
        assert caught.value.field == "name"
    # Nor is one mended that was signed as it cannot be shown.
    for name in ("", " Ada", "Ada\u202e", "x" * 65):
        with pytest.raises(BadRequest) as unfit:
            await guest.enrol(ada, ada.enrol(name))
        assert unfit.value.field == "name"
    said = ada.enrol("Ada")
    await guest.enrol(ada, said)
    (shown,) = guest.live.introduced([encode(ada.id), "nobody"])
    assert (shown.name, shown.salt, shown.enrolment) == ("Ada", ada.salt, said.body)
    assert shown.brought == (1, meeting.link.mac(meeting.id, 1, digest(said.body)))


async def test_a_page_that_comes_while_another_of_its_seat_enrols(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever was first, they are one person, and the same bytes again change nothing."""
    first = await scene.browser()
    ben = person_in(meeting)
    said = ben.enrol()
    asked, told = asyncio.Event(), asyncio.Event()

    async def person_of(store: ParticipantStore, token_hash: bytes) -> str | None:
        found = await real(store, token_hash)
        asked.set()
        await told.wait()
        return found

    real = ParticipantStore.person_of
    monkeypatch.setattr(ParticipantStore, "person_of", person_of)
    second = Browser(scene.hall, first.live, first.seat)
    coming = asyncio.create_task(first.live.admission.attach(first.seat, second))
    await asked.wait()
    enrolling = asyncio.create_task(first.enrol(ben, said))
    await asyncio.wait({enrolling}, timeout=1)  # as far as it gets
    told.set()
    await coming
    await asyncio.gather(enrolling, return_exceptions=True)
    await second.enrol(ben, said)
    assert second.live.person(second).id == encode(ben.id)
    assert first.goodbyes == [CloseReason.REPLACED]


async def test_a_full_meeting(database: Database, tmp_path: Path, meeting: Meeting) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting, max_participants=1) as scene:
        host = await scene.browser(host=True)
        await host.enter(person_in(meeting), "Ada")
        guest = await scene.browser()
        with pytest.raises(MeetingFull):
            await guest.enter(person_in(meeting), "Ben")


async def test_bad_statements_change_nothing(scene: Scene, meeting: Meeting) -> None:
    ada, eve = person_in(meeting), person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    first = ada.answer(YES, YES)
    with pytest.raises(BadSignature):
        await host.live.answers.answer(first.body, bytes(64), first.sealed)
    await host.says(first)
    await host.says(first)  # the same again is fine
    ada.answer(YES)
    skipped = ada.answer(YES)
    with pytest.raises(StaleStatement):
        await host.says(skipped)
    # Somebody who is not in the meeting has no say in it.
    eve.enrol()
    with pytest.raises(Exception, match="introduced"):
        await host.says(eve.answer(YES))
    assert host.live.room_view().agreed == 1


async def test_what_is_not_recordable_is_not_recorded(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting(recording=False, training=False)
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host = await scene.browser(host=True)
        await host.enter(person_in(meeting), "Ada")
        with pytest.raises(NotRecordable):
            await host.live.arm(True)


async def test_asking_again_is_rare(scene: Scene, meeting: Meeting) -> None:
    host = await scene.browser(host=True)
    await host.enter(person_in(meeting), "Ada")
    host.live.ask_again()
    assert host.asks == 1
    with pytest.raises(RateLimited):
        host.live.ask_again()


async def test_a_lost_connection_stays_for_the_grace_time(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, tmp_path / "objects", meeting, grace_seconds=0.2) as scene:
        ada, ben = person_in(meeting), person_in(meeting)
        host = await scene.browser("ada", host=True)
        await host.enter(ada, "Ada")
        guest = await scene.browser("ben")
        await guest.enter(ben, "Ben")
        guest.live.admission.detach(guest)
        assert host.live.room_view().present == 2
        back = await scene.browser("ben")
        assert back.live.seat_view(back.seat, back).state is AdmissionState.ADMITTED
        # A second page of the same seat takes over.
        again = await scene.browser("ben")
        assert back.goodbyes == [CloseReason.REPLACED]
        again.live.admission.detach(again)
        await until(lambda: host.live.room_view().present == 1)
        last = await scene.browser("ben")
        assert last.live.seat_view(last.seat, last).state is AdmissionState.DOOR
        await last.live.admission.join(last.live.person(last))
        assert host.live.room_view().present == 2


async def test_a_restart_brings_people_and_capture_back(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    ada = person_in(meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host = await scene.browser("ada", host=True)
        hand = await host.hosts(ada, "Ada", meeting)
        await host.says(ada.answer(YES, YES))
        await host.performs(hand.signed("arm", recording=True))
        await until(lambda: host.capture == "recording")
        tokens = scene.tokens
    assert host.goodbyes == [CloseReason.RESTARTING]
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        scene.tokens = tokens
        host = await scene.browser("ada")
        view = host.live.seat_view(host.seat, host)
        assert (view.state, view.recording, view.training) == (
            AdmissionState.ADMITTED,
            "yes",
            "yes",
        )
        await until(lambda: host.capture == "recording")
        await host.live.end()
    first, second = await generations_of(database)
    assert parse_generation(second.header).previous == parse_generation(first.header).digest
    assert first.close is not None
    assert not parse_generation_closing(first.close).interrupted


async def test_a_crash_leaves_an_interrupted_generation(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    ada = person_in(meeting)
    async with hall_of(database, tmp_path / "objects", meeting) as scene:
        host = await scene.browser("ada", host=True)
        hand = await host.hosts(ada, "Ada", meeting)
        await host.says(ada.answer(YES, YES))
        await host.performs(hand.signed("arm", recording=True))
        await until(lambda: host.capture == "recording")
        # What a killed process would leave: an open generation in the database and on the disk.
        async with hall_of(database, tmp_path / "objects", meeting) as after:
            (row,) = await generations_of(database)
            assert row.close is not None
            assert parse_generation_closing(row.close).interrupted
            after.tokens = scene.tokens
            back = await after.browser("ada")
            await until(lambda: back.capture == "recording")
            assert len(await generations_of(database)) == 2


async def test_the_receipt_page(scene: Scene, meeting: Meeting) -> None:
    ada = person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES))
    await host.live.end()
    with pytest.raises(MeetingOver):
        await scene.browser()
    now = scene.services.clock.now()
    asked = ada.receipt_request(now)
    record = await scene.hall.records.receipt(asked.body, asked.signature)
    assert len(record["answers"]) == 1
    said = ada.answer(YES, YES)
    assert said.sealed is not None
    record = await scene.hall.answer(said.body, said.signature, said.sealed)
    assert len(record["answers"]) == 2
    assert record["released"] == {"state": "none", "ready_at": None}
    with pytest.raises(BadSignature):
        await scene.hall.records.receipt(asked.body, bytes(64))
    old = ada.receipt_request(now - 3_600_000)
    with pytest.raises(Exception, match="clock"):
        await scene.hall.records.receipt(old.body, old.signature)


class FailingBlobs(FolderBlobs):
    """A store whose disk is full while ``full`` is set."""

    full = False

    async def put(self, key: str, data: bytes) -> None:
        if self.full:
            raise BlobUnavailable("full")
        await super().put(key, data)


async def test_a_full_disk_pauses_and_people_are_told(
    database: Database, tmp_path: Path, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_controller, "STORAGE_RETRY", 0.05)
    await write_meeting(database, meeting)
    blobs = FailingBlobs(tmp_path / "objects")
    blobs.full = True
    async with hall_of(database, blobs, meeting) as scene:
        ada: Person = person_in(meeting)
        host = await scene.browser(host=True)
        await host.enter(ada, "Ada")
        await host.says(ada.answer(YES))
        await host.arms()
        await until(lambda: host.live.room_view().problem == "storage-unavailable")
        assert host.capture == "paused"
        blobs.full = False
        await until(lambda: host.capture == "recording")
        assert host.live.room_view().problem is None


@pytest.mark.parametrize("written", [False, True])
async def test_a_generation_that_could_not_be_written_leaves_no_gap(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    """Also where it was written, and the server could not learn of it."""
    monkeypatch.setattr(capture_controller, "STORAGE_RETRY", 0.05)
    real, failures = scene.store.generations.opened, iter([True])

    async def failing(*arguments: Any) -> None:
        fails = next(failures, False)
        if written or not fails:
            await real(*arguments)
        if fails:
            raise OSError("the database is away")

    monkeypatch.setattr(scene.store.generations, "opened", failing)
    ada: Person = person_in(meeting)
    host = await scene.browser(host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES))
    await host.arms()
    await until(lambda: host.capture == "recording")
    last = 2 if written else 1
    assert [number for number, _ in host.generations] == [last]
    await host.live.arm(False)
    await until(lambda: host.capture == "off")
    await host.live.end()
    stored = await scene.store.generations.stored(scene.id)
    headers = [parse_generation(body) for body, _ in stored]
    assert [header.recorded.number for header in headers] == list(range(1, last + 1))
    assert all(closed for _, closed in stored)
    assert [header.previous for header in headers] == [
        None, *(header.digest for header in headers[:-1])
    ]  # fmt: skip


async def test_a_server_stops_though_its_disk_is_full(
    database: Database, tmp_path: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    blobs = FailingBlobs(tmp_path / "objects")
    async with asyncio.timeout(60), hall_of(database, blobs, meeting) as scene:
        ada: Person = person_in(meeting)
        host = await scene.browser(host=True)
        await host.enter(ada, "Ada")
        await host.says(ada.answer(YES))
        await host.arms()
        await until(lambda: host.capture == "recording")
        blobs.full = True
        await host.live.arm(False)
    assert [closed for *_, closed in await scene.store.generations.stored(scene.id)] in (
        [False],
        [True],
    )
    blobs.full = False
    async with hall_of(database, blobs, meeting) as scene:
        stored = await scene.store.generations.stored(scene.id)
        assert [closed for _, closed in stored] == [True]


async def test_nothing_of_a_meeting_that_is_over_stays_in_memory(
    scene: Scene, meeting: Meeting
) -> None:
    ann = await scene.browser()
    person = person_in(meeting)
    await ann.enter(person, "Ann")
    await ann.says(person.answer(YES))
    here = weakref.ref(ann.live)
    assert scene.hall._watcher is not None
    scene.hall._watcher.cancel()  # once a second it has each meeting in its hands for a moment
    gc.collect()
    gc.disable()  # it is not left to chance
    try:
        await scene.hall.end(scene.id)
        del ann, person
        await scene.hall._sweep()
        await until(lambda: here() is None)  # what was begun of it ends, and lets it go
    finally:
        gc.enable()
