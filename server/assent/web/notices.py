"""The words people are asked to agree to: read, filled in, published, never changed.

A notice is a template in Markdown, one file ``<language>.md`` for each language. What it names of
this server is filled in when the server starts::

    ${operator}  ${contact}  ${retention_days}  ${version}      each must occur
    ${cooling_off}                                              hours, may occur

    %% names shown
    This stands where the setting show_names is on,
    %% names hidden
    and this where it is off.
    %% end

When the words differ from those published last, they become the next version, all languages
together; the number is among the words, so no text ever stands for two versions. Published texts
are found by their SHA-256 and are there for good: somebody has agreed to them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from assent.clock import Clock
from assent.config import Settings
from assent.errors import ConfigError, NotFound
from assent_vault import models
from assent_vault.database import Database
from assent_vault.ledger import rows as log_rows
from assent_vault.ledger.entry import NoticePublished
from assent_vault.suite import encode

PACKAGED = Path(__file__).parent.parent / "notices"

# A charter names every text and is at most 4 KiB (FORMAT.md section 4).
MAX_LANGUAGES = 16
_MAX_BYTES = 64 * 1024
# BCP 47, as much of it as a notice needs: language, script, region, variants.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-[a-z0-9]{5,8})*")
_PLACE = re.compile(r"\$\{([^}]*)\}")
_MARK = re.compile(r"^%%[ \t]*(.*?)[ \t]*$")
_REQUIRED = frozenset({"operator", "contact", "retention_days", "version"})
_KNOWN = _REQUIRED | {"cooling_off"}


@dataclass(frozen=True, slots=True)
class Published:
    """A version of the notice: its number, and the digest of its text in each language."""

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
    if not _LANGUAGE.fullmatch(language):
        found.append("is not named after a language, such as en.md or pt-BR.md")
    if len(text.encode()) > _MAX_BYTES:
        found.append("is over 64 KiB")
    if not text.strip():
        found.append("is empty")
        return found
    places = set(_PLACE.findall(text))
    found += [f"never says ${{{name}}}" for name in sorted(_REQUIRED - places)]
    found += [f"has ${{{name}}}, which means nothing" for name in sorted(places - _KNOWN)]
    try:
        _choose(text, shown=True)
    except ValueError as error:
        found.append(str(error))
    return found


def render(template: str, settings: Settings, version: int) -> str:
    """Fill in one template. The settings are the operator's own words and are not escaped."""
    hours = settings.vault.cooling_off_seconds / 3600
    values = {
        "operator": settings.operator_name,
        "contact": settings.operator_contact,
        "retention_days": str(settings.retention_days),
        "cooling_off": f"{hours:.2f}".rstrip("0").rstrip("."),
        "version": str(version),
    }
    chosen = _choose(template, shown=settings.show_names)
    return _PLACE.sub(lambda place: values[place[1]], chosen)


def _choose(template: str, *, shown: bool) -> str:
    """Keep the passages that fit the setting; raises ValueError where marks do not match."""
    kept = []
    passage: bool | None = None  # which setting the passage is for; None between passages
    for number, line in enumerate(template.split("\n"), 1):
        mark = _MARK.match(line)
        if mark is None:
            if passage is None or passage == shown:
                kept.append(line)
        elif mark[1] == "end":
            if passage is None:
                raise ValueError(f"has an end without a beginning in line {number}")
            passage = None
        elif mark[1] in ("names shown", "names hidden"):
            passage = mark[1] == "names shown"
        else:
            raise ValueError(f"has an unknown mark in line {number}")
    if passage is not None:
        raise ValueError("has a passage that never ends")
    return "\n".join(kept)


class Notices:
    """The notices of one server: those published, and the one that new meetings get."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._current: Published | None = None

    @property
    def current(self) -> Published:
        """The version that new meetings get."""
        assert self._current is not None, "publish comes before the first request"
        return self._current

    async def publish(self, settings: Settings) -> Published:
        """Publish the server's notices if their words have changed; call it at every start."""
        templates = read_templates(settings.notice_dir or PACKAGED)
        async with self._database.write() as session:
            last = await session.scalar(select(func.max(models.Notice.version))) or 0
            rows = await session.scalars(select(models.Notice).where(models.Notice.version == last))
            published = {row.language: row.digest for row in rows}
            texts = _render_all(templates, settings, last)
            if published != {language: _digest(text) for language, text in texts.items()}:
                last += 1
                texts = _render_all(templates, settings, last)
                session.add_all(
                    models.Notice(
                        digest=_digest(text),
                        version=last,
                        language=language,
                        text=text,
                        published_at=self._clock.now(),
                    )
                    for language, text in texts.items()
                )
                await log_rows.append(
                    session,
                    NoticePublished(
                        version=last,
                        texts={language: _digest(text) for language, text in texts.items()},
                        at=self._clock.now(),
                    ),
                )
        self._current = Published(last, {name: _digest(text) for name, text in texts.items()})
        return self._current

    async def by_digest(self, digest: bytes) -> dict[str, object]:
        """Return a published text as clients are shown it; raises NotFound."""
        async with self._database.read() as session:
            row = await session.get(models.Notice, digest)
        if row is None:
            raise NotFound
        return {
            "digest": encode(row.digest),
            "language": row.language,
            "version": row.version,
            "text": row.text,
        }


def _render_all(templates: Mapping[str, str], settings: Settings, version: int) -> dict[str, str]:
    texts = {name: render(template, settings, version) for name, template in templates.items()}
    if len({_digest(text) for text in texts.values()}) != len(texts):
        raise ConfigError(["Two notices have the same words: they must be in two languages."])
    return texts


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
