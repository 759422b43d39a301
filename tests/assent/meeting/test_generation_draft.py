"""What a header will say of people, hosts and the one before; and when it holds no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assent.meeting.generation_draft import (
    DraftedPerson,
    HostsSaid,
    LastRecorded,
    NotToBeRecorded,
    draft_generation,
    holds,
)
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.statement import Answer, Will
from assent_vault.ledger.committing import GenerationDraft
from assent_vault.ledger.relayed_committing import OwnedKeys, commit_relayed
from support.people import Meeting, Person, make_meeting, person_in

ARM = b"a" * 32
ARMED = HostsSaid(arm=ARM)
BEFORE = LastRecorded(number=3, generation=3, header=b"h" * 32)


class Table:
    """A meeting with three people, of whom two are there and have said yes."""

    def __init__(self) -> None:
        self.meeting: Meeting = make_meeting()
        self.people: list[Person] = []
        self.drafted: list[DraftedPerson] = []
        for number in range(3):
            person = person_in(self.meeting)
            person.enrol()
            answer: Answer | None = None
            if number < 2:
                person.answer(Will.YES)
                answer = person.last
            assert person.enrolment is not None
            self.people.append(person)
            self.drafted.append(DraftedPerson(person.enrolment, number < 2, answer))

    def draft(
        self,
        hosts: HostsSaid = ARMED,
        before: LastRecorded | None = None,
        people: list[DraftedPerson] | None = None,
    ) -> GenerationDraft:
        """Return what the next header says."""
        return draft_generation(
            self.meeting.charter,
            self.drafted if people is None else people,
            hosts,
            self.meeting.vault_key,
            before,
            offset=5,
            at=7,
        )

    def header(self) -> GenerationHeader:
        """Make it."""
        owners = {
            each.enrolment.person: OwnedKeys(each.enrolment.watch, each.enrolment.train)
            for each in self.drafted
        }
        meeting = self.meeting
        return commit_relayed(self.draft(), owners, meeting.vault_key, meeting.server).header

    def admitted(self) -> dict[bytes, bytes]:
        """Return whom the rows have as let in."""
        return {each.enrolment.person: each.enrolment.digest for each in self.drafted}

    def answers(self) -> dict[bytes, bytes]:
        """Return the last answers in the rows."""
        return {
            each.enrolment.person: each.answer.digest
            for each in self.drafted
            if each.answer is not None
        }


@pytest.fixture
def table() -> Table:
    return Table()


def test_it_names_everyone_in_order_with_their_last_answer(table: Table) -> None:
    found = table.draft()
    assert [each.id for each in found.people] == sorted(person.id for person in table.people)
    answers = table.answers()
    assert {each.id: each.answer for each in found.people} == {
        person.id: answers.get(person.id) for person in table.people
    }
    assert sum(each.present for each in found.people) == 2
    assert all(each.page is None and each.host is None for each in found.people)
    assert found.recorded is not None
    assert (found.generation, found.previous) == (1, None)
    assert (found.recorded.number, found.recorded.previous, found.recorded.arm) == (1, None, ARM)


def test_it_follows_the_one_before(table: Table) -> None:
    found = table.draft(before=BEFORE)
    assert found.recorded is not None
    assert (found.generation, found.previous) == (4, BEFORE.header)
    assert (found.recorded.number, found.recorded.previous) == (4, BEFORE.header)


def test_hosts_are_those_with_a_certificate_and_who_was_removed_is_none(table: Table) -> None:
    ann, ben, _ = (person.id for person in table.people)
    certificates = {ann: b"c" * 32, ben: b"d" * 32}
    found = table.draft(HostsSaid(ARM, certificates, {ben: b"r" * 32}))
    named = {each.id: each for each in found.people}
    assert (named[ann].host, named[ann].present) == (b"c" * 32, True)
    assert (named[ben].host, named[ben].present) == (None, False)
    assert [(each.id, each.act) for each in found.removed] == [(ben, b"r" * 32)]


def test_nothing_is_recorded_that_nobody_may_record(table: Table) -> None:
    def refused(people: list[DraftedPerson] | None = None) -> None:
        with pytest.raises(NotToBeRecorded):
            table.draft(people=people)

    with pytest.raises(NotToBeRecorded):
        table.draft(HostsSaid())
    refused(people=[])
    refused(people=[replace(each, present=False) for each in table.drafted])
    refused(people=[replace(each, present=True) for each in table.drafted])
    first = table.drafted[0]
    table.people[0].answer(Will.WITHDRAWN)
    refused(people=[replace(first, answer=table.people[0].last), *table.drafted[1:]])
    vault_key, table.meeting = table.meeting.vault_key, make_meeting(training=False)
    assert table.draft().recorded is not None
    table.meeting = replace(table.meeting, vault_key=vault_key)
    refused()
    table.meeting = make_meeting(recording=False, training=False)
    refused()


def test_a_header_holds_while_nobody_has_come_or_answered(table: Table) -> None:
    header = table.header()
    admitted, answers = table.admitted(), table.answers()
    assert holds(header, admitted, answers)
    ann, _, cy = (person.id for person in table.people)
    assert not holds(header, admitted | {b"n" * 32: b"e" * 32}, answers)
    assert not holds(header, {ann: admitted[ann]}, answers)
    assert not holds(header, admitted | {ann: b"e" * 32}, answers)
    assert not holds(header, admitted, answers | {ann: b"l" * 32})
    assert not holds(header, admitted, answers | {cy: b"l" * 32})
    assert not holds(header, admitted, {cy: answers[ann]})
