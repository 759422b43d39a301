"""Documents: what is read back is what was written, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError
from assent_vault.formats import document
from assent_vault.formats.suite import encode

TYPE = "assent/test/v1"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, document.MAX_INTEGER) | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=8,
)


def read(text: str | bytes, *keys: str, most: int = 1000) -> document.Fields:
    body = text.encode() if isinstance(text, str) else text
    return document.read(body, TYPE, most=most).only("type", *keys)


def one(value: str) -> document.Fields:
    """Read a document with one field, given as JSON."""
    return read(f'{{"type":"{TYPE}","x":{value}}}', "x")


def field_of(caught: pytest.ExceptionInfo[FormatError]) -> str:
    return caught.value.field


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    body = document.write({"type": TYPE, "x": value})
    fields = document.read(body, TYPE, most=len(body))
    assert fields._values["x"] == value
    assert document.write({"type": TYPE, "x": value}) == body


@given(st.binary(max_size=200))
def test_noise_is_refused_or_read_but_never_breaks(noise: bytes) -> None:
    with pytest.raises(FormatError):
        document.read(noise, TYPE, most=200)


@given(st.text(max_size=50))
def test_noise_in_a_value_never_breaks(noise: str) -> None:
    try:
        one(noise.encode("utf-8", "replace").decode())
    except FormatError:
        return


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}x",
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        b'\xef\xbb\xbf{"type":"assent/test/v1"}',
        b'{"type":"assent/test/v1",}',
        b'{"type":"assent/test/v1","type":"assent/test/v1"}',
        b'{"type":"assent/test/v1","a":{"b":1,"b":1}}',
        b'{"type":"assent/test/v1","a":1,"\\u0061":1}',
        b'{"type":"assent/test/v1","a":"\\ud800"}',
        b'{"type":"assent/test/v1","\\udc00":1}',
        b'{"type":"assent/test/v1","a":"\x00"}',
        b'{"type":"assent/test/v1","a":' + b"[" * 100_000,
        b'{"type":"assent/test/v1","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_bytes_that_are_no_document(body: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        document.read(body, TYPE, most=10**6)
    assert field_of(caught) == "document"


@pytest.mark.parametrize(
    "number",
    [
        "-1",
        "-0",
        "1.0",
        "1.5",
        "1e3",
        "1E0",
        "01",
        "+1",
        "NaN",
        "Infinity",
        "-Infinity",
        "1_000",
        "0x1",
        "9007199254740992",
        "9" * 5000,
        "٣",
    ],
)
def test_numbers_that_are_no_integers(number: str) -> None:
    with pytest.raises(FormatError):
        read(f'{{"type":"{TYPE}","x":{number}}}', "x", most=10_000)


def test_integers() -> None:
    assert one("0").integer("x") == 0
    assert one("9007199254740991").integer("x") == document.MAX_INTEGER
    assert one("1").integer("x", least=1) == 1
    with pytest.raises(FormatError):
        one("0").integer("x", least=1)
    for other in ("true", "false", "null", '"1"', "[]", "{}"):
        with pytest.raises(FormatError):
            one(other).integer("x")


def test_size_is_limited() -> None:
    body = document.write({"type": TYPE})
    document.read(body, TYPE, most=len(body))
    with pytest.raises(FormatError) as caught:
        document.read(body, TYPE, most=len(body) - 1)
    assert field_of(caught) == "document"


def test_type_must_be_the_one_expected() -> None:
    for body in (b"{}", b'{"type":"assent/test/v2"}', b'{"type":null}'):
        with pytest.raises(FormatError) as caught:
            document.read(body, TYPE, most=100)
        assert field_of(caught) == "type"


def test_missing_and_foreign_fields() -> None:
    with pytest.raises(FormatError) as caught:
        read(f'{{"type":"{TYPE}"}}', "x")
    assert field_of(caught) == "x"
    with pytest.raises(FormatError) as caught:
        read(f'{{"type":"{TYPE}","secret":1}}')
    assert field_of(caught) == "document"
    assert "secret" not in str(caught.value)


def test_path_of_a_field_inside() -> None:
    fields = one('{"y":[{"z":1},{"z":"text"}],"w":1}')
    inside = fields.child("x").only("y", "w")
    with pytest.raises(FormatError) as caught:
        [item.only("z").integer("z") for item in inside.children("y")]
    assert field_of(caught) == "x.y[1].z"
    with pytest.raises(FormatError) as caught:
        fields.child("x").only("y")
    assert field_of(caught) == "x"


def test_text_and_choice() -> None:
    assert one('"ä"').text("x") == "ä"
    assert one('"a"').choice("x", ("a", "b")) == "a"
    with pytest.raises(FormatError):
        one('"c"').choice("x", ("a", "b"))
    one('"a"').exactly("x", "a")
    with pytest.raises(FormatError):
        one('"a"').exactly("x", "b")
    for other in ("1", "null", "true", "[]", "{}"):
        with pytest.raises(FormatError):
            one(other).text("x")


def test_boolean() -> None:
    assert one("true").boolean("x") is True
    assert one("false").boolean("x") is False
    for other in ("0", "1", "null", '"true"', "[]"):
        with pytest.raises(FormatError):
            one(other).boolean("x")


def test_b64() -> None:
    assert one(f'"{encode(b"abc")}"').b64("x", 3) == b"abc"
    assert one("null").b64_or_null("x", 3) is None
    assert one('"YWJj"').b64_or_null("x", 3) == b"abc"
    assert one('["YWJj","YWJj"]').b64_list("x", 3) == (b"abc", b"abc")
    for other in ('"YWJj"', '"YWI="', "1", "null"):
        with pytest.raises(FormatError) as caught:
            one(other).b64("x", 2)
        assert field_of(caught) == "x"
    for other, field in (('["YWJj",1]', "x[1]"), ('["YWI"]', "x[0]"), ("{}", "x"), ("null", "x")):
        with pytest.raises(FormatError) as caught:
            one(other).b64_list("x", 3)
        assert field_of(caught) == field


def test_objects_and_lists() -> None:
    assert one("null").child_or_null("x") is None
    child = one('{"y":1}').child_or_null("x")
    assert child is not None
    assert child.integer("y") == 1
    for other in ("[]", "1", '"{}"', "null"):
        with pytest.raises(FormatError):
            one(other).child("x")
    for other, field in (("{}", "x"), ("[1]", "x[0]"), ("[{},[]]", "x[1]"), ("null", "x")):
        with pytest.raises(FormatError) as caught:
            list(one(other).children("x"))
        assert field_of(caught) == field


@pytest.mark.parametrize("tag", ["en", "de-AT", "zh-Hans-CN", "sl-rozaj-biske-1994"])
def test_language_tags(tag: str) -> None:
    assert one(json.dumps(tag)).language("x") == tag


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "-",
        "en-",
        "-en",
        "e n",
        "en_US",
        "ä",
        "123",
        "abcdefghi",
        "en--US",
        "x-klingon",
        "EN",
        "en\n",
    ],
)
def test_texts_that_are_no_language_tags(tag: str) -> None:
    with pytest.raises(FormatError):
        one(json.dumps(tag)).language("x")


def test_language_tags_are_limited() -> None:
    longest = "en-Latn-US-abcdefgh-abcdefgh-abcdef"
    assert len(longest) == 35
    assert one(f'"{longest}"').language("x")
    with pytest.raises(FormatError):
        one(f'"{longest}g"').language("x")


@pytest.mark.parametrize(
    "body",
    [
        b'{ "type":"assent/test/v1"}',
        b'{"type":"assent/test/v1"}\n',
        b'{"type":"assent\\/test/v1"}',
        b'{"type":"\\u0061ssent/test/v1"}',
        b'{"\\u0074ype":"assent/test/v1"}',
    ],
)
def test_another_spelling_of_the_same(body: bytes) -> None:
    assert json.loads(body) == {"type": TYPE}
    with pytest.raises(FormatError, match="document: is not spelled"):
        document.read(body, TYPE, most=100)


def test_fields_stand_in_their_order() -> None:
    body = f'{{"x":1,"type":"{TYPE}"}}'
    with pytest.raises(FormatError, match="document: has its fields in another order"):
        read(body, "x")
    inside = one('{"b":1,"a":2}').child("x")
    assert inside.only("b", "a")
    with pytest.raises(FormatError, match="x: has its fields in another order"):
        inside.only("a", "b")


def test_keys_that_anybody_could_sign_with() -> None:
    good = bytes([2]) + bytes(31)
    assert one(json.dumps(encode(good))).sign_public("x") == good
    with pytest.raises(FormatError, match="x: is a key that anybody could sign with"):
        one(json.dumps(encode(bytes(32)))).sign_public("x")


def test_words_have_no_control_characters() -> None:
    for good in ("", "two\nlines\r\n\tand a tab", "\u202eright to left\u202c", "\ufeff"):
        assert one(document.write(good).decode()).words("x") == good
    for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160)):
        with pytest.raises(FormatError, match="x: has a control character"):
            one(document.write(f"a{chr(code)}b").decode()).words("x")


def test_digests_by_language() -> None:
    digest = encode(bytes(32))
    assert one(f'{{"en":"{digest}"}}').digests_by_language("x") == {"en": bytes(32)}
    for other in (f'{{"<b>":"{digest}"}}', '{"en":"AA"}', '{"en":null}', "[]", "{}"):
        with pytest.raises(FormatError) as caught:
            one(other).digests_by_language("x")
        assert "<b>" not in str(caught.value)
