"""One's own browsers: listed to whoever is signed in, ended by them, and nobody else's."""

from __future__ import annotations

from support.browser import PASSWORD, Browser
from support.clock import ManualClock

PATH = "/api/sessions"


async def test_they_are_listed_and_ended(browser: Browser, clock: ManualClock) -> None:
    await browser.become("administrator", "ada")
    clock.pass_(7200)
    async with browser.another() as elsewhere:
        await elsewhere.post("/api/sign-in", {"login": "ada", "password": PASSWORD})
        listed = (await elsewhere.get(PATH)).json["sessions"]
        assert [each["current"] for each in listed] == [True, False]
        newer, older = listed
        assert newer["created_at"] - older["created_at"] == 7_200_000
        assert newer["used_at"] == clock.now() < newer["expires_at"]
        assert (await elsewhere.post(f"{PATH}/{older['id']}/end")).status == 200
        assert [each["id"] for each in (await elsewhere.get(PATH)).json["sessions"]] == [
            newer["id"]
        ]
        assert (await browser.get(PATH)).code == "not-signed-in"
        assert (await elsewhere.post(f"{PATH}/{older['id']}/end")).code == "not-found"


async def test_all_but_this_one_are_ended(browser: Browser) -> None:
    await browser.become("host", "bo")
    async with browser.another() as elsewhere, browser.another() as other:
        await elsewhere.post("/api/sign-in", {"login": "bo", "password": PASSWORD})
        await other.become("host", "cleo")
        assert (await browser.post(f"{PATH}/end-others")).status == 200
        assert (await elsewhere.get(PATH)).code == "not-signed-in"
        assert [each["current"] for each in (await browser.get(PATH)).json["sessions"]] == [True]
        assert len((await other.get(PATH)).json["sessions"]) == 1


async def test_nobody_sees_or_ends_somebody_elses(browser: Browser) -> None:
    await browser.become("administrator", "ada")
    (mine,) = (await browser.get(PATH)).json["sessions"]
    async with browser.another() as other:
        assert (await other.get(PATH)).code == "not-signed-in"
        await other.become("administrator", "ben")
        assert (await other.post(f"{PATH}/{mine['id']}/end")).code == "not-found"
        assert mine["id"] not in {each["id"] for each in (await other.get(PATH)).json["sessions"]}
    assert (await browser.get(PATH)).status == 200
