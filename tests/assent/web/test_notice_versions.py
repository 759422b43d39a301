"""The notice in the console: what is in force, a draft, publishing, and who it is told of."""

from __future__ import annotations

from typing import Any

import pytest

from assent.web import Context, meetings
from assent_vault.store import models
from support.browser import Browser
from support.clock import ManualClock

PATH = "/api/admin/notices"
LANGUAGES = ("ar", "de", "en", "es", "fr")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


def words(text: str = "Ours") -> dict[str, str]:
    return {language: f"{text}, {language}." for language in LANGUAGES}


async def standing(browser: Browser) -> dict[str, Any]:
    answer = await browser.get(PATH)
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


async def texts(browser: Browser, meeting: str) -> set[str]:
    """Return the digests that a meeting's charter names."""
    async with browser.parts.database.read() as session:
        row = await session.get(models.MeetingRow, meeting)
    assert row is not None
    seat = await browser.post(f"/api/meetings/{meeting}/host-seat")
    return {each["digest"] for each in seat.json["notices"]}


async def test_what_is_seen_is_published_and_for_new_meetings_alone(
    browser: Browser, clock: ManualClock
) -> None:
    account = (await browser.become("administrator"))["id"]
    before = await standing(browser)
    assert (before["version"], before["by"], before["most"]) == (1, None, 4000)
    assert before["words"] == dict.fromkeys(LANGUAGES, "")
    assert before["without_place"] == []
    old = (await browser.create_meeting(recording=True))["meeting"]["id"]
    kept = await texts(browser, old)

    draft = (await browser.post(f"{PATH}/preview", {"words": words()})).json
    assert draft["version"] == 2
    assert {asks: len(each) for asks, each in draft["texts"].items()} == {
        "both": 5,
        "recording": 5,
        "nothing": 5,
    }
    assert await standing(browser) == {**before, "meetings": {"running": 0, "planned": 1}}

    clock.pass_(1)
    answer = await browser.post(PATH, {"words": words(), "version": 2})
    assert answer.status == 200
    now = answer.json
    assert now == await standing(browser)
    assert (now["version"], now["words"]) == (2, words())
    assert now["by"]["id"] == account
    assert now["published_at"] == browser.parts.clock.now()
    for asks, found in draft["texts"].items():
        assert now["texts"][asks] == [
            {"language": one["language"], "digest": one["digest"]} for one in found
        ]
        for one in found:
            public = (await browser.get(f"/api/notices/{one['digest']}")).json
            assert public["text"] == one["text"]
            assert f"Ours, {one['language']}." in public["text"]
    assert await texts(browser, old) == kept
    new = (await browser.create_meeting(recording=True))["meeting"]["id"]
    assert await texts(browser, new) == {one["digest"] for one in draft["texts"]["recording"]}

    # It is in the trail, by name.
    trail = (await browser.get("/api/admin/audit?what=notice-published")).json["events"]
    assert [(one["by"], one["detail"]) for one in trail] == [("account", "2"), ("operator", "1")]
    assert trail[0]["account"]["id"] == account
    mine = (await browser.get(f"/api/admin/audit?what=notice-published&who={account}")).json
    assert [one["detail"] for one in mine["events"]] == ["2"]


async def set_meeting(parts: Context, meeting: str, **columns: int) -> None:
    async with parts.database.write() as session:
        row = await session.get(models.MeetingRow, meeting)
        assert row is not None
        for name, value in columns.items():
            setattr(row, name, value)


async def test_meetings_that_keep_their_words_are_counted(browser: Browser) -> None:
    await browser.become("administrator")
    made = [(await browser.create_meeting(recording=True))["meeting"]["id"] for _ in range(5)]
    now = browser.parts.clock.now()
    await set_meeting(browser.parts, made[0], started_at=now)
    await set_meeting(browser.parts, made[1], started_at=now, ended_at=now)
    await set_meeting(browser.parts, made[2], expires_at=now)
    assert (await standing(browser))["meetings"] == {"running": 1, "planned": 2}


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"de": ""}, "empty", "de"),
        ({"de": "x" * 4001}, "too-long", "de"),
        ({"fr": "# Otherwise"}, "heading", "fr"),
        ({"fr": "---"}, "rule", "fr"),
        ({"ar": "${version"}, "unknown-fact", "ar"),
        ({"es": "%% end"}, "marks", "es"),
        ({"es": "\x07"}, "control-character", "es"),
        ({"pt": "x"}, "language-unknown", None),
    ],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/preview"])
async def test_words_that_cannot_stand_there_are_refused(
    browser: Browser, path: str, changed: dict[str, str], reason: str, field: str | None
) -> None:
    await browser.become("administrator")
    body = {"words": {**words(), **changed}} | ({"version": 2} if path == PATH else {})
    answer = await browser.post(path, body)
    assert (answer.status, answer.code, answer.field) == (422, "bad-notice", field)
    assert answer.json["error"]["reason"] == reason
    assert (await standing(browser))["version"] == 1


async def test_a_language_that_is_left_out_is_named(browser: Browser) -> None:
    await browser.become("administrator")
    answer = await browser.post(f"{PATH}/preview", {"words": {"en": "Ours."}})
    assert (answer.code, answer.json["error"]["reason"]) == ("bad-notice", "language-missing")


async def test_the_same_again_and_what_was_overtaken_are_refused(browser: Browser) -> None:
    await browser.become("administrator")
    answer = await browser.post(PATH, {"words": dict.fromkeys(LANGUAGES, ""), "version": 2})
    assert (answer.status, answer.code) == (409, "notice-unchanged")
    assert (await browser.post(PATH, {"words": words(), "version": 2})).status == 200
    answer = await browser.post(PATH, {"words": words("Other"), "version": 2})
    assert (answer.status, answer.code) == (409, "notice-outdated")
    assert (await standing(browser))["words"] == words()


@pytest.mark.parametrize("role", ["host", None])
async def test_it_is_for_administrators(browser: Browser, role: str | None) -> None:
    if role is not None:
        await browser.become(role)
    code = "not-signed-in" if role is None else "forbidden"
    assert (await browser.get(PATH)).code == code
    assert (await browser.post(f"{PATH}/preview", {"words": words()})).code == code
    assert (await browser.post(PATH, {"words": words(), "version": 2})).code == code
    assert browser.parts.notices.current.version == 1
