"""What a meeting does when its media is lost, or what was to be recorded of it."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.clock import SystemClock
from assent.errors import BadSdp, MediaUnavailable
from assent.media import MediaProcesses
from assent.meeting import capture_controller
from assent_vault.errors import BlobUnavailable
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.statement import Will
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.database import Database
from assent_vault.store.models import GenerationRow
from support.meetings import Browser, Scene, hall_of, until, write_meeting
from support.people import Meeting, person_in

YES = Will.YES


class FailingBlobs(FolderBlobs):
    """A folder that takes nothing while ``broken``."""

    broken = False

    async def put(self, key: str, data: bytes) -> None:
        if self.broken:
            raise BlobUnavailable
        await super().put(key, data)


@pytest.fixture
def blobs(tmp_path: Path) -> FailingBlobs:
    return FailingBlobs(tmp_path / "objects")


@pytest.fixture
async def scene(database: Database, blobs: FailingBlobs, meeting: Meeting) -> AsyncIterator[Scene]:
    """A meeting whose media is in a process of its own."""
    await write_meeting(database, meeting)
    media = MediaProcesses("127.0.0.1", 0, ["127.0.0.1"], 1, SystemClock())
    await media.start()
    try:
        async with hall_of(database, blobs, meeting, media=media) as scene:
            yield scene
    finally:
        await media.stop()


async def recording(scene: Scene, meeting: Meeting) -> Browser:
    ada = person_in(meeting)
    host = await scene.browser("ada", host=True)
    await host.enter(ada, "Ada")
    await host.says(ada.answer(YES))
    await host.arms()
    await until(lambda: host.capture == "recording")
    return host


async def kill(scene: Scene) -> None:
    media = scene.services.media
    assert isinstance(media, MediaProcesses)
    (child,) = media.children()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)


async def interrupted(database: Database) -> list[bool | None]:
    async with database.read() as session:
        closings = list(
            (
                await session.scalars(select(GenerationRow.close).order_by(GenerationRow.number))
            ).all()
        )
    return [
        None if closing is None else parse_generation_closing(closing).interrupted
        for closing in closings
    ]


async def test_lost_media_interrupts_the_recording_and_comes_back(
    scene: Scene, meeting: Meeting
) -> None:
    host = await recording(scene, meeting)
    offers = len(host.offers)
    await kill(scene)
    await until(lambda: host.live.room_view().problem == "media-unavailable")
    assert host.capture == "paused"
    ada = host.live.person(host)
    with pytest.raises(MediaUnavailable):
        await host.live.media.publish(ada, "v=0\r\n", {})
    await until(lambda: host.capture == "recording")
    assert host.live.room_view().problem is None
    assert host.republished == 1
    await until(lambda: len(host.offers) > offers)
    with pytest.raises(BadSdp):  # somebody is there again, and reads it
        await host.live.media.publish(ada, "v=0\r\n", {})
    await host.live.end()
    assert await interrupted(scene.database) == [True, False]


async def test_who_has_gone_meanwhile_is_not_asked_to_publish(
    scene: Scene, meeting: Meeting
) -> None:
    host = await recording(scene, meeting)
    guest = await scene.browser("ben")
    ben = person_in(meeting)
    await guest.enter(ben, "Ben")
    host.live.admission.detach(guest)
    await kill(scene)
    await until(lambda: host.republished == 1)
    assert guest.republished == 0
    again = await scene.browser("ben")  # comes back, and is connected anew as always
    await until(lambda: bool(again.offers))


async def test_copies_that_are_lost_stop_the_recording_for_a_while(
    scene: Scene, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_controller, "STORAGE_RETRY", 0.2)
    host = await recording(scene, meeting)
    host.live.media.on_tap_lost()
    assert host.capture == "paused"
    assert host.live.room_view().problem == "media-overloaded"
    assert host.live.media.room.tap is None
    await until(lambda: host.capture == "recording")
    assert host.live.room_view().problem is None
    assert host.republished == 0, "sound and pictures have gone on"
    await host.live.end()
    assert await interrupted(scene.database) == [True, False]


async def test_two_troubles_are_over_when_both_are(
    scene: Scene, blobs: FailingBlobs, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_controller, "STORAGE_RETRY", 0.05)
    host = await recording(scene, meeting)
    blobs.broken = True
    trouble = host.live._capturing
    trouble.media_trouble("media-unavailable")
    trouble._storage_failed("storage-unavailable")
    blobs.broken = False
    await until(lambda: trouble._storage_problem is None)
    assert host.live.room_view().problem == "media-unavailable"
    assert not trouble.state.healthy
    trouble.media_trouble(None)
    await until(lambda: host.capture == "recording")
    trouble._storage_failed("storage-unavailable")
    trouble.media_trouble("media-unavailable")
    trouble.media_trouble(None)
    assert not trouble.state.healthy
    await until(lambda: host.capture == "recording")


async def test_a_meeting_that_loads_without_media_captures_nothing_before_there_is_some(
    database: Database, blobs: FailingBlobs, meeting: Meeting
) -> None:
    await write_meeting(database, meeting)
    media = MediaProcesses("127.0.0.1", 0, ["127.0.0.1"], 1, SystemClock())
    await media.start()
    async with hall_of(database, blobs, meeting, media=media) as scene:
        await recording(scene, meeting)
        tokens = scene.tokens
    (slot,) = media._slots
    child, slot.child = slot.child, None  # none is ready when the server comes back
    async with hall_of(database, blobs, meeting, media=media) as scene:
        scene.tokens = tokens
        host = await scene.browser("ada", host=True)
        await host.live.arm(True)  # as was signed before
        await until(lambda: host.live.room_view().problem == "media-unavailable")
        assert host.capture == "paused"
        assert await interrupted(database) == [False]  # nothing was even begun
        slot.child = child
        media.settle(slot)
        await until(lambda: host.capture == "recording")
    await media.stop()


async def test_a_publishing_connection_that_fails_is_asked_for_again(
    scene: Scene, meeting: Meeting
) -> None:
    host = await recording(scene, meeting)
    person = host.live.person(host).id
    host.live.media.on_peer_state(person, "publish", "connected")
    host.live.media.on_peer_state(person, "publish", "closed")  # the page did that itself
    assert host.republished == 0
    host.live.media.on_peer_state(person, "publish", "failed")
    assert host.republished == 1
    host.live.media.on_peer_state("nobody", "publish", "failed")
