"""The notice in the console, as an administrator writes the next version of it."""

from __future__ import annotations

from playwright.async_api import Page


async def draft_notice(console: Page, words: str) -> None:
    """Write words for the next version of the notice, the same in every language, and see them."""
    notice = console.get_by_role("region", name="Notice", exact=True)
    await notice.get_by_role("button", name="Write a new version").click()
    for number, field in enumerate(await notice.get_by_role("textbox").all()):
        await field.fill(f"{words} ({number})")
    await notice.get_by_role("button", name="Preview").click()
    await notice.get_by_text("What changes for whom").wait_for()
    await notice.locator("[data-comparison]").wait_for()
