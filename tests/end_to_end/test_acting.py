"""Taking back for others, in real browsers: by a host and in the console, told to the person."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.data_folder import files
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server, meeting_of
from support.waiting import eventually

pytestmark = pytest.mark.browser


async def act(page: Page, meeting: str, button: str) -> None:
    """Open what can be done for others, choose something, and confirm it."""
    dialog = page.locator(f'[data-acts="{meeting}"]')
    await dialog.get_by_role("button", name=button).click()
    sure = page.locator("dialog dialog[open]")
    await expect(sure).to_contain_text("cannot be undone")
    await sure.locator("button.danger").click()


async def test_a_host_deletes_a_part_and_an_administrator_the_meeting(
    scenario: Scenario, tmp_path: Path
) -> None:
    server: Server = await scenario.open(Server(tmp_path / "server"))
    people = await scenario.meeting(["Ada"], training=True)
    host, ada = people
    await host.arm()
    await all_say(people, "recording")
    recording = Recording(server, host.meeting)
    await recording.grows(generations=1, segments=4)
    await host.end()
    for person in people:
        await person.has_left()
    key = server.vault / "meetings" / f"{host.meeting}.key"
    assert key.exists()

    # The host, from the start page: asked twice, by name, and nothing of what was answered.
    page = host.page
    await page.goto(server.url)
    row = page.locator(f'[data-meeting="{host.meeting}"]')
    await row.get_by_role("button", name="Take back or delete").click()
    listed = page.locator(f'[data-acts="{host.meeting}"]')
    await expect(listed).to_contain_text("Ada")
    await act(page, host.meeting, "Delete their part: Ada")
    await expect(listed.locator('[data-act="recording"]')).to_contain_text("The host")
    await eventually(lambda: not key.exists(), "the vault's key for the meeting is destroyed")
    tracks = server.data / "objects" / "meetings" / host.meeting
    await eventually(
        lambda: not [path for path in files(tracks) if ada.id in str(path)],
        "nothing of Ada's is left",
    )
    await host.sees_blocked(revoked=1, others=True)

    # Ada's own page says who did it, and when; the answer that she gave stands in her history.
    hers = await ada.context.new_page()
    await hers.goto(ada.receipt_link)
    card = hers.locator("section:has(#taken-back)")
    await expect(card).to_contain_text("The host took back the yes to recording")
    await expect(hers.locator("[data-deletion]")).to_have_attribute("data-deletion", "done")

    # The administrator, from the console: the whole meeting.
    console = host.console
    row = console.locator(f'tr[data-meeting="{host.meeting}"]')
    await row.get_by_role("button", name="Take back or delete").click()
    await act(console, host.meeting, "Delete the meeting")
    await eventually(
        lambda: not files(tracks),
        "nothing of the meeting is left",
    )
    await hers.reload()
    await expect(hers.locator("main")).to_contain_text("deleted this meeting")
    assert meeting_of(ada.receipt_link) == host.meeting
    for person in people:
        assert person.problems == []


async def test_somebody_in_the_meeting_is_told_there(scenario: Scenario, tmp_path: Path) -> None:
    """By whoever runs the server, beside it: what stops, who is told what, and who is not."""
    server: Server = await scenario.open(Server(tmp_path / "server"))
    people = await scenario.meeting(["Ada"], training=True)
    host, ada = people
    await host.arm()
    await all_say(people, "recording")
    banner = ada.page.locator("[data-banner=acted]")
    await expect(banner).to_have_count(0)

    async def take_back(act: str) -> None:
        code, said = await server.vault_command(
            act, host.meeting, ada.id, "--yes", module="assent.cli"
        )
        assert code == 0, said

    await take_back("withdraw")
    told = "Whoever runs this server took back the yes to training for you"
    await expect(banner).to_contain_text(told)
    await all_say(people, "recording")
    await banner.get_by_role("button", name="Close").click()
    await expect(banner).to_have_count(0)

    await take_back("delete-part")
    told = "Whoever runs this server took back the yes to recording and to training for you"
    await expect(banner).to_contain_text(told)
    await all_say(people, "paused")
    await expect(host.page.locator("[data-banner=acted]")).to_have_count(0)
    for person in people:
        assert person.problems == []
