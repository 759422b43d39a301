"""Seals what was gathered and stores it, off the event loop, and never lets it pile up.

Theory of operation. Each track has a lane: its jobs are done one after the other, so that its
sequences are contiguous in the store at every moment, also when the power goes. Lanes run side by
side, a few at a time. A job that fails, that waits longer than :data:`OVERDUE`, or that would make
the backlog longer than :data:`BACKLOG` ends it all, once: what is queued is forgotten, nothing more
is taken, and whoever records is told. What is already stored stays as it is.

An object that was handed to the store is never taken back: it may be there by now. :meth:`drain`
waits for it, so that the closing lists it.
"""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from assent.clock import Clock
from assent.recording.stretch import RecordedStretch
from assent_vault.errors import BlobError
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.suite import digest
from assent_vault.store.blobs import Blobs

log = structlog.get_logger(__name__)

BACKLOG = 64 * 1024 * 1024
"""Bytes of a room that wait for the store."""

OVERDUE = 3.0
"""Seconds. With the age of what is in a segment, people learn of a dead store within five."""

AT_ONCE = 4
"""Objects of a room that are on their way at the same time."""

MOST_SEGMENTS = 40_000
"""Segments of a stretch, so that its closing stays under the 8 MiB that can be read."""

_JOB_COST = 512  # bytes that a job takes beside its frames


@dataclass(frozen=True, slots=True)
class _Job:
    make: Callable[[], bytes]  # the plaintext, made in a thread
    start: int
    end: int
    size: int
    since: float


class Lane:
    """What is to be stored of one track."""

    __slots__ = ("codec", "jobs", "key", "person", "sequence", "task", "track")

    def __init__(self, person: str, track: str, codec: str, key: bytes) -> None:
        self.person = person
        self.track = track
        self.codec = codec
        self.key: bytes | None = key
        self.jobs: deque[_Job] = deque()  # the first one is being done
        self.sequence = 0
        self.task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"Lane({self.sequence}, {len(self.jobs)} waiting)"  # neither key nor person


class Sealer:
    """Seals and stores the segments of one stretch.

    ``on_failure`` is called at most once, and not after the keys are forgotten.
    """

    def __init__(
        self, stretch: RecordedStretch, blobs: Blobs, clock: Clock, on_failure: Callable[[], None]
    ) -> None:
        self._stretch = stretch
        self._blobs = blobs
        self._clock = clock
        self._on_failure = on_failure
        self._lanes: list[Lane] = []
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._count = 0
        self.backlog = 0
        self.failed = False
        self.entries: list[SegmentEntry] = []

    def open_lane(self, person: str, track: str, codec: str, key: bytes) -> Lane:
        """Return the lane of a new track."""
        lane = Lane(person, track, codec, key)
        self._lanes.append(lane)
        return lane

    def submit(
        self, lane: Lane, make: Callable[[], bytes], start: int, end: int, size: int
    ) -> None:
        """Take a track's next segment: ``make`` gives its plaintext, of about ``size`` bytes."""
        if self.failed or lane.key is None:
            return
        size += _JOB_COST
        self._count += 1
        if self.backlog + size > BACKLOG or self._count > MOST_SEGMENTS:
            self.fail("backlog")
            return
        self.backlog += size
        lane.jobs.append(_Job(make, start, end, size, self._clock.monotonic()))
        if lane.task is None:
            lane.task = asyncio.get_running_loop().create_task(self._work(lane))

    def check(self, now: float) -> None:
        """Fail if something has been waiting for too long; called on a timer."""
        if not self.failed and any(
            lane.jobs and now - lane.jobs[0].since > OVERDUE for lane in self._lanes
        ):
            self.fail("overdue")

    def drop(self, person: str) -> None:
        """Forget what is queued of a person, and take nothing more of them."""
        for lane in self._lanes:
            if lane.person == person:
                self._forget(lane)

    def fail(self, reason: str, error: Exception | None = None) -> None:
        """End it all: nothing more is stored, and nothing waits."""
        if self.failed:
            return
        self.failed = True
        log.error(
            "recording-failed",
            generation=self._stretch.number,
            reason=reason,
            error=_described(error),
        )
        for lane in self._lanes:
            self._forget(lane)
        self._on_failure()

    async def drain(self) -> None:
        """Wait until nothing is on its way to the store any more."""
        while tasks := [lane.task for lane in self._lanes if lane.task is not None]:
            await asyncio.wait(tasks)

    def forget_keys(self) -> None:
        """Forget every track's key; nothing more can be sealed."""
        if any(lane.jobs for lane in self._lanes):
            self.failed = True  # whoever had to give up waiting must not call it complete
        for lane in self._lanes:
            self._forget(lane)
        # Whoever listens holds this; both go when they are used no more, not when Python looks.
        self._on_failure = _nobody

    def _forget(self, lane: Lane) -> None:
        lane.key = None
        # The first job may be on its way; its own task lets go of it.
        while len(lane.jobs) > 1 or (lane.jobs and lane.task is None):
            self.backlog -= lane.jobs.pop().size

    async def _work(self, lane: Lane) -> None:
        """Do the jobs of a lane until there is none; the task then ends."""
        failure: Exception | None = None
        try:
            while lane.jobs and failure is None:
                try:
                    await self._store(lane, lane.jobs[0])
                except Exception as error:  # whatever it is, what cannot be stored ends it all
                    failure = error
                self.backlog -= lane.jobs.popleft().size
        finally:
            lane.task = None
        if failure is not None:
            self.fail("refused", failure)

    async def _store(self, lane: Lane, job: _Job) -> None:
        async with self._slots:
            if lane.key is None:
                return
            data, entry = await asyncio.to_thread(self._seal, lane, job, lane.key)
            key = self._stretch.segment_key(lane.track, lane.sequence)
            await self._blobs.put(key, data)
            self.entries.append(entry)
            lane.sequence += 1

    def _seal(self, lane: Lane, job: _Job, key: bytes) -> tuple[bytes, SegmentEntry]:
        """Make an object out of a job. Runs in a thread."""
        data = self._stretch.seal(
            lane.track, lane.codec, lane.sequence, job.start, job.end, job.make(), key
        )
        entry = SegmentEntry(
            track=lane.track,
            sequence=lane.sequence,
            digest=digest(data),
            size=len(data),
            start=job.start,
            end=job.end,
        )
        return data, entry


def _nobody() -> None:
    """Listen to no failure."""


def _described(error: Exception | None) -> str | None:
    """Say what went wrong, and where; never with variables, as some loggers do: keys are there."""
    if error is None or isinstance(error, BlobError):
        return None if error is None else str(error)
    places = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return type(error).__name__ + where
