"""Recording generations in a test: as :mod:`support.recorded`, of a relayed meeting of format 2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assent.recording import EpochRecording, recover_generation
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
    GenerationPerson,
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
from assent_vault.ledger.committing import GenerationDraft, RecordedDraft
from assent_vault.ledger.relayed_committing import (
    CommittedGeneration,
    OwnedKeys,
    commit_relayed,
)
from support.people import Meeting, Person
from support.recorded import Studio, Watched

ARM = suite.digest(b"a host has said that it is to be recorded")


def in_generation(person: Person, *, present: bool = True) -> GenerationPerson:
    """Return somebody as the header of a relayed generation has them."""
    assert person.enrolment is not None, "enrol first"
    return GenerationPerson(
        id=person.id,
        enrolment=person.enrolment.digest,
        page=None,
        present=present,
        answer=None if person.last is None else person.last.digest,
    )


def committed(
    meeting: Meeting,
    people: Iterable[tuple[Person, bool]],
    *,
    number: int = 1,
    previous: bytes | None = None,
    offset: int,
    at: int,
) -> CommittedGeneration:
    """Make a generation of these people, each with whether they are present."""
    everyone = sorted(people, key=lambda each: each[0].id)
    owners = {}
    for person, _ in everyone:
        assert person.enrolment is not None, "enrol first"
        owners[person.id] = OwnedKeys(person.enrolment.watch, person.enrolment.train)
    vault = meeting.vault_key
    draft = GenerationDraft(
        meeting=meeting.id,
        generation=number,
        previous=previous,
        charter=meeting.charter.digest,
        committer=None,
        people=tuple(in_generation(person, present=present) for person, present in everyone),
        removed=(),
        recorded=RecordedDraft(
            number=number,
            previous=previous,
            offset=offset,
            arm=ARM,
            notice_version=meeting.charter.notice_version,
            vault=None if vault is None else vault.digest,
        ),
        at=at,
    )
    return commit_relayed(draft, owners, vault, meeting.server)


@dataclass
class WatchedGeneration(Watched):
    """As :class:`Watched`; ``left_out`` counts frames that could not be used, by reason."""

    left_out: dict[str, int] | None = None


class GenerationStudio(Studio):
    """A studio that records generations; ``outer`` is O of the last that was watched."""

    outer = bytes(32)

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

    async def open(self, number: int = 1, away: Iterable[str] = ()) -> EpochRecording:
        """Open a generation; it captures nothing yet."""
        return await self.recorder.open_generation(self.commit(number, away))

    async def recover(self, number: int = 1) -> tuple[bytes, bytes]:
        """Close a generation as a restarted server does."""
        return await recover_generation(
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
        return WatchedGeneration(header, closing, tracks, left_out)
