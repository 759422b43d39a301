"""In which languages everybody read what they agreed to: by the last answer of each."""

from __future__ import annotations

import pytest

from assent_vault.formats.statement import Will
from assent_vault.store import answer_languages
from support.people import Person, make_meeting


def answer(language: str) -> bytes:
    staged = make_meeting()
    person = Person(staged.charter, staged.vault_key, language=language)
    person.enrol()
    return person.raw_answer(Will.YES, Will.YES, sealed=b"x").body


@pytest.mark.parametrize(
    ("said", "wanted", "is_it"),
    [
        (("de",), (), True),
        (("de",), ("de",), True),
        (("de-CH",), ("de",), True),
        (("de-CH",), ("DE-ch",), True),
        (("de",), ("de-CH",), False),
        (("den",), ("de",), False),
        (("de", "fr"), ("de",), False),
        (("de", "fr"), ("fr", "de"), True),
    ],
)
def test_languages(said: tuple[str, ...], wanted: tuple[str, ...], is_it: bool) -> None:
    assert answer_languages.reads(wanted, [answer(each) for each in said]) == is_it


def test_what_nobody_said_is_in_no_language() -> None:
    assert not answer_languages.reads(("de",), [None])
    assert not answer_languages.reads(("de",), [b"{}"])
    assert answer_languages.reads((), [None])
