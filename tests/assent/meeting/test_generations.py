"""Generations made, logged and closed: over answers that come meanwhile, failures and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assent.meeting.generation_draft import HostsSaid, holds
from assent.meeting.generations import AdmittedPerson, Generations, HeaderStale
from assent_vault.errors import BlobUnavailable
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.generation_header import GenerationHeader, parse_generation
from assent_vault.formats.statement import Will
from assent_vault.ledger.relayed_committing import CommittedGeneration
from assent_vault.store.blobs import FolderBlobs
from support.people import Person
from support.recorded import Studio
from support.recorded_generation import ARM
from support.waiting import eventually


class PaperLedger:
    """Rows on paper: what a transaction writes is written at once, or not at all."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.rows: dict[int, bytes] = {}
        self.closings: dict[int, bytes] = {}
        self.before: list[Callable[[], None]] = []  # what happens while a header is made
        self.after: list[Exception] = []  # what comes once it is written

    async def stored(self, meeting: str) -> Sequence[tuple[bytes, bool]]:
        """See GenerationLedger."""
        return [(header, number in self.closings) for number, header in sorted(self.rows.items())]

    async def admitted(self, meeting: str) -> Sequence[AdmittedPerson]:
        """See GenerationLedger."""
        found = []
        for person in self.people:
            assert person.enrolment is not None
            found.append(AdmittedPerson(person.enrolment, person.last))
        return found

    async def opened(self, committed: CommittedGeneration, now: int) -> None:
        """See GenerationLedger."""
        if self.before:
            self.before.pop(0)()
        people = await self.admitted("")
        admitted = {each.enrolment.person: each.enrolment.digest for each in people}
        answers = {
            each.enrolment.person: each.answer.digest for each in people if each.answer is not None
        }
        if not holds(committed.header, admitted, answers):
            raise HeaderStale
        assert committed.header.recorded is not None
        number = committed.header.recorded.number
        assert number not in self.rows, "each number is written once"
        self.rows[number] = committed.header.body
        if self.after:
            raise self.after.pop(0)

    async def closed(
        self, meeting: str, number: int, closing: bytes, signature: bytes, now: int
    ) -> None:
        """See GenerationLedger."""
        self.closings.setdefault(number, closing)

    def header(self, number: int) -> GenerationHeader:
        """Return a header that is written."""
        return parse_generation(self.rows[number])


class Bench:
    """A meeting of two people who have said yes, and its generations."""

    def __init__(self, folder: Path) -> None:
        self.studio = Studio(folder)
        self.ledger = PaperLedger()
        self.hosts = HostsSaid(arm=ARM)
        self.done: dict[int, bytes | None] = {}
        self.come()
        self.come()
        self.generations = self.start()

    def start(self) -> Generations:
        """Return the generations of a server that has just started."""
        studio = self.studio
        studio.recorder = studio.new_recorder()
        return Generations(
            studio.id,
            studio.meeting.charter,
            self.ledger,
            studio.store,
            studio.clock,
            studio.meeting.server,
            lambda: self.hosts,
        )

    def come(self) -> Person:
        """Let somebody in who has said yes."""
        self.studio.come()
        person = self.studio.people[-1]
        person.answer(Will.YES)
        self.ledger.people.append(person)
        return person

    def open(self, turn: int, present: Sequence[Person] | None = None) -> None:
        """Begin a turn with these people, or all."""
        people = self.ledger.people if present is None else present
        self.generations.open(
            turn,
            self.studio.recorder,
            self.studio.meeting.vault_key,
            [person.id for person in people],
            self.done.__setitem__,
        )

    async def opened(self, turn: int, present: Sequence[Person] | None = None) -> bytes | None:
        """Open a turn; return the header, or None."""
        self.open(turn, present)
        await eventually(lambda: turn in self.done, "the turn to come to something")
        return self.done[turn]


def said(person: Person, recording: Will) -> None:
    """Have somebody answer."""
    person.answer(recording)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_one_follows_the_other(bench: Bench) -> None:
    for turn in (1, 2):
        assert await bench.opened(turn) == bench.ledger.rows[turn]
        recording = bench.generations.recording(turn)
        recording.begin()
        assert bench.generations.number(turn) == turn
        await bench.generations.close(turn)
    first, second = bench.ledger.header(1), bench.ledger.header(2)
    assert first.previous is None
    assert second.previous == first.digest
    assert second.recorded is not None
    assert second.recorded.previous == first.digest
    assert first.secret != second.secret
    assert not parse_generation_closing(bench.ledger.closings[2]).interrupted


async def test_who_answers_while_it_is_made_is_named_with_that_answer(bench: Bench) -> None:
    ann = bench.ledger.people[0]
    bench.ledger.before.append(lambda: said(ann, Will.YES))
    assert await bench.opened(1) is not None
    assert ann.last is not None
    named = {each.id: each.answer for each in bench.ledger.header(1).people}
    assert named[ann.id] == ann.last.digest


async def test_who_is_let_in_while_it_is_made_is_named_as_away(bench: Bench) -> None:
    there = list(bench.ledger.people)
    bench.ledger.before.append(lambda: said(bench.come(), Will.YES))
    assert await bench.opened(1, there) is not None
    present = {each.id for each in bench.ledger.header(1).people if each.present}
    assert len(bench.ledger.header(1).people) == 3
    assert present == {person.id for person in there}


async def test_who_takes_back_while_it_is_made_is_in_none(bench: Bench) -> None:
    ann = bench.ledger.people[0]
    bench.ledger.before.append(lambda: said(ann, Will.WITHDRAWN))
    assert await bench.opened(1) is None
    assert bench.ledger.rows == {}
    await bench.generations.close(1)
    assert [key async for key, _ in bench.studio.store.list("")] == []


async def test_nothing_comes_of_it_where_somebody_answers_every_time(bench: Bench) -> None:
    ann = bench.ledger.people[0]
    bench.ledger.before += [lambda: said(ann, Will.YES)] * 3
    assert await bench.opened(1) is None
    assert bench.ledger.rows == {}
    assert await bench.opened(2) is not None, "it can be tried again"


async def test_without_a_host_who_has_armed_it_there_is_none(bench: Bench) -> None:
    bench.hosts = HostsSaid()
    assert await bench.opened(1) is None
    assert bench.ledger.rows == {}


async def test_nobody_is_present_who_was_never_let_in(bench: Bench) -> None:
    stranger = Person(bench.studio.meeting.charter, None)
    assert await bench.opened(1, [*bench.ledger.people, stranger]) is None
    assert bench.ledger.rows == {}


async def test_a_turn_that_was_given_up_is_not_made(bench: Bench) -> None:
    async with bench.generations._order:
        bench.open(1)
        closing = asyncio.create_task(bench.generations.close(1))
        await asyncio.sleep(0)
    await closing
    assert bench.ledger.rows == {}
    assert bench.done == {1: None}


async def test_a_row_that_was_written_all_the_same_is_closed_before_the_next(bench: Bench) -> None:
    bench.ledger.after.append(OSError("the connection was lost after the commit"))
    assert await bench.opened(1) is None
    assert list(bench.ledger.rows) == [1]
    assert await bench.opened(2) is not None
    assert parse_generation_closing(bench.ledger.closings[1]).interrupted
    second = bench.ledger.header(2)
    assert second.previous == bench.ledger.header(1).digest


async def test_a_store_that_fails_leaves_a_closing_and_no_capture(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(self: FolderBlobs, key: str, data: bytes) -> None:
        raise BlobUnavailable("The object store cannot be used (ENOSPC).")

    with monkeypatch.context() as broken:
        broken.setattr(FolderBlobs, "put", full)
        assert await bench.opened(1) is None
    with pytest.raises(KeyError):
        bench.generations.recording(1)
    await bench.generations.close(1)
    closing = parse_generation_closing(bench.ledger.closings[1])
    assert closing.interrupted
    assert closing.segments == ()


async def test_a_restart_closes_what_was_open_and_goes_on(bench: Bench) -> None:
    assert await bench.opened(1) is not None
    bench.generations.recording(1).begin()
    bench.generations = bench.start()
    await bench.generations.restore()
    assert parse_generation_closing(bench.ledger.closings[1]).interrupted
    assert bench.generations.last == 1
    bench.done.clear()
    assert await bench.opened(1) is not None, "turns are counted anew, and generations go on"
    assert bench.ledger.header(2).generation == 2
    assert bench.ledger.header(2).previous == bench.ledger.header(1).digest


async def test_a_meeting_that_was_destroyed_gets_no_closing(bench: Bench) -> None:
    assert await bench.opened(1) is not None
    bench.generations.recording(1).begin()
    recording = bench.generations._recordings.pop(1)
    recording.stop()
    bench.ledger.rows.clear()
    await bench.generations.close(1)
    assert bench.ledger.closings == {}
