"""The filters of an export: how each is said, and between which bounds. Pure.

The command and the console read what they are told by these, and so is a row. Each raises
ExportError ``bad-request``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from assent_vault.errors import ExportError

MOST_LANGUAGES: Final = 20
"""Languages that can be named."""
LANGUAGE: Final = r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z"
"""How a language is named: as in BCP 47, ``de`` or ``pt-BR``."""
MOST_TAG: Final = 35
"""Characters of it."""
MOST_SECONDS: Final = 999_999_999
"""Of the least length of a meeting."""
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_FRACTION: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,9})?|\.[0-9]{1,9}", re.ASCII)


def languages(given: Sequence[str]) -> tuple[str, ...]:
    """Return tags of languages, each once, in lower case and ordered."""
    if len(given) > MOST_LANGUAGES:
        raise ExportError("bad-request", f"No more than {MOST_LANGUAGES} languages can be named.")
    return tuple(sorted({language(each) for each in given}))


def language(given: str) -> str:
    """Return the tag of a language, in lower case."""
    if re.fullmatch(LANGUAGE, given) and len(given) <= MOST_TAG:
        return given.lower()
    raise _must("be the tag of a language, as de or pt-BR")


def seconds(given: str | int) -> int:
    """Return the least length of a meeting, a whole number of seconds, as text or as a number."""
    if isinstance(given, str):
        given = int(given) if _DIGITS.fullmatch(given) else -1
    if 0 <= given <= MOST_SECONDS:
        return given
    raise _must(f"be a whole number of seconds, of up to {len(str(MOST_SECONDS))} digits")


def share(given: str | float) -> float:
    """Return a share from 0 to 1, given as text or as a number."""
    if isinstance(given, str):
        given = float(given) if _FRACTION.fullmatch(given) else -1.0
    if 0 <= given <= 1:
        return given
    raise _must("be a share from 0 to 1, as in 0.1")


def _must(words: str) -> ExportError:
    return ExportError("bad-request", f"It must {words}.")
