"""Making generations of relayed meetings: who gets a box, and what is drawn."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest

from assent_vault.errors import SealError
from assent_vault.formats import suite
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_header import GENERATION_TYPE, GenerationPerson
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.ledger.committing import GenerationDraft, RecordedDraft
from assent_vault.ledger.relayed_committing import (
    CommittedGeneration,
    OwnedKeys,
    commit_relayed,
)
from support.people import Meeting, make_meeting, person_in

MEETING = make_meeting()
SILENT = make_meeting(training=False)
PEOPLE = [person_in(MEETING) for _ in range(3)]
for person in PEOPLE:
    person.enrol()
ADA, BO, CY = sorted(PEOPLE, key=lambda one: one.id)
NAMED = [ADA.in_generation(), BO.in_generation(), CY.in_generation(present=False)]


def keys_of(people: list[GenerationPerson]) -> dict[bytes, OwnedKeys]:
    enrolments = {one.id: one.enrolment for one in PEOPLE}
    found = {}
    for named in people:
        enrolment = enrolments.get(named.id) or ADA.enrolment
        assert enrolment is not None
        found[named.id] = OwnedKeys(enrolment.watch, enrolment.train)
    return found


def draft(
    people: list[GenerationPerson] | None = None, meeting: Meeting = MEETING, **changes: Any
) -> GenerationDraft:
    vault = meeting.vault_key
    values: dict[str, Any] = {
        "meeting": meeting.id,
        "generation": 1,
        "previous": None,
        "charter": meeting.charter.digest,
        "committer": None,
        "people": tuple(NAMED if people is None else people),
        "removed": (),
        "recorded": RecordedDraft(
            number=1,
            previous=None,
            offset=0,
            arm=bytes(32),
            notice_version=1,
            vault=None if vault is None else vault.digest,
        ),
        "at": 2,
    }
    return GenerationDraft(**(values | changes))


def commit(
    given: GenerationDraft | None = None, meeting: Meeting = MEETING, **more: Any
) -> CommittedGeneration:
    given = given or draft(meeting=meeting)
    keys = more.pop("owners", None) or keys_of(list(given.people))
    vault = more.pop("vault_key", meeting.vault_key)
    return commit_relayed(given, keys, vault, meeting.server, **more)


def test_boxes_are_for_everyone_and_nobody_else() -> None:
    made = commit()
    header = made.header
    suite.verify(MEETING.charter.server, GENERATION_TYPE, header.body, made.signature)
    pairs, boxes = parse_pairs(made.pairs, header), parse_boxes(made.boxes, header)
    outer = parse_outer(made.outer, header)
    assert pairs.train is not None
    assert len(pairs.train.people) == 3
    for watching in (pairs.watch, boxes.watch, outer.watch):
        assert set(watching) == {ADA.id, BO.id}
    assert outer.vault is not None
    assert header.recorded is not None
    assert len(header.recorded.shares) == 4


def test_a_host_who_left_still_watches() -> None:
    made = commit(draft([*NAMED[:2], replace(NAMED[2], host=bytes(32))]))
    assert set(parse_pairs(made.pairs, made.header).watch) == {ADA.id, BO.id, CY.id}
    assert set(parse_outer(made.outer, made.header).watch) == {ADA.id, BO.id, CY.id}


def test_without_training_there_are_no_training_shares() -> None:
    made = commit(meeting=SILENT)
    assert parse_pairs(made.pairs, made.header).train is None
    assert json.loads(made.pairs)["train"] is None
    boxes = parse_boxes(made.boxes, made.header)
    assert (boxes.wraps, boxes.hashes) == (None, None)
    assert parse_outer(made.outer, made.header).vault is None
    assert made.header.recorded is not None
    assert made.header.recorded.shares == ()


def test_each_generation_draws_its_own_keys() -> None:
    drawn: list[bytes] = []

    def random(length: int) -> bytes:
        drawn.append(os.urandom(length))
        return drawn[-1]

    first, second = commit(random=random), commit(random=random)
    # Pair keys of two who watch, and of four who have shares; E, and O.
    assert [len(each) for each in drawn] == [32] * 16
    assert len(set(drawn)) == 16
    assert first.header.secret != second.header.secret


def test_keys_are_forgotten() -> None:
    keys = commit().keys
    track = f"{suite.encode(ADA.id)}.camera"
    assert len(keys.track_key(track)) == 32
    keys.forget()
    keys.forget()
    with pytest.raises(ValueError, match="forgotten"):
        keys.track_key(track)


def test_the_vault_key_is_the_one_that_is_named() -> None:
    assert MEETING.vault_key is not None
    for wrong in (None, make_meeting().vault_key):
        with pytest.raises(ValueError, match="vault key"):
            commit(vault_key=wrong)
    # Named by the draft, but another meeting's.
    borrowed = replace(MEETING.vault_key, meeting=bytes(16))
    with pytest.raises(ValueError, match="another meeting"):
        commit(vault_key=borrowed)


def test_no_live_generation_is_made_and_none_of_a_page() -> None:
    for changes in ({"recorded": None}, {"committer": bytes(32)}):
        with pytest.raises(ValueError, match="recorded generations"):
            commit(draft(**changes))


def test_a_key_that_cannot_be_sealed_to() -> None:
    owners = keys_of(NAMED)
    owners[BO.id] = replace(owners[BO.id], watch=bytes(1184) + bytes(32))
    with pytest.raises(SealError):
        commit(owners=owners)


def test_boxes_of_many_people_fit() -> None:
    ids = sorted(os.urandom(32) for _ in range(200))
    people = [replace(NAMED[0], id=each, present=at < 50) for at, each in enumerate(ids)]
    made = commit(draft(people))
    assert len(parse_pairs(made.pairs, made.header).watch) == 50
