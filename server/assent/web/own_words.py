"""An administrator's own words in the notice: what may stand in them, and which are in force.

All else of a notice says what the program does, from its templates, settings and charters, and is
no one's to write in the console. What is free is one section, which says whose words it holds; so
nothing in it may end that section, and nothing that must be said can be taken out.

A version has words in every language or in none, for nobody is to be told less for their language.
They may have ``${…}`` and ``%%`` marks as templates have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.errors import BadNotice
from assent_vault.formats import document
from assent_vault.store import models

MOST_CHARACTERS: Final = 4000
"""In one language. All of them together have to fit into a body of 64 KiB."""
_PLACE: Final = re.compile(r"\$\{([^}]*)\}")
_OPEN: Final = re.compile(r"\$\{[^}]*$")
_HEADING: Final = re.compile(r"\s*#{1,2}(?!#)")
_RULE: Final = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*")
_BREAKS: Final = re.compile("[\r\u2028\u2029]")
_HERE: Final = re.compile(r"\$\{own_words\}")
_OURS: Final = re.compile(r"^%%[ \t]*own words", re.MULTILINE)
"""The template's mark around them; it says nothing within."""
_ALL: Final = dict.fromkeys(("names", "recording", "training"), True)


def has_place(template: str) -> bool:
    """Tell whether a template has a place for them."""
    return _HERE.search(template) is not None


def checked(own: Mapping[str, str], languages: Mapping[str, bool]) -> dict[str, str]:
    """Return words as they are stored, by language; raises BadNotice.

    ``languages`` are all that the notice has, and whether it has a place for them in each.
    """
    for language in own:
        if language not in languages:
            raise BadNotice("language-unknown")
    found = {}
    for language, there in languages.items():
        if language not in own:
            raise BadNotice("language-missing", field=language)
        found[language] = own[language].replace("\r\n", "\n").strip()
        if found[language] and not there:
            raise BadNotice("no-place", field=language)
    if any(found.values()):
        for language, words in found.items():
            if not words:
                raise BadNotice("empty", field=language)
    return found


def mistake(
    words: str, facts: Collection[str], choose: Callable[[str, Mapping[str, bool]], str]
) -> str | None:
    """Return why words cannot stand in a notice, as a stable code; None where they can.

    ``facts`` is what may stand in ``${…}``; ``choose`` reads the marks, and raises ValueError.
    """
    if len(words) > MOST_CHARACTERS:
        return "too-long"
    if not document.is_words(words) or _BREAKS.search(words):
        return "control-character"
    if any(_HEADING.match(line) for line in words.split("\n")):
        return "heading"
    if any(_RULE.fullmatch(line) for line in words.split("\n")):
        return "rule"
    if _OPEN.search(words) or not set(_PLACE.findall(words)) <= set(facts):
        return "unknown-fact"
    if _OURS.search(words):
        return "marks"
    try:
        choose(words, _ALL)
    except ValueError:
        return "marks"
    return None


async def in_force(session: AsyncSession) -> dict[str, str]:
    """Return what is said at present beside the templates, by language; empty where nothing is."""
    newest = select(func.max(models.NoticeWordsRow.version)).scalar_subquery()
    rows = await session.scalars(
        select(models.NoticeWordsRow).where(models.NoticeWordsRow.version == newest)
    )
    return {row.language: row.text for row in rows if row.text}


def add(
    session: AsyncSession, version: int, own: Mapping[str, str], account: str, now: int
) -> None:
    """Write down what was added to a version, and by whom."""
    session.add_all(
        models.NoticeWordsRow(
            version=version, language=language, text=words, account_id=account, published_at=now
        )
        for language, words in own.items()
    )
