"""The gate: the meeting, its vault key, and when a release is ready."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Ended
from assent_vault.release.decision import Blocked, Code, Release
from assent_vault.release.evidence import Evidence, evidence_digest
from assent_vault.release.gate import decide
from support.gate import blocked, blocked_as_logged, change_generation, change_person
from support.people import make_meeting, person_in
from support.releasable import (
    COOLING_OFF,
    ENDED,
    HEAD,
    HOUR,
    LOGGED,
    NOW,
    RECEIVED,
    RETAIN_UNTIL,
    Releasable,
    Said,
    changed_header,
    logged,
)

DAY = 24 * HOUR


def unlogged(evidence: Evidence, kind: type[entries.Record]) -> Evidence:
    """Take every record of one kind out of the log."""
    kept = tuple(body for body in evidence.log.records if entries.type_of(body) != kind.TYPE)
    assert kept != evidence.log.records
    return replace(evidence, log=replace(evidence.log, records=kept))


# All is well.


def test_released_when_everything_holds(scene: Releasable) -> None:
    evidence = scene.evidence()
    assert decide(evidence) == Release(
        evidence_digest(evidence), RECEIVED + COOLING_OFF, RETAIN_UNTIL, HEAD
    )


def test_same_evidence_same_decision(scene: Releasable) -> None:
    evidence = scene.evidence()
    people, generations = evidence.people[::-1], evidence.generations[::-1]
    shuffled = replace(evidence, people=people, generations=generations)
    assert decide(shuffled) == decide(evidence)
    assert decide(replace(evidence, now=NOW + 1)) == decide(evidence)


def test_interrupted_generation_is_no_hindrance(scene: Releasable) -> None:
    last = scene.generations[-1]
    closing = build_generation_closing(
        header=last.header, accepts=None, ended=1, interrupted=True, segments=last.entries
    )
    evidence = change_generation(
        scene.evidence(),
        closing=closing,
        closing_signature=sign_generation_closing(scene.meeting.server, closing),
        check=replace(last.check, closing=suite.digest(closing)),
    )
    assert isinstance(decide(logged(evidence)), Release)


def test_generation_without_a_segment_is_no_hindrance(scene: Releasable) -> None:
    """A crash between header and first segment leaves one."""
    first, second = scene.headers
    scene.record_again(first)
    evidence = scene.evidence()
    scene.record_again(second, segments=0)
    empty = scene.generations[0].evidence()
    evidence = replace(evidence, generations=(*evidence.generations, empty))
    assert isinstance(decide(logged(evidence)), Release)


def test_generation_numbers_have_no_gaps(scene: Releasable) -> None:
    """They are given out when they are logged: one that is missing was taken away."""
    people = scene.named()
    first = scene.make_header(people)
    scene.record_again(first, changed_header(scene.make_header(people, 2, first), number=3))
    blocked(scene.evidence(), bad_evidence=1)


def test_no_to_recording_and_a_later_yes_is_no_withdrawal(scene: Releasable) -> None:
    person = person_in(scene.meeting)
    scene.cy = scene.said[2] = Said(person, person.enrol())
    for recording, training in (("no", "no"), ("yes", "no"), ("yes", "yes")):
        scene.cy.answer(recording, training)
    people = scene.named()
    scene.record_again(scene.make_header(people))
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


def test_end_that_stands_in_a_column_alone_is_none(scene: Releasable) -> None:
    blocked_as_logged(unlogged(scene.evidence(), Ended), not_over=0)
    blocked_as_logged(replace(scene.evidence(), ended_at=None), not_over=0)


def test_column_can_bring_the_end_of_retention_forward_and_not_put_it_off() -> None:
    scene = Releasable(make_meeting(retention_days=7))
    week_over = ENDED + 7 * DAY
    for column in (RETAIN_UNTIL, 2**53, ENDED + 3650 * DAY):
        blocked(scene.evidence(retain_until=column, now=week_over), retention_over=0)
        decision = decide(scene.evidence(retain_until=column, now=week_over - 1))
        assert isinstance(decision, Release)
        assert decision.kept_until == week_over
    # Nor does a later end in the column, for the log has the end.
    evidence = replace(scene.evidence(now=week_over), ended_at=week_over)
    blocked_as_logged(evidence, retention_over=0)
    sooner = scene.evidence(retain_until=NOW + 5)
    assert isinstance(decide(sooner), Release)
    blocked(replace(sooner, now=NOW + 5), retention_over=0)


def test_end_that_was_logged_late_keeps_nothing_longer_than_was_signed() -> None:
    scene = Releasable(make_meeting(retention_days=1, expires=ENDED))
    late = ENDED + 30 * DAY
    evidence = scene.evidence(ended_at=late, now=ENDED + DAY)
    blocked(evidence, retention_over=0)
    assert isinstance(decide(replace(evidence, now=ENDED + DAY - 1)), Release)


def test_setting_can_shorten_retention_and_not_lengthen_it() -> None:
    scene = Releasable(make_meeting(retention_days=7))
    for days, over in ((3650, 7), (7, 7), (3, 3), (None, 7)):
        end = ENDED + over * DAY
        blocked(scene.evidence(retention_days=days, now=end), retention_over=0)
        assert isinstance(decide(scene.evidence(retention_days=days, now=end - 1)), Release)


def test_longer_wait_counts_that_which_was_signed_or_that_which_is_set() -> None:
    scene = Releasable(make_meeting(cooling_off_seconds=2 * HOUR // 1000))
    for set_now, waits in ((0, 2 * HOUR), (HOUR, 2 * HOUR), (3 * HOUR, 3 * HOUR)):
        decision = decide(scene.evidence(cooling_off=set_now))
        assert isinstance(decision, Release)
        assert decision.ready_at == RECEIVED + waits


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
        lambda evidence: change_generation(evidence, header=b"{}"),
        lambda evidence: change_generation(evidence, closing_signature=None),
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
        room=charter.room,
        created=charter.created,
        recording=True,
        training=True,
        waiting_room=not charter.waiting_room,
        expires=charter.expires,
        retention_days=charter.retention_days,
        cooling_off_seconds=charter.cooling_off_seconds,
        notice_version=1,
        notices=charter.notices,
        vault=charter.vault,
        server=charter.server,
    )
    # Three enrolments name another, and so do the headers.
    blocked(scene.evidence(charter=wider.body), bad_evidence=4)


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


def test_an_answer_that_the_server_could_not_store_blocks(scene: Releasable) -> None:
    blocked(replace(scene.evidence(), owed=2), answers_owed=2)
    # Whatever else it may be, it is not nothing.
    blocked(replace(scene.evidence(), owed=-1), answers_owed=1)
