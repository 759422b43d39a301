"""A copy of one's own: decrypted and joined in the browser, and playable without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from support.browsers import browser
from support.long_meeting import make
from support.media import listen, look
from support.server import Server

pytestmark = pytest.mark.browser

SECONDS = 24.0


async def copy(page: Page, label: str, folder: Path) -> Path:
    """Have the page hand over one track."""
    async with page.expect_download() as handed:
        await page.get_by_role("button", name=f"Download {label}", exact=True).click()
    download = await handed.value
    path = folder / download.suggested_filename
    await download.save_as(path)
    return path


async def test_a_copy_holds_one_person_from_beginning_to_end(tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    ada, bo = await make(server, minutes=SECONDS / 60, people=2, generation_seconds=12)
    await server.start()
    try:
        async with browser() as chromium:
            page = await chromium.new_page()
            # A file that is picked cannot be picked by a test; the other way is a download.
            await page.add_init_script("delete globalThis.showSaveFilePicker")
            await page.goto(bo.link)
            await page.get_by_role("button", name="Watch", exact=True).click()
            await page.get_by_text("A copy of my own").click()
            camera = await copy(page, "Ada, camera", tmp_path)
            await page.get_by_text("The copy is on your device.").wait_for()
            microphone = await copy(page, "Bo, microphone", tmp_path)
    finally:
        await server.close()
    assert camera.name == "A-long-meeting_Ada_camera.webm"
    seen = look(camera)
    assert seen.colours == {ada.signs.colour}
    assert seen.seconds == pytest.approx(SECONDS, abs=0.6)
    heard = listen(microphone)
    assert heard.tones == {bo.signs.tone}
    assert heard.seconds == pytest.approx(SECONDS, abs=0.6)
