"""Every claim of README, notices and promises has code that carries it out, and a test.

The register is ``tests/claims``, one file for each document; how a row is written is in
:mod:`support.claims`. Whoever changes a sentence has to look at its row again, and in a document of
several languages at the same paragraph in each: ``read.toml`` holds the digests of all of them.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_type_hints

import pytest

from assent.config import Settings, describe
from assent.errors import refusals
from assent.media import sources as media
from assent.recording.recorder import RECORDED
from assent.web import spans
from assent.web.notices import PACKAGED, Asks, read_templates, render
from assent_vault.config import VaultSettings
from assent_vault.formats.generation_segment import STORED_CODECS
from assent_vault.formats.statement import Answer, Will
from assent_vault.formats.track import SOUNDS, SOURCES
from assent_vault.store.models import Base
from support import claims, prose
from support.claims import ROOT, is_shown, is_there

README = (ROOT / "README.md").read_text()
PROMISES = ROOT / "client-web" / "src" / "promises"
CATALOGUES = ROOT / "client-web" / "src" / "i18n"
LANGUAGES = tuple(sorted(spans.LANGUAGES))
OTHERS = tuple(language for language in LANGUAGES if language != "en")

DOCUMENTS: Mapping[str, Mapping[str, str]] = {
    "readme": {"en": README},
    "notices": {each: (PACKAGED / f"{each}.md").read_text() for each in LANGUAGES},
    "promises": {each: (PROMISES / f"{each}.md").read_text() for each in LANGUAGES},
}
IN_LANGUAGES = [(name, each) for name in ("notices", "promises") for each in LANGUAGES]


def said(name: str, language: str = "en") -> list[prose.Paragraph]:
    """Return the paragraphs of a document."""
    return prose.paragraphs(DOCUMENTS[name][language])


# ------------------------------------------------------------------ the register is the document


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_sentence_is_in_the_register_and_no_other(name: str) -> None:
    there = Counter(sentence for each in said(name) for sentence in each.sentences)
    registered = Counter(each for claim in claims.register(name) for each in claim.sentences)
    assert not list((there - registered).elements()), "said, and in no row"
    assert not list((registered - there).elements()), "in a row, and said no more"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_claim_has_code_that_carries_it_out_and_a_test(name: str) -> None:
    problems = []
    for claim in claims.register(name):
        if claim.says_of:
            if claim.says_of not in claims.SAYS_OF or claim.by or claim.shown or claim.measured:
                problems.append((claim.says, "claims something, or does not"))
            continue
        if not claim.by:
            problems.append((claim.says, "nothing carries it out"))
        if not claim.shown and not claim.measured:
            problems.append((claim.says, "nothing shows it"))
        named = [*claim.by, *filter(None, [claim.measured])]
        problems += [(claim.says, f"{each} is not there") for each in named if not is_there(each)]
        problems += [(claim.says, f"no test {each}") for each in claim.shown if not is_shown(each)]
    assert not problems


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_number_is_the_constant_that_is_carried_out(name: str) -> None:
    """A number that no row accounts for is found, too, unless it is a name, or was measured."""
    problems = []
    for claim in claims.register(name):
        text = " ".join(claim.says.split())
        problems += [(text, f"does not say {each}") for each in claim.names if each not in text]
        for each in claim.names:
            text = text.replace(each, "")
        numbers = dict(prose.figures(text))
        for figure, expression in claim.figures.items():
            if numbers.pop(figure, None) != claims.number(expression):
                problems.append((text, f"{figure} is not {expression}"))
        if not (claim.says_of or claim.measured or BLOCK.match(text)):
            problems += [(text, f"{figure}: nobody says what it equals") for figure in numbers]
    assert not problems


# A block of code, by its language; what is in it is read by what carries it out.
BLOCK = re.compile(r"(?:sh|toml|ini|nginx): ")


# How the numbers that are in words in English stand in the other documents.
NUMERALS = {
    "de": {2: ("zwei",), 4: ("vier",)},
    "fr": {2: ("deux",), 4: ("quatre",)},
    "es": {2: ("dos",), 4: ("cuatro",)},
    "ar": {2: ("سؤالان",), 4: ("أربعة",)},
}


@pytest.mark.parametrize(("name", "language"), [each for each in IN_LANGUAGES if each[1] != "en"])
def test_every_language_has_the_numbers_of_the_english_text(name: str, language: str) -> None:
    for english, other in zip(said(name), said(name, language), strict=True):
        numbers = sorted(number for _, number in prose.figures(english.text))
        there = [number for _, number in prose.figures(other.text)]
        words = re.findall(r"\w+", other.text.lower())
        for number, spelt in NUMERALS[language].items():
            there += [number for word in words if word in spelt]
        assert sorted(there) == numbers, other.text


def test_as_many_questions_are_asked_as_the_notice_says() -> None:
    (figure,) = prose.figures(said("notices")[0].text)
    asked = [name for name, kind in get_type_hints(Answer).items() if kind is Will]
    assert figure == ("two", len(asked))


# ------------------------------------------------------------------ in every language the same


@pytest.mark.parametrize(("name", "language"), IN_LANGUAGES)
def test_every_paragraph_was_looked_at_beside_the_english_one(name: str, language: str) -> None:
    """When words change in any language somebody has to read all five, and to say so here."""
    read = claims.looked_at(name)
    paragraphs = said(name)
    assert len(said(name, language)) == len(paragraphs)
    assert len(read) == len(paragraphs), "one line for each paragraph"
    for (begins, digests), english, other in zip(
        read.items(), paragraphs, said(name, language), strict=True
    ):
        assert english.text.startswith(begins)
        now = claims.digest(other.text)
        assert digests[language] == now, (
            "reads otherwise than when it was looked at. Once it says what the English text says, "
            f"and what the code does, put {language} = {now} into read.toml: {other.text}"
        )


# What each document names in single asterisks, in its order, and under which keys the catalogues
# have it; the README also has titles of other programs.
BUTTONS = {"notices": ["answers"], "promises": [], "readme": ["title", "D"]}
OF_THE_PAGES = ("Use another camera", "Devices")


@pytest.mark.parametrize(("name", "language"), [*IN_LANGUAGES, ("readme", "en")])
def test_buttons_are_called_as_they_are(name: str, language: str) -> None:
    named = prose.emphasised(DOCUMENTS[name][language])
    if name == "readme":
        named = [each for each in named if each in OF_THE_PAGES]
    texts = (CATALOGUES / f"{language}.ts").read_text()
    for key, label in zip(BUTTONS[name], named, strict=True):
        assert f'  {key}: "{label}",' in texts, label


# ------------------------------------------------------------------ data


# What the notice calls each source that can be captured.
CATEGORIES = {
    "audio": {"microphone", "screen-audio"},
    "camera video": {"camera"},
    "screen video": {"screen"},
    "Another device that you connect yourself": {"device-microphone", "device-camera"},
}


def told(asks: Asks) -> list[str]:
    """Return the notice that people of such a meeting read, by paragraph."""
    settings = Settings.load(None, {})
    text = render(read_templates(PACKAGED)["en"], settings, 1, "en", asks)
    return [each.text for each in prose.paragraphs(text) if each.heading == "Which data"]


def test_the_data_of_a_recording_that_are_named_are_those_that_can_be_captured() -> None:
    listed = told(Asks.BOTH)
    assert told(Asks.RECORDING) == listed
    first = listed.index("If the meeting is recorded, the recording holds, of each person:") + 1
    last = listed.index("Whether it is recorded or not, this server writes down:")
    named = listed[first:last]
    assert len(named) == len(CATEGORIES)
    sources: list[str] = []
    for category, text in zip(CATEGORIES, named, strict=True):
        assert text.startswith((f"{category}: ", f"{category}, "))
        sources += CATEGORIES[category]
    assert sorted(sources) == sorted(SOURCES)
    # Nothing else gets in, on any way there is, and nothing is recorded that is not let in.
    assert set(media.SOURCES) == set(RECORDED) == set(SOURCES)
    assert {each for each, traits in media.SOURCES.items() if not traits.video} == SOUNDS
    assert set(RECORDED.values()) == {"opus", "vp8"} < set(STORED_CODECS)


KEPT = tomllib.loads((claims.REGISTERS / "kept.toml").read_text())


def test_what_is_kept_of_somebody_is_what_the_notice_lists() -> None:
    """Every column there is is of a category that the notice names, or of nobody who takes part."""
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
    }
    sorted_out = Counter(
        f"{table}.{name}"
        for part in ("of_a_person", "of_nobody")
        for tables in KEPT[part].values()
        for table, names in tables.items()
        for name in names
    )
    assert not columns - set(sorted_out), "kept, and nobody has said what it is"
    assert not set(sorted_out) - columns, "kept no more"
    assert not [name for name, times in sorted_out.items() if times > 1]
    listed = told(Asks.BOTH)
    begins = listed.index("Whether it is recorded or not, this server writes down:") + 1
    named = [re.split(r"[,:]| to what| at which", text)[0] for text in listed[begins : begins + 4]]
    accounts = [text for text in listed[begins + 4 :] if "account" in text]
    assert list(KEPT["of_a_person"]) == [*named, "account"]
    assert len(accounts) == 1


@pytest.mark.parametrize("asks", Asks)
def test_a_meeting_is_told_of_all_that_is_kept_of_it(asks: Asks) -> None:
    listed = told(asks)
    for category in ("your name", "the times", "proof"):
        assert any(text.startswith(category) for text in listed)
    assert any(text.startswith("your answers") for text in listed) == (asks is not Asks.NOTHING)
    assert any(text.startswith("audio") for text in listed) == (asks is not Asks.NOTHING)


# ------------------------------------------------------------------ who is told anything


# What opens a connection to somebody, as it stands in source.
ASKS = re.compile(
    r"ClientSession|urlopen|http\.client\b|smtplib|create_connection|open_connection|"
    r"create_datagram_endpoint|import requests|import httpx"
)
# Witnesses that the operator names; our own health check; a log that `verify --log` is given.
ASKING = {"transparency/witnesses.py", "healthcheck.py", "receipt/served.py"}


def test_nothing_but_witnesses_is_asked_for_anything() -> None:
    found = {
        path.relative_to(root).as_posix()
        for root in (ROOT / "server" / "assent", ROOT / "storage" / "assent_vault")
        for path in root.rglob("*.py")
        if ASKS.search(path.read_text())
    }
    assert found == ASKING
    # Nor do the pages name an address of somebody else's to fetch anything from.
    named = {
        address
        for path in (ROOT / "client-web" / "src").rglob("*.ts*")
        for address in re.findall(
            r"(?:https?|wss?|stuns?|turns?):(?://)?[\w.-]+\.\w+", path.read_text()
        )
    }
    assert not named - NAMES


# Names of vocabularies and formats that begin as addresses do.
NAMES = {"http://purl.org", "http://www.w3.org", "https://c2sp.org", "https://w3id.org"}


# ------------------------------------------------------------------ who can see what


SEEN = {"readme": ("Who can see what",), "notices": ("Who can see it", "Which data")}


@pytest.mark.parametrize("name", SEEN)
def test_who_can_see_what_is_shown_by_tests(name: str) -> None:
    """Nothing there is left to a reader's good will: each sentence is a claim with a test."""
    by_sentence = {each: claim for claim in claims.register(name) for each in claim.sentences}
    under = [each for each in said(name) if each.heading in SEEN[name]]
    assert len(under) > 8
    for paragraph in under:
        claimed = [by_sentence[sentence] for sentence in paragraph.sentences]
        if paragraph.text.endswith(":") or all(each.says_of == "you" for each in claimed):
            continue
        assert any(each.shown for each in claimed), paragraph.text
        assert not [each.says for each in claimed if not each.shown and each.says_of == "more"]


# ------------------------------------------------------------------ what the README tells to type


def settings_table() -> Iterator[tuple[str, str]]:
    """Yield each key of the README's table with its default, as it stands there."""
    for paragraph in said("readme"):
        if paragraph.heading == "Settings" and " | " in paragraph.text:
            keys, defaults, _ = (each.strip() for each in paragraph.text.split("|", 2))
            named = re.findall(r"`([a-z_]+)`", keys)
            values = [defaults][: len(named)]
            if len(named) > 1:
                values = [each.strip() for each in defaults.split(",")]
                values += [""] * (len(named) - len(values))
            yield from zip(named, values, strict=True)


def test_the_defaults_are_those_of_the_table() -> None:
    settings = Settings.load(None, {})
    table = dict(settings_table())
    fields = {
        field.name for kind in (Settings, VaultSettings) for field in dataclasses.fields(kind)
    }
    assert set(table) == fields - {"vault"}
    compared = 0
    for key, shown in table.items():
        literal = re.fullmatch(r"`([^`]*)`", shown)
        own = getattr(settings, key, None)
        value = getattr(settings.vault, key, None) if own is None else own
        if literal is not None:
            compared += 1
            spelt = str(value).lower() if isinstance(value, bool) else str(value)
            assert spelt.removeprefix("./") == literal[1].removeprefix("./"), key
        inside = re.fullmatch(r"`(\w+)` in `data_dir`", shown)
        if inside is not None:
            compared += 1
            own = settings.server_folder if key == "server_dir" else Path(str(value))
            assert own == settings.vault.data_dir / inside[1], key
        if not shown or shown == "none":
            assert not value or key in TRIAL, key
    assert compared > 20


# They stand in on a machine that only answers itself; elsewhere there is none.
TRIAL = ("operator_name", "operator_contact")


def test_every_key_that_is_shown_in_a_file_is_one() -> None:
    known = set(dict(settings_table()))
    shown = [each.code for each in said("readme") if each.text.startswith("toml:")]
    assert len(shown) >= 5
    for block in shown:
        assert set(tomllib.loads(block)) <= known
    assert all(f"{key} = " in describe() or f"\n{key}\n" in describe() for key in known)


def commands() -> Iterator[list[str]]:
    """Yield the words of each command of ours that the README names or shows."""
    texts = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL))
    texts += [
        line
        for each in said("readme")
        if each.text.startswith("sh:")
        for line in each.code.split("\n")
    ]
    for text in texts:
        words = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", text.partition("#")[0]).split()
        if words[:1] and words[0].rpartition("/")[2] in ("assent", "assent-vault", "make"):
            yield [words[0].rpartition("/")[2], *words[1:]]


def test_every_command_is_there_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    from assent import cli
    from assent_vault import cli as vault_cli

    explained: dict[tuple[str, str], str] = {}
    for program, *words in commands():
        if not words or program == "make":
            assert not words or is_there(f"Makefile:{words[0]}"), words
            continue
        main = {"assent": cli.main, "assent-vault": vault_cli.main}[program]
        with pytest.raises(SystemExit) as ended:
            main([words[0], "--help"])
        assert ended.value.code == 0, (program, words)
        told = explained[program, words[0]] = capsys.readouterr().out
        assert not [each for each in words if each.startswith("--") and each not in told]
    assert len(explained) > 12
    # Options that are named by themselves are those of one of them.
    alone = {each.split()[0] for each in re.findall(r"`(--[^`\n]+)`", README)}
    options = set(re.findall(r"--[a-z-]+", " ".join(explained.values())))
    assert alone - options == {"--exclude-caches"}, "which is tar's"


def test_every_route_and_every_code_is_one() -> None:
    server = "\n".join(
        path.read_text() for root in ("server", "storage") for path in (ROOT / root).rglob("*.py")
    )
    server = re.sub(r'\blog\.\w+\(\s*"[^"]*"', "", server)  # what is only logged is told to nobody
    spans_of_code = re.findall(r"`([^`\n]+)`", README)
    routes = {each for each in spans_of_code if re.fullmatch(r"(?:GET |POST )?/[a-z./]+", each)}
    codes = {each for each in spans_of_code if re.fullmatch(r"[a-z]+(?:-[a-z]+)+", each)}
    codes -= {"docker-compose", "apt-get", "assent-vault"}
    assert len(routes) > 8
    assert len(codes) > 10
    paths = {f"/{each.partition('/')[2]}" for each in routes}
    paths.remove("/licences.txt")  # a file of the client's folder, which the build makes
    assert 'LICENCES = "licences.txt"' in (ROOT / "hatch_build.py").read_text()
    assert not [each for each in paths if f'"{each}"' not in server and f'"{each}/' not in server]
    assert not [code for code in codes if f'"{code}' not in server]


# ------------------------------------------------------------------ errors and buttons


def catalogue(language: str) -> str:
    """Return a catalogue's source without its comments, and what it imports."""
    text = (CATALOGUES / f"{language}.ts").read_text()
    return re.sub(r"/\*.*?\*/|^\s*//.*?$|^import [^;]+;$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_words(language: str) -> None:
    errors = catalogue(language).partition("errors: {")[2].partition("satisfies")[0]
    for code in refusals():
        key = f'"{code}"' if "-" in code else code
        assert re.search(rf"^    {key}:\s+[\"`]", errors, re.MULTILINE), code


# What is not so, in words of every language: end-to-end encryption of media, and a chat.
NEVER = re.compile(
    r"end[- ]to[- ]end|e2ee|ende[- ]zu[- ]ende|bout en bout|extremo a extremo|punta a punta|"
    r"من طرف إلى طرف|بين الطرفين|"
    r"\bchats?\b|\bchatten|clavardage|messagerie|الدردشة|دردشة|المحادثة النصية",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_there_is_not_is_not_said_to_be(language: str) -> None:
    texts = [catalogue(language), *(DOCUMENTS[name][language] for name in ("notices", "promises"))]
    assert not [match[0] for text in texts for match in NEVER.finditer(text)]


def test_the_readme_says_of_it_only_that_it_is_not_so() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    found = [match[0] for match in NEVER.finditer(" ".join([README, changes]).replace("\n", " "))]
    assert found == ["end-to-end"]
    assert "*not* end-to-end encrypted and does not claim to be" in " ".join(README.split())


# ------------------------------------------------------------------ the register itself


def test_a_sentence_is_found_wherever_it_stands() -> None:
    document = (
        "# H\n\nOne. Two (of it.) Three.\n- Four `a.b`\n  five.\n- Six:\n\n"
        "| a | b |\n| --- | --- |\n| c | d. E |\n\n```sh\nx\n```\n"
    )
    found = prose.paragraphs(document)
    assert [each.sentences for each in found] == [
        ["One.", "Two (of it.)", "Three."],
        ["Four `a.b` five."],
        ["Six:"],
        ["a | b"],
        ["c | d. E"],
        ["sh: x"],
    ]
    assert {each.heading for each in found} == {"H"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Twelve of 1,000 and 1.5, or ٣٠.", [12, 1000, 1.5, 30]),
        ("H264 and SHA256 and 127.0.0.1 are names; `50` is code; one is none.", []),
    ],
)
def test_numbers_are_read_from_words(text: str, numbers: list[float]) -> None:
    assert [number for _, number in prose.figures(text)] == numbers


@pytest.mark.parametrize(
    "name",
    [
        "assent.web.notices:Notices.retract",
        "assent.web.nowhere:x",
        "client-web/src/link.ts:nothingLikeIt",
        "client-web/src/nowhere.ts:readLink",
        "Makefile:nothing",
        "contract:nothing",
    ],
)
def test_code_that_is_not_there_is_missed(name: str) -> None:
    assert not is_there(name)


@pytest.mark.parametrize(
    "name",
    [
        "test_claims.py::test_that_nobody_wrote",
        "test_nowhere.py::test_x",
        "support/claims.py::is_shown",
        'client-web/tests/link.test.ts "does what nobody wrote"',
    ],
)
def test_a_test_that_is_not_there_shows_nothing(name: str) -> None:
    assert not is_shown(name)
