"""A data set, its next version from the console, and what everybody in it sees and can prove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from end_to_end.test_receipts import offline, saved, verdict
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser

NEXT = "Make the next version"


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_bytes())
    return found


async def asked_again(page: Page) -> None:
    """Press the button at the newest data set, and say for whom and for what."""
    await page.get_by_role("button", name=NEXT).first.click()
    assert await page.get_by_label("To whom it is given").input_value() == "", (
        "nothing is taken over"
    )
    await page.get_by_label("To whom it is given").fill("Another Institute")
    await page.get_by_label("For what").fill("speech synthesis")
    await page.locator("form button[type=submit]", has_text=NEXT).click()


async def test_the_next_version_from_the_console(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    await scenario.open(server)
    host, ada = people = await scenario.meeting(["Ada"], training=True)
    await host.arm()
    await all_say(people, "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=2)
    await host.end()
    for person in people:
        await person.has_left()
    await host.sees_release("ready")
    first = await host.export_from_console()
    page = await host._console_page()

    await asked_again(page)
    dialog = page.get_by_role("dialog", name=NEXT)
    await expect(dialog.locator("[data-forecast='1']")).to_contain_text("1 meeting")
    await expect(dialog).to_contain_text(f"next version of {manifest(first)['export']}")
    await dialog.locator(".dialog-actions button").last.click()
    done = page.locator("[data-export][data-state=done]")
    await expect(done).to_have_count(2, timeout=60_000)
    folders = [Path(await each.inner_text()) for each in await done.locator("code").all()]
    (second,) = set(folders) - {first}
    said = manifest(second)
    assert [each["meeting"] for each in said["meetings"]] == [host.meeting]
    assert said["asked"]["again"] == manifest(first)["export"]
    assert (said["recipient"], said["purpose"]) == ("Another Institute", "speech synthesis")

    # Everybody who was there is told of both, by the log, and has proof of both.
    own = await ada.context.new_page()
    await own.goto(ada.receipt_link)
    for recipient in ("An Institute", "Another Institute"):
        given = own.locator("[data-data-set][data-basis=log]", has_text=f"\u2068{recipient}\u2069")
        await expect(given).to_have_count(1, timeout=60_000)
    # Her browser knows the keys of the server and the vault since she was there.
    assert {state for state, _ in (await verdict(own)).values()} == {"holds"}
    kept = await saved(own, "Download receipt", tmp_path)
    code, told = await offline(kept, folder=tmp_path)
    assert code == 0, told
    for folder in (first, second):
        assert f"in data set {manifest(folder)['export']}, given to" in told
    await own.goto(f"{server.url}/verify")
    await own.locator("input[type=file]").set_input_files(kept)
    assert {state for state, _ in (await verdict(own)).values()} == {"holds", "own-word"}
    for folder in (first, second):
        await expect(own.locator(".story")).to_contain_text(manifest(folder)["export"])

    # What is taken back is in no further one, and why is told before it is asked for.
    await ada.change_afterwards(training="withdrawn")
    await expect(page.locator("[data-recalled='1']")).to_have_count(2, timeout=60_000)
    await asked_again(page)
    refused = page.get_by_role("dialog", name=NEXT).locator("[data-refused=withdrawn]")
    await expect(refused).to_contain_text("1 meeting that was exported before cannot be once more")
    assert [*host.problems, *ada.problems] == []
