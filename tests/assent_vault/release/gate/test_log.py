"""The gate: what there is, held against what was logged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Enrolled,
    GenerationClosed,
    GenerationOpened,
    MeetingCreated,
    Record,
    Released,
)
from assent_vault.release.decision import Release
from assent_vault.release.evidence import Evidence, LogEvidence
from assent_vault.release.gate import decide
from support.gate import blocked, blocked_as_logged, change_person
from support.releasable import COOLING_OFF, HEAD, RECEIVED, Releasable, logged, records_of


def log(evidence: Evidence, records: Iterable[Record], *, whole: bool = True) -> Evidence:
    """Return the evidence with this log."""
    bodies = tuple(map(entries.write, records))
    return replace(evidence, log=LogEvidence(HEAD, whole, bodies))


def without(scene: Releasable, kind: type[Record], index: int = 0) -> Evidence:
    """Return evidence of which one record was not logged."""
    evidence = scene.evidence()
    records = records_of(evidence)
    records.remove([record for record in records if isinstance(record, kind)][index])
    return log(evidence, records)


def changed(scene: Releasable, kind: type[Record], **changes: Any) -> Evidence:
    """Return evidence of which one record says something else."""
    evidence = scene.evidence()
    records = records_of(evidence)
    at = next(at for at, record in enumerate(records) if isinstance(record, kind))
    records[at] = replace(records[at], **changes)
    return log(evidence, records)


def test_log_that_may_hide_something(scene: Releasable) -> None:
    evidence = scene.evidence()
    records = records_of(evidence)
    blocked_as_logged(log(evidence, records, whole=False), not_logged=0)
    # Then it says nothing of anybody either.
    blocked_as_logged(log(evidence, records[:-1], whole=False), not_logged=0)


def test_what_a_log_that_is_not_whole_says_is_not_counted(scene: Releasable) -> None:
    """There is no telling what is missing of it; one reason is given, and nobody is counted."""
    evidence = scene.evidence()
    records = [each for each in records_of(evidence) if not isinstance(each, GenerationOpened)]
    blocked_as_logged(log(evidence, records, whole=False), not_logged=0)


def test_a_generation_that_the_log_has_never_heard_of(scene: Releasable) -> None:
    evidence = scene.evidence()
    records = [
        each
        for each in records_of(evidence)
        if not (isinstance(each, GenerationOpened | GenerationClosed) and each.number == 2)
    ]
    blocked_as_logged(log(evidence, records), not_logged=1)


@pytest.mark.parametrize("kind", [Enrolled, Admitted, Answered, GenerationOpened, GenerationClosed])
def test_something_was_not_logged(scene: Releasable, kind: type[Record]) -> None:
    blocked_as_logged(without(scene, kind), not_logged=1)


def test_meeting_was_not_logged(scene: Releasable) -> None:
    blocked_as_logged(without(scene, MeetingCreated), not_logged=0)


@pytest.mark.parametrize(
    ("kind", "changes", "count"),
    [  # how many are not logged
        (MeetingCreated, {"charter": bytes(32)}, 1),
        (Enrolled, {"enrolment": bytes(32)}, 1),
        (Admitted, {"enrolment": bytes(32)}, 1),
        (Answered, {"answer": bytes(32)}, 1),
        (Answered, {"sequence": 2}, 1),
        (GenerationOpened, {"header": bytes(32)}, 1),
        (GenerationOpened, {"number": 9}, 2),
        (GenerationClosed, {"header": bytes(32)}, 1),
        (GenerationClosed, {"closing": bytes(32)}, 1),
        (GenerationClosed, {"number": 9}, 2),
        (Enrolled, {"person": bytes(32)}, 1),
        (Answered, {"person": bytes(32)}, 1),
        # Read as nothing that the server writes.
        (Answered, {"meeting": bytes(16)}, 0),
    ],
)
def test_something_else_was_logged(
    scene: Releasable, kind: type[Record], changes: dict[str, Any], count: int
) -> None:
    blocked_as_logged(changed(scene, kind, **changes), not_logged=count)


def test_somebody_was_let_in_who_is_nobody(scene: Releasable) -> None:
    """One is missing, and one is too many."""
    evidence = changed(scene, Admitted, person=bytes(32))
    # Of the other no header says anything, and there is no row.
    blocked_as_logged(evidence, bad_evidence=2, not_logged=2)


@pytest.mark.parametrize(
    "kind",
    [MeetingCreated, Enrolled, Admitted, GenerationOpened, GenerationClosed],
    ids=lambda kind: kind.TYPE,
)
def test_something_was_logged_twice(scene: Releasable, kind: type[Record]) -> None:
    evidence = scene.evidence()
    records = records_of(evidence)
    again = next(record for record in records if isinstance(record, kind))
    blocked_as_logged(log(evidence, [*records, again]), not_logged=0)


def test_end_of_the_answers_was_cut_off(scene: Releasable) -> None:
    """Whoever removes a withdrawal leaves a yes that really was given. The log knows better."""
    before = scene.evidence()
    scene.cy.answer("yes", "withdrawn")
    blocked(scene.evidence(), withdrawn=1)
    blocked_as_logged(log(before, records_of(scene.evidence())), not_logged=1)


def test_answers_in_another_order(scene: Releasable) -> None:
    evidence = scene.evidence()
    records = records_of(evidence)
    places = [at for at, record in enumerate(records) if isinstance(record, Answered)]
    of = [records[at] for at in places]
    first = next(at for at in range(len(of) - 1) if of[at].person == of[at + 1].person)  # type: ignore[attr-defined]
    records[places[first]], records[places[first + 1]] = of[first + 1], of[first]
    # Nor is it the last that the header names.
    blocked_as_logged(log(evidence, records), bad_evidence=1, not_logged=1)


def test_database_has_forgotten_somebody_whom_no_header_names(scene: Releasable) -> None:
    late = scene.comes()
    late.answer("yes", "yes")
    evidence = scene.evidence()
    evidence = logged(replace(evidence, people=(*evidence.people, late.evidence())))
    assert isinstance(decide(evidence), Release)
    forgotten = replace(evidence, people=evidence.people[:-1])
    assert isinstance(decide(logged(forgotten)), Release)
    blocked_as_logged(log(forgotten, records_of(evidence)), bad_evidence=1, not_logged=1)
    # Or has forgotten only that they were let in; what they have said counts then as it always did.
    hidden = change_person(evidence, 3, admitted=False)
    assert isinstance(decide(log(hidden, records_of(evidence))), Release)
    silent = change_person(evidence, 3, admitted=False, answers=())
    blocked_as_logged(log(silent, records_of(evidence)), not_answered=1, not_logged=1)


def test_end_of_the_recording_was_cut_off(scene: Releasable) -> None:
    evidence = scene.evidence()
    shorter = replace(evidence, generations=evidence.generations[:1])
    assert isinstance(decide(logged(shorter)), Release)
    blocked_as_logged(log(shorter, records_of(evidence)), not_logged=1)


def test_generation_that_nothing_was_logged_of(scene: Releasable) -> None:
    evidence = scene.evidence()
    number = scene.headers[-1].recorded.number
    records = [
        record
        for record in records_of(evidence)
        if not (isinstance(record, GenerationOpened | GenerationClosed) and record.number == number)
    ]
    blocked_as_logged(log(evidence, records), not_logged=1)


def test_records_that_are_none(scene: Releasable) -> None:
    evidence = scene.evidence()
    for body in (b"", b"{}", evidence.log.records[0][:-1]):
        records = (*evidence.log.records, body)
        more = replace(evidence, log=replace(evidence.log, records=records))
        blocked_as_logged(more, not_logged=0)


def test_record_of_the_vaults(scene: Releasable) -> None:
    evidence = scene.evidence()
    of_vault = Released(
        meeting=scene.meeting.id, evidence=bytes(32), ready_at=1, size=1, root=bytes(32), at=1
    )
    blocked_as_logged(log(evidence, [*records_of(evidence), of_vault]), not_logged=0)


def test_last_logged_answer_begins_the_cooling_off(scene: Releasable) -> None:
    found = decide(logged(scene.evidence(), answered_at=RECEIVED + 5))
    assert isinstance(found, Release)
    assert found.ready_at == RECEIVED + 5 + COOLING_OFF
