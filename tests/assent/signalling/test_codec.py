"""Reading what browsers send, the wrong ones above all."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadRequest, Refusal, TooLarge
from assent.signalling import codec
from assent.signalling import messages as m


def test_a_message_is_read() -> None:
    assert codec.decode('{"type":"lock","id":7,"locked":true}') == m.Lock(True, id=7)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", None),
        ("{", None),
        ("[]", None),
        ("null", None),
        ('{"type":"nonsense"}', "type"),
        ('{"type":"lock","locked":1}', "locked"),
        ('{"type":"lock","locked":true,"more":1}', None),
        ('{"type":"lock"}', None),
        ('{"type":"lock","locked":true,"id":-1}', "id"),
        ('{"type":"deny","person":"short"}', "person"),
        ('{"type":"muted","source":"thoughts","muted":true}', "source"),
        ("[" * 50_000, None),
    ],
)
def test_a_bad_message_is_refused(text: str, field: str | None) -> None:
    with pytest.raises(BadRequest) as refused:
        codec.decode(text)
    assert refused.value.field == field


def test_a_large_message_is_refused() -> None:
    with pytest.raises(TooLarge):
        codec.decode(" " * (m.MAX_MESSAGE + 1))


@given(st.text())
def test_no_text_does_more_than_refuse(text: str) -> None:
    codec.request_id(text)
    with suppress(Refusal):
        codec.decode(text)


def test_a_refused_request_keeps_its_id() -> None:
    assert codec.request_id('{"type":"lock","id":7,"locked":3}') == 7
    assert codec.request_id('{"id":"x"}') is None


def test_an_error_on_the_wire() -> None:
    assert json.loads(codec.encode(codec.error(BadRequest("No.", field="a"), 3))) == {
        "type": "error",
        "id": 3,
        "error": {"code": "bad-request", "message": "No.", "field": "a"},
    }
