"""A message that does not say who may send it, or how long it may be, is an error at the start."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec
import pytest

from assent.signalling import messages as m
from assent.signalling.rule import ADMITTED, NOBODY, Rule, must_be_declared


class Silent(m.Request, frozen=True):
    """Declares nothing."""


class Heir(m.Lock, frozen=True):
    """Has the rule of another message, and none of its own."""


class Field(m.Request, frozen=True):
    """Has a field of that name, which a browser would fill in."""

    rule: Rule = ADMITTED  # type: ignore[misc]


class Long(m.Request, frozen=True):
    """Has a text of any length."""

    rule = ADMITTED
    text: str


class Many(m.Request, frozen=True):
    """Has a list of any length."""

    rule = ADMITTED
    people: list[m.Person]


class Inner(msgspec.Struct):
    """Has a text of any length, for what it is in."""

    text: str


class Nested(m.Request, frozen=True):
    """Has it further inside."""

    rule = ADMITTED
    inner: Annotated[list[Inner], msgspec.Meta(max_length=3)]


class Unknown(m.Request, frozen=True):
    """Has a field of which nobody has thought."""

    rule = ADMITTED
    table: dict[str, int]


@pytest.mark.parametrize("kind", [Silent, Heir, Field])
def test_a_message_without_a_rule_of_its_own_is_an_error(kind: type) -> None:
    with pytest.raises(TypeError, match="who may send it"):
        must_be_declared(m.Lock | kind)


@pytest.mark.parametrize("kind", [Long, Many, Nested, Unknown])
def test_a_message_of_any_length_is_an_error(kind: type) -> None:
    with pytest.raises(TypeError, match=r"how long|of the length"):
        must_be_declared(m.Lock | kind)


def test_every_message_there_is_declares_both() -> None:
    must_be_declared(m.ClientMessage)


def test_who_declares_nothing_may_be_sent_by_nobody() -> None:
    assert Silent.rule is NOBODY
    assert not NOBODY.stages


def test_a_rule_is_nothing_that_a_browser_can_say() -> None:
    for kind in get_args(m.ClientMessage):
        assert "rule" not in kind.__struct_fields__
