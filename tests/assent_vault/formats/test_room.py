"""Room documents: what was composed is read back, and a charter is held against one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError
from assent_vault.formats import charter as charters
from assent_vault.formats import document, suite
from assent_vault.formats import room as rooms
from assent_vault.formats.room import Mode
from support.people import make_meeting
from support.rooms import Link, make_room

B32 = st.binary(min_size=32, max_size=32)
KEY = B32.filter(suite.is_sign_public)


@given(
    KEY,
    st.sampled_from(Mode),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.tuples(st.integers(1, 36_500), st.integers(0, 31_622_400)),
    st.tuples(KEY, KEY, B32),
)
def test_round_trip(
    host: bytes,
    mode: Mode,
    offered: tuple[bool, bool, bool],
    numbers: tuple[int, int],
    rest: tuple[bytes, bytes, bytes],
) -> None:
    recording, training, waiting_room = offered
    values: dict[str, Any] = {
        "host": host,
        "mode": mode,
        "recording": recording,
        "training": training and recording,
        "waiting_room": waiting_room,
        "retention_days": numbers[0],
        "cooling_off_seconds": numbers[1],
        "vault": rest[0],
        "server": rest[1],
        "random": rest[2],
    }
    made = rooms.make(**values)
    read = rooms.parse(made.body)
    assert read == made
    assert {name: getattr(read, name) for name in values} == values
    assert read.digest == suite.digest(made.body)
    assert len(made.body) <= rooms.MAX_BYTES


def test_training_alone_is_not_offered() -> None:
    with pytest.raises(FormatError, match="training"):
        make_room(vault=bytes([2]) * 32, server=bytes([3]) * 32, recording=False)


def test_over_the_limit() -> None:
    body = make_room(vault=bytes([2]) * 32, server=bytes([3]) * 32).body
    longer = body[:-1] + b',"more":"' + b"x" * rooms.MAX_BYTES + b'"}'
    with pytest.raises(FormatError, match="over 2048 bytes"):
        rooms.parse(longer)
    assert document.read(body, rooms.TYPE, most=rooms.MAX_BYTES)


def test_the_charter_of_a_meeting_fits_its_room() -> None:
    meeting = make_meeting()
    assert charters.refused(meeting.charter, meeting.room) is None
    assert charters.refused(meeting.charter, make_meeting().room) == "other-room"


def test_keys_of_a_link_depend_on_both_its_halves() -> None:
    link = Link(bytes(32), bytes([1]) * 32)
    others = (Link(bytes([1]) * 32, link.room), Link(link.secret, bytes(32)))
    found = [key for each in (link, *others) for key in (each.door, each.brought)]
    assert len(set(map(str, found))) == 6
    assert Link.read(f"https://meet.example/m/x#{link.fragment}") == link
    assert len(link.fragment) == 86
