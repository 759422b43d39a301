"""Notices: what they must say, how they are filled in, and that they never change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assent.config import Settings
from assent.errors import ConfigError, NotFound
from assent.web.notices import MAX_LANGUAGES, PACKAGED, Asks, Notices, read_templates, render
from assent_vault.store.database import Database
from support.clock import ManualClock

GOOD = "Run by ${operator}, ${contact}. Kept ${retention_days} days. Version ${version}.\n"


def settings(**environ: str) -> Settings:
    return Settings.load(None, {f"ASSENT_{key.upper()}": value for key, value in environ.items()})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notices"
    folder.mkdir()
    (folder / "en.md").write_text(GOOD)
    return folder


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_templates(folder)
    return list(caught.value.mistakes)


# What everyone has to be told, in the words of each packaged language.
TOLD = {
    "en": [
        "run by Ada's Club",
        "ada@example.org",
        "Recording.",
        "Training.",
        "audio",
        "camera video",
        "screen video",
        "your name",
        "the times",
        "While the meeting runs",
        "could see and hear",
        "45 days",
        "take a yes back",
        "cannot undo",
        "already exported",
        "already learned",
        "No answer counts as no",
        "Version 3",
    ],
    "de": [
        "von Ada's Club",
        "ada@example.org",
        "Aufzeichnung.",
        "Training.",
        "Ton",
        "Kamerabild",
        "Bildschirmbild",
        "Ihren Namen",
        "die Zeiten",
        "Während des Treffens",
        "könnte dabei mitsehen und mithören",
        "45 Tage",
        "Ja zurücknehmen",
        "nicht rückgängig machen",
        "schon als Trainingsdaten exportiert",
        "schon aus ihnen gelernt",
        "Keine Antwort gilt als Nein",
        "Fassung 3",
    ],
    "fr": [
        "exploité par Ada's Club",
        "ada@example.org",
        "Enregistrement.",
        "Entraînement.",
        "le son",
        "la vidéo de la caméra",
        "la vidéo de l'écran",
        "votre nom",
        "les heures",
        "Pendant la réunion",
        "pourrait les voir et les entendre",
        "45 jours",
        "reprendre un oui",
        "ne peut pas défaire",
        "déjà exportés",
        "déjà appris",
        "Ne pas répondre compte comme un non",
        "Version 3",
    ],
    "es": [
        "lo administra Ada's Club",
        "ada@example.org",
        "Grabación.",
        "Entrenamiento.",
        "sonido",
        "vídeo de la cámara",
        "vídeo de la pantalla",
        "su nombre",
        "las horas",
        "Durante la reunión",
        "podría verlos y oírlos",
        "45 días",
        "retirar un sí",
        "no puede deshacer",
        "ya se exportaron",
        "ya aprendieron",
        "No responder cuenta como un no",
        "Versión 3",
    ],
    "ar": [
        "يدير هذا الخادم Ada's Club",
        "ada@example.org",
        "التسجيل.",
        "التدريب.",
        "الصوت",
        "فيديو الكاميرا",
        "فيديو الشاشة",
        "اسمك",
        "أوقات",
        "أثناء الاجتماع",
        "وقد يراها ويسمعها أثناء ذلك",
        "45 يومًا",
        "تسحب موافقة",
        "لا يمكن لهذا أن يلغيه",
        "صُدّرت من قبل",
        "تعلّمت منها",
        "وعدم الإجابة يُعدّ رفضًا",
        "الإصدار 3",
    ],
}


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr"])
def test_the_packaged_notices_say_what_they_must(language: str) -> None:
    told = render(
        read_templates(PACKAGED)[language],
        settings(
            operator_name="Ada's Club", operator_contact="ada@example.org", retention_days="45"
        ),
        3,
        language,
    )
    for words in TOLD[language]:
        assert words in told, words
    assert "$" not in told
    assert "%%" not in told
    lowered = told.lower()
    assert "end-to-end" not in lowered
    assert "ende-zu-ende" not in lowered


@pytest.mark.parametrize(
    ("language", "shown", "hidden"),
    [
        ("en", "see who has agreed", "and not who"),
        ("de", "sehen, wer der Aufzeichnung", "und nicht, wer"),
        ("fr", "voient qui a accepté", "et non lesquelles"),
        ("es", "ven quién ha aceptado", "y no quiénes"),
        ("ar", "يرون من وافق على التسجيل", "لا من هم"),
    ],
)
def test_whether_names_are_shown_is_told_as_it_is(language: str, shown: str, hidden: str) -> None:
    template = read_templates(PACKAGED)[language]
    with_names = render(template, settings(show_names="true"), 1, language)
    without = render(template, settings(), 1, language)
    assert shown in with_names
    assert hidden not in with_names
    assert hidden in without
    assert shown not in without


# What of a meeting is asked in each kind of it, by a word that stands where it is.
ASKED = {
    "en": ("**Recording.**", "**Training.**"),
    "de": ("**Aufzeichnung.**", "**Training.**"),
    "fr": ("**Enregistrement.**", "**Entraînement.**"),
    "es": ("**Grabación.**", "**Entrenamiento.**"),
    "ar": ("**التسجيل.**", "**التدريب.**"),
}
CAMERAS = {
    "en": "camera video",
    "de": "Kamerabild",
    "fr": "la vidéo de la caméra",
    "es": "vídeo de la cámara",
    "ar": "فيديو الكاميرا",
}


@pytest.mark.parametrize("language", ASKED)
def test_a_meeting_is_told_of_what_is_asked_in_it_and_of_nothing_else(language: str) -> None:
    template = read_templates(PACKAGED)[language]
    recording, training = ASKED[language]
    texts = {asks: render(template, settings(), 1, language, asks) for asks in Asks}
    for asks, text in texts.items():
        assert (recording in text) == (asks is not Asks.NOTHING)
        assert (training in text) == (asks is Asks.BOTH)
        assert (CAMERAS[language] in text) == (asks is not Asks.NOTHING)
        assert "${" not in text
        assert "%%" not in text
        assert "\n\n\n" not in text
        assert text.startswith("# ")
    assert len(set(texts.values())) == 3


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr"])
@pytest.mark.parametrize("asks", Asks)
def test_what_there_is_not_is_not_named(language: str, asks: Asks) -> None:
    text = render(read_templates(PACKAGED)[language], settings(), 1, language, asks).lower()
    for word in ("chat", "messages", "mensajes", "الرسائل", "رسائلك"):
        assert word not in text, word


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("1 hour have", "1 day after")),
        ("de", ("1 Stunde vergangen", "1 Tag nach")),
        ("fr", ("1 heure depuis", "1 jour après")),
        ("es", ("1 hora desde", "1 día después")),
        ("ar", ("ساعة واحدة على", "يوم واحد من")),
    ],
)
def test_numbers_are_told_in_words(language: str, told: tuple[str, str]) -> None:
    ours = settings(cooling_off_seconds="3600", retention_days="1")
    text = render(read_templates(PACKAGED)[language], ours, 1, language)
    for words in told:
        assert words in text


@pytest.mark.parametrize(
    ("seconds", "hours"), [("86400", "24"), ("3600", "1"), ("5400", "1.5"), ("0", "0")]
)
def test_cooling_off_is_told_in_hours(seconds: str, hours: str) -> None:
    assert render("${cooling_off}", settings(cooling_off_seconds=seconds), 1) == hours


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        (GOOD.replace("${operator}", "us"), "never says ${operator}"),
        (GOOD.replace("${version}", ""), "never says ${version}"),
        (GOOD + "${colour}", "${colour}, which means nothing"),
        (GOOD + "${}", "${}, which means nothing"),
        (GOOD + "%% names hidden\nx\n", "never ends"),
        (GOOD + "%% end\n", "without a beginning in line 2"),
        (GOOD.replace("${retention_days}", ""), "never says ${retention} or ${retention_days}"),
        (
            GOOD + "%% names shown\n%% training offered\n%% names hidden\n",
            "the same in line 4",
        ),
        (GOOD + "%% names perhaps\n%% end\n", "unknown mark in line 2"),
        (GOOD + "x" * 65536, "over 64 KiB"),
    ],
)
def test_a_mistake_in_a_notice_is_named(folder: Path, text: str, complaint: str) -> None:
    (folder / "en.md").write_text(text)
    assert any(complaint in line for line in mistakes(folder))


def test_lengths_in_words_are_there_in_some_languages(folder: Path) -> None:
    (folder / "pt-BR.md").write_text(GOOD + "${retention} ${waiting}")
    (folder / "en.md").write_text(GOOD + "${retention} ${waiting}")
    found = mistakes(folder)
    assert len(found) == 2
    assert all("not there in this language" in line for line in found)


def test_every_mistake_is_named_at_once(folder: Path) -> None:
    (folder / "english.md").write_text(GOOD)
    (folder / "de.md").write_bytes(b"\xff")
    (folder / "fr.md").write_text("nothing")
    assert len(mistakes(folder)) == 1 + 1 + 4


def test_a_folder_without_notices_is_a_mistake(tmp_path: Path) -> None:
    assert "at least one" in mistakes(tmp_path)[0]


def test_too_many_languages_for_a_charter(folder: Path) -> None:
    for number in range(MAX_LANGUAGES):
        (folder / f"x{chr(97 + number)}.md").write_text(GOOD)
    assert "more than" in mistakes(folder)[0]


async def publish(
    database: Database, clock: ManualClock, folder: Path, **environ: str
) -> tuple[int, dict[str, bytes]]:
    notices = Notices(database, clock)
    published = await notices.publish(settings(notice_dir=str(folder), **environ))
    assert notices.current == published
    return published.version, dict(published.texts)


async def test_new_words_are_a_new_version(database: Database, folder: Path) -> None:
    clock = ManualClock()
    first = await publish(database, clock, folder)
    assert first[0] == 1
    assert await publish(database, clock, folder) == first
    changed = await publish(database, clock, folder, retention_days="5")
    assert changed[0] == 2
    assert changed[1]["en"] != first[1]["en"]
    assert await publish(database, clock, folder, retention_days="5") == changed


async def test_each_kind_of_meeting_has_words_of_its_own(database: Database) -> None:
    notices = Notices(database, ManualClock())
    await notices.publish(settings())
    kinds = [notices.current_for(asks) for asks in Asks]
    assert {kind.version for kind in kinds} == {1}
    digests = [digest for kind in kinds for digest in kind.texts.values()]
    assert len(set(digests)) == 3 * 5
    for kind in kinds:
        for language, digest in kind.texts.items():
            assert (await notices.by_digest(digest))["language"] == language
    again = Notices(database, ManualClock())
    await again.publish(settings())
    assert [again.current_for(asks) for asks in Asks] == kinds
    # One that says the same to all is one text.
    assert Asks.of(recording=True, training=False) is Asks.RECORDING
    assert Asks.of(recording=False, training=False) is Asks.NOTHING
    assert Asks.of(recording=True, training=True) is Asks.BOTH


async def test_words_of_old_again_are_a_version_of_their_own(
    database: Database, folder: Path
) -> None:
    clock = ManualClock()
    first = await publish(database, clock, folder)
    await publish(database, clock, folder, retention_days="5")
    third = await publish(database, clock, folder)
    assert third[0] == 3
    assert third[1]["en"] != first[1]["en"]


async def test_a_language_more_is_a_new_version_of_all(database: Database, folder: Path) -> None:
    clock = ManualClock()
    await publish(database, clock, folder)
    (folder / "pt-BR.md").write_text("Operado: " + GOOD)
    version, texts = await publish(database, clock, folder)
    assert version == 2
    assert set(texts) == {"en", "pt-BR"}
    (folder / "en.md").unlink()
    version, texts = await publish(database, clock, folder)
    assert (version, set(texts)) == (3, {"pt-BR"})


async def test_two_languages_cannot_have_the_same_words(database: Database, folder: Path) -> None:
    (folder / "de.md").write_text(GOOD)
    with pytest.raises(ConfigError, match="same words"):
        await publish(database, ManualClock(), folder)


async def test_what_was_published_is_there_for_good(database: Database, folder: Path) -> None:
    clock = ManualClock()
    _, texts = await publish(database, clock, folder)
    (folder / "en.md").write_text("Other. " + GOOD)
    await publish(database, clock, folder)
    notices = Notices(database, clock)
    found = await notices.by_digest(texts["en"])
    assert (found["language"], found["version"]) == ("en", 1)
    assert hashlib.sha256(str(found["text"]).encode()).digest() == texts["en"]
    with pytest.raises(NotFound):
        await notices.by_digest(bytes(32))
