"""Charters: what was made is read back, and nothing that FORMAT.md does not allow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault import charter as charters
from assent_vault import suite
from assent_vault.charter import Charter
from assent_vault.errors import FormatError

B32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**53 - 1)


def make(**changes: Any) -> Charter:
    values: dict[str, Any] = {
        "meeting": bytes(16),
        "created": 1,
        "recording": True,
        "training": True,
        "waiting_room": False,
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
    TIME,
    st.dictionaries(st.from_regex(r"\A[a-z]{2}(-[A-Z]{2})?\Z"), B32, max_size=10),
    B32,
    B32,
)
def test_round_trip(
    meeting: bytes,
    created: int,
    recording: bool,
    training: bool,
    waiting_room: bool,
    version: int,
    notices: dict[str, bytes],
    vault: bytes,
    server: bytes,
) -> None:
    charter = make(
        meeting=meeting,
        created=created,
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
    assert charter.training == (training and recording)
    assert (charter.notice_version, dict(charter.notices)) == (version, notices)
    assert (charter.vault, charter.server) == (vault, server)


def test_training_needs_recording() -> None:
    with pytest.raises(FormatError) as caught:
        make(recording=False)
    assert caught.value.field == "training"


def test_words_in_force() -> None:
    charter = make()
    assert charter.in_force(bytes(32))
    assert charter.in_force(bytes([1]) * 32)
    assert not charter.in_force(bytes([2]) * 32)
    assert not make(notices={}).in_force(bytes(32))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"meeting": "AA"}, "meeting"),
        ({"created": -1}, "document"),
        ({"recording": "yes"}, "recording"),
        ({"training": None}, "training"),
        ({"waiting_room": 0}, "waiting_room"),
        ({"notice": {"version": 1}}, "notice.texts"),
        ({"notice": {"version": 1, "texts": {}, "x": 1}}, "notice"),
        ({"notice": {"version": 1, "texts": {"?": suite.encode(bytes(32))}}}, "notice.texts"),
        ({"notice": {"version": 1, "texts": {"en": "AA"}}}, "notice.texts"),
        ({"vault": suite.encode(bytes(31))}, "vault"),
        ({"server": None}, "server"),
        ({"title": "Standup"}, "document"),
        ({"type": "assent/charter/v2"}, "type"),
    ],
)
def test_refused(change: dict[str, Any], field: str) -> None:
    values = json.loads(make().body) | change
    with pytest.raises(FormatError) as caught:
        charters.parse(json.dumps(values).encode())
    assert caught.value.field == field


@pytest.mark.parametrize("key", list(json.loads(make().body)))
def test_every_field_is_needed(key: str) -> None:
    values = json.loads(make().body)
    del values[key]
    with pytest.raises(FormatError) as caught:
        charters.parse(json.dumps(values).encode())
    assert caught.value.field == key


def test_size_is_limited() -> None:
    body = make().body
    padded = body[:-1] + b" " * (charters.MAX_BYTES - len(body)) + b"}"
    charters.parse(padded)
    with pytest.raises(FormatError):
        charters.parse(padded[:-1] + b" }")
