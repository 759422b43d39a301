"""Two administrators and one export: proposed by the one, begun when the other has approved it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.axe import violations
from support.person import Person
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser


async def invited(scenario: Scenario, host: Person, name: str) -> Person:
    """Return another administrator, in the console."""
    page = await host._console_page()
    await page.get_by_role("button", name="Invite an administrator").click()
    invitation = await page.get_by_role("textbox", name="Invitation link").input_value()
    other = await scenario.person(name)
    await other.page.goto(invitation)
    await other.page.get_by_label("Your name").fill(name)
    await other.page.get_by_label("Login").fill(name.lower())
    await other.page.get_by_label("Password").fill("a row of four words")
    await other.page.get_by_role("button", name="Make account").click()
    await other.page.get_by_role("heading", name="Meetings", exact=True).wait_for()
    await other.page.goto(f"{scenario.server.url}/admin")
    return other


async def has_no_fault(page: Page) -> None:
    """Look at a page with axe-core, wide and narrow, and that it is not wider than its window."""
    for width, height in ((1280, 900), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_timeout(300)  # colours change gently
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def narrow(page: Page) -> None:
    """Choose by language and length; the form is folded, and forgets them once it was asked."""
    fold = page.locator("details").filter(has_text="Only meetings and sound that")
    await fold.evaluate("fold => { fold.open = true; }")
    language = page.get_by_label("Everybody read")
    await expect(language).to_have_value("")
    await language.fill("en")
    await page.get_by_label("Meetings of at least").fill("1")


async def decide(page: Page, verb: str, chosen: str = "") -> None:
    await page.get_by_role("button", name=f"{verb}: An Institute").click()
    dialog = page.get_by_role("dialog", name=f"{verb}: An Institute")
    await expect(dialog).to_contain_text("An Institute: speech recognition")
    await expect(dialog).to_contain_text(chosen)
    await dialog.get_by_role("button", name=verb, exact=True).click()


async def test_an_export_waits_for_a_second_administrator(
    scenario: Scenario, tmp_path: Path
) -> None:
    server = await scenario.open(Server(tmp_path / "server", settings={"export_approvals": 1}))
    host, ada = await scenario.meeting(["Ada"], training=True)
    await host.arm()
    await all_say([host, ada], "recording")
    await asyncio.sleep(2)
    await host.end()
    await host.has_left()
    await host.sees_release("ready")
    ben = await invited(scenario, host, "Ben")

    # Who asks is told that another has to approve it, and how much it would be.
    page = await host._console_page()
    await page.get_by_label("To whom it is given").fill("An Institute")
    await page.get_by_role("button", name="Export what is ready").click()
    await expect(page.get_by_text("This has to be said.")).to_have_count(1)
    await page.get_by_label("For what").fill("speech recognition")
    await page.get_by_label("Sound only, without pictures").check()
    await narrow(page)
    await page.get_by_role("button", name="Export what is ready").click()
    dialog = page.get_by_role("dialog", name="Export what is ready")
    await expect(dialog.locator("[data-forecast='1']")).to_contain_text("1 meeting, 0 hours, about")
    await expect(dialog).to_contain_text("another administrator has approved it")
    await has_no_fault(page)
    await dialog.get_by_role("button", name="Propose this export").click()
    row = page.locator("[data-export]")
    await expect(row).to_contain_text("Waits for approval")
    await expect(row).to_contain_text("Sound only")
    await expect(row).to_contain_text("read by everybody in: English")
    assert await row.get_by_role("button").all_inner_texts() == ["Take back"]
    await asyncio.sleep(2)
    await expect(row).to_have_attribute("data-state", "proposed")
    assert not server.exports.exists() or list(server.exports.iterdir()) == []

    # One is declined, one is taken back, and one is approved.
    await ben.page.get_by_role("button", name="Decline: An Institute").wait_for()
    await has_no_fault(ben.page)
    await decide(ben.page, "Decline", "meetings of at least 1 second")
    await expect(ben.page.locator("[data-export][data-state=declined]")).to_have_count(1)
    # A page follows by itself: nobody is to press a button of what has been decided meanwhile.
    await expect(page.locator("[data-export][data-state=declined]")).to_have_count(1)
    await host.asks_for_export()
    await decide(page, "Take back")
    await expect(page.locator("[data-export][data-state=taken-back]")).to_have_count(1)
    await narrow(page)
    await host.asks_for_export()
    await expect(page.locator("[data-export][data-state=proposed]")).to_have_count(1)
    assert not server.exports.exists() or list(server.exports.iterdir()) == []
    for state in ("taken-back", "proposed"):
        await expect(ben.page.locator(f"[data-export][data-state={state}]")).to_have_count(1)
    await decide(ben.page, "Approve", "read by everybody in: English")
    done = ben.page.locator("[data-export][data-state=done]")
    await expect(done).to_contain_text("by Ben", timeout=60_000)
    folder = Path(await done.locator("code").inner_text())
    said = json.loads((folder / "MANIFEST.json").read_bytes())
    assert (said["recipient"], said["purpose"]) == ("An Institute", "speech recognition")
    # What was approved is what was written.
    assert (said["asked"]["languages"], said["asked"]["least_duration"]) == (["en"], 1000)
    # Both acts are in the audit trail.
    trail = await ben.page.evaluate(
        "fetch('/api/admin/audit').then((answer) => answer.json())"
        ".then(({ events }) => events.map(({ what, account }) => `${what} ${account?.name}`))"
    )
    assert {"export-approved Ben", "export-declined Ben", "export-taken-back Hanna"} <= set(trail)
