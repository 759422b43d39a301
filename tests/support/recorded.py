"""Recording in a test: a meeting with people, a recorder, and what somebody who may watch sees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from assent.recording import EpochRecording, Recorder, recover
from assent_vault.formats import objects, suite
from assent_vault.formats.closing import Closing, verify_closing
from assent_vault.formats.epoch import Header, build_header, parse_header, parse_shares
from assent_vault.formats.generation_closing import GenerationClosing
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.suite import encode
from assent_vault.keys.unsealing import open_segment
from assent_vault.store.blobs import Blobs, FolderBlobs
from support.clock import ManualClock
from support.people import Meeting, Person, make_meeting, person_in
from support.publishing import Arrival


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

    def header(self, number: int = 1, away: Iterable[str] = ()) -> bytes:
        """Write the header of an epoch with everyone who has come."""
        previous = self.headers.get(number - 1)
        gone = set(away)
        header = build_header(
            meeting=self.meeting.id,
            epoch=number,
            began=self.clock.now(),
            offset=self.clock.now() - self.began,
            previous=None if previous is None else suite.digest(previous),
            charter=self.meeting.charter,
            vault_key=self.meeting.vault_key,
            people=[
                person.in_header(
                    present=encode(person.id) not in gone, watches=encode(person.id) not in gone
                )
                for person in self.people
            ],
        )
        self.headers[number] = header
        return header

    async def open(self, number: int = 1, away: Iterable[str] = ()) -> EpochRecording:
        """Open an epoch; it captures nothing yet."""
        return await self.recorder.open(self.header(number, away), self.meeting.vault_key)

    async def play(
        self,
        recording: EpochRecording,
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
        """Close an epoch as a restarted server does."""
        return await recover(
            self.store,
            self.id,
            number,
            self.headers[number],
            self.meeting.server,
            self.clock.now(),
        )

    async def watch(self, closing: tuple[bytes, bytes], number: int = 1) -> Watched:
        """Open an epoch as the first of those who came, checking everything on the way."""
        header = parse_header(await self.store.get(objects.header_key(self.id, number)))
        assert header.body == self.headers[number]
        shares = parse_shares(await self.store.get(objects.shares_key(self.id, number)), header)
        public = suite.sign_public(self.meeting.server)
        read = verify_closing(*closing, public, header)
        assert await self.store.get(objects.closing_key(self.id, number)) == closing[0]
        assert await self.store.get(objects.closing_signature_key(self.id, number)) == closing[1]
        watcher = next(person for person in self.people if person.id in shares.watch)
        key = watcher.open_watch(header, shares)
        tracks: dict[str, list[bytes]] = {}
        for entry in read.segments:
            data = await self.store.get(
                objects.segment_key(self.id, number, entry.track, entry.sequence)
            )
            track_key = suite.track_key(key, header.digest, entry.track)
            plaintext = open_segment(data, track_key, header, entry)
            tracks.setdefault(entry.track, []).append(plaintext)
        return Watched(header, read, tracks)


@dataclass
class Watched:
    """An epoch that has been opened: its documents, and each track's plaintexts in a row."""

    header: Header | GenerationHeader
    closing: Closing | GenerationClosing
    tracks: dict[str, list[bytes]]

    @property
    def began(self) -> int:
        """When the header was drawn up, in Unix milliseconds."""
        return self.header.began if isinstance(self.header, Header) else self.header.at

    def save(self, folder: Path, track: str) -> Path:
        """Write a track as one file."""
        path = folder / f"{track}.webm"
        path.write_bytes(b"".join(self.tracks[track]))
        return path


async def settle() -> None:
    """Let tasks run that have something to do; threads may go on."""
    for _ in range(3):
        await asyncio.sleep(0)
