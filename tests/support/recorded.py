"""Recording in a test: a meeting with people, a recorder, and what somebody who may watch sees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from assent.recording import GenerationRecording, Recorder, recover
from assent_vault.formats import objects, suite
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_closing import (
    GenerationClosing,
    verify_generation_closing,
)
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    parse_generation,
)
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.suite import encode
from assent_vault.keys.generation_opening import (
    PairBox,
    open_for_watching,
    open_outer,
    open_pair,
)
from assent_vault.keys.generation_segment_opening import GenerationTrack
from assent_vault.ledger.relayed_committing import CommittedGeneration
from assent_vault.store.blobs import Blobs, FolderBlobs
from support.clock import ManualClock
from support.people import Meeting, Person, make_meeting, person_in
from support.publishing import Arrival
from support.recorded_generation import committed


@dataclass
class Studio:
    """A meeting that can be recorded, on a clock that the test moves, into a folder."""

    folder: Path
    blobs: Blobs | None = None
    began: int = 1_750_000_000_000
    clock: ManualClock = field(default_factory=ManualClock)
    meeting: Meeting = field(default_factory=make_meeting)
    problems: list[str] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    asked_of: list[tuple[float, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store: Blobs = self.blobs or FolderBlobs(self.folder / "objects")
        self.people: list[Person] = []
        self.headers: dict[int, bytes] = {}
        self.outer = bytes(32)  # O of the last that was watched
        self.recorder = self.new_recorder()

    @property
    def id(self) -> str:
        """The meeting's id as text."""
        return encode(self.meeting.id)

    def new_recorder(self) -> Recorder:
        """Return a recorder as a server that has just been started makes it."""
        return Recorder(
            meeting_id=self.id,
            blobs=self.store,
            clock=self.clock,
            began=self.began,
            server_key=self.meeting.server,
            on_problem=self.problems.append,
            request_key_frames=lambda: self.asked.append(self.clock.monotonic()),
            request_key_frame=lambda person, source: self.asked_of.append(
                (self.clock.monotonic(), person, source)
            ),
        )

    def come(self) -> str:
        """Let somebody in; returns their id."""
        person = person_in(self.meeting)
        person.enrol()
        self.people.append(person)
        return encode(person.id)

    def commit(self, number: int = 1, away: Iterable[str] = ()) -> CommittedGeneration:
        """Make a generation with everyone who has come."""
        before = self.headers.get(number - 1)
        gone = set(away)
        made = committed(
            self.meeting,
            [(person, encode(person.id) not in gone) for person in self.people],
            number=number,
            previous=None if before is None else suite.digest(before),
            offset=self.recorder.elapsed(),
            at=self.clock.now(),
        )
        self.headers[number] = made.header.body
        return made

    async def open(self, number: int = 1, away: Iterable[str] = ()) -> GenerationRecording:
        """Open a generation; it captures nothing yet."""
        return await self.recorder.open(self.commit(number, away))

    async def play(
        self,
        recording: GenerationRecording,
        arrivals: Iterable[Arrival],
        then: Callable[[Arrival], None] | None = None,
        *,
        storing: bool = True,
    ) -> None:
        """Hand everything in at its time, on the manual clock.

        The store is waited for, as its time passes on another clock; not so with ``storing`` off,
        for one that never answers.
        """
        ticked = self.clock.monotonic()
        for arrival in arrivals:
            while arrival.at - ticked >= 0.1:
                ticked += 0.1
                self.move_to(ticked)
                recording.tick()  # the event loop's own timer follows the real clock
                if storing:
                    await recording._sealer.drain()
                else:
                    await settle()
            self.move_to(arrival.at)
            if arrival.report is not None:
                recording.sender_report(arrival.track, *arrival.report, arrival.at)
            else:
                recording.packet(arrival.track, arrival.packet, arrival.at)
            if then is not None:
                then(arrival)

    def move_to(self, monotonic: float) -> None:
        """Let time pass until then."""
        self.clock.pass_(max(0.0, monotonic - self.clock.monotonic()))

    async def recover(self, number: int = 1) -> tuple[bytes, bytes]:
        """Close a generation as a restarted server does."""
        return await recover(
            self.store, self.id, self.headers[number], self.meeting.server, self.clock.now()
        )

    async def header_of(self, number: int) -> GenerationHeader:
        """Read a stored header, signed as it must be."""
        body = await self.store.get(objects.generation_header_key(self.id, number))
        signature = await self.store.get(objects.generation_signature_key(self.id, number))
        server = suite.sign_public(self.meeting.server)
        suite.verify(server, GENERATION_TYPE, body, signature)
        return parse_generation(body)

    async def watch(self, closing: tuple[bytes, bytes], number: int = 1) -> Watched:
        """Open a generation as the first of those who came, checking everything on the way."""
        header = await self.header_of(number)
        assert header.body == self.headers[number]
        boxes = parse_boxes(
            await self.store.get(objects.generation_boxes_key(self.id, number)), header
        )
        pairs = parse_pairs(
            await self.store.get(objects.generation_pairs_key(self.id, number)), header
        )
        outer = parse_outer(
            await self.store.get(objects.generation_outer_key(self.id, number)), header
        )
        public = suite.sign_public(self.meeting.server)
        read = verify_generation_closing(*closing, public, header, None)
        assert await self.store.get(objects.generation_closing_key(self.id, number)) == closing[0]
        signed = objects.generation_closing_signature_key(self.id, number)
        assert await self.store.get(signed) == closing[1]
        watcher = next(person for person in self.people if person.id in boxes.watch)
        place = PairBox("watch", header.meeting, NOBODY, watcher.id)
        pair = open_pair(watcher.watch, pairs.watch[watcher.id], place)
        slots = dict(enumerate(open_for_watching(header, boxes, watcher.id, pair)))
        key = self.outer = open_outer(watcher.watch, outer.watch[watcher.id], header, watcher.id)
        return await self.open_tracks(header, read, slots, key)

    async def open_tracks(
        self,
        header: GenerationHeader,
        closing: GenerationClosing,
        slots: dict[int, bytes],
        outer: bytes,
    ) -> Watched:
        """Open every segment with some slots and O."""
        recorded = header.recorded
        assert recorded is not None
        tracks: dict[str, list[bytes]] = {}
        opened: dict[str, GenerationTrack] = {}
        for entry in closing.segments:
            name = objects.generation_segment_key(
                self.id, recorded.number, entry.track, entry.sequence
            )
            track = opened.get(entry.track)
            if track is None:
                track = opened[entry.track] = GenerationTrack(header, entry.track, outer, slots)
            plaintext = track.open(await self.store.get(name), entry)
            tracks.setdefault(entry.track, []).append(plaintext)
        left_out: dict[str, int] = {}
        for each in opened.values():
            for reason, count in each.left_out.items():
                left_out[reason] = left_out.get(reason, 0) + count
        return Watched(header, closing, tracks, left_out)


@dataclass
class Watched:
    """A generation that has been opened: its documents, and each track's clusters in a row.

    ``left_out`` counts frames that could not be used, by reason.
    """

    header: GenerationHeader
    closing: GenerationClosing
    tracks: dict[str, list[bytes]]
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def began(self) -> int:
        """When the header was drawn up, in Unix milliseconds."""
        return self.header.at

    def save(self, folder: Path, track: str) -> Path:
        """Write a track as one file."""
        path = folder / f"{track}.webm"
        path.write_bytes(b"".join(self.tracks[track]))
        return path


async def settle() -> None:
    """Let tasks run that have something to do; threads may go on."""
    for _ in range(3):
        await asyncio.sleep(0)
