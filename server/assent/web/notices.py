"""The words people are asked to agree to: read, filled in, published, never changed.

A notice is a template in Markdown, one file ``<language>.md`` for each language. What it names of
this server is filled in when the server starts::

    ${operator}  ${contact}  ${version}      each must occur
    ${retention}  ${retention_days}          "90 days" or "90", one of them must occur
    ${waiting}  ${cooling_off}               "24 hours" or "24", may occur
    ${own_words}                             what an administrator adds (``own_words``), may occur

    %% names shown
    This stands where the setting show_names is on,
    %% names hidden
    and this where it is off.
    %% end

and so do ``training offered``, ``training not offered``, ``recording offered`` and ``recording not
offered``, for a meeting is told what is asked in it and nothing else; and ``own words``, where an
administrator has added any. Passages may stand in one another. ``${retention}`` and ``${waiting}``
are there in the languages of the packaged notices.

When the words differ from those published last, they become the next version, all languages
together, and for each kind of meeting its own texts; the number is among the words, so no text ever
stands for two versions. That is at a start, or when an administrator publishes words of their own.
Published texts are found by their SHA-256 and are there for good: somebody has agreed to them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent.clock import Clock
from assent.config import Settings
from assent.errors import BadNotice, ConfigError, NotFound, NoticeOutdated, NoticeUnchanged
from assent.web import own_words, spans
from assent_vault.formats import document
from assent_vault.formats.suite import encode
from assent_vault.ledger.entry import NoticePublished
from assent_vault.store import log_rows, models
from assent_vault.store.database import Database

PACKAGED = Path(__file__).parent.parent / "notices"

# A charter names every text and is at most 4 KiB (FORMAT.md section 4).
MAX_LANGUAGES = 16
_MAX_BYTES = 64 * 1024
_PLACE = re.compile(r"\$\{([^}]*)\}")
_MARK = re.compile(r"^%%[ \t]*(.*?)[ \t]*$")
_REQUIRED = frozenset({"operator", "contact", "version"})
_RETENTION = frozenset({"retention", "retention_days"})
_IN_WORDS = frozenset({"retention", "waiting"})
OWN_WORDS = "own_words"
_KNOWN = _REQUIRED | _RETENTION | {"waiting", "cooling_off", OWN_WORDS}
_BLANK_LINES = re.compile(r"\n{3,}")

# Marks of passages: what each is about, and whether its text stands where that is so.
_MARKS: Mapping[str, tuple[str, bool]] = {
    "names shown": ("names", True),
    "names hidden": ("names", False),
    "recording offered": ("recording", True),
    "recording not offered": ("recording", False),
    "training offered": ("training", True),
    "training not offered": ("training", False),
    "own words": (OWN_WORDS, True),
}


class Asks(StrEnum):
    """What is asked in a meeting; each kind of meeting has words of its own."""

    BOTH = "both"
    RECORDING = "recording"
    NOTHING = "nothing"

    @classmethod
    def of(cls, *, recording: bool, training: bool) -> Asks:
        """Return what is asked where these are offered."""
        return cls.BOTH if training else cls.RECORDING if recording else cls.NOTHING


_Texts = Mapping[tuple[Asks, str], str]  # by what is asked, and language


@dataclass(frozen=True, slots=True)
class PublishedNotice:
    """A version of the notice for one kind of meeting: its number, and each language's digest."""

    version: int
    texts: Mapping[str, bytes]


def read_templates(folder: Path) -> dict[str, str]:
    """Read the templates of a folder by language; raises ConfigError that lists every mistake."""
    templates: dict[str, str] = {}
    mistakes = []
    for path in sorted(folder.glob("*.md")):
        try:
            text = path.read_bytes()[: _MAX_BYTES + 1].decode().replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(f"The notice {path} cannot be read ({type(error).__name__}).")
            continue
        templates[path.stem] = text
        mistakes += [f"The notice {path} {mistake}." for mistake in _mistakes(path.stem, text)]
    if not templates and not mistakes:
        mistakes.append(f"There is no notice in {folder}: it needs at least one <language>.md.")
    if len(templates) > MAX_LANGUAGES:
        mistakes.append(f"There are more than {MAX_LANGUAGES} notices in {folder}.")
    if mistakes:
        raise ConfigError(mistakes)
    return templates


def _mistakes(language: str, text: str) -> list[str]:
    found = []
    if not document.is_language(language):
        found.append("is not named after a language, such as en.md or pt-BR.md")
    if len(text.encode()) > _MAX_BYTES:
        found.append("is over 64 KiB")
    if not document.is_words(text):
        found.append("has a control character")
    if not text.strip():
        found.append("is empty")
        return found
    places = set(_PLACE.findall(text))
    found += [f"never says ${{{name}}}" for name in sorted(_REQUIRED - places)]
    if not places & _RETENTION:
        found.append("never says ${retention} or ${retention_days}")
    if language not in spans.LANGUAGES:
        found += [
            f"has ${{{name}}}, which is not there in this language: say ${{{number}}} and the unit"
            for name, number in (("retention", "retention_days"), ("waiting", "cooling_off"))
            if name in places
        ]
    found += [f"has ${{{name}}}, which means nothing" for name in sorted(places - _KNOWN)]
    try:
        choose(text, dict.fromkeys(("names", "recording", "training", OWN_WORDS), True))
    except ValueError as error:
        found.append(str(error))
    return found


def render(
    template: str,
    settings: Settings,
    version: int,
    language: str = "en",
    asks: Asks = Asks.BOTH,
    own: str = "",
) -> str:
    """Fill in one template. The settings are the operator's own words and are not escaped.

    ``own`` are an administrator's: filled in first, so that they are never read as the template.
    """
    waits = settings.vault.cooling_off_seconds
    hours = waits / 3600
    values = {
        "operator": settings.operator_name,
        "contact": settings.operator_contact,
        "retention_days": str(settings.retention_days),
        "cooling_off": f"{hours:.2f}".rstrip("0").rstrip("."),
        "version": str(version),
    }
    if language in spans.LANGUAGES:
        values["retention"] = spans.in_days(settings.retention_days, language)
        values["waiting"] = spans.in_words(waits, language)
    facts = {
        "names": settings.show_names,
        "recording": asks is not Asks.NOTHING,
        "training": asks is Asks.BOTH,
    }
    facts[OWN_WORDS] = False
    said = _PLACE.sub(lambda place: values[place[1]], choose(own, facts)).strip()
    facts[OWN_WORDS] = said != ""
    values[OWN_WORDS] = said
    chosen = _BLANK_LINES.sub("\n\n", choose(template, facts))
    return _PLACE.sub(lambda place: values[place[1]], chosen)


def choose(template: str, facts: Mapping[str, bool]) -> str:
    """Keep the passages that fit the facts; raises ValueError where marks do not match."""
    kept = []
    within: list[tuple[str, bool]] = []  # the passages around a line, from the outermost in
    for number, line in enumerate(template.split("\n"), 1):
        mark = _MARK.match(line)
        if mark is None:
            if all(facts[about] == so for about, so in within):
                kept.append(line)
        elif mark[1] == "end":
            if not within:
                raise ValueError(f"has an end without a beginning in line {number}")
            within.pop()
        elif mark[1] in _MARKS:
            about, so = _MARKS[mark[1]]
            if within and within[-1][0] == about:
                within.pop()  # the other side of the same
            elif about in (outer for outer, _ in within):
                raise ValueError(f"has a passage within one about the same in line {number}")
            within.append((about, so))
        else:
            raise ValueError(f"has an unknown mark in line {number}")
    if within:
        raise ValueError("has a passage that never ends")
    return "\n".join(kept)


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """The next version as it would be with an administrator's words; nothing of it is published."""

    version: int
    own: Mapping[str, str]
    texts: _Texts


class Notices:
    """The notices of one server: those published, and the one that new meetings get."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._current: Mapping[Asks, PublishedNotice] = {}
        self._settings: Settings | None = None
        self._templates: Mapping[str, str] = {}
        self._publishing = asyncio.Lock()

    @property
    def current(self) -> PublishedNotice:
        """The version that new meetings in which everything is asked get."""
        return self.current_for(Asks.BOTH)

    def current_for(self, asks: Asks) -> PublishedNotice:
        """Return the version that new meetings of a kind get."""
        assert self._current, "publish comes before the first request"
        return self._current[asks]

    @property
    def languages(self) -> Mapping[str, bool]:
        """The languages there are, and whether the notice in each has a place for own words."""
        return {name: own_words.has_place(text) for name, text in self._templates.items()}

    async def publish(self, settings: Settings) -> PublishedNotice:
        """Publish the server's notices if their words have changed; call it at every start.

        What an administrator has added goes on being said; raises ConfigError where it cannot be.
        """
        self._templates = read_templates(settings.notice_dir or PACKAGED)
        self._settings = settings
        async with self._database.write() as session:
            own = await own_words.in_force(session)
            mute = [name for name, there in self.languages.items() if own.get(name) and not there]
            if mute:
                raise ConfigError(
                    f"The notice {name}.md has no ${{{OWN_WORDS}}}, and an administrator has "
                    "published words of their own to stand there."
                    for name in mute
                )
            last = await _last(session)
            rows = await session.scalars(
                select(models.NoticeRow).where(models.NoticeRow.version == last)
            )
            published = {(row.language, row.digest) for row in rows}
            texts = _render_all(self._templates, settings, last, own)
            if published != {(language, digest_of(text)) for (_, language), text in texts.items()}:
                last += 1
                texts = _render_all(self._templates, settings, last, own)
                await self._add(session, last, texts)
        self._put_in_force(last, texts)
        return self.current

    async def draft(self, own: Mapping[str, str]) -> NoticeDraft:
        """Fill in the next version with words by language; raises BadNotice, NoticeUnchanged."""
        async with self._database.read() as session:
            return await self._draft(session, own)

    async def publish_own(
        self, own: Mapping[str, str], version: int, account: str
    ) -> PublishedNotice:
        """Publish the draft of these words that was seen as ``version``, for new meetings.

        Raises BadNotice, NoticeUnchanged, and NoticeOutdated where another came meanwhile.
        """
        async with self._publishing, self._database.write() as session:
            draft = await self._draft(session, own)
            if draft.version != version:
                raise NoticeOutdated
            await self._add(session, draft.version, draft.texts)
            own_words.add(session, draft.version, draft.own, account, self._clock.now())
        self._put_in_force(draft.version, draft.texts)
        return self.current

    async def _draft(self, session: AsyncSession, own: Mapping[str, str]) -> NoticeDraft:
        assert self._settings is not None, "publish comes before the first request"
        checked = own_words.checked(own, self.languages)
        if any(checked.values()):
            for language, words in checked.items():
                found = own_words.mistake(words, _KNOWN - _IN_WORDS - {OWN_WORDS}, choose)
                if found is not None:
                    raise BadNotice(found, field=language)
        there = await own_words.in_force(session)
        if all(there.get(language, "") == words for language, words in checked.items()):
            raise NoticeUnchanged
        version = await _last(session) + 1
        texts = _render_all(self._templates, self._settings, version, checked)
        return NoticeDraft(version, checked, texts)

    def _put_in_force(self, version: int, texts: _Texts) -> None:
        self._current = {asks: PublishedNotice(version, _digests(texts, asks)) for asks in Asks}

    async def _add(self, session: AsyncSession, version: int, texts: _Texts) -> None:
        now = self._clock.now()
        # Where a notice says the same to every kind of meeting it is one text.
        session.add_all(
            models.NoticeRow(
                digest=digest, version=version, language=language, text=text, published_at=now
            )
            for digest, (language, text) in {
                digest_of(text): (language, text) for (_, language), text in texts.items()
            }.items()
        )
        logged: list[Mapping[str, bytes]] = []
        for asks in Asks:
            digests = _digests(texts, asks)
            if digests not in logged:
                logged.append(digests)
                record = NoticePublished(version=version, texts=digests, at=now)
                await log_rows.append(session, record)

    async def by_digest(self, digest: bytes) -> dict[str, object]:
        """Return a published text as clients are shown it; raises NotFound."""
        async with self._database.read() as session:
            row = await session.get(models.NoticeRow, digest)
        if row is None:
            raise NotFound
        return {
            "digest": encode(row.digest),
            "language": row.language,
            "version": row.version,
            "text": row.text,
        }


async def _last(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(models.NoticeRow.version))) or 0


def _render_all(
    templates: Mapping[str, str], settings: Settings, version: int, own: Mapping[str, str]
) -> _Texts:
    """Fill in all templates for every kind of meeting."""
    texts = {
        (asks, name): render(template, settings, version, name, asks, own.get(name, ""))
        for asks in Asks
        for name, template in templates.items()
    }
    for asks in Asks:
        said = [digest_of(text) for (of, _), text in texts.items() if of == asks]
        if len(set(said)) != len(said):
            raise ConfigError(["Two notices have the same words: they must be in two languages."])
    return texts


def _digests(texts: _Texts, asks: Asks) -> dict[str, bytes]:
    return {language: digest_of(text) for (of, language), text in texts.items() if of is asks}


def digest_of(text: str) -> bytes:
    """Return what a text is found by."""
    return hashlib.sha256(text.encode()).digest()
