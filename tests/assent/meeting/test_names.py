"""Names as people type them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadRequest
from assent.meeting.names import clean_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada", "Ada"),
        ("  Ada \t  Lovelace\n", "Ada Lovelace"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u202eevil\u202c", "evil"),
        ("a\x00b\x1bc", "abc"),
        ("<script>", "<script>"),
        ("\u0645\u0631\u064a\u0645", "\u0645\u0631\u064a\u0645"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
    ],
)
def test_a_name_is_kept_as_it_is(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200d", "\u202e", "\x00", "\u0301", "x" * 65])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(BadRequest) as refused:
        clean_name(typed)
    assert refused.value.field == "name"


def test_marks_do_not_count_but_are_bounded() -> None:
    assert clean_name("e\u0323\u0302" * 64)
    with pytest.raises(BadRequest):
        clean_name("a" + "\u0301" * 600)


@given(st.text(max_size=200))
def test_a_kept_name_is_harmless_and_stays(typed: str) -> None:
    try:
        name = clean_name(typed)
    except BadRequest:
        return
    assert clean_name(name) == name
    assert name == unicodedata.normalize("NFC", name)
    assert not any(unicodedata.category(point) == "Cc" for point in name)
    assert not any(0x202A <= ord(point) <= 0x202E for point in name)
