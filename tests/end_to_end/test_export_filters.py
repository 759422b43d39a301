"""What narrows an export, in the console: folded away, told in words, and sent as it was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.axe import violations
from support.scenario import Scenario
from support.server import Server

pytestmark = pytest.mark.browser

_FIELDS = {
    "Everybody read": "de, pt-BR",
    "Meetings of at least": "90",
    "is silence that was laid": "10",
    "is clipped, or of which": "1.1",
}
_WRONG = {
    "Everybody read": "German!",
    "Meetings of at least": "1.5",
    "is silence that was laid": "101",
    "is clipped, or of which": "little",
}


async def has_no_fault(page: Page, folder: Path, name: str) -> None:
    """Look at a page with axe-core, wide and narrow, and that it is not wider than its window."""
    for width, height in ((390, 844), (1280, 900)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_timeout(300)  # colours change gently
        await page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_an_export_is_narrowed_in_the_console(scenario: Scenario, tmp_path: Path) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    page = (await scenario.host()).page
    await page.goto(f"{server.url}/admin")
    form = page.locator("form").filter(has_text="Only meetings and sound that")
    fold = form.locator("summary")
    first = form.get_by_label("Everybody read")
    await expect(fold).to_be_visible()
    await expect(first).to_be_hidden()

    # What is wrong is told where it stands, also where it was folded away; nothing is asked for.
    await fold.click()
    for label, text in _WRONG.items():
        await form.get_by_label(label).fill(text)
    await fold.click()
    await expect(first).to_be_hidden()
    await page.get_by_label("To whom it is given").fill("An Institute")
    await page.get_by_label("For what").fill("speech recognition")
    await page.get_by_role("button", name="Export what is ready").click()
    await expect(first).to_be_visible()
    for label in _WRONG:
        await expect(form.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await has_no_fault(page, tmp_path, "wrong")

    for label, text in _FIELDS.items():
        await form.get_by_label(label).fill(text)
        await expect(form.get_by_label(label)).to_have_attribute("aria-invalid", "false")
    await page.get_by_role("button", name="Export what is ready").click()
    dialog = page.get_by_role("dialog", name="Export what is ready")
    for words in (
        "read by everybody in: German, Brazilian Portuguese",
        "meetings of at least 90 seconds",
        "more than 10% is laid silence",
        "more than 1.1% is clipped",
        "known only when it is written",
    ):
        await expect(dialog).to_contain_text(words)
    await has_no_fault(page, tmp_path, "asked")
    async with page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/exports")
    ) as sent:
        await dialog.locator(".dialog-actions button").last.click()
    asked = (await sent.value).post_data_json
    assert {name: asked[name] for name in ("languages", "least_seconds")} == {
        "languages": ["de", "pt-BR"],
        "least_seconds": 90,
    }
    assert (asked["most_filled"], asked["most_clipped"]) == (0.1, 0.011)
    # There is nothing here to export; what was typed stays where it was refused.
    await expect(form.get_by_role("alert")).to_be_visible()
    await expect(first).to_have_value("de, pt-BR")
