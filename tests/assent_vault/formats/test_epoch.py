"""Epochs: what is written is read back, and what does not fit is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from assent_vault.formats.epoch import Header, HeaderPerson
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError
from assent_vault.formats import document, epoch, suite
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from support.people import make_meeting, person_in

MEETING = make_meeting()
SILENT = make_meeting(training=False)
PEOPLE = [person_in(MEETING) for _ in range(3)]
for person in PEOPLE:
    person.enrol()
NAMED = [
    PEOPLE[0].in_header(),
    PEOPLE[1].in_header(),
    PEOPLE[2].in_header(present=False, watches=False),
]
PUBLIC = suite.xwing_public(bytes(32))
B32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**53 - 1)


def written(people: list[HeaderPerson] | None = None, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "meeting": MEETING.id,
        "epoch": 1,
        "began": 2,
        "offset": 3,
        "previous": None,
        "charter": MEETING.charter,
        "vault_key": MEETING.vault_key,
        "people": NAMED if people is None else people,
    }
    return epoch.build_header(**(values | changes))


def build(people: list[HeaderPerson] | None = None, **changes: Any) -> Header:
    return epoch.parse_header(written(people, **changes))


HEADER = build()
VALUES = json.loads(HEADER.body)


def field_of(body: dict[str, Any], parse: Any, *more: Any) -> str:
    with pytest.raises(FormatError) as caught:
        parse(document.write(body), *more)
    return caught.value.field


# Headers.


def test_header_says_what_was_given() -> None:
    assert (HEADER.meeting, HEADER.epoch, HEADER.began, HEADER.offset) == (MEETING.id, 1, 2, 3)
    assert HEADER.previous is None
    assert MEETING.vault_key is not None
    assert (HEADER.charter, HEADER.notice_version) == (MEETING.charter.digest, 1)
    assert (HEADER.training, HEADER.vault) == (True, MEETING.vault_key.digest)
    assert sorted(NAMED, key=lambda person: person.id) == list(HEADER.people)
    assert HEADER.digest == suite.digest(HEADER.body)
    assert build(epoch=2, previous=HEADER.digest).previous == HEADER.digest


def test_header_of_a_meeting_without_training() -> None:
    header = build(meeting=SILENT.id, charter=SILENT.charter, vault_key=None)
    assert (header.training, header.vault) == (False, None)


PERSON = st.builds(
    HeaderPerson,
    id=B32,
    enrolment=B32,
    watch=st.just(PUBLIC),
    train=st.just(PUBLIC),
    present=st.booleans(),
    watches=st.just(True),
)


@given(
    st.integers(1, 2**53 - 1), TIME, TIME, st.lists(PERSON, max_size=5, unique_by=lambda p: p.id)
)
def test_header_round_trip(
    number: int, began: int, offset: int, people: list[HeaderPerson]
) -> None:
    people.append(NAMED[0])
    header = build(people, epoch=number, began=began, offset=offset)
    assert (header.epoch, header.began, header.offset) == (number, began, offset)
    assert set(header.people) == set(people)
    assert epoch.parse_header(header.body) == header


def test_epochs_that_may_not_be() -> None:
    never = make_meeting(recording=False, training=False)
    away = [replace(person, present=False) for person in NAMED]
    wrong: tuple[dict[str, Any], ...] = (
        {"meeting": bytes(16)},
        {"meeting": bytes(16), "charter": SILENT.charter, "vault_key": None},
        {"charter": SILENT.charter},
        {"vault_key": None},
        {"vault_key": make_meeting().vault_key},
        {"meeting": never.id, "charter": never.charter, "vault_key": None},
        {"meeting": SILENT.id, "charter": SILENT.charter},
        {"people": away},
        {"people": []},
    )
    for changes in wrong:
        with pytest.raises(ValueError, match=r"one meeting|never|offered|nobody"):
            build(**changes)


def test_headers_that_cannot_be_read_are_not_written() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"people": [NAMED[0], NAMED[0]]},
        {"people": [replace(NAMED[0], watches=False)]},
        {"epoch": 0},
        {"previous": bytes(32)},
        {"began": -1},
        {"began": 2**53},
    )
    for changes in wrong:
        with pytest.raises(FormatError):
            written(**changes)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "assent/epoch/v2"}, "type"),
        ({"suite": "x"}, "suite"),
        ({"meeting": "AA"}, "meeting"),
        ({"began": None}, "began"),
        ({"offset": "0"}, "offset"),
        ({"previous": "AA"}, "previous"),
        ({"charter": None}, "charter"),
        ({"notice_version": True}, "notice_version"),
        ({"training": 1}, "training"),
        ({"vault": "AA"}, "vault"),
        ({"vault": None}, "vault"),
        ({"training": False}, "vault"),
        ({"people": [VALUES["people"][0] | {"name": "Ada"}]}, "people[0]"),
        ({"people": {}}, "people"),
        ({"people": [1]}, "people[0]"),
        ({"people": [VALUES["people"][0] | {"watch": "AA"}]}, "people[0].watch"),
        ({"people": [VALUES["people"][0] | {"train": None}]}, "people[0].train"),
        ({"people": [VALUES["people"][0] | {"id": encode(bytes(31))}]}, "people[0].id"),
        ({"people": [VALUES["people"][0] | {"present": 0}]}, "people[0].present"),
    ],
)
def test_headers_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(VALUES | change, epoch.parse_header) == field


@pytest.mark.parametrize("key", [*VALUES])
def test_every_field_of_a_header_is_needed(key: str) -> None:
    assert field_of({k: v for k, v in VALUES.items() if k != key}, epoch.parse_header) == key


# Shares.


def test_shares_are_for_everyone_and_nobody_else() -> None:
    key, body = epoch.seal_epoch(HEADER, MEETING.vault_key)
    shares = epoch.parse_shares(body, HEADER)
    assert shares.header == HEADER.digest
    assert shares.training is not None
    assert len(shares.training.people) == 3
    assert set(shares.watch) == {PEOPLE[0].id, PEOPLE[1].id}
    assert repr(key) == "EpochKey(…)"
    for watcher in PEOPLE[:2]:
        found = watcher.open_watch(HEADER, shares)
        track = str(Track(watcher.id, "camera"))
        assert suite.track_key(found, HEADER.digest, track) == key.track_key(track)
    with pytest.raises(SealError):
        PEOPLE[2].open_watch(HEADER, shares)


def test_host_who_left_still_watches() -> None:
    header = build([NAMED[0], replace(NAMED[2], watches=True)])
    _, body = epoch.seal_epoch(header, MEETING.vault_key)
    PEOPLE[2].open_watch(header, epoch.parse_shares(body, header))


def test_without_training_there_are_no_training_shares() -> None:
    header = build(meeting=SILENT.id, charter=SILENT.charter, vault_key=None)
    _, body = epoch.seal_epoch(header, None)
    assert epoch.parse_shares(body, header).training is None
    assert json.loads(body)["training"] is None


def test_every_epoch_draws_its_own_keys() -> None:
    drawn: list[bytes] = []

    def random(length: int) -> bytes:
        drawn.append(os.urandom(length))
        return drawn[-1]

    epoch.seal_epoch(HEADER, MEETING.vault_key, random)
    epoch.seal_epoch(HEADER, MEETING.vault_key, random)
    assert [len(each) for each in drawn] == [32] * 10
    assert len(set(drawn)) == 10


def test_key_is_forgotten() -> None:
    key, _ = epoch.seal_epoch(HEADER, MEETING.vault_key)
    inside = key._key
    key.forget()
    key.forget()
    assert inside == bytearray(32)
    with pytest.raises(ValueError, match="forgotten"):
        key.track_key("x")
    assert repr(key) == "EpochKey(forgotten)"


def test_sealing_needs_the_vault_key_that_the_header_names() -> None:
    other = make_meeting().vault_key
    assert MEETING.vault_key is not None
    # Named by the header, but another meeting's.
    borrowed = replace(MEETING.vault_key, meeting=bytes(16))
    for wrong in (None, other, borrowed):
        with pytest.raises(ValueError, match="vault key"):
            epoch.seal_epoch(HEADER, wrong)


def test_key_that_cannot_be_sealed_to() -> None:
    header = build([NAMED[0], replace(NAMED[1], watch=bytes(1184) + bytes(32))])
    with pytest.raises(SealError):
        epoch.seal_epoch(header, MEETING.vault_key)


SHARES = epoch.seal_epoch(HEADER, MEETING.vault_key)[1]
SHARE_VALUES = json.loads(SHARES)
TRAINING, WATCH = SHARE_VALUES["training"], SHARE_VALUES["watch"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"header": encode(bytes(32))}, "header"),
        ({"training": None}, "training"),
        ({"training": TRAINING | {"people": TRAINING["people"][:2]}}, "training.people"),
        ({"training": TRAINING | {"people": TRAINING["people"] * 2}}, "training.people"),
        ({"training": TRAINING | {"people": ["AA"] * 3}}, "training.people[0]"),
        ({"training": TRAINING | {"wrapped": "AA"}}, "training.wrapped"),
        ({"training": TRAINING | {"vault": None}}, "training.vault"),
        ({"training": TRAINING | {"more": 1}}, "training"),
        ({"watch": WATCH[:1]}, "watch"),
        ({"watch": [WATCH[0] | {"more": 1}, WATCH[1]]}, "watch[0]"),
        ({"watch": WATCH[::-1]}, "watch"),
        ({"watch": WATCH + WATCH[1:]}, "watch"),
        ({"watch": [*WATCH, WATCH[0] | {"id": encode(NAMED[2].id)}]}, "watch"),
        ({"watch": [WATCH[0], WATCH[1] | {"box": "AA"}]}, "watch[1].box"),
        ({"more": 1}, "document"),
    ],
)
def test_shares_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(SHARE_VALUES | change, epoch.parse_shares, HEADER) == field


def test_training_shares_where_none_may_be() -> None:
    header = build(meeting=SILENT.id, charter=SILENT.charter, vault_key=None)
    values = SHARE_VALUES | {"header": encode(header.digest)}
    assert field_of(values, epoch.parse_shares, header) == "training"


def test_header_and_shares_of_many_people_fit() -> None:
    """As many as the server lets into one meeting at most."""
    people = [replace(NAMED[0], id=os.urandom(32), present=number < 50) for number in range(200)]
    header = build(people)
    _, body = epoch.seal_epoch(header, MEETING.vault_key)
    assert len(epoch.parse_shares(body, header).watch) == 200


def test_sizes_are_limited() -> None:
    with pytest.raises(FormatError, match="is not spelled"):
        epoch.parse_header(HEADER.body + b" " * (epoch.MAX_BYTES - len(HEADER.body)))
    with pytest.raises(FormatError, match="is over"):
        epoch.parse_header(HEADER.body + b" " * (epoch.MAX_BYTES - len(HEADER.body) + 1))
    with pytest.raises(FormatError, match="is over"):
        epoch.parse_shares(SHARES + b" " * epoch.MAX_BYTES, HEADER)
