"""The gate: everyone who was there, and all that they have said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assent_vault.formats.suite import encode
from assent_vault.release.decision import Release
from assent_vault.release.gate import decide
from support.gate import blocked, change_answer, change_generation, change_person
from support.people import person_in
from support.releasable import RETAIN_UNTIL, Releasable, Said


def test_not_answered(scene: Releasable) -> None:
    blocked(change_person(scene.evidence(), answers=()), not_answered=1)


def test_answered_about_recording_only(scene: Releasable) -> None:
    answers = scene.evidence().people[2].answers[:1]
    blocked(change_person(scene.evidence(), answers=answers), not_answered=1)


def test_refused() -> None:
    scene = Releasable()
    person = person_in(scene.meeting)
    scene.said[2] = Said(person, person.enrol())
    scene.said[2].answer("yes", "no")
    people = scene.named()
    scene.record_again(scene.make_header(people))
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
    ada = scene.evidence().people[2]
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


def test_header_with_another_enrolment(scene: Releasable) -> None:
    """The keys that everything is sealed to stand in it."""
    ada, bo, cy = scene.named(scene.cy)
    scene.record_again(scene.make_header([replace(ada, enrolment=bytes(32)), bo, cy]))
    blocked(scene.evidence(), bad_evidence=1)


@pytest.mark.parametrize("present", [False, True])
def test_header_with_somebody_who_never_enrolled(scene: Releasable, present: bool) -> None:
    """Whom a server that was altered has sealed the generation to, besides those who were there."""
    ghost = person_in(scene.meeting)
    ghost.enrol()
    people = scene.named()
    people.append(ghost.in_generation(present=present))
    scene.record_again(scene.make_header(people))
    # Nor has whoever is present said yes.
    blocked(scene.evidence(), bad_evidence=1 + present, not_logged=1)


def test_any_header_counts(scene: Releasable) -> None:
    ada, bo, cy = scene.named(scene.cy)
    first = scene.make_header([ada, bo, cy])
    swapped = replace(cy, enrolment=bytes(32))
    scene.record_again(first, scene.make_header([ada, bo, swapped], 2, first))
    # It is not the one that she has, nor the one of the header before.
    blocked(scene.evidence(), bad_evidence=2)


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
    scene.cy.answer("yes", "yes")
    evidence = change_answer(scene.evidence(), 1, sealed=None)
    assert isinstance(decide(evidence), Release)


def test_answer_not_signed(scene: Releasable) -> None:
    blocked(change_answer(scene.evidence(), signature=bytes(64)), bad_evidence=1)


def test_unreadable_answer(scene: Releasable) -> None:
    blocked(change_answer(scene.evidence(), body=b"{}"), bad_evidence=1)


def test_answers_out_of_order(scene: Releasable) -> None:
    answers = scene.evidence().people[2].answers
    blocked(change_person(scene.evidence(), answers=answers[::-1]), bad_evidence=1)


def test_answer_missing_before_the_last(scene: Releasable) -> None:
    answers = scene.evidence().people[2].answers
    blocked(change_person(scene.evidence(), answers=answers[1:]), bad_evidence=1)


def test_answer_twice(scene: Releasable) -> None:
    answers = scene.evidence().people[2].answers
    blocked(change_person(scene.evidence(), answers=answers + answers[-1:]), bad_evidence=1)


def test_yes_again_after_a_withdrawal(scene: Releasable) -> None:
    """The old yes stands there, properly signed, and cannot be put after the withdrawal."""
    yes = scene.evidence().people[2].answers[-1]
    scene.cy.answer("yes", "withdrawn")
    answers = scene.evidence().people[2].answers
    blocked(change_person(scene.evidence(), answers=(*answers, yes)), bad_evidence=1)


def test_every_reason_is_reported() -> None:
    scene = Releasable()
    scene.ada.answer("yes", "withdrawn")
    silent, refusing = scene.comes(), scene.comes()
    refusing.answer("no", "no")
    scene.said += [silent, scene.comes(), refusing]
    check = scene.evidence().generations[0].check
    assert check is not None
    evidence = scene.evidence(
        ended_at=None, destroyed_at=1, now=RETAIN_UNTIL, key_present=False, deletions=2
    )
    evidence = change_generation(evidence, 0, check=replace(check, intact=3))
    evidence = change_generation(evidence, 1, closing=None)
    evidence = change_person(evidence, 1, signature=b"")
    answers = evidence.people[2].answers
    evidence = change_person(evidence, 2, answers=(answers[0], replace(answers[1], sealed=None)))
    blocked(
        evidence,
        bad_evidence=2,  # whose enrolment cannot be believed has armed nothing, either
        not_over=0,
        recording_open=1,
        destroyed=0,  # and so nothing that is missing is called damaged
        retention_over=0,
        vault_key_missing=0,
        not_answered=2,
        refused=1,
        withdrawn=1,
        sealed_seed_missing=1,
    )
