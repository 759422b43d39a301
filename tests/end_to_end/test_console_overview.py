"""The console's overview follows by itself, and says that it knows nothing where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from support.scenario import Scenario
from support.server import Server

pytestmark = pytest.mark.browser


async def test_it_follows_what_goes_on(scenario: Scenario, tmp_path: Path) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    await host.create_meeting("Weekly")
    console = await host.context.new_page()
    await console.goto(f"{server.url}/admin")
    overview = console.get_by_role("region", name="Overview", exact=True)
    await expect(overview.locator("[data-ready=ready]")).to_be_visible()
    await expect(overview.get_by_text("0 with somebody in them, 0 people in all")).to_be_visible()
    await expect(overview.get_by_text("this server shows none itself")).to_be_visible()

    await host.enter_as_host()
    await host.join()
    await expect(overview.get_by_text("1 with somebody in it, 1 person in all")).to_be_visible()

    # What was so is no word about now.
    await server.kill()
    await expect(overview.locator("[data-ready=unknown]")).to_be_visible()
    await expect(overview.get_by_text("Not known at the moment")).to_be_visible()
    await expect(overview.get_by_role("alert")).to_contain_text("What follows is as of")
    await server.start()
    await expect(overview.locator("[data-ready=unknown]")).to_have_count(0)
    await expect(overview.locator("[data-ready=ready]")).to_be_visible()
