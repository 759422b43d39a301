"""Lengths of time in words, as notices say them: "1 hour", "90 Tage"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

MINUTE, HOUR, DAY = 60, 3600, 86_400


def _two(one: str, other: str) -> Callable[[int], str]:
    return lambda count: f"{count} {one if count == 1 else other}"


def _french(one: str, other: str) -> Callable[[int], str]:
    return lambda count: f"{count} {one if count < 2 else other}"


def _arabic(one: str, two: str, few: str, many: str, other: str) -> Callable[[int], str]:
    """Return the forms of Arabic (CLDR plural rules), in the genitive."""

    def say(count: int) -> str:
        if count == 1:
            return one
        if count == 2:
            return two
        last = count % 100
        return f"{count} {few if 3 <= last <= 10 else many if last >= 11 else other}"

    return say


# By language, for days, hours, minutes and seconds.
_WORDS: Final[Mapping[str, tuple[Callable[[int], str], ...]]] = MappingProxyType(
    {
        "en": (
            _two("day", "days"),
            _two("hour", "hours"),
            _two("minute", "minutes"),
            _two("second", "seconds"),
        ),
        "de": (
            _two("Tag", "Tage"),
            _two("Stunde", "Stunden"),
            _two("Minute", "Minuten"),
            _two("Sekunde", "Sekunden"),
        ),
        "fr": (
            _french("jour", "jours"),
            _french("heure", "heures"),
            _french("minute", "minutes"),
            _french("seconde", "secondes"),
        ),
        "es": (
            _two("día", "días"),
            _two("hora", "horas"),
            _two("minuto", "minutos"),
            _two("segundo", "segundos"),
        ),
        "ar": (
            _arabic("يوم واحد", "يومين", "أيام", "يومًا", "يوم"),
            _arabic("ساعة واحدة", "ساعتين", "ساعات", "ساعة", "ساعة"),
            _arabic("دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
            _arabic("ثانية واحدة", "ثانيتين", "ثوانٍ", "ثانية", "ثانية"),
        ),
    }
)
LANGUAGES: Final = frozenset(_WORDS)


def in_words(seconds: int, language: str) -> str:
    """Return a length of time exactly, in the largest unit that goes into it.

    Raises KeyError for a language that is none of ``LANGUAGES``.
    """
    days, hours, minutes, whole_seconds = _WORDS[language]
    if seconds % DAY == 0 and seconds > DAY:
        return days(seconds // DAY)  # a single day is 24 hours: that is how it is carried out
    if seconds % HOUR == 0:
        return hours(seconds // HOUR)
    if seconds % MINUTE == 0:
        return minutes(seconds // MINUTE)
    return whole_seconds(seconds)


def in_days(days: int, language: str) -> str:
    """Return a number of days in words; raises KeyError as ``in_words`` does."""
    return _WORDS[language][0](days)
