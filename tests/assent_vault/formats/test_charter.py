"""Charters: what was made is read back, and nothing that FORMAT.md does not allow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError
from assent_vault.formats import charter as charters
from assent_vault.formats import document, suite
from assent_vault.formats.charter import Charter

B32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**53 - 1)


def make(**changes: Any) -> Charter:
    values: dict[str, Any] = {
        "meeting": bytes(16),
        "room": bytes([9]) * 32,
        "created": 1,
        "recording": True,
        "training": True,
        "waiting_room": False,
        "expires": 1_750_000_000_000,
        "retention_days": 30,
        "cooling_off_seconds": 3600,
        "notice_version": 1,
        "notices": {"en": bytes(32), "de": bytes([1]) * 32},
        "vault": bytes([2]) * 32,
        "server": bytes([3]) * 32,
    }
    return charters.make(**(values | changes))


@given(
    st.binary(min_size=16, max_size=16),
    TIME,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.tuples(st.integers(0, 2**52), st.integers(1, 36_500), st.integers(0, 31_622_400)),
    st.integers(1, 2**53 - 1),
    st.dictionaries(st.from_regex(r"\A[a-z]{2}(-[A-Z]{2})?\Z"), B32, min_size=1, max_size=10),
    B32.filter(suite.is_sign_public),
    B32.filter(suite.is_sign_public),
)
def test_round_trip(
    meeting: bytes,
    created: int,
    recording: bool,
    training: bool,
    waiting_room: bool,
    numbers: tuple[int, int, int],
    version: int,
    notices: dict[str, bytes],
    vault: bytes,
    server: bytes,
) -> None:
    lasts, retention_days, cooling_off_seconds = numbers
    expires = min(created + lasts, 2**53 - 1)
    charter = make(
        meeting=meeting,
        created=created,
        expires=expires,
        retention_days=retention_days,
        cooling_off_seconds=cooling_off_seconds,
        recording=recording,
        training=training and recording,
        waiting_room=waiting_room,
        notice_version=version,
        notices=notices,
        vault=vault,
        server=server,
    )
    assert charters.parse(charter.to_bytes()) == charter
    assert charter.digest == suite.digest(charter.body)
    assert charter.meeting == meeting
    assert charter.created == created
    assert (charter.recording, charter.waiting_room) == (recording, waiting_room)
    assert (charter.expires, charter.retention_days) == (expires, retention_days)
    assert charter.cooling_off_seconds == cooling_off_seconds
    assert charter.training == (training and recording)
    assert (charter.notice_version, dict(charter.notices)) == (version, notices)
    assert (charter.vault, charter.server) == (vault, server)


def test_training_needs_recording() -> None:
    with pytest.raises(FormatError) as caught:
        make(recording=False)
    assert caught.value.field == "training"


def test_kept_until_is_the_earliest_of_all() -> None:
    day = 86_400_000
    charter = make(created=0, expires=10 * day, retention_days=30)
    assert charter.kept_until() == 40 * day
    assert charter.kept_until(None, 4 * day, 3 * day) == 33 * day
    assert charter.kept_until(11 * day) == 40 * day  # a later end than was signed is none
    assert charter.kept_until(3 * day, retention_days=7) == 10 * day
    assert charter.kept_until(3 * day, retention_days=3650) == 33 * day
    assert charter.kept_until(3 * day, retention_days=0) == 3 * day


def test_words_in_force() -> None:
    charter = make()
    assert charter.in_force(bytes(32))
    assert charter.in_force(bytes([1]) * 32)
    assert not charter.in_force(bytes([2]) * 32)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"meeting": "AA"}, "meeting"),
        ({"created": -1}, "document"),
        ({"recording": "yes"}, "recording"),
        ({"training": None}, "training"),
        ({"waiting_room": 0}, "waiting_room"),
        ({"expires": 0}, "expires"),
        ({"expires": None}, "expires"),
        ({"retention_days": 0}, "retention_days"),
        ({"retention_days": 36_501}, "retention_days"),
        ({"cooling_off_seconds": -1}, "document"),
        ({"cooling_off_seconds": 31_622_401}, "cooling_off_seconds"),
        ({"cooling_off_seconds": False}, "cooling_off_seconds"),
        ({"notice": {"version": 1}}, "notice.texts"),
        ({"notice": {"version": 1, "texts": {}, "x": 1}}, "notice"),
        ({"notice": {"version": 1, "texts": {"?": suite.encode(bytes(32))}}}, "notice.texts"),
        ({"notice": {"version": 1, "texts": {"en": "AA"}}}, "notice.texts"),
        ({"notice": {"version": 1, "texts": {}}}, "notice.texts"),
        ({"notice": {"version": 0, "texts": {}}}, "notice.version"),
        ({"vault": suite.encode(bytes(31))}, "vault"),
        ({"server": None}, "server"),
        ({"server": suite.encode(bytes(32))}, "server"),
        ({"title": "Standup"}, "document"),
        ({"type": "assent/charter/v1"}, "type"),
        ({"room": "AA"}, "room"),
        ({"mode": "end-to-end"}, "mode"),
    ],
)
def test_refused(change: dict[str, Any], field: str) -> None:
    values = json.loads(make().body) | change
    with pytest.raises(FormatError) as caught:
        charters.parse(document.write(values))
    assert caught.value.field == field


@pytest.mark.parametrize("key", list(json.loads(make().body)))
def test_every_field_is_needed(key: str) -> None:
    values = json.loads(make().body)
    del values[key]
    with pytest.raises(FormatError) as caught:
        charters.parse(document.write(values))
    assert caught.value.field == key


def test_size_is_limited() -> None:
    body = make().body
    padded = body[:-1] + b" " * (charters.MAX_BYTES - len(body)) + b"}"
    with pytest.raises(FormatError, match="is not spelled"):
        charters.parse(padded)
    with pytest.raises(FormatError, match="is over"):
        charters.parse(padded[:-1] + b" }")
