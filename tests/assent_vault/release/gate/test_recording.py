"""The gate: every generation, how it ended, and what there is of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.generation_closing import sign_generation_closing
from assent_vault.formats.generation_header import GENERATION_TYPE
from assent_vault.formats.suite import encode
from assent_vault.release.decision import Blocked, Code, Reason, Release
from assent_vault.release.gate import decide
from support.gate import blocked, blocked_as_logged, change_generation
from support.hosts import act_of
from support.people import make_meeting
from support.releasable import Releasable, changed_body, changed_header, logged


def test_nothing_recorded(scene: Releasable) -> None:
    blocked(scene.evidence(generations=()), nothing_recorded=0)


def test_no_segments_recorded(scene: Releasable) -> None:
    scene.record_again(*scene.headers, segments=0)
    blocked(scene.evidence(), nothing_recorded=0)


def test_open_generation(scene: Releasable) -> None:
    blocked(change_generation(scene.evidence(), closing=None, check=None), recording_open=1)


def test_every_open_generation_is_counted(scene: Releasable) -> None:
    evidence = scene.evidence()
    open_ = tuple(replace(each, closing=None, check=None) for each in evidence.generations)
    blocked(replace(evidence, generations=open_), recording_open=2, nothing_recorded=0)


def test_unreadable_header(scene: Releasable) -> None:
    blocked(change_generation(scene.evidence(), header=b"{}"), bad_evidence=1)


def test_lost_boxes_hide_no_closing_that_is_none(scene: Releasable) -> None:
    """The review stops at the boxes; that they are lost is told by a closing, which is none."""
    evidence = scene.evidence()
    *others, last = evidence.generations
    assert others
    assert last.check is not None
    broken = replace(last, closing_signature=bytes(64), check=replace(last.check, boxes=None))
    blocked(logged(replace(evidence, generations=(*others, broken))), bad_evidence=1)


def test_header_of_another_number(scene: Releasable) -> None:
    blocked(change_generation(scene.evidence(), number=3), bad_evidence=1)


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
    """There are no shares in it. Its missing vault says so too, so both are tried."""
    nothing: dict[str, Any] = {"training": False, "vault": None, "shares": [], "wraps": None}
    scene.record_again(changed_header(scene.headers[0], **nothing))
    blocked(scene.evidence(), bad_evidence=1)
    blocked(scene.evidence(vault_key=None), vault_key_missing=0, bad_evidence=1)


@pytest.mark.parametrize("who", ["nobody", "nobody at all"])
def test_generation_with_nobody_in_it(scene: Releasable, who: str) -> None:
    """No consent is needed of nobody; that is no reason to release anything."""
    people = json.loads(scene.headers[0].body)["people"]
    there = [person | {"present": False} for person in people] if who == "nobody" else []
    body = changed_body(scene.headers[-1], people=there)
    signature = suite.sign(scene.meeting.server, GENERATION_TYPE, body)
    blocked(change_generation(scene.evidence(), header=body, signature=signature), bad_evidence=1)


@pytest.mark.parametrize(
    "said", [(), (("no", "no"), ("yes", "yes")), (("yes", "no"), ("withdrawn", "no"))]
)
def test_somebody_present_who_had_not_said_yes(
    scene: Releasable, said: tuple[tuple[str, str], ...]
) -> None:
    """That they say so later, or did once, is no yes of that time."""
    late = scene.comes()
    scene.said.append(late)
    for wills in said[:1] if len(said) > 1 and said[0][0] == "no" else said:
        late.answer(*wills)
    scene.record_again(scene.make_header(scene.named(scene.cy)))
    for wills in said[1:] if len(said) > 1 and said[0][0] == "no" else ():
        late.answer(*wills)
    found = decide(scene.evidence())
    assert isinstance(found, Blocked)
    assert Reason(Code.BAD_EVIDENCE, 1) in found.reasons


def test_an_answer_that_was_not_the_last(scene: Releasable) -> None:
    """It was given, and there was another by then, whatever that says."""
    header = scene.make_header(scene.named(scene.cy))
    scene.ada.answer("yes", "yes")
    scene.record_again(header)
    evidence = scene.evidence()
    records = list(evidence.log.records)
    at = max(n for n, body in enumerate(records) if b"answered" in body)
    first = min(n for n, body in enumerate(records) if b"generation-opened" in body)
    assert at > first, "it was given while that was recorded"
    assert isinstance(decide(evidence), Release)
    records.insert(first, records.pop(at))
    evidence = replace(evidence, log=replace(evidence.log, records=tuple(records)))
    blocked_as_logged(evidence, bad_evidence=1)


def test_no_host_has_armed_it(scene: Releasable) -> None:
    evidence = scene.evidence()
    blocked(replace(evidence, acts=()), bad_evidence=1)
    blocked(replace(evidence, certificates=()), bad_evidence=1)
    blocked(replace(evidence, room=b"{}"), bad_evidence=1)
    other = make_meeting().room
    blocked(replace(evidence, room=other.body), bad_evidence=1)


def test_somebody_has_armed_it_who_is_no_host(scene: Releasable) -> None:
    scene.act = act_of(scene.ada.person, 1, "arm", recording=True)
    scene.arm = suite.digest(scene.act.body)
    scene.record_again(scene.make_header(scene.named(scene.cy)))
    blocked(scene.evidence(), bad_evidence=1)


def test_act_by_which_nothing_is_recorded(scene: Releasable) -> None:
    scene.act = act_of(scene.bo.person, 1, "arm", recording=False)
    scene.arm = suite.digest(scene.act.body)
    scene.record_again(scene.make_header(scene.named(scene.cy)))
    blocked(scene.evidence(), bad_evidence=1)


def test_arm_act_that_was_logged_too_late_or_never(scene: Releasable) -> None:
    evidence = scene.evidence()
    records = list(evidence.log.records)
    armed = records.pop(next(n for n, body in enumerate(records) if b"/armed/" in body))
    for others in (records, [*records, armed]):
        changed = replace(evidence, log=replace(evidence.log, records=tuple(others)))
        blocked_as_logged(changed, bad_evidence=1)


def test_header_that_another_server_signed(scene: Releasable) -> None:
    header = scene.headers[-1]
    forged = suite.sign(Ed25519PrivateKey.generate(), GENERATION_TYPE, header.body)
    blocked(change_generation(scene.evidence(), signature=forged), bad_evidence=1)


def test_header_that_a_page_has_made(scene: Releasable) -> None:
    """In a relayed meeting nobody's page commits."""
    page = encode(bytes(32))
    people = json.loads(scene.headers[0].body)["people"]
    present = next(person for person in people if person["present"])
    scene.record_again(
        changed_header(
            scene.headers[0],
            committer=page,
            people=[one | {"page": page} if one is present else one for one in people],
        )
    )
    blocked(scene.evidence(), bad_evidence=1)


def test_first_generation_taken_away(scene: Releasable) -> None:
    evidence = scene.evidence()
    blocked(replace(evidence, generations=evidence.generations[1:]), bad_evidence=1)


def test_broken_chain_of_headers(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first, changed_header(second, previous=encode(bytes(32))))
    blocked(scene.evidence(), bad_evidence=1)


def test_second_beginning(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first, changed_header(second, previous=None, number=1))
    blocked(change_generation(scene.evidence(), number=2), bad_evidence=1)


def test_generation_twice(scene: Releasable) -> None:
    first, second = scene.headers
    again = changed_header(second, previous=encode(second.digest))
    scene.record_again(first, second, again)
    blocked(scene.evidence(), bad_evidence=1, not_logged=0)


def test_header_that_forgets_somebody(scene: Releasable) -> None:
    """Whoever came and left still owns a share of everything after."""
    ada, bo, _ = scene.named()
    first = scene.headers[0]
    scene.record_again(first, scene.make_header([ada, bo], 2, first))
    blocked(scene.evidence(), bad_evidence=1)


def test_closing_without_signature(scene: Releasable) -> None:
    blocked(change_generation(scene.evidence(), closing_signature=None), bad_evidence=1)


def test_closing_of_another_server(scene: Releasable) -> None:
    closing = scene.generations[-1].closing
    forged = sign_generation_closing(Ed25519PrivateKey.generate(), closing)
    blocked(change_generation(scene.evidence(), closing_signature=forged), bad_evidence=1)


def test_closing_of_another_generation(scene: Releasable) -> None:
    first = scene.evidence().generations[0]
    evidence = change_generation(
        scene.evidence(),
        closing=first.closing,
        closing_signature=first.closing_signature,
        check=first.check,
    )
    blocked(evidence, bad_evidence=1)


def test_unreadable_closing(scene: Releasable) -> None:
    signature = sign_generation_closing(scene.meeting.server, b"{}")
    evidence = change_generation(scene.evidence(), closing=b"{}", closing_signature=signature)
    blocked(evidence, bad_evidence=1)


def test_track_of_somebody_who_was_not_there(scene: Releasable) -> None:
    scene.record_again(scene.headers[0], who=lambda person: not person.present)
    blocked(scene.evidence(), bad_evidence=1, nothing_recorded=0)


def test_segments_not_looked_for(scene: Releasable) -> None:
    blocked(change_generation(scene.evidence(), check=None), segments_damaged=2)


def test_segments_looked_for_by_another_closing(scene: Releasable) -> None:
    check = scene.generations[0].check
    boxes = scene.generations[1].check.boxes
    stale = replace(check, intact=2, boxes=boxes)
    blocked(change_generation(scene.evidence(), check=stale), segments_damaged=2)


@pytest.mark.parametrize(("intact", "damaged"), [(0, 2), (1, 1), (3, 2), (-1, 2)])
def test_segments_damaged(scene: Releasable, intact: int, damaged: int) -> None:
    check = scene.evidence().generations[-1].check
    assert check is not None
    evidence = change_generation(scene.evidence(), check=replace(check, intact=intact))
    blocked(evidence, segments_damaged=damaged)


def test_boxes_that_are_not_there(scene: Releasable) -> None:
    check = replace(scene.generations[-1].check, boxes=None)
    blocked(change_generation(scene.evidence(), check=check), segments_damaged=1)


def test_boxes_are_looked_for_where_no_segment_is_listed(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first)
    whole = scene.evidence().generations
    scene.record_again(second, segments=0)
    empty = replace(scene.evidence().generations[0], check=None)
    blocked(scene.evidence(generations=(*whole, empty)), segments_damaged=1)


def test_other_boxes_than_those_that_were_logged(scene: Releasable) -> None:
    evidence = scene.evidence()
    check = replace(scene.generations[-1].check, boxes=bytes(32))
    blocked_as_logged(change_generation(evidence, check=check), bad_evidence=1)
