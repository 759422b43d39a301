"""An administrator's own words in the notice: what may stand there; they go on being said."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from assent.config import Settings
from assent.errors import BadNotice, ConfigError, NoticeOutdated, NoticeUnchanged
from assent.web.notices import PACKAGED, Asks, Notices, choose, read_templates, render
from assent.web.own_words import MOST_CHARACTERS, checked, mistake
from assent_vault.store import models
from assent_vault.store.database import Database
from support.clock import ManualClock

FACTS = ("operator", "contact")
GOOD = "Run by ${operator}, ${contact}. Kept ${retention_days} days. Version ${version}.\n"


def settings(**environ: str) -> Settings:
    return Settings.load(None, {f"ASSENT_{key.upper()}": value for key, value in environ.items()})


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("x" * (MOST_CHARACTERS + 1), "too-long"),
        ("a\0b", "control-character"),
        ("a\rb", "control-character"),
        ("a\u2028## b", "control-character"),
        ("# Our house", "heading"),
        ("fine\n##Not fine", "heading"),
        ("fine\n\n ---\nVersion 9 of this notice.", "rule"),
        ("* * *", "rule"),
        ("Ask ${somebody}.", "unknown-fact"),
        ("Ask ${operator", "unknown-fact"),
        ("${own_words}", "unknown-fact"),
        ("%% recording offered\nfor good", "marks"),
        ("%% end", "marks"),
        ("%% own words\nx\n%% end", "marks"),
        ("Ask ${operator}.\n\n### Who\n\n- **Ada** -- *now*\n%% names shown\nx\n%% end", None),
        ("x" * MOST_CHARACTERS, None),
    ],
)
def test_what_cannot_stand_there_is_named(words: str, reason: str | None) -> None:
    assert mistake(words, FACTS, choose) == reason


@pytest.mark.parametrize(
    ("own", "reason", "field"),
    [
        ({"en": "x", "de": " \n"}, "empty", "de"),
        ({"en": "x"}, "language-missing", "de"),
        ({"en": "x", "de": "y", "xx": "z"}, "language-unknown", None),
    ],
)
def test_nobody_is_told_less_for_their_language(
    own: dict[str, str], reason: str, field: str | None
) -> None:
    with pytest.raises(BadNotice) as caught:
        checked(own, {"en": True, "de": True})
    assert (caught.value.reason, caught.value.field) == (reason, field)
    assert caught.value.to_wire()["reason"] == reason


def test_a_template_without_a_place_takes_none() -> None:
    with pytest.raises(BadNotice) as caught:
        checked({"en": "x"}, {"en": False})
    assert caught.value.reason == "no-place"
    assert checked({"en": " "}, {"en": False}) == {"en": ""}


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr"])
@pytest.mark.parametrize("asks", Asks)
def test_they_stand_in_a_section_of_their_own_and_take_nothing_away(
    language: str, asks: Asks
) -> None:
    template = read_templates(PACKAGED)[language]
    without = render(template, settings(), 1, language, asks)
    own = "We keep **minutes**. Ask ${contact}, not ${operator}."
    ours = settings(operator_contact="ada@example.org ${retention}")
    with_own = render(template, ours, 1, language, asks, own)
    assert "We keep **minutes**. Ask ada@example.org ${retention}, not " in with_own
    plain = render(template, ours, 1, language, asks)
    # All that is said without them is said with them, in the same order, and the version is last.
    lines, rest = plain.split("\n"), iter(with_own.split("\n"))
    assert all(line in rest for line in lines)
    heading = [line for line in with_own.split("\n") if line.startswith("## ")][-1]
    assert heading not in plain
    assert with_own.index(heading) < with_own.index("We keep") < with_own.rindex("\n---\n")
    assert with_own.split("\n---\n")[-1] == plain.split("\n---\n")[-1]
    assert "%%" not in with_own
    assert heading not in without
    # Where they are of another kind of meeting, nothing announces them.
    of_none = "%% training offered\n%% training not offered\n%% end\n"
    assert render(template, ours, 1, language, asks, of_none) == plain


def test_they_may_be_for_some_meetings_alone() -> None:
    own = "%% recording offered\nOf recordings.\n%% recording not offered\nOf none.\n%% end"
    template = read_templates(PACKAGED)["en"]
    texts = {asks: render(template, settings(), 1, "en", asks, own) for asks in Asks}
    assert {asks: "Of recordings." in text for asks, text in texts.items()} == {
        asks: asks is not Asks.NOTHING for asks in Asks
    }
    assert {asks: "Of none." in text for asks, text in texts.items()} == {
        asks: asks is Asks.NOTHING for asks in Asks
    }


async def account(database: Database) -> str:
    async with database.write() as session:
        session.add(
            models.AccountRow(
                id="ada",
                name="Ada",
                login="ada",
                role="administrator",
                password_hash="x",
                created_at=1,
                links_from=0,
            )
        )
    return "ada"


def said(language: str) -> str:
    return f"Ours, in {language}."


ALL = {language: said(language) for language in ("ar", "de", "en", "es", "fr")}


async def text_of(notices: Notices, asks: Asks = Asks.BOTH, language: str = "en") -> str:
    found = await notices.by_digest(notices.current_for(asks).texts[language])
    return str(found["text"])


async def test_a_draft_publishes_nothing(database: Database) -> None:
    notices = Notices(database, ManualClock())
    first = await notices.publish(settings())
    draft = await notices.draft(ALL)
    assert draft.version == 2
    assert said("de") in draft.texts[Asks.BOTH, "de"]
    assert notices.current == first
    async with database.read() as session:
        assert await session.scalar(select(models.NoticeWordsRow)) is None
        assert set(await session.scalars(select(models.NoticeRow.version))) == {1}


async def test_what_was_published_goes_on_being_said(database: Database) -> None:
    who = await account(database)
    notices = Notices(database, ManualClock())
    first = await notices.publish(settings())
    draft = await notices.draft(ALL)
    published = await notices.publish_own(ALL, 2, who)
    assert published.version == 2
    for asks in Asks:
        for language in ALL:
            assert await text_of(notices, asks, language) == draft.texts[asks, language]
    # The first is there as it was, for whoever agreed to it.
    old = await notices.by_digest(first.texts["en"])
    assert said("en") not in str(old["text"])
    assert old["version"] == 1
    again = Notices(database, ManualClock())
    assert await again.publish(settings()) == published
    # And where the templates change, what was added stays.
    changed = await again.publish(settings(retention_days="5"))
    assert changed.version == 3
    assert said("en") in await text_of(again)
    with pytest.raises(NoticeUnchanged):
        await again.draft(ALL)


async def test_what_was_added_can_be_taken_back_by_a_version_more(database: Database) -> None:
    who = await account(database)
    notices = Notices(database, ManualClock())
    await notices.publish(settings())
    none = dict.fromkeys(ALL, "")
    with pytest.raises(NoticeUnchanged):
        await notices.draft(none)
    await notices.publish_own(ALL, 2, who)
    await notices.publish_own(none, 3, who)
    assert said("en") not in await text_of(notices)
    assert (await Notices(database, ManualClock()).publish(settings())).version == 3


async def test_what_was_seen_is_what_is_published(database: Database) -> None:
    who = await account(database)
    notices = Notices(database, ManualClock())
    await notices.publish(settings())
    with pytest.raises(NoticeOutdated):
        await notices.publish_own(ALL, 3, who)
    await notices.publish_own(ALL, 2, who)
    with pytest.raises(NoticeOutdated):
        await notices.publish_own({**ALL, "en": "Later."}, 2, who)
    assert notices.current.version == 2
    with pytest.raises(BadNotice):
        await notices.publish_own({**ALL, "en": "# Later."}, 3, who)
    assert notices.current.version == 2


async def test_words_that_have_no_place_any_more_stop_the_start(
    database: Database, tmp_path: Path
) -> None:
    who = await account(database)
    (tmp_path / "en.md").write_text(GOOD + "${own_words}\n")
    notices = Notices(database, ManualClock())
    await notices.publish(settings(notice_dir=str(tmp_path)))
    assert notices.languages == {"en": True}
    await notices.publish_own({"en": "Ours."}, 2, who)
    assert (await text_of(notices)).endswith("Ours.\n")
    (tmp_path / "en.md").write_text(GOOD)
    with pytest.raises(ConfigError, match=r"en\.md has no \$\{own_words\}"):
        await Notices(database, ManualClock()).publish(settings(notice_dir=str(tmp_path)))
