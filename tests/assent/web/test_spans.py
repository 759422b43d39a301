"""Lengths of time in words."""

from __future__ import annotations

import pytest

from assent.web.spans import LANGUAGES, in_days, in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 hours"),
        (1, "1 second"),
        (2, "2 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (86_400, "24 hours"),
        (90_000, "25 hours"),
        (172_800, "2 days"),
        (172_801, "172801 seconds"),
    ],
)
def test_it_is_said_exactly(seconds: int, words: str) -> None:
    assert in_words(seconds, "en") == words


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "1 day", "90 days"),
        ("de", "1 Tag", "90 Tage"),
        ("fr", "1 jour", "90 jours"),
        ("es", "1 día", "90 días"),
        ("ar", "يوم واحد", "90 يومًا"),
    ],
)
def test_days(language: str, one: str, several: str) -> None:
    assert (in_days(1, language), in_days(90, language)) == (one, several)
    assert language in LANGUAGES


def test_arabic_has_six_forms() -> None:
    forms = [in_days(count, "ar") for count in (1, 2, 3, 11, 100, 103)]
    assert forms == ["يوم واحد", "يومين", "3 أيام", "11 يومًا", "100 يوم", "103 أيام"]
    assert in_words(0, "fr") == "0 heure"
