"""Headers of generations: what is written is read back, and what does not fit is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats import generation_header as headers
from assent_vault.formats.frame_key import MAX_GENERATION
from assent_vault.formats.generation_header import (
    MAX_BYTES,
    MAX_NUMBER,
    MOST_PEOPLE,
    GenerationHeader,
    GenerationPerson,
    RecordedPart,
    RemovedPerson,
)
from assent_vault.formats.suite import encode

B32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**53 - 1)
MEETING, CHARTER, D = bytes(16), b"\1" * 32, b"\2" * 32
ADA, BO, CY = (bytes([n]) * 32 for n in (1, 2, 3))
NAMED = [
    GenerationPerson(ADA, D, None, present=True, host=D, answer=D),
    GenerationPerson(BO, D, None, present=True, answer=D),
    GenerationPerson(CY, D, None, present=False),
]


def recorded(people: int = 3, **changes: Any) -> RecordedPart:
    values: dict[str, Any] = {
        "number": 1,
        "previous": None,
        "offset": 3,
        "arm": D,
        "notice_version": 1,
        "training": True,
        "vault": D,
        "shares": (D,) * (people + 1),
        "slots": D,
        "wraps": D,
    }
    return RecordedPart(**(values | changes))


def written(people: list[GenerationPerson] | None = None, **changes: Any) -> bytes:
    named = NAMED if people is None else people
    values: dict[str, Any] = {
        "meeting": MEETING,
        "generation": 1,
        "previous": None,
        "charter": CHARTER,
        "committer": None,
        "secret": D,
        "people": named,
        "removed": (),
        "recorded": recorded(len(named)),
        "at": 2,
    }
    return headers.build_generation(**(values | changes))


def build(people: list[GenerationPerson] | None = None, **changes: Any) -> GenerationHeader:
    return headers.parse_generation(written(people, **changes))


HEADER = build()
VALUES = json.loads(HEADER.body)


def field_of(body: dict[str, Any]) -> str:
    with pytest.raises(FormatError) as caught:
        headers.parse_generation(document.write(body))
    return caught.value.field


def test_header_says_what_was_given() -> None:
    assert (HEADER.meeting, HEADER.generation, HEADER.charter, HEADER.at) == (
        MEETING, 1, CHARTER, 2,
    )  # fmt: skip
    assert (HEADER.previous, HEADER.committer, HEADER.secret) == (None, None, D)
    assert list(HEADER.people) == NAMED
    assert HEADER.recorded == recorded()
    assert HEADER.digest == suite.digest(HEADER.body)
    second = build(generation=2, previous=D, recorded=recorded(number=2, previous=D))
    assert (second.previous, second.place != HEADER.place) == (D, True)


def test_who_can_watch() -> None:
    """Whoever is there, and hosts; whoever came and left owns a share, and can watch nothing."""
    assert [person.id for person in HEADER.watchers] == [ADA, BO]
    gone = replace(NAMED[2], host=D)
    assert [person.id for person in build([*NAMED[:2], gone]).watchers] == [ADA, BO, CY]


def test_header_of_a_meeting_without_training() -> None:
    header = build(recorded=recorded(training=False, vault=None, shares=(), wraps=None))
    assert header.recorded is not None
    assert (header.recorded.training, header.recorded.vault) == (False, None)


PERSON = st.builds(
    GenerationPerson,
    id=B32,
    enrolment=B32,
    page=st.none(),
    present=st.booleans(),
    host=st.none() | B32,
    answer=st.none() | B32,
)


@given(
    st.integers(2, MAX_GENERATION),
    st.integers(2, MAX_NUMBER),
    TIME,
    TIME,
    st.lists(PERSON, min_size=1, max_size=5, unique_by=lambda person: person.id),
)
def test_header_round_trip(
    generation: int, number: int, at: int, offset: int, people: list[GenerationPerson]
) -> None:
    people = sorted([*people[1:], replace(people[0], present=True)], key=lambda one: one.id)
    part = recorded(len(people), number=number, previous=D, offset=offset)
    header = build(people, generation=generation, previous=D, at=at, recorded=part)
    assert (header.generation, header.at, header.recorded) == (generation, at, part)
    assert list(header.people) == people
    assert headers.parse_generation(header.body) == header


def test_headers_that_cannot_be_read_are_not_written() -> None:
    away = [replace(person, present=False) for person in NAMED]
    wrong: tuple[dict[str, Any], ...] = (
        {"people": [NAMED[0], NAMED[0]]},
        {"people": NAMED[::-1]},
        {"people": away},
        {"people": []},
        {"people": [replace(NAMED[0], page=D), *NAMED[1:]]},
        {"removed": [RemovedPerson(BO, D)]},
        {"removed": [RemovedPerson(bytes(32), D)]},
        {"generation": 0},
        {"generation": MAX_GENERATION + 1},
        {"previous": D},
        {"at": -1},
        {"at": 2**53},
        {"recorded": recorded(number=0)},
        {"recorded": recorded(number=2)},
        {"recorded": recorded(previous=D)},
        {"recorded": recorded(shares=(D,))},
        {"recorded": recorded(wraps=None)},
        {"recorded": recorded(vault=None)},
    )
    for changes in wrong:
        with pytest.raises(FormatError):
            written(**changes)


PEOPLE, PART = VALUES["people"], VALUES["recorded"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "assent/epoch/v1"}, "type"),
        ({"suite": "assent-1"}, "suite"),
        ({"meeting": "AA"}, "meeting"),
        ({"at": None}, "at"),
        ({"previous": "AA"}, "previous"),
        ({"charter": None}, "charter"),
        ({"secret": "AA"}, "secret"),
        ({"committer": "AA"}, "committer"),
        ({"recorded": PART | {"offset": "0"}}, "recorded.offset"),
        ({"recorded": PART | {"notice_version": True}}, "recorded.notice_version"),
        ({"recorded": PART | {"notice_version": 0}}, "recorded.notice_version"),
        ({"recorded": PART | {"training": 1}}, "recorded.training"),
        ({"recorded": PART | {"vault": "AA"}}, "recorded.vault"),
        ({"recorded": PART | {"arm": None}}, "recorded.arm"),
        ({"recorded": PART | {"slots": None}}, "recorded.slots"),
        ({"recorded": PART | {"more": 1}}, "recorded"),
        ({"people": [PEOPLE[0] | {"name": "Ada"}]}, "people[0]"),
        ({"people": {}}, "people"),
        ({"people": [1]}, "people[0]"),
        ({"people": [PEOPLE[0] | {"enrolment": "AA"}]}, "people[0].enrolment"),
        ({"people": [PEOPLE[0] | {"id": encode(bytes(31))}]}, "people[0].id"),
        ({"people": [PEOPLE[0] | {"present": 0}]}, "people[0].present"),
        ({"people": [PEOPLE[0] | {"host": "AA"}]}, "people[0].host"),
    ],
)
def test_headers_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(VALUES | change) == field


@pytest.mark.parametrize("key", [*VALUES])
def test_every_field_of_a_header_is_needed(key: str) -> None:
    # What is read without its type has none.
    assert field_of({name: value for name, value in VALUES.items() if name != key}) == key


def test_header_of_many_people_fits() -> None:
    ids = sorted(os.urandom(32) for _ in range(MOST_PEOPLE + 1))
    people = [replace(NAMED[0], id=each) for each in ids]
    assert len(build(people[:-1]).people) == MOST_PEOPLE
    with pytest.raises(FormatError):
        build(people)


def test_sizes_are_limited() -> None:
    with pytest.raises(FormatError, match="is not spelled"):
        headers.parse_generation(HEADER.body + b" " * (MAX_BYTES - len(HEADER.body)))
    with pytest.raises(FormatError, match="is over"):
        headers.parse_generation(HEADER.body + b" " * (MAX_BYTES - len(HEADER.body) + 1))
