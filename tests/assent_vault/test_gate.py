"""The gate: one test for each condition, which takes away that condition and sees the block.

``blocked`` compares *all* reasons, so each test also shows that nothing else was at fault: with the
condition removed from the gate, the same evidence would be released or blocked for less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assent_vault import charter as charters
from assent_vault import epoch as epochs
from assent_vault import gate, suite
from assent_vault import vault_key as vault_keys
from assent_vault.gate import (
    AnswerEvidence,
    Blocked,
    Code,
    Evidence,
    LogEvidence,
    Reason,
    Release,
    SegmentCheck,
    decide,
    evidence_digest,
)
from assent_vault.ledger import entry as entries
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Enrolled,
    EpochClosed,
    EpochOpened,
    MeetingCreated,
    Record,
    Released,
)
from assent_vault.suite import encode
from support.people import make_meeting, person_in
from support.releasable import (
    COOLING_OFF,
    HEAD,
    LOGGED,
    NOW,
    RECEIVED,
    RETAIN_UNTIL,
    Releasable,
    Said,
    changed_header,
    logged,
    make_header,
    records_of,
)


@pytest.fixture
def scene() -> Releasable:
    """A meeting that may be released."""
    return Releasable()


def blocked(evidence: Evidence, **reasons: int) -> None:
    """Check that the gate blocks for these reasons and for no other; all was logged as it is."""
    blocked_as_logged(logged(evidence), **reasons)


def blocked_as_logged(evidence: Evidence, **reasons: int) -> None:
    """Check that the gate blocks for these reasons and for no other."""
    expected = {Code(name.replace("_", "-")): count for name, count in reasons.items()}
    found = decide(evidence)
    assert isinstance(found, Blocked)
    assert found.reasons == tuple(Reason(code, expected[code]) for code in Code if code in expected)


def change_person(evidence: Evidence, index: int = 0, **changes: Any) -> Evidence:
    people = list(evidence.people)
    people[index] = replace(people[index], **changes)
    return replace(evidence, people=tuple(people))


def change_answer(evidence: Evidence, index: int = -1, **changes: Any) -> Evidence:
    answers = list(evidence.people[0].answers)
    answers[index] = replace(answers[index], **changes)
    return change_person(evidence, answers=tuple(answers))


def change_epoch(evidence: Evidence, index: int = -1, **changes: Any) -> Evidence:
    found = list(evidence.epochs)
    found[index] = replace(found[index], **changes)
    return replace(evidence, epochs=tuple(found))


# All is well.


def test_released_when_everything_holds(scene: Releasable) -> None:
    evidence = scene.evidence()
    assert decide(evidence) == Release(evidence_digest(evidence), RECEIVED + COOLING_OFF, HEAD)


def test_same_evidence_same_decision(scene: Releasable) -> None:
    evidence = scene.evidence()
    shuffled = replace(evidence, people=evidence.people[::-1], epochs=evidence.epochs[::-1])
    assert decide(shuffled) == decide(evidence)
    assert decide(replace(evidence, now=NOW + 1)) == decide(evidence)


def test_interrupted_epoch_is_no_hindrance(scene: Releasable) -> None:
    last = scene.epochs[-1]
    closing = epochs.build_closing(
        header=last.header, ended=1, interrupted=True, segments=last.entries
    )
    evidence = change_epoch(
        scene.evidence(),
        closing=closing,
        closing_signature=epochs.sign_closing(scene.meeting.server, closing),
        check=SegmentCheck(suite.digest(closing), len(last.entries)),
    )
    assert isinstance(decide(logged(evidence)), Release)


def test_epoch_without_a_segment_is_no_hindrance(scene: Releasable) -> None:
    """A crash between header and first segment leaves one."""
    first, second = scene.headers
    scene.record_again(first)
    evidence = scene.evidence()
    scene.record_again(second, segments=0)
    evidence = replace(evidence, epochs=(*evidence.epochs, scene.epochs[0].evidence()))
    assert isinstance(decide(logged(evidence)), Release)


def test_epoch_numbers_may_have_gaps(scene: Releasable) -> None:
    """An epoch that failed before anything was written leaves its number unused."""
    people = [said.person.in_header() for said in scene.said]
    first = make_header(scene.meeting, people, 2)
    scene.record_again(first, make_header(scene.meeting, people, 5, first))
    assert isinstance(decide(scene.evidence()), Release)


def test_no_to_recording_and_a_later_yes_is_no_withdrawal(scene: Releasable) -> None:
    person = person_in(scene.meeting)
    scene.cy = scene.said[2] = Said(person, person.enrol())
    for recording, training in (("no", "no"), ("yes", "no"), ("yes", "yes")):
        scene.cy.answer(recording, training)
    people = [said.person.in_header() for said in scene.said]
    scene.record_again(make_header(scene.meeting, people))
    assert isinstance(decide(scene.evidence()), Release)


# The meeting.


def test_not_over(scene: Releasable) -> None:
    blocked(scene.evidence(ended_at=None), not_over=0)


def test_destroyed(scene: Releasable) -> None:
    blocked(scene.evidence(destroyed_at=NOW), destroyed=0)
    blocked(scene.evidence(destroyed_at=0), destroyed=0)


def test_deletion_asked_for(scene: Releasable) -> None:
    blocked(scene.evidence(deletions=1), destroyed=0)


def test_retention_over(scene: Releasable) -> None:
    blocked(scene.evidence(now=RETAIN_UNTIL), retention_over=0)
    assert isinstance(decide(scene.evidence(now=RETAIN_UNTIL - 1)), Release)


def test_key_not_present(scene: Releasable) -> None:
    blocked(scene.evidence(key_present=False), vault_key_missing=0)
    blocked(scene.evidence(key_present=None), vault_key_missing=0)


def test_negative_cooling_off(scene: Releasable) -> None:
    blocked(scene.evidence(cooling_off=-1), bad_evidence=1)
    assert isinstance(decide(scene.evidence(cooling_off=0)), Release)


def test_unreadable_charter(scene: Releasable) -> None:
    blocked(scene.evidence(charter=b"{}"), bad_evidence=1)


def test_unreadable_charter_hides_no_other_reason(scene: Releasable) -> None:
    evidence = scene.evidence(charter=b"{}", ended_at=None, key_present=False)
    blocked(evidence, bad_evidence=1, not_over=0, vault_key_missing=0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda evidence: replace(evidence, vault_key=b"{}"),
        lambda evidence: replace(evidence, vault_key_signature=None),
        lambda evidence: change_epoch(evidence, header=b"{}"),
        lambda evidence: change_epoch(evidence, closing_signature=None),
    ],
)
def test_what_is_unreadable_hides_no_other_reason(scene: Releasable, spoil: Any) -> None:
    """Of those who are asked last one has not answered, and that is said all the same."""
    evidence = change_person(scene.evidence(), 2, answers=())
    found = decide(spoil(evidence))
    assert isinstance(found, Blocked)
    assert {reason.code for reason in found.reasons} >= {Code.BAD_EVIDENCE, Code.NOT_ANSWERED}


def test_charter_of_another_meeting(scene: Releasable) -> None:
    blocked(scene.evidence(meeting_id=encode(bytes(16))), bad_evidence=1, not_logged=0)


def test_charter_that_nobody_enrolled_under(scene: Releasable) -> None:
    charter = scene.meeting.charter
    wider = charters.make(
        meeting=charter.meeting,
        created=charter.created,
        recording=True,
        training=True,
        waiting_room=not charter.waiting_room,
        notice_version=1,
        notices=charter.notices,
        vault=charter.vault,
        server=charter.server,
    )
    # Three enrolments and two headers name another.
    blocked(scene.evidence(charter=wider.body), bad_evidence=5)


def test_training_not_offered() -> None:
    """Nobody was asked, so nobody has answered, and there was never a key; all of it is said."""
    evidence = Releasable(make_meeting(training=False)).evidence(key_present=False)
    blocked(evidence, training_not_offered=0, vault_key_missing=0, not_answered=3)


# The vault key.


def test_no_vault_key(scene: Releasable) -> None:
    blocked(scene.evidence(vault_key=None), vault_key_missing=0)


def test_unreadable_vault_key(scene: Releasable) -> None:
    blocked(scene.evidence(vault_key=b"{}"), bad_evidence=1)


def test_vault_key_without_signature(scene: Releasable) -> None:
    blocked(scene.evidence(vault_key_signature=None), bad_evidence=1)


def test_vault_key_of_another_identity(scene: Releasable) -> None:
    assert scene.meeting.vault_key is not None
    body = scene.meeting.vault_key.body
    forged = suite.sign(Ed25519PrivateKey.generate(), vault_keys.TYPE, body)
    blocked(scene.evidence(vault_key_signature=forged), bad_evidence=1)


def test_vault_key_of_another_meeting() -> None:
    """Even where the headers name it: then the whole recording is sealed to a borrowed key."""
    meeting = make_meeting()
    assert meeting.vault_key is not None
    borrowed = vault_keys.make(meeting.vault_identity, bytes(16), meeting.vault_key.key, 1)
    scene = Releasable(meeting)
    header = changed_header(scene.headers[0], vault=encode(borrowed.digest))
    scene.record_again(header)
    evidence = scene.evidence(vault_key=borrowed.body, vault_key_signature=borrowed.signature)
    blocked(evidence, bad_evidence=1)


# The recording.


def test_nothing_recorded(scene: Releasable) -> None:
    blocked(scene.evidence(epochs=()), nothing_recorded=0)


def test_no_segments_recorded(scene: Releasable) -> None:
    scene.record_again(*scene.headers, segments=0)
    blocked(scene.evidence(), nothing_recorded=0)


def test_open_epoch(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), closing=None, check=None), recording_open=1)


def test_every_open_epoch_is_counted(scene: Releasable) -> None:
    evidence = scene.evidence()
    open_ = tuple(replace(epoch, closing=None, check=None) for epoch in evidence.epochs)
    blocked(replace(evidence, epochs=open_), recording_open=2, nothing_recorded=0)


def test_unreadable_header(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), header=b"{}"), bad_evidence=1)


def test_header_of_another_number(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), number=3), bad_evidence=1)


@pytest.mark.parametrize(
    "change",
    [
        {"meeting": encode(bytes(16))},
        {"charter": encode(bytes(32))},
        {"notice_version": 2},
        {"vault": encode(bytes(32))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_header_that_does_not_fit(scene: Releasable, change: dict[str, Any]) -> None:
    scene.record_again(changed_header(scene.headers[0], **change))
    blocked(scene.evidence(), bad_evidence=1)


def test_header_without_training(scene: Releasable) -> None:
    """There are no shares of such an epoch. Its missing vault says so too, so both are tried."""
    scene.record_again(changed_header(scene.headers[0], training=False, vault=None))
    blocked(scene.evidence(), bad_evidence=1)
    blocked(scene.evidence(vault_key=None), vault_key_missing=0, bad_evidence=1)


def test_epoch_with_nobody_in_it(scene: Releasable) -> None:
    away = [said.person.in_header() for said in scene.said]
    header = changed_header(
        make_header(scene.meeting, away),
        people=[
            {
                "id": encode(person.id),
                "enrolment": encode(person.enrolment),
                "watch": encode(person.watch),
                "train": encode(person.train),
                "present": False,
                "watches": False,
            }
            for person in sorted(away, key=lambda person: person.id)
        ],
    )
    first, last = scene.headers
    scene.record_again(first, last)
    whole = scene.evidence()
    empty = changed_header(header, epoch=3, previous=encode(last.digest))
    scene.record_again(empty, segments=0)
    evidence = replace(whole, epochs=(*whole.epochs, scene.epochs[0].evidence()))
    blocked(evidence, bad_evidence=1)


def test_nobody_at_all(scene: Releasable) -> None:
    """No consent is needed of nobody; that is no reason to release anything."""
    header = changed_header(scene.headers[0], people=[])
    scene.record_again(header, segments=0)
    blocked(scene.evidence(people=()), bad_evidence=1, nothing_recorded=0)


def test_first_epoch_taken_away(scene: Releasable) -> None:
    evidence = scene.evidence()
    blocked(replace(evidence, epochs=evidence.epochs[1:]), bad_evidence=1)


def test_broken_chain_of_headers(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first, changed_header(second, previous=encode(bytes(32))))
    blocked(scene.evidence(), bad_evidence=1)


def test_second_beginning(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first, changed_header(second, previous=None))
    blocked(scene.evidence(), bad_evidence=1)


def test_epoch_twice(scene: Releasable) -> None:
    first, second = scene.headers
    again = changed_header(second, previous=encode(second.digest))
    scene.record_again(first, second, again)
    blocked(scene.evidence(), bad_evidence=1, not_logged=0)


def test_header_that_forgets_somebody(scene: Releasable) -> None:
    """Whoever came and left still owns a share of everything after."""
    ada, bo, _ = (said.person.in_header() for said in scene.said)
    first = scene.headers[0]
    scene.record_again(first, make_header(scene.meeting, [ada, bo], 2, first))
    blocked(scene.evidence(), bad_evidence=1)


def test_closing_without_signature(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), closing_signature=None), bad_evidence=1)


def test_closing_of_another_server(scene: Releasable) -> None:
    closing = scene.epochs[-1].closing
    forged = epochs.sign_closing(Ed25519PrivateKey.generate(), closing)
    blocked(change_epoch(scene.evidence(), closing_signature=forged), bad_evidence=1)


def test_closing_of_another_epoch(scene: Releasable) -> None:
    first = scene.evidence().epochs[0]
    evidence = change_epoch(
        scene.evidence(),
        closing=first.closing,
        closing_signature=first.closing_signature,
        check=first.check,
    )
    blocked(evidence, bad_evidence=1)


def test_unreadable_closing(scene: Releasable) -> None:
    signature = epochs.sign_closing(scene.meeting.server, b"{}")
    evidence = change_epoch(scene.evidence(), closing=b"{}", closing_signature=signature)
    blocked(evidence, bad_evidence=1)


def test_track_of_somebody_who_was_not_there(scene: Releasable) -> None:
    scene.record_again(scene.headers[0], who=lambda person: not person.present)
    blocked(scene.evidence(), bad_evidence=1, nothing_recorded=0)


def test_segments_not_looked_for(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), check=None), segments_damaged=2)


def test_segments_looked_for_by_another_closing(scene: Releasable) -> None:
    check = scene.evidence().epochs[0].check
    assert check is not None
    stale = replace(check, intact=2)
    blocked(change_epoch(scene.evidence(), check=stale), segments_damaged=2)


@pytest.mark.parametrize(("intact", "damaged"), [(0, 2), (1, 1), (3, 2), (-1, 2)])
def test_segments_damaged(scene: Releasable, intact: int, damaged: int) -> None:
    check = scene.evidence().epochs[-1].check
    assert check is not None
    evidence = change_epoch(scene.evidence(), check=replace(check, intact=intact))
    blocked(evidence, segments_damaged=damaged)


# The people.


def test_not_answered(scene: Releasable) -> None:
    blocked(change_person(scene.evidence(), answers=()), not_answered=1)


def test_answered_about_recording_only(scene: Releasable) -> None:
    answers = scene.evidence().people[0].answers[:1]
    blocked(change_person(scene.evidence(), answers=answers), not_answered=1)


def test_refused() -> None:
    scene = Releasable()
    person = person_in(scene.meeting)
    scene.said[2] = Said(person, person.enrol())
    scene.said[2].answer("yes", "no")
    people = [said.person.in_header() for said in scene.said]
    scene.record_again(make_header(scene.meeting, people))
    blocked(scene.evidence(), refused=1)


def test_somebody_who_was_never_recorded_refuses(scene: Releasable) -> None:
    """However short, and however long after the recording, a person was there."""
    late = scene.comes()
    late.answer("no", "no")
    scene.said.append(late)
    blocked(scene.evidence(), refused=1)


def test_somebody_who_was_never_recorded_is_silent(scene: Releasable) -> None:
    scene.said.append(scene.comes())
    blocked(scene.evidence(), not_answered=1)


def test_somebody_who_was_never_let_in_is_not_asked(scene: Releasable) -> None:
    outside = scene.comes()
    outside.admitted = False
    scene.said.append(outside)
    assert isinstance(decide(scene.evidence()), Release)


def test_whether_somebody_was_let_in_is_not_known(scene: Releasable) -> None:
    scene.said.append(scene.comes())
    blocked(change_person(scene.evidence(), 3, admitted=None), not_answered=1)


def test_header_remembers_who_was_let_in(scene: Releasable) -> None:
    """Striking out in the database that somebody was there helps nobody."""
    evidence = change_person(scene.evidence(), 2, admitted=False, answers=())
    blocked(evidence, not_answered=1, not_logged=1)


def test_header_remembers_who_has_no_row(scene: Releasable) -> None:
    evidence = scene.evidence()
    blocked(replace(evidence, people=evidence.people[:2]), bad_evidence=1, not_logged=1)


def test_withdrawn_training(scene: Releasable) -> None:
    scene.ada.answer("yes", "withdrawn")
    blocked(scene.evidence(), withdrawn=1)


def test_withdrawn_recording(scene: Releasable) -> None:
    scene.ada.answer("withdrawn", "withdrawn")
    blocked(scene.evidence(), withdrawn=1)


def test_withdrawn_recording_without_training(scene: Releasable) -> None:
    late = scene.comes()
    late.answer("yes", "no")
    late.answer("withdrawn", "no")
    scene.said.append(late)
    blocked(scene.evidence(), withdrawn=1)


def test_withdrawn_once_and_agreed_again(scene: Releasable) -> None:
    """Their tracks of before are to be deleted, so the recording is no longer whole."""
    late = scene.comes()
    for recording, training in (("yes", "no"), ("withdrawn", "no"), ("yes", "no"), ("yes", "yes")):
        late.answer(recording, training)
    scene.said.append(late)
    blocked(scene.evidence(), withdrawn=1)


def test_enrolment_not_signed(scene: Releasable) -> None:
    blocked(change_person(scene.evidence(), signature=bytes(64)), bad_evidence=1)


def test_unreadable_enrolment(scene: Releasable) -> None:
    blocked(change_person(scene.evidence(), enrolment=b"{}"), bad_evidence=1)


def test_row_of_another_person(scene: Releasable) -> None:
    """Ada's enrolment and answers, once more, in the place of somebody who was let in."""
    ada = scene.evidence().people[0]
    other = replace(ada, person_id=encode(bytes(32)))
    evidence = scene.evidence()
    blocked(replace(evidence, people=(*evidence.people, other)), bad_evidence=1)


def test_anothers_yes_in_place_of_ones_own(scene: Releasable) -> None:
    evidence = scene.evidence()
    bo = evidence.people[1].answers
    blocked(change_person(evidence, answers=bo), bad_evidence=1)


def test_person_twice(scene: Releasable) -> None:
    evidence = scene.evidence()
    twice = replace(evidence, people=(*evidence.people, evidence.people[0]))
    blocked(twice, bad_evidence=1, not_logged=0)


@pytest.mark.parametrize("field", ["enrolment", "watch", "train"])
def test_header_with_a_key_that_was_not_enrolled(scene: Releasable, field: str) -> None:
    ada, bo, cy = (said.person.in_header() for said in scene.said)
    foreign = bytes(32) if field == "enrolment" else suite.xwing_public(bytes(32))
    values: dict[str, Any] = {field: foreign}
    scene.record_again(make_header(scene.meeting, [replace(ada, **values), bo, cy]))
    blocked(scene.evidence(), bad_evidence=1)


@pytest.mark.parametrize("present", [False, True])
def test_header_with_somebody_who_never_enrolled(scene: Releasable, present: bool) -> None:
    """Whom a server that was altered has sealed the epoch to, besides those who were there."""
    ghost = person_in(scene.meeting)
    ghost.enrol()
    people = [said.person.in_header() for said in scene.said]
    people.append(ghost.in_header(present=present, watches=True))
    scene.record_again(make_header(scene.meeting, people))
    blocked(scene.evidence(), bad_evidence=1, not_logged=1)


def test_any_header_counts(scene: Releasable) -> None:
    ada, bo, cy = (said.person.in_header() for said in scene.said)
    swapped = replace(cy, train=suite.xwing_public(bytes(32)))
    first = make_header(scene.meeting, [ada, bo, cy])
    scene.record_again(first, make_header(scene.meeting, [ada, bo, swapped], 2, first))
    blocked(scene.evidence(), bad_evidence=1)


def test_words_not_in_force(scene: Releasable) -> None:
    late = scene.comes()
    late.answers.append(late.person.raw_answer("yes", "no", notice=bytes(32)))
    scene.said.append(late)
    blocked(scene.evidence(), notice_not_in_force=1)


def test_enrolled_under_words_not_in_force(scene: Releasable) -> None:
    person = person_in(scene.meeting)
    scene.said.append(Said(person, person.enrol(notice=encode(bytes(32)))))
    blocked(scene.evidence(), notice_not_in_force=1)


def test_sealed_seed_missing(scene: Releasable) -> None:
    blocked(change_answer(scene.evidence(), sealed=None), sealed_seed_missing=1)


def test_another_box(scene: Releasable) -> None:
    other = scene.bo.answers[-1].sealed
    blocked(change_answer(scene.evidence(), sealed=other), bad_evidence=1)


def test_box_cut_short(scene: Releasable) -> None:
    sealed = scene.ada.answers[-1].sealed
    assert sealed is not None
    blocked(change_answer(scene.evidence(), sealed=sealed[:-1]), bad_evidence=1)


def test_box_of_an_earlier_answer_is_not_asked_for(scene: Releasable) -> None:
    scene.ada.answer("yes", "yes")
    evidence = change_answer(scene.evidence(), 1, sealed=None)
    assert isinstance(decide(evidence), Release)


def test_answer_not_signed(scene: Releasable) -> None:
    blocked(change_answer(scene.evidence(), signature=bytes(64)), bad_evidence=1)


def test_unreadable_answer(scene: Releasable) -> None:
    blocked(change_answer(scene.evidence(), body=b"{}"), bad_evidence=1)


def test_answers_out_of_order(scene: Releasable) -> None:
    answers = scene.evidence().people[0].answers
    blocked(change_person(scene.evidence(), answers=answers[::-1]), bad_evidence=1)


def test_answer_missing_before_the_last(scene: Releasable) -> None:
    answers = scene.evidence().people[0].answers
    blocked(change_person(scene.evidence(), answers=answers[1:]), bad_evidence=1)


def test_answer_twice(scene: Releasable) -> None:
    answers = scene.evidence().people[0].answers
    blocked(change_person(scene.evidence(), answers=answers + answers[-1:]), bad_evidence=1)


def test_yes_again_after_a_withdrawal(scene: Releasable) -> None:
    """The old yes stands there, properly signed, and cannot be put after the withdrawal."""
    yes = scene.evidence().people[0].answers[-1]
    scene.ada.answer("yes", "withdrawn")
    answers = scene.evidence().people[0].answers
    blocked(change_person(scene.evidence(), answers=(*answers, yes)), bad_evidence=1)


def test_every_reason_is_reported() -> None:
    scene = Releasable()
    scene.ada.answer("yes", "withdrawn")
    silent, refusing = scene.comes(), scene.comes()
    refusing.answer("no", "no")
    scene.said += [silent, scene.comes(), refusing]
    check = scene.evidence().epochs[0].check
    assert check is not None
    evidence = scene.evidence(
        ended_at=None, destroyed_at=1, now=RETAIN_UNTIL, key_present=False, deletions=2
    )
    evidence = change_epoch(evidence, 0, check=replace(check, intact=3))
    evidence = change_epoch(evidence, 1, closing=None)
    evidence = change_person(evidence, 1, signature=b"")
    answers = evidence.people[2].answers
    evidence = change_person(evidence, 2, answers=(answers[0], replace(answers[1], sealed=None)))
    blocked(
        evidence,
        bad_evidence=1,
        not_over=0,
        recording_open=1,
        segments_damaged=1,
        destroyed=0,
        retention_over=0,
        vault_key_missing=0,
        not_answered=2,
        refused=1,
        withdrawn=1,
        sealed_seed_missing=1,
    )


# When.


def test_last_yes_counts(scene: Releasable) -> None:
    evidence = change_person(
        scene.evidence(),
        1,
        answers=tuple(
            replace(answer, received_at=RECEIVED + 7)
            for answer in scene.evidence().people[1].answers
        ),
    )
    found = decide(evidence)
    assert isinstance(found, Release)
    assert found.ready_at == RECEIVED + 7 + COOLING_OFF


def test_setting_back_the_column_does_not_skip_the_cooling_off(scene: Releasable) -> None:
    evidence = scene.evidence()
    for index in range(3):
        answers = tuple(replace(answer, received_at=0) for answer in evidence.people[index].answers)
        evidence = change_person(evidence, index, answers=answers)
    found = decide(evidence)
    assert isinstance(found, Release)
    assert found.ready_at == LOGGED + COOLING_OFF
    found = decide(logged(evidence, answered_at=0))
    assert isinstance(found, Release)
    latest = max(said.person.last.at for said in scene.said if said.person.last is not None)
    assert found.ready_at == latest + COOLING_OFF


def test_fast_clock_of_a_person_only_delays(scene: Releasable) -> None:
    scene.ada.person.now = RECEIVED + 5 * COOLING_OFF
    scene.ada.answer("yes", "yes")
    found = decide(scene.evidence())
    assert isinstance(found, Release)
    assert found.ready_at == scene.ada.person.now + COOLING_OFF


# What cannot be read counts as bad.


RELEASABLE = Releasable()
HARMLESS = {
    "ended_at": ("x", b"x", (), (None,), -1, 1.5),
    "destroyed_at": (None,),
    "now": (-1, 1.5),
}


@pytest.mark.parametrize("field", [field.name for field in fields(Evidence)])
@pytest.mark.parametrize("junk", [None, "x", b"x", (), (None,), object(), 1.5, -1, "\ud800"])
def test_junk_never_releases(field: str, junk: Any) -> None:
    if junk in HARMLESS.get(field, ()):
        return
    found = decide(replace(RELEASABLE.evidence(), **{field: junk}))
    assert isinstance(found, Blocked)
    assert found.reasons


@pytest.mark.parametrize("part", ["people", "epochs"])
@pytest.mark.parametrize("junk", [None, "x", b"x", object(), 1.5, ("x",), (None,)])
def test_junk_inside_never_releases(part: str, junk: Any) -> None:
    evidence = RELEASABLE.evidence()
    row = getattr(evidence, part)[0]
    for field in fields(row):
        if field.name == "admitted":
            continue  # the header names the person anyway
        rows = (replace(row, **{field.name: junk}), *getattr(evidence, part)[1:])
        changes: dict[str, Any] = {part: rows}
        found = decide(replace(evidence, **changes))
        assert isinstance(found, Blocked), field.name


@pytest.mark.parametrize("field", [field.name for field in fields(AnswerEvidence)])
@pytest.mark.parametrize("junk", [None, "x", object(), ("x",), (None,)])
def test_junk_answers_never_release(field: str, junk: Any) -> None:
    found = decide(change_answer(RELEASABLE.evidence(), **{field: junk}))
    assert isinstance(found, Blocked)


def test_error_inside_is_a_block(scene: Releasable, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(gate, "evidence_digest", fail)
    blocked(scene.evidence(), bad_evidence=1)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Yield every byte string inside evidence, with the way to it."""
    if is_dataclass(value):
        for field in fields(value):
            yield from places(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    elif isinstance(value, bytes):
        yield path, value


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Return a copy of evidence with what is at the end of ``path`` replaced."""
    if not path:
        return new
    step, *rest = path
    if isinstance(value, tuple):
        return (*value[:step], put(value[step], tuple(rest), new), *value[step + 1 :])
    return replace(value, **{step: put(getattr(value, step), tuple(rest), new)})


# That the records are those of the log is seen before; what they say is tested further up.
PLACES = [place for place in places(RELEASABLE.evidence()) if place[0][0] != "log"]


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_one_byte_changed_anywhere_blocks(data: st.DataObject) -> None:
    path, value = data.draw(st.sampled_from(PLACES))
    index = data.draw(st.integers(0, len(value) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = value[:index] + bytes([value[index] ^ flip]) + value[index + 1 :]
    assert isinstance(decide(put(RELEASABLE.evidence(), path, changed)), Blocked)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_anything_cut_short_blocks(data: st.DataObject) -> None:
    path, value = data.draw(st.sampled_from(PLACES))
    length = data.draw(st.integers(0, len(value) - 1))
    assert isinstance(decide(put(RELEASABLE.evidence(), path, value[:length])), Blocked)


@given(st.lists(st.sampled_from(["yes", "no", "silent", "withdrawn", "outside"]), max_size=6))
@settings(max_examples=40, deadline=None)
def test_released_exactly_when_everyone_let_in_says_yes(wills: list[str]) -> None:
    """Whatever further people do who are let in after the recording."""
    base = RELEASABLE.evidence()
    people = list(base.people)
    for will in wills:
        said = RELEASABLE.comes()
        if will in ("yes", "withdrawn"):
            said.answer("yes", "yes")
        if will == "withdrawn":
            said.answer("yes", "withdrawn")
        if will == "no":
            said.answer("no", "no")
        said.admitted = will != "outside"
        people.append(said.evidence())
    found = decide(logged(replace(base, people=tuple(people))))
    if set(wills) <= {"yes", "outside"}:
        assert isinstance(found, Release)
        return
    counts = {
        "refused": wills.count("no"),
        "not_answered": wills.count("silent"),
        "withdrawn": wills.count("withdrawn"),
    }
    blocked(
        replace(base, people=tuple(people)),
        **{name: count for name, count in counts.items() if count},
    )


# The log.


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
    records = [each for each in records_of(evidence) if not isinstance(each, EpochOpened)]
    blocked_as_logged(log(evidence, records, whole=False), not_logged=0)


def test_an_epoch_that_the_log_has_never_heard_of(scene: Releasable) -> None:
    evidence = scene.evidence()
    records = [
        each
        for each in records_of(evidence)
        if not (isinstance(each, EpochOpened | EpochClosed) and each.epoch == 2)
    ]
    blocked_as_logged(log(evidence, records), not_logged=1)


@pytest.mark.parametrize("kind", [Enrolled, Admitted, Answered, EpochOpened, EpochClosed])
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
        (EpochOpened, {"header": bytes(32)}, 1),
        (EpochOpened, {"epoch": 9}, 2),
        (EpochClosed, {"header": bytes(32)}, 1),
        (EpochClosed, {"closing": bytes(32)}, 1),
        (EpochClosed, {"epoch": 9}, 2),
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
    blocked_as_logged(evidence, bad_evidence=1, not_logged=2)


@pytest.mark.parametrize(
    "kind",
    [MeetingCreated, Enrolled, Admitted, EpochOpened, EpochClosed],
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
    blocked_as_logged(log(evidence, records), not_logged=1)


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
    shorter = replace(evidence, epochs=evidence.epochs[:1])
    assert isinstance(decide(logged(shorter)), Release)
    blocked_as_logged(log(shorter, records_of(evidence)), not_logged=1)


def test_epoch_that_nothing_was_logged_of(scene: Releasable) -> None:
    evidence = scene.evidence()
    number = scene.headers[-1].epoch
    records = [
        record
        for record in records_of(evidence)
        if not (isinstance(record, EpochOpened | EpochClosed) and record.epoch == number)
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


# The digest of evidence.


def flipped(value: bytes) -> bytes:
    """Return as many bytes, with the last one changed."""
    return value[:-1] + bytes([value[-1] ^ 1])


def test_digest_covers_everything_but_now() -> None:
    evidence = RELEASABLE.evidence()
    before = evidence_digest(evidence)
    for path, value in places(evidence):
        same = path == ("log", "head", "root")
        assert (evidence_digest(put(evidence, path, flipped(value))) == before) is same, path
    others: dict[str, Any] = {
        "meeting_id": evidence.meeting_id[::-1],
        "ended_at": None,
        "retain_until": 1,
        "destroyed_at": 1,
        "deletions": 1,
        "key_present": False,
        "cooling_off": 1,
    }
    for field, value in others.items():
        assert evidence_digest(replace(evidence, **{field: value})) != before, field
    person = replace(evidence.people[0], admitted=False)
    assert evidence_digest(replace(evidence, people=(person, *evidence.people[1:]))) != before
    assert evidence_digest(change_answer(evidence, received_at=1)) != before
    assert evidence_digest(change_epoch(evidence, number=9)) != before
    check = SegmentCheck(suite.digest(b""), 1)
    assert evidence_digest(change_epoch(evidence, check=check)) != before
    assert evidence_digest(replace(evidence, log=replace(evidence.log, whole=False))) != before
    assert evidence_digest(replace(evidence, log=replace(evidence.log, records=()))) != before
    assert (
        evidence_digest(replace(evidence, log=replace(evidence.log, head=Head(9, b"")))) == before
    )
    assert evidence_digest(replace(evidence, now=1)) == before


def test_what_looks_like_another_value_is_not_written_like_it() -> None:
    """All small values made of the very letters that values are written with."""
    letters = [b"", b"n", b"t", b"i0.", b"s0.", b"b1.n", b"s1.n", b"l1.n", b"l2."]
    atoms: list[Any] = [None, True, False, 0, 1, 10, -1, *letters]
    atoms += [letter.decode() for letter in letters]
    pairs = [(left, right) for left in atoms for right in atoms]
    values = [*atoms, (), *((atom,) for atom in atoms), *(((atom,),) for atom in atoms), *pairs]
    values += [(pair, None) for pair in pairs] + [(None, *pair) for pair in pairs]
    written = {b"".join(gate._canonical(value)) for value in values}
    assert len(written) == len(values)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inside: st.lists(inside, max_size=3).map(tuple),
    max_leaves=5,
)


def exactly(value: Any) -> Any:
    """Tell True from 1, which Python calls equal."""
    if isinstance(value, tuple):
        return tuple(exactly(item) for item in value)
    return (type(value), value)


@given(PLAIN, PLAIN)
@example(True, 1)
@example(False, 0)
@example("a", b"a")
@example((), None)
@example((1, 2), (12,))
@example((("a",), "b"), ("a", ("b",)))
@settings(max_examples=300, deadline=None)
def test_no_two_values_are_written_alike(left: Any, right: Any) -> None:
    same = b"".join(gate._canonical(left)) == b"".join(gate._canonical(right))
    assert same == (exactly(left) == exactly(right))


@pytest.mark.parametrize("value", [1.5, [1], {1: 2}, object()])
def test_unknown_kind_of_value_has_no_digest(value: Any) -> None:
    with pytest.raises(TypeError):
        list(gate._canonical(value))
