"""The errors that are told to clients, against the table that promises them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assent.errors import BadRequest, ConfigError, RateLimited, Refusal, refusals

PROTOCOL = Path(__file__).parents[2] / "server" / "PROTOCOL.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d{3}|–) \|", re.MULTILINE)


def test_every_code_of_the_protocol_has_its_refusal_and_status() -> None:
    table = dict(ROW.findall(PROTOCOL.read_text()))
    assert set(refusals()) == set(table)
    for code, status in table.items():
        if status != "–":
            assert refusals()[code].status == int(status), code


@pytest.mark.parametrize("kind", refusals().values())
def test_a_refusal_says_a_code_and_a_sentence(kind: type[Refusal]) -> None:
    wire = kind().to_wire()
    assert wire["code"] == kind.code
    assert wire["message"].endswith(".")
    assert "field" not in wire


def test_a_refusal_names_the_field_to_blame() -> None:
    assert BadRequest("No.", field="title").to_wire() == {
        "code": "bad-request",
        "message": "No.",
        "field": "title",
    }


def test_too_many_attempts_say_how_long_to_wait() -> None:
    assert RateLimited(retry_after=7).retry_after == 7


def test_wrong_settings_hold_every_mistake() -> None:
    error = ConfigError(["One.", "Two."])
    assert error.mistakes == ("One.", "Two.")
    assert str(error) == "One.\nTwo."
