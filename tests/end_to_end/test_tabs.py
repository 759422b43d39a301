"""One person at one browser is one person: two pages, two clicks, a page that comes back.

What this is for is said by the gate: only with the keys of everybody who was in it is a meeting
released, so a person too many, or a seed that was written over, blocks it for good.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from playwright.async_api import Error, Page

from support.person import Person
from support.scenario import Scenario, all_say
from support.server import Server
from support.waiting import eventually

pytestmark = pytest.mark.browser

_RECORDED = 2.0  # seconds
_SEEDS = """
async () => {
  const { promise, resolve, reject } = Promise.withResolvers();
  const opening = indexedDB.open("assent");
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
  const database = await promise;
  const seeds = [];
  for (const name of database.objectStoreNames) {
    const all = database.transaction(name).objectStore(name).getAll();
    await new Promise((done) => { all.onsuccess = done; });
    for (const { meeting, seed } of all.result) if (seed) seeds.push([name, meeting, [...seed]]);
  }
  database.close();
  return seeds;
}
"""


async def _at_the_door(person: Person, link: str, pages: int) -> list[Page]:
    """Open the invitation in so many pages of one browser, and say yes in each."""
    person.meeting = link.partition("/m/")[2].partition("#")[0]
    opened = [person.page, *[await person.context.new_page() for _ in range(pages - 1)]]
    await asyncio.gather(*[page.goto(link) for page in opened])
    for page in opened:
        await page.get_by_label("Your name").fill(person.name)
        for question in await page.locator("[data-purpose] input[value=yes]").all():
            await question.check()
    return opened


async def _inside(pages: list[Page]) -> Page:
    """Return the page that is in the meeting; the others were told that it is elsewhere now."""

    async def one() -> Page | None:
        there = [page for page in pages if await page.locator("[data-stage=inside]").count()]
        gone = [page for page in pages if await page.locator("[data-reason=replaced]").count()]
        return there[0] if len(there) == 1 and len(there) + len(gone) == len(pages) else None

    return await eventually(one, "one page is in, the others know")


async def _released(server: Server, host: Person, guest: Person) -> None:
    """Record, end, and see that the gate releases what two people have agreed to."""
    await all_say([host], "recording")
    people = server.query("SELECT COUNT(*) FROM participants")
    assert people == [(2,)], "host and guest"
    await asyncio.sleep(_RECORDED)
    await host.end()
    await host.has_left()
    seeds = await guest.page.evaluate(_SEEDS)
    assert len({tuple(seed) for _, _, seed in seeds}) == 1, "one seed"
    await host.sees_release("ready")


async def _host(scenario: Scenario, server: Server) -> tuple[Person, str]:
    await scenario.open(server)
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    await host.answer_at_the_door(recording=True, training=True)
    await host.join()
    await host.arm()
    return host, link


async def test_two_pages_at_one_door_are_one_person(scenario: Scenario, tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    host, link = await _host(scenario, server)
    ada = await scenario.person("Ada")
    pages = await _at_the_door(ada, link, 3)
    join = [page.get_by_role("button", name="Join", exact=True) for page in pages]
    # Clicked from inside, all at once: none has heard of the others.
    await asyncio.gather(*[one.evaluate("button => button.click()") for one in join])
    ada.page = await _inside(pages)
    await _released(server, host, ada)


async def test_two_pages_that_join_one_after_the_other_are_one_person(
    scenario: Scenario, tmp_path: Path
) -> None:
    server = Server(tmp_path / "server")
    host, link = await _host(scenario, server)
    ada = await scenario.person("Ada")
    first, second = await _at_the_door(ada, link, 2)
    for page in (first, second):
        await page.get_by_role("button", name="Join", exact=True).click()
        await page.locator("[data-stage=inside]").wait_for()
    await first.locator("[data-reason=replaced]").wait_for()
    ada.page = second
    await _released(server, host, ada)


async def test_two_clicks_are_one(scenario: Scenario, tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    host, link = await _host(scenario, server)
    ada = await scenario.person("Ada")
    (page,) = await _at_the_door(ada, link, 1)
    join = page.get_by_role("button", name="Join", exact=True)
    await join.evaluate(
        "button => { button.click(); button.click(); button.form.requestSubmit(); }"
    )
    await page.locator("[data-stage=inside]").wait_for()
    await _released(server, host, ada)


async def test_a_page_that_is_left_at_any_moment_comes_back_as_the_same_person(
    scenario: Scenario, tmp_path: Path
) -> None:
    """Reloaded ever later after the click, and gone back to: whatever was drawn first is kept."""
    server = Server(tmp_path / "server")
    host, link = await _host(scenario, server)
    ada = await scenario.person("Ada")
    await _at_the_door(ada, link, 1)
    page = ada.page
    for milliseconds in (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        join = page.get_by_role("button", name="Join", exact=True).or_(
            page.get_by_role("button", name="Return to the meeting")
        )
        # The click and the reload are one script, so that nothing comes between them but the time.
        with contextlib.suppress(Error):  # the page is gone
            await join.evaluate(
                "(one, after) => { one.click(); setTimeout(() => location.reload(), after); }",
                milliseconds,
            )
            await page.wait_for_event("load")
        if milliseconds == 32:
            await page.goto(server.url)
            await page.go_back()
        await join.wait_for()
        name = page.get_by_label("Your name")
        if await name.count():
            await name.fill("Ada")
            for question in await page.locator("[data-purpose] input[value=yes]").all():
                await question.check()
    await join.click()
    await page.locator("[data-stage=inside]").wait_for()
    for purpose in ("recording", "training"):
        will = page.locator(f".own-answer[data-purpose={purpose}]")
        await ada._open_answers()
        if await will.get_attribute("data-will") != "yes":
            await ada.change(**{purpose: "yes"})
    await _released(server, host, ada)
