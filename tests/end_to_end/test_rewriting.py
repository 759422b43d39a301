"""A log that was written anew, so that everything starts: whoever has kept something sees it.

One of two people says no, and is taken out of the database and the log afterwards, with the
server's own keys. The other one comes again in the same browser.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from assent_vault.formats.suite import encode
from support.person import Person
from support.rewriting import forget
from support.scenario import Scenario
from support.server import Server

from .test_receipts import offline, saved

pytestmark = pytest.mark.browser


async def agreement(page: Page) -> str:
    """Return what the page says of what its browser has kept, once it has compared."""
    shown = page.locator("[data-agreement]:not([data-agreement=comparing])")
    await shown.wait_for()
    return await shown.get_attribute("data-agreement") or ""


async def two_who_said(scenario: Scenario, server: Server) -> tuple[Person, Person]:
    """Return somebody who said yes, and somebody who had said no before them; both have left."""
    await scenario.open(server)
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    await host.answer_at_the_door(recording=True)
    await host.join()
    people = []
    for name, answer in (("Bo", False), ("Ada", True)):
        person = await scenario.person(name)
        await person.arrive(link)
        await person.answer_at_the_door(recording=answer)
        await person.join()
        await person.leave()
        people.append(person)
    await host.end()
    await host.has_left()
    bo, ada = people
    return ada, bo


async def test_whoever_has_kept_something_sees_it(scenario: Scenario, tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    ada, bo = await two_who_said(scenario, server)
    await ada.page.goto(ada.receipt_link)
    # Kept in the meeting already, and held against what the receipt says.
    assert await agreement(ada.page) == "agrees"
    before = await saved(ada.page, "Download receipt", tmp_path)
    before = before.rename(tmp_path / "before")

    await server.stop()
    head = forget(server, bo.id)
    await server.start()
    assert server.worker_pid() is not None, "the worker works on it, too"

    await ada.page.goto("about:blank")
    await ada.page.goto(ada.receipt_link)
    # By itself the new receipt holds.
    await ada.page.locator("[data-verdict=holds]").wait_for()
    assert await agreement(ada.page) == "disagrees"
    shown = ada.page.locator("[data-agreement=disagrees]")
    await expect(shown.get_by_role("alert")).to_contain_text(
        "This does NOT agree with what this browser has kept."
    )
    codes = await shown.locator("[data-code]").evaluate_all(
        "items => items.map(({dataset}) => dataset.code)"
    )
    assert codes == ["smaller", "other-index", "other-index"]
    await expect(shown).to_contain_text(f"and has {head.size}.")
    await expect(shown).to_contain_text("Your answer 1 stands at place")
    evidence = await saved(ada.page, "Save the evidence", tmp_path)
    assert evidence.name.endswith(".assent-disagreement.json")
    text = evidence.read_text()
    assert encode(ada.seed) not in text
    assert [each["code"] for each in json.loads(text)["disagreements"]] == codes

    # It stays, whatever the server shows next.
    await ada.page.reload()
    assert await agreement(ada.page) == "disagrees"

    after = await saved(ada.page, "Download receipt", tmp_path)
    after = after.rename(tmp_path / "after")
    for each in (before, after):
        code, said = await offline(each, folder=tmp_path)
        assert (code, "IT HOLDS." in said) == (0, True)
    code, said = await offline(before, after, folder=tmp_path)
    assert code == 1
    assert "THEY DO NOT AGREE." in said
    assert "assent-vault: other-index: Statement 1 stands at index" in said
    code, said = await offline(before, "--log", f"{server.url}/log", folder=tmp_path)
    assert code == 1
    assert "assent-vault: smaller:" in said

    # Whoever was taken out is told what is missing; a browser that has kept nothing is told so.
    await bo.page.goto(bo.receipt_link)
    assert await agreement(bo.page) == "disagrees"
    codes = await bo.page.locator("[data-code]").evaluate_all(
        "items => items.map(({dataset}) => dataset.code)"
    )
    # Whether the head of when they came was over anything of theirs is a matter of moments.
    assert codes[-2:] == ["missing", "missing"]
    stranger = await scenario.person("Cleo")
    await stranger.page.goto(ada.receipt_link)
    assert await agreement(stranger.page) == "first"
    await expect(stranger.page.locator("[data-agreement]")).to_contain_text(
        "There was nothing to compare with: this is the first visit from this browser."
    )

    # To forget it is asked for, and begins anew.
    forgetting = ada.page.get_by_role("button", name="Forget what was kept")
    await forgetting.click()
    await ada.page.get_by_role("dialog").get_by_role("button", name="Forget what was kept").click()
    await ada.page.locator("[data-agreement=forgotten]").wait_for()
    await ada.page.reload()
    assert await agreement(ada.page) == "first"
    assert ada.problems == []
    assert bo.problems == []
