"""An administrator adds to the notice: it is seen before, for new meetings alone, and for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.console_notice import draft_notice
from support.scenario import Scenario
from support.server import Server

pytestmark = pytest.mark.browser

WORDS = "Minutes are kept by the **secretary**."
SAID = "Minutes are kept by the secretary."


async def _read(page: Page) -> str:
    """Read the full notice from the button that is there, and close it."""
    await page.get_by_role("button", name="Read the full notice").click()
    dialog = page.get_by_role("dialog", name="The full notice")
    await dialog.get_by_text("Your answer is bound to exactly these words.").wait_for()
    text = await dialog.locator(".prose").inner_text()
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_have_count(0)
    return text


async def test_what_was_previewed_is_what_stands_at_the_door(
    scenario: Scenario, tmp_path: Path
) -> None:
    await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    before = await host.create_meeting("Before")
    console = host.page
    await console.goto(f"{scenario.server.url}/admin")
    notice = console.get_by_role("region", name="Notice", exact=True)
    await expect(notice.locator("[data-notice-version='1']")).to_be_visible()
    await draft_notice(console, WORDS)

    # What is new is marked as new, and what went as gone; nothing else is.
    added = notice.locator("ins")
    assert any(
        "Minutes are kept by the **secretary**." in one for one in await added.all_inner_texts()
    )
    gone = [
        one.replace("Removed:", "").strip() for one in await notice.locator("del").all_inner_texts()
    ]
    assert gone == ["1"]
    await expect(notice.get_by_text("created and have not begun (1)")).to_be_visible()
    previewed = await _read(console)
    assert SAID in previewed

    # What is written after the preview is not published by it.
    await notice.get_by_role("textbox", name="German").fill("# Anders")
    await expect(notice.get_by_role("button", name="Publish version 2")).to_have_count(0)
    await notice.get_by_role("button", name="Preview").click()
    await expect(notice.get_by_role("alert")).to_contain_text("German: A heading")
    await notice.get_by_role("textbox", name="German").fill("Ein Protokoll wird geführt.")
    await notice.get_by_role("button", name="Preview").click()
    await notice.get_by_role("button", name="Publish version 2").click()
    dialog = console.get_by_role("dialog")
    await dialog.get_by_role("button", name="Publish version 2").click()
    await expect(notice.locator("[data-notice-version='2']")).to_contain_text("Hanna")
    audit = console.get_by_role("region", name="Audit trail")
    row = audit.get_by_role("row").filter(has_text="Notice published").filter(has_text="Hanna")
    await expect(row).to_be_visible()

    after = await host.create_meeting("After")
    guest = await scenario.person("Amara")
    await guest.arrive(after)
    assert await _read(guest.page) == previewed
    other = await scenario.person("Benedikt")
    await other.arrive(before)
    kept = await _read(other.page)
    assert SAID not in kept
    assert "Version 1 of this notice" in kept
