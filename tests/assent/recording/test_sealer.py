"""Storing off the event loop: in order for each track, a few at a time, bounded, and once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assent.recording import sealer as sealers
from assent.recording.generation_stretch import GenerationStretch
from assent.recording.sealer import AT_ONCE, OVERDUE, Lane, Sealer
from assent_vault.errors import BlobUnavailable
from assent_vault.formats.suite import encode
from assent_vault.store.blobs import FolderBlobs
from support.recorded import Studio, settle
from support.waiting import eventually


class GatedBlobs(FolderBlobs):
    """A folder that takes an object only when the test lets it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked: list[str] = []
        self.gate = asyncio.Semaphore(0)
        self.broken = False

    async def put(self, key: str, data: bytes) -> None:
        self.asked.append(key)
        await self.gate.acquire()
        if self.broken:
            raise BlobUnavailable("The object store cannot be used (EIO).")
        await super().put(key, data)

    def let(self, count: int) -> None:
        """Take so many objects more."""
        for _ in range(count):
            self.gate.release()


class Bench:
    """A sealer with lanes on gated blobs."""

    def __init__(self, folder: Path) -> None:
        self.blobs = GatedBlobs(folder / "objects")
        self.studio = Studio(folder, self.blobs)
        self.studio.come()
        self.failures = 0
        server = self.studio.meeting.server
        made = self.studio.commit()
        stretch = GenerationStretch(made.header, made.keys, server)
        self.sealer = Sealer(stretch, self.blobs, self.studio.clock, self.failed)

    def failed(self) -> None:
        """Count."""
        self.failures += 1

    def lane(self, number: int = 0) -> Lane:
        """Return the lane of another person."""
        person = encode(bytes([number]) * 32)
        return self.sealer.open_lane(person, f"{person}.microphone", "opus", bytes(32))

    def submit(self, lane: Lane, count: int = 1, size: int = 100) -> None:
        """Hand in segments."""
        for _ in range(count):
            self.sealer.submit(lane, lambda: b"plain", 0, 1, size)

    async def until_asked(self, count: int) -> None:
        """Wait until the store has been asked so often."""
        await eventually(lambda: len(self.blobs.asked) >= count, "the store is asked")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_segments_of_a_track_are_stored_one_after_the_other(bench: Bench) -> None:
    lane = bench.lane()
    bench.submit(lane, 3)
    await bench.until_asked(1)
    await settle()
    assert len(bench.blobs.asked) == 1
    bench.blobs.let(3)
    await bench.sealer.drain()
    assert [entry.sequence for entry in bench.sealer.entries] == [0, 1, 2]
    assert bench.blobs.asked == sorted(bench.blobs.asked)
    assert bench.sealer.backlog == 0


async def test_a_few_tracks_at_a_time(bench: Bench) -> None:
    for number in range(AT_ONCE + 3):
        bench.submit(bench.lane(number))
    await bench.until_asked(AT_ONCE)
    await settle()
    assert len(bench.blobs.asked) == AT_ONCE
    bench.blobs.let(AT_ONCE + 3)
    await bench.sealer.drain()
    assert len(bench.sealer.entries) == AT_ONCE + 3


async def test_a_refusal_ends_everything_once(bench: Bench) -> None:
    first, second = bench.lane(1), bench.lane(2)
    bench.submit(first, 5)
    bench.submit(second, 5)
    await bench.until_asked(2)
    bench.blobs.broken = True
    bench.blobs.let(10)
    await bench.sealer.drain()
    assert bench.failures == 1
    assert bench.sealer.failed
    assert bench.sealer.entries == []
    assert bench.sealer.backlog == 0
    bench.submit(first)
    assert len(bench.blobs.asked) == 2
    assert bench.sealer.backlog == 0


async def test_what_was_on_its_way_when_it_ended_is_listed(bench: Bench) -> None:
    lane = bench.lane()
    bench.submit(lane, 3)
    await bench.until_asked(1)
    bench.sealer.fail("because")
    bench.blobs.let(3)
    await bench.sealer.drain()
    assert [entry.sequence for entry in bench.sealer.entries] == [0]
    assert len(bench.blobs.asked) == 1


async def test_what_waits_too_long_ends_it(bench: Bench) -> None:
    bench.submit(bench.lane())
    clock = bench.studio.clock
    clock.pass_(OVERDUE)
    bench.sealer.check(clock.monotonic())
    assert bench.failures == 0
    clock.pass_(0.1)
    bench.sealer.check(clock.monotonic())
    bench.sealer.check(clock.monotonic())
    assert bench.failures == 1
    bench.blobs.let(1)
    await bench.sealer.drain()


async def test_the_backlog_has_a_bound(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealers, "BACKLOG", 100_000)
    lane = bench.lane()
    for _ in range(1000):
        bench.submit(lane, size=1000)
        assert bench.sealer.backlog <= 100_000
    assert bench.failures == 1
    bench.blobs.let(1)
    await bench.sealer.drain()
    assert bench.sealer.backlog == 0


async def test_a_generation_has_no_more_segments_than_its_closing_can_list(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealers, "MOST_SEGMENTS", 5)
    lane = bench.lane()
    bench.blobs.let(10)
    bench.submit(lane, 5)
    assert bench.failures == 0
    bench.submit(lane)
    assert bench.failures == 1
    await bench.sealer.drain()


async def test_dropping_a_person_leaves_the_others(bench: Bench) -> None:
    first, second = bench.lane(1), bench.lane(2)
    bench.submit(first, 3)
    bench.submit(second, 3)
    await bench.until_asked(2)
    bench.sealer.drop(first.person)
    bench.submit(first)
    bench.blobs.let(10)
    await bench.sealer.drain()
    stored = [entry.track for entry in bench.sealer.entries]
    assert stored.count(first.track) == 1  # it was on its way
    assert stored.count(second.track) == 3
    assert bench.failures == 0
    assert bench.sealer.backlog == 0


async def test_what_is_given_up_while_it_waits_is_not_called_complete(bench: Bench) -> None:
    bench.submit(bench.lane(), 2)
    await bench.until_asked(1)
    bench.sealer.forget_keys()
    assert bench.sealer.failed
    bench.blobs.let(2)
    await bench.sealer.drain()
    assert len(bench.sealer.entries) == 1


async def test_keys_are_not_shown(bench: Bench) -> None:
    lane = bench.lane()
    assert repr(lane) == "Lane(0, 0 waiting)"
