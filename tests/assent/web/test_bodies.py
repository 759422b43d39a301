"""Bodies: what is wrong is named, what was sent is never repeated."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadRequest
from assent.web import bodies
from assent.web.bodies import (
    AnswerBody,
    CreateMeeting,
    Inspect,
    Invite,
    SignIn,
    decode_field,
    parse,
)

MEETING = b'{"title":"T","room":"cm9vbQ","door":"ZG9vcg","lifetime_hours":2}'


def blamed(data: bytes, kind: type[bodies.Body]) -> str | None:
    """Return the field a refusal blames; None where it blames none, or nothing was refused."""
    try:
        parse(data, kind)
    except BadRequest as refusal:
        return refusal.field
    return None


def test_a_body_as_it_should_be() -> None:
    body = parse(MEETING, CreateMeeting)
    assert body == CreateMeeting("T", "cm9vbQ", "ZG9vcg", 2)


@pytest.mark.parametrize(
    ("data", "kind", "field"),
    [
        (MEETING.replace(b'"cm9vbQ"', b"true"), CreateMeeting, "room"),
        (MEETING.replace(b"cm9vbQ", b"x" * (16 * 1024 + 1)), CreateMeeting, "room"),
        (MEETING.replace(b'"ZG9vcg"', b"1"), CreateMeeting, "door"),
        (MEETING.replace(b"ZG9vcg", b""), CreateMeeting, "door"),
        (MEETING.replace(b'"T"', b"null"), CreateMeeting, "title"),
        (MEETING.replace(b'"T"', b'"%s"' % (b"x" * 1025)), CreateMeeting, "title"),
        (MEETING.replace(b":2", b":0"), CreateMeeting, "lifetime_hours"),
        (MEETING.replace(b":2", b":9999"), CreateMeeting, "lifetime_hours"),
        (MEETING.replace(b":2", b":2.5"), CreateMeeting, "lifetime_hours"),
        (b'{"login":"a"}', SignIn, "password"),
        (b'{"role":"owner"}', Invite, "role"),
        (b'{"token":""}', Inspect, "token"),
        (b'{"statement":"a","signature":"b"}', AnswerBody, "sealed"),
        (
            b'{"statement":"%s","signature":"b","sealed":null}' % (b"x" * 20_000),
            AnswerBody,
            "statement",
        ),
    ],
)
def test_the_field_to_blame_is_named(data: bytes, kind: type[bodies.Body], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(data, kind)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"{" * 5000,
        b"[" * 100_000,
        b'{"login":"a","password":"\xff"}',
        b'{"login":"a","password":"b","more":1}',
    ],
)
def test_what_is_no_body_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(data, SignIn)


@given(st.binary(max_size=200), st.sampled_from(bodies.Body.__subclasses__()))
def test_whatever_is_sent_is_read_or_refused(data: bytes, kind: type[bodies.Body]) -> None:
    assert blamed(data, kind) in (None, *kind.__struct_fields__)


@given(st.text(min_size=1))
def test_a_name_of_the_clients_own_is_not_repeated(name: str) -> None:
    data = json.dumps({"login": "a", "password": "b", f"secret-{name}": 1}).encode()
    assert blamed(data, SignIn) is None


@pytest.mark.parametrize("text", ["A", "AB=", "A B", "é", "AB"])
def test_what_is_not_strict_base64url_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decode_field(text, "token")
    assert caught.value.field == "token"


def test_strict_base64url_is_read() -> None:
    assert decode_field("AQID", "token") == b"\1\2\3"
