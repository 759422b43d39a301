"""One grammar: what each reader takes and refuses, in Python and in TypeScript the same.

``grammar.json`` has a case for each rule and each limit of FORMAT.md; the property then changes
valid documents in every way that a forger or another writer might, and asks both readers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_vault.formats.suite import decode
from support.readers import READERS, Client, Given, judge

Json = dict[str, Any]
VECTORS: Json = json.loads((Path(__file__).parents[1] / "vectors/grammar.json").read_bytes())
GIVEN = Given.of(VECTORS["given"])
CASES: list[Json] = VECTORS["cases"]
GOOD = [case for case in CASES if case["code"] is None]


def body_of(case: Json) -> bytes:
    return b"".join(decode(piece) * times for piece, times in case["bytes"])


def signature_of(case: Json) -> bytes:
    return decode(case["signature"] or "")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: Json) -> None:
    assert judge(case["reader"], body_of(case), signature_of(case), GIVEN) == case["code"]


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_is_tried_both_ways(reader: str) -> None:
    codes = {case["code"] for case in CASES if case["reader"] == reader}
    assert None in codes
    assert len(codes) > 1


# What both make of bytes that nobody has thought of.

SMALL = [
    (case["reader"], body, signature_of(case))
    for case in GOOD
    for body in [body_of(case)]
    if len(body) < 20_000
]
LETTERS = st.characters(codec="utf-8")
# What JSON, notes and proofs are made of, and what looks like it.
TOKENS = st.sampled_from(
    [*"{}[]:,\"\\/ \t\n\r-+.0e1=_AZaz", "\u2014 ", "null", "true", "\\u0061", "\\u0000", "\\ud83d",
     "\\n", "1.0", "-0", "1e3", "9007199254740992", "\ufeff", "\u2028", "\x85", "\xa0", "\x7f",
     "\0", "extra ", "extra YQ==\n", "index 1\n", '"type":1,', '"at":1,', '"x":1', "en-US",
     "\u00e9", "\U0001f600"],
)  # fmt: skip
Change = Callable[[bytes], bytes]


def _at(body: bytes, place: float) -> int:
    return min(int(place * len(body)), len(body))


def _put(token: str, place: float, gone: int) -> Change:
    """Put something in place of some bytes."""

    def change(body: bytes) -> bytes:
        at = _at(body, place)
        return body[:at] + token.encode() + body[at + gone :]

    return change


def _flip(place: float, mask: int) -> Change:
    """Change the bits of a byte."""

    def change(body: bytes) -> bytes:
        at = _at(body, place)
        return body[:at] + bytes(byte ^ mask for byte in body[at : at + 1]) + body[at + 1 :]

    return change


def _escape(place: float, form: str) -> Change:
    """Spell a letter of a string as an escape."""

    def change(body: bytes) -> bytes:
        at = _at(body, place)
        return (
            body[:at]
            + b"".join(form.format(b).encode() for b in body[at : at + 1])
            + body[at + 1 :]
        )

    return change


_VALUE = rb'(?<=:)(\d+|null|true|false|"[^"]*")'


def _token(place: float, text: str) -> Change:
    """Put another value where there is one: a number, a word, or a string."""

    def change(body: bytes) -> bytes:
        found = list(re.finditer(_VALUE, body))
        if not found:
            return body
        chosen = found[min(int(place * len(found)), len(found) - 1)]
        return body[: chosen.start()] + text.encode() + body[chosen.end() :]

    return change


def _members(order: int) -> Change:
    """Write members in another order, on every level where there are as many."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, turned(inner)) for key, inner in value.items()]
            cut = order % max(len(items), 1)
            return dict(items[cut:] + items[:cut])
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    def change(body: bytes) -> bytes:
        try:
            value = json.loads(body)
        except ValueError:
            return body
        return json.dumps(turned(value), ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )

    return change


def _twice(place: float) -> Change:
    """Say a part of it twice: a member, a line, an item."""

    def change(body: bytes) -> bytes:
        parts = re.split(rb"(?<=[,\n])", body)
        at = min(int(place * len(parts)), len(parts) - 1)
        return b"".join([*parts[: at + 1], *parts[at:]])

    return change


PLACE = st.floats(0, 1)
CHANGES = st.one_of(
    st.builds(_put, st.one_of(TOKENS, LETTERS), PLACE, st.integers(0, 3)),
    st.builds(_flip, PLACE, st.integers(1, 255)),
    st.builds(_escape, PLACE, st.sampled_from(["\\u{:04x}", "\\u{:04X}", "\\{:c}"])),
    st.builds(_token, PLACE, st.one_of(TOKENS, st.integers().map(str), st.floats().map(repr),
              st.text(LETTERS, max_size=5).map(json.dumps))),
    st.builds(_members, st.integers(1, 12)),
    st.builds(_twice, PLACE),
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("client"), VECTORS["given"]) as asked:
        yield asked


def test_both_read_every_value_before_they_believe_any(client: Client) -> None:
    """With one of another kind it is no such document, whoever has signed it."""
    for reader, body, signature in SMALL:
        values = len(re.findall(_VALUE, body))
        for place in range(values):
            changed = _token((place + 0.5) / values, "[]")(body)
            here = judge(reader, changed, signature, GIVEN)
            assert (place, client.judge(reader, changed, signature)) == (place, here), reader


@settings(max_examples=1500)
@given(of=st.sampled_from(SMALL), changes=st.lists(CHANGES, min_size=1, max_size=3))
def test_both_readers_think_the_same(
    client: Client, of: tuple[str, bytes, bytes], changes: list[Change]
) -> None:
    reader, body, signature = of
    for change in changes:
        body = change(body)
    assert client.judge(reader, body, signature) == judge(reader, body, signature, GIVEN)
