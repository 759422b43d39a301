"""In the console: an account is shut out, let in again, and gets a new password by a link."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from support.browsers import browser, new_context
from support.scenario import Scenario
from support.server import Server

pytestmark = pytest.mark.browser

FIRST, SECOND = "a first pass phrase", "quite another pass phrase"


async def make_account(page: Page, link: str, name: str, login: str, password: str) -> None:
    await page.goto(link)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Make account").click()


async def sign_in(page: Page, server: Server, login: str, password: str) -> None:
    await page.goto(server.url)
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_an_administrator_shuts_out_and_helps_in(scenario: Scenario, tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    await scenario.open(server)
    async with browser() as chromium:
        admin, host, other = [await (await new_context(chromium)).new_page() for _ in range(3)]
        await make_account(admin, server.admin_link, "Ada", "ada", FIRST)
        await admin.wait_for_url("**/admin")
        await admin.get_by_role("button", name="Invite a host").click()
        link = await admin.get_by_role("textbox", name="Invitation link").input_value()
        await make_account(host, link, "Bo", "bo", FIRST)
        await expect(host.get_by_role("heading", name="Meetings", exact=True)).to_be_visible()

        # Nobody can shut themselves out.
        await expect(admin.get_by_role("button", name="New password: Ada")).to_be_visible()
        await expect(admin.get_by_role("button", name="Disable: Ada")).to_have_count(0)

        await admin.get_by_role("button", name="Disable: Bo").click()
        dialog = admin.get_by_role("dialog", name="Disable: Bo")
        await dialog.get_by_role("button", name="Disable", exact=True).click()
        await expect(admin.get_by_role("button", name="Enable: Bo")).to_be_visible()
        await host.reload()
        await expect(host.get_by_role("button", name="Sign in")).to_be_visible()
        await admin.get_by_role("button", name="Enable: Bo").click()

        await admin.get_by_role("button", name="New password: Bo").click()
        dialog = admin.get_by_role("dialog", name="New password: Bo")
        await dialog.get_by_role("button", name="New password", exact=True).click()
        link = await admin.get_by_role(
            "textbox", name="Link that sets the password of bo"
        ).input_value()
        assert link.startswith(f"{server.url}/password#")
        await host.goto(link)
        await host.get_by_label("New password").fill(SECOND)
        await host.get_by_role("button", name="Set password").click()
        await expect(host.get_by_role("heading", name="Meetings", exact=True)).to_be_visible()

        await other.goto(link)
        await expect(other.get_by_text("This link has been used")).to_be_visible()
        await sign_in(other, server, "bo", FIRST)
        await expect(other.get_by_role("alert")).to_be_visible()
        await sign_in(other, server, "bo", SECOND)
        await expect(other.get_by_role("heading", name="Meetings", exact=True)).to_be_visible()
