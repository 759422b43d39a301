"""Answers that the database does not take: held, heeded, and stored as soon as it does."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from assent.errors import BadSignature, TryAgain
from assent.meeting import owing
from assent.meeting import registry as halls
from assent_vault.errors import BlobUnavailable
from assent_vault.files.space import Space
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.store import owed
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.database import Database
from support.full import full
from support.meetings import Browser, Scene, hall_of, until, write_meeting
from support.people import Meeting, Person, person_in

YES, WITHDRAWN = Will.YES, Will.WITHDRAWN


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owing, "ROUND_SECONDS", 0.05)
    monkeypatch.setattr(halls, "SPACE_SECONDS", 0.05)


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    return tmp_path / "objects"


async def owed_of(objects: Path, meeting: Meeting) -> int:
    """Return how many answers the reserve says are owed, as the vault reads it."""
    return owed.read(await FolderBlobs(objects).read_reserve()).of(encode(meeting.id))


async def recorded(scene: Scene, ada: Person) -> Browser:
    host = await scene.browser("ada", host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES, YES if scene.meeting.charter.training else Will.UNANSWERED))
    await host.arms()
    await until(lambda: host.capture == "recording")
    return host


async def answers(scene: Scene, ada: Person) -> list[bytes]:
    record = await scene.store.answers.record(scene.id, encode(ada.id))
    return [each.body for each in record.answers]


async def test_a_withdrawal_that_is_not_stored_is_held_and_stored_later(
    database: Database, objects: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, objects, meeting) as scene:
        ada = person_in(meeting)
        host = await recorded(scene, ada)
        said = ada.answer(WITHDRAWN, WITHDRAWN)
        async with full(database):
            with pytest.raises(TryAgain):
                await host.says(said)
            assert host.capture == "paused"
            assert await owed_of(objects, meeting) == 1
            assert scene.hall.problems() == ["answers-owed"]
            # Coming back, it is not the yes before that counts.
            await host.live.admission.leave(host.live.person(host))
            again = await scene.browser("ada", host=True)
            await again.live.admission.join(again.live.person(again))
            assert again.live.room_view().agreed == 0
            assert again.capture == "paused"
            # The same again, while it cannot be stored either, changes nothing.
            with pytest.raises(TryAgain):
                await again.says(said)
            assert await owed_of(objects, meeting) == 1
        await until(lambda: scene.hall.owed == 0)
        assert (await answers(scene, ada))[-1] == said.body
        assert await owed_of(objects, meeting) == 0
        assert scene.hall.problems() == []
        assert again.live.room_view().agreed == 0
        await again.says(said)  # the page has sent it once more, and is told that it is there


async def test_it_is_held_across_a_restart_without_the_page(
    database: Database, objects: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    ada = person_in(meeting)
    async with AsyncExitStack() as disk:
        async with hall_of(database, objects, meeting) as scene:
            host = await recorded(scene, ada)
            said = ada.answer(WITHDRAWN, WITHDRAWN)
            await disk.enter_async_context(full(database))
            with pytest.raises(TryAgain):
                await host.says(said)
            tokens = scene.tokens
        async with hall_of(database, objects, meeting) as scene:
            scene.tokens.update(tokens)
            assert scene.hall.problems() == ["answers-owed"]
            assert await owed_of(objects, meeting) == 1
            host = await scene.browser("ada", host=True)
            await host.live.admission.join(host.live.person(host))
            assert host.live.room_view().agreed == 0
            await disk.aclose()
            await until(lambda: scene.hall.owed == 0)
            assert (await answers(scene, ada))[-1] == said.body
            assert await owed_of(objects, meeting) == 0
            assert host.live.room_view().agreed == 0


async def test_after_the_meeting_it_is_held_as_well(
    database: Database, objects: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, objects, meeting) as scene:
        ada = person_in(meeting)
        await recorded(scene, ada)
        await scene.hall.end(scene.id)
        said = ada.answer(WITHDRAWN, WITHDRAWN)
        async with full(database):
            with pytest.raises(TryAgain):
                await scene.hall.answer(said.body, said.signature, None)
            assert await owed_of(objects, meeting) == 1
        await until(lambda: scene.hall.owed == 0)
        assert (await answers(scene, ada))[-1] == said.body


async def test_a_yes_is_never_held(database: Database, objects: Path, meeting: Meeting) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, objects, meeting) as scene:
        ada = person_in(meeting)
        host = await scene.browser("ada", host=True)
        await host.enter(ada, "Ada")
        said = ada.answer(YES)
        async with full(database):
            with pytest.raises(TryAgain) as caught:
                await host.says(said)
            assert caught.value.retry_after > 0
            assert await owed_of(objects, meeting) == 0
        assert scene.hall.owed == 0
        assert host.live.room_view().agreed == 0
        await host.says(said)
        assert host.live.room_view().agreed == 1


async def test_nobody_can_have_something_held_for_somebody_else(
    database: Database, objects: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    async with hall_of(database, objects, meeting) as scene:
        ada = person_in(meeting)
        host = await recorded(scene, ada)
        said = ada.answer(WITHDRAWN, WITHDRAWN)
        async with full(database):
            with pytest.raises(BadSignature):
                await scene.hall.answer(said.body, bytes(64), None)
            assert await owed_of(objects, meeting) == 0
        assert host.capture == "recording"


async def test_without_a_reserve_nothing_is_recorded(
    database: Database, objects: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)

    class NoReserve(FolderBlobs):
        broken = True

        async def make_reserve(self, content: bytes) -> bytes:
            if self.broken:
                raise BlobUnavailable("no room")
            return await super().make_reserve(content)

    blobs = NoReserve(objects)
    async with hall_of(database, blobs, meeting) as scene:
        ada = person_in(meeting)
        host = await scene.browser("ada", host=True)
        await host.enter(ada, "Ada")
        await host.says(ada.answer(YES))
        await host.arms()
        assert host.capture == "paused"
        assert host.live.room_view().problem == "answers-reserve-unavailable"
        assert scene.hall.problems() == ["answers-reserve-unavailable"]
        blobs.broken = False
        await until(lambda: host.capture == "recording")


async def test_recording_ends_at_the_floor_and_goes_on_above_it(
    database: Database, objects: Path, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    space = Space({"objects": objects}, 1)
    async with hall_of(database, objects, meeting, space=space) as scene:
        ada = person_in(meeting)
        host = await recorded(scene, ada)
        space.floor = 1 << 62  # more than any disk has
        await until(lambda: host.capture == "paused")
        assert host.live.room_view().problem == "space-low"
        assert scene.hall.problems() == ["space-low"]
        space.floor = 1
        await until(lambda: host.capture == "recording")
        assert host.live.room_view().problem is None
