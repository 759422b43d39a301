"""A data set in an administrator's hands: sealed to a key of their page, opened there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from assent_vault.formats.suite import encode
from support.downloads import content, unpack
from support.person import Person
from support.scenario import Scenario, all_say
from support.server import Server

from .test_approving import has_no_fault, invited

pytestmark = pytest.mark.browser

# A file that is picked cannot be picked by a test; the other way is a download.
_NO_PICKER = "delete globalThis.showSaveFilePicker"
# As if somebody had picked one, in the browser's own folder.
_PICKED = """
globalThis.showSaveFilePicker = async ({ suggestedName }) => {
  const folder = await navigator.storage.getDirectory();
  return folder.getFileHandle(suggestedName, { create: true });
};
"""


async def recorded(scenario: Scenario) -> Person:
    """Hold a meeting that everybody releases; returns its host."""
    host, ada = await scenario.meeting(["Ada"], training=True)
    await host.arm()
    await all_say([host, ada], "recording")
    await asyncio.sleep(2)
    await host.end()
    await host.has_left()
    await host.sees_release("ready")
    return host


async def asks(page: Page) -> None:
    await page.get_by_role("button", name="Download: An Institute").click()
    dialog = page.get_by_role("dialog", name="Download: An Institute")
    await dialog.get_by_role("button", name="Download", exact=True).click()


async def is_whole(server: Server, tar: Path, folder: Path) -> None:
    """Look at what people get when they unpack it, with tools that they have."""
    unpacked = await asyncio.to_thread(unpack, tar.read_bytes(), tar.with_suffix(".unpacked"))
    assert content(unpacked) == content(folder)
    [(identity,)] = server.query("SELECT public_key FROM vault_identity")
    code, said = await server.vault_command(
        "check-dataset", str(unpacked), "--identity", encode(identity)
    )
    assert code == 0, said


async def test_a_data_set_is_downloaded_by_who_may_have_it(
    scenario: Scenario, tmp_path: Path
) -> None:
    """Approved by another, over a restart of everything, in files that the browser saves."""
    settings = {"export_approvals": 1, "export_downloads": 1}
    server = await scenario.open(Server(tmp_path / "server", settings=settings))
    host = await recorded(scenario)
    ben = await invited(scenario, host, "Ben")
    await host.asks_for_export()
    await ben.page.get_by_role("button", name="Approve: An Institute").click()
    dialog = ben.page.get_by_role("dialog", name="Approve: An Institute")
    await dialog.get_by_role("button", name="Approve", exact=True).click()
    page = await host._console_page()
    await page.add_init_script(_NO_PICKER)
    await page.reload()
    done = page.locator("[data-export][data-state=done]")
    folder = Path(await done.locator("code").inner_text(timeout=60_000))

    await asks(page)
    await expect(
        page.locator("[data-export]").get_by_text("Another administrator has to approve")
    ).to_be_visible()
    await has_no_fault(page)
    wants = ben.page.locator("[data-other=proposed]")
    await expect(wants).to_contain_text("Hanna asks to download it")
    await has_no_fault(ben.page)
    await server.kill()
    await expect(
        page.locator("[data-export]").get_by_text("The download goes on when it can.")
    ).to_be_visible()
    await server.start()
    async with page.expect_download(timeout=60_000) as handed:
        await wants.get_by_role("button", name="Approve the download: Hanna").click()
        dialog = ben.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Approve the download", exact=True).click()
    download = await handed.value
    assert download.suggested_filename == f"data-set-{folder.name}.tar"
    tar = tmp_path / "fetched.tar"
    await download.save_as(tar)
    await expect(
        page.locator("[data-export]").get_by_text("The data set is on your disk.")
    ).to_be_visible()
    await is_whole(server, tar, folder)

    # Nothing of it is left, and who fetched it is written down.
    chunks = server.data / "objects" / "downloads"
    assert not chunks.exists() or not any(chunks.rglob("*.chunk"))
    trail = await ben.page.evaluate(
        "fetch('/api/admin/audit').then((answer) => answer.json())"
        ".then(({ events }) => events.map(({ what, account }) => `${what} ${account?.name}`))"
    )
    wanted = {"download-asked Hanna", "download-approved Ben", "data-set-fetched Hanna"}
    assert wanted <= set(trail)


async def test_it_is_written_to_a_file_as_it_comes(scenario: Scenario, tmp_path: Path) -> None:
    """And told in plain words where it cannot be, begun anew, and cancelled."""
    server = await scenario.open(Server(tmp_path / "server", settings={"export_downloads": 1}))
    host = await recorded(scenario)
    folder = await host.export_from_console()
    page = await host._console_page()
    await page.add_init_script(_PICKED)
    await page.reload()
    await asks(page)
    await expect(
        page.locator("[data-export]").get_by_text("The data set is on your disk.")
    ).to_be_visible(timeout=60_000)
    async with page.expect_download() as handed:
        await page.evaluate(
            """async (name) => {
              const folder = await navigator.storage.getDirectory();
              const file = await (await folder.getFileHandle(name)).getFile();
              const link = document.createElement("a");
              link.href = URL.createObjectURL(file);
              link.download = name;
              link.click();
            }""",
            f"data-set-{folder.name}.tar",
        )
    tar = tmp_path / "fetched.tar"
    await (await handed.value).save_as(tar)
    await is_whole(server, tar, folder)

    # Its folder is gone.
    folder.rename(folder.with_name("elsewhere"))
    await asks(page)
    await expect(page.locator("[data-export]").get_by_text("is not there any more")).to_be_visible(
        timeout=60_000
    )
    folder.with_name("elsewhere").rename(folder)

    # A chunk that is not what was sealed; one that never comes, and a page that is reloaded.
    chunks = "**/api/admin/downloads/*/chunks/*"

    async def changed(route: Route) -> None:
        answer = await route.fetch()
        body = bytearray(await answer.body())
        body[-1] ^= 1
        await route.fulfill(response=answer, body=bytes(body))

    await page.route(chunks, changed)
    await asks(page)
    await expect(
        page.locator("[data-export]").get_by_text("not what the vault sealed")
    ).to_be_visible(timeout=60_000)
    await page.unroute(chunks)
    await page.route(chunks, lambda route: route.abort())
    await asks(page)
    await expect(
        page.locator("[data-export]").get_by_text("The download goes on when it can.")
    ).to_be_visible(timeout=60_000)
    await page.get_by_role("button", name="Cancel", exact=True).click()
    await expect(
        page.locator("[data-export]").get_by_text("The download was cancelled.")
    ).to_be_visible()
    await asks(page)
    await expect(
        page.locator("[data-export]").get_by_text("The download goes on when it can.")
    ).to_be_visible(timeout=60_000)
    await page.reload()
    await expect(page.locator("[data-former]")).to_be_visible()
    await has_no_fault(page)
    await page.locator("[data-former]").get_by_role("button", name="Cancel").click()
    await expect(page.locator("[data-former]")).to_have_count(0)
    for _ in range(50):
        if not any((server.data / "objects" / "downloads").rglob("*.chunk")):
            break
        await asyncio.sleep(0.2)
    assert not any((server.data / "objects" / "downloads").rglob("*.chunk"))
