"""Rows and the log of a relayed meeting's generations, held against one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assent_vault.errors import GenerationError
from assent_vault.formats import suite
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Enrolled,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    Record,
)
from assent_vault.ledger.generation_chain import ArmAct, EnrolledSigner, MeetingTerms
from assent_vault.release.generation_review import (
    StoredGeneration,
    VerifiedStatements,
    review,
)
from support.people import Meeting, Person, make_meeting, person_in
from support.recorded_generation import ARM, committed


class Desk:
    """A meeting of two people with two generations, as an honest server leaves it."""

    def __init__(self) -> None:
        self.meeting: Meeting = make_meeting()
        self.people: list[Person] = []
        self.records: list[Record] = []
        self.rows: list[StoredGeneration] = []
        self.answers: dict[bytes, Will] = {}
        self.come()
        self.records.append(HostArmed(meeting=self.meeting.id, act=ARM, at=1))
        self.record()
        self.come()
        self.record()
        assert self.meeting.vault_key is not None
        self.terms = MeetingTerms(
            meeting=self.meeting.id,
            charter=self.meeting.charter.digest,
            relayed=True,
            recording=True,
            training=True,
            notice_version=1,
            vault=self.meeting.vault_key.digest,
            server=suite.sign_public(self.meeting.server),
        )
        host = self.people[0].id
        self.statements = VerifiedStatements(
            enrolments={},
            answers=self.answers,
            arms={ARM: ArmAct(by=host, recording=True, logged=False)},
            hosts=[host],
        )

    def come(self) -> Person:
        """Let somebody in who says yes."""
        person = person_in(self.meeting)
        person.enrol()
        assert person.enrolment is not None
        about: dict[str, Any] = {"meeting": self.meeting.id, "person": person.id, "at": 1}
        self.records.append(Enrolled(enrolment=person.enrolment.digest, **about))
        self.records.append(Admitted(enrolment=person.enrolment.digest, **about))
        self.people.append(person)
        self.answer(person, Will.YES)
        return person

    def answer(self, person: Person, recording: Will) -> None:
        """Have somebody answer."""
        person.answer(recording)
        assert person.last is not None
        self.answers[person.last.digest] = recording
        self.records.append(
            Answered(
                meeting=self.meeting.id,
                person=person.id,
                sequence=person.last.sequence,
                answer=person.last.digest,
                at=1,
            )
        )

    def record(self, then: Callable[[], None] = lambda: None) -> None:
        """Record a generation of everybody; ``then`` happens before it is logged."""
        number = len(self.rows) + 1
        made = committed(
            self.meeting,
            [(person, True) for person in self.people],
            number=number,
            previous=suite.digest(self.rows[-1].header) if self.rows else None,
            offset=number,
            at=number,
        )
        then()
        closing = build_generation_closing(
            header=made.header, accepts=None, ended=9, interrupted=False, segments=[]
        )
        about: dict[str, Any] = {"meeting": self.meeting.id, "number": number, "at": 1}
        about["header"] = made.header.digest
        boxes = suite.digest(made.boxes)
        self.records.append(GenerationOpened(committer=None, boxes=boxes, **about))
        self.records.append(GenerationClosed(closing=suite.digest(closing), accepts=None, **about))
        self.rows.append(
            StoredGeneration(
                number,
                made.header.body,
                made.signature,
                boxes,
                closing,
                sign_generation_closing(self.meeting.server, closing),
            )
        )

    def judge(self) -> str | None:
        """Return the code, None where all of it holds."""
        try:
            found = review(self.rows, self.records, self.terms, self.statements)
        except GenerationError as error:
            return error.code
        assert [each.header.body for each in found] == [row.header for row in self.rows]
        return None

    def replace_record(self, kind: type[Record], **changes: Any) -> None:
        """Have the log say something else of the first of a kind."""
        at = next(n for n, record in enumerate(self.records) if isinstance(record, kind))
        self.records[at] = replace(self.records[at], **changes)

    def drop(self, kind: type[Record]) -> None:
        """Have the log say nothing of the first of a kind."""
        self.records.remove(next(each for each in self.records if isinstance(each, kind)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_an_honest_server_leaves_holds(desk: Desk) -> None:
    assert desk.judge() is None
    found = review(desk.rows[::-1], desk.records, desk.terms, desk.statements)
    assert [each.header.body for each in found] == [row.header for row in desk.rows]


def test_one_that_is_still_open_holds(desk: Desk) -> None:
    desk.records.pop()
    desk.rows[-1] = replace(desk.rows[-1], closing=None, closing_signature=None)
    assert desk.judge() is None


def test_who_answers_while_it_is_made_is_named_with_another_answer(desk: Desk) -> None:
    """Which is why whoever logs it looks once more (``generation_draft.holds``)."""
    desk.record(lambda: desk.answer(desk.people[0], Will.YES))
    assert desk.judge() == "no-answer"


def test_who_is_let_in_while_it_is_made_is_not_named(desk: Desk) -> None:
    desk.record(lambda: desk.people.remove(desk.come()))
    assert desk.judge() == "people-missing"


def test_an_answer_that_nobody_can_show_is_no_yes(desk: Desk) -> None:
    desk.answers.clear()
    assert desk.judge() == "no-answer"


def test_answers_count_as_they_were_then(desk: Desk) -> None:
    """What somebody says later takes nothing from what was made before, here."""
    desk.answer(desk.people[0], Will.WITHDRAWN)
    assert desk.judge() is None


def test_nobody_has_armed_it(desk: Desk) -> None:
    cases: list[dict[str, Any]] = [
        {"arms": {}},
        {"hosts": []},
        {"arms": {ARM: ArmAct(by=desk.people[0].id, recording=False, logged=True)}},
    ]
    for changes in cases:
        before, desk.statements = desk.statements, replace(desk.statements, **changes)
        assert desk.judge() == "not-armed"
        desk.statements = before


def test_arm_act_is_logged_before(desk: Desk) -> None:
    armed = next(each for each in desk.records if isinstance(each, HostArmed))
    desk.drop(HostArmed)
    assert desk.judge() == "not-armed"
    desk.records.append(armed)
    assert desk.judge() == "not-armed"


def test_log_and_rows_say_the_same(desk: Desk) -> None:
    cases: list[tuple[type[Record], dict[str, Any]]] = [
        (GenerationOpened, {"header": bytes(32)}),
        (GenerationOpened, {"number": 3}),
        (GenerationOpened, {"committer": bytes(32)}),
        (GenerationClosed, {"header": bytes(32)}),
        (GenerationClosed, {"closing": bytes(32)}),
        (GenerationClosed, {"number": 3}),
        (GenerationClosed, {"accepts": bytes(32)}),
    ]
    for kind, changes in cases:
        before = list(desk.records)
        desk.replace_record(kind, **changes)
        assert desk.judge() == "not-logged", kind
        desk.records = before
    for kind in (GenerationOpened, GenerationClosed):
        before = list(desk.records)
        desk.drop(kind)
        assert desk.judge() == "not-logged"
        desk.records = [*before, next(each for each in before if isinstance(each, kind))]
        assert desk.judge() == "not-logged"
        desk.records = before


def test_a_generation_is_missing(desk: Desk) -> None:
    first = desk.rows.pop(0)
    assert desk.judge() == "not-linked"
    desk.rows = [first, first]
    assert desk.judge() == "not-linked"


def test_boxes_are_those_that_were_logged(desk: Desk) -> None:
    for boxes in (None, b"{}", desk.rows[1].boxes):
        before = desk.rows[0]
        desk.rows[0] = replace(before, boxes=boxes)
        assert desk.judge() == "bad-boxes"
        desk.rows[0] = before


def test_header_and_closing_are_signed_by_the_server(desk: Desk) -> None:
    desk.rows[0] = replace(desk.rows[0], signature=bytes(64))
    assert desk.judge() == "bad-signature"
    other = Desk()
    other.rows[0] = replace(other.rows[0], closing_signature=bytes(64))
    assert other.judge() == "bad-closing"
    another = Desk()
    another.rows[0] = replace(another.rows[0], closing=another.rows[1].closing)
    assert another.judge() == "bad-closing"


def test_what_pages_make_is_not_judged_yet(desk: Desk) -> None:
    desk.terms = replace(desk.terms, relayed=False)
    desk.statements = replace(
        desk.statements, enrolments={bytes(32): EnrolledSigner(bytes(32), bytes(32))}
    )
    assert desk.judge() == "bad-document"
