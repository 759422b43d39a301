"""Whoever may watch gets what was sealed to them, and nothing of anybody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assent.meeting.own_boxes import OwnBoxes, own_boxes
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_header import parse_generation
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.suite import decode, encode

RELAYED = json.loads((Path(__file__).parents[2] / "vectors" / "relayed.json").read_bytes())
HEADER = parse_generation(decode(RELAYED["header"]))
DOCUMENTS = {name: decode(RELAYED[name]) for name in ("boxes", "pairs", "outer")}


def test_everybody_who_was_there_gets_their_own() -> None:
    boxes = parse_boxes(DOCUMENTS["boxes"], HEADER)
    pairs = parse_pairs(DOCUMENTS["pairs"], HEADER)
    outer = parse_outer(DOCUMENTS["outer"], HEADER)
    for person in HEADER.watchers:
        assert own_boxes(encode(person.id), **DOCUMENTS) == OwnBoxes(
            pair=encode(pairs.watch[person.id]),
            secret=encode(boxes.watch[person.id]),
            outer=encode(outer.watch[person.id]),
        )


def test_who_may_not_watch_gets_nothing() -> None:
    gone = next(person for person in HEADER.people if not person.present)
    for person in (encode(gone.id), "", "A" * 43):
        assert own_boxes(person, **DOCUMENTS) is None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_where_one_of_three_is_missing_there_is_nothing(name: str) -> None:
    person = encode(HEADER.watchers[0].id)
    values = json.loads(DOCUMENTS[name])
    values["watch"] = [each for each in values["watch"] if each["id"] != person]
    changed = json.dumps(values, separators=(",", ":")).encode()
    assert own_boxes(person, **DOCUMENTS | {name: changed}) is None
