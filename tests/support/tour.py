"""A walk through the pages, from the invitation to the withdrawal, with a stop where one looks new.

What looks at the pages at each stop is the caller's: a camera, or a checker.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from playwright.async_api import Page

from support.console_notice import draft_notice
from support.person import PASSWORD, Person
from support.scenario import all_say
from support.server import Server

Stop = Callable[[Page, str], Awaitable[None]]


async def tour(server: Server, people: Sequence[Person], stop: Stop) -> None:
    """Have people meet, record, agree and export, the first of them being the host.

    ``server`` has no account yet, and a cooling-off time of a second. ``stop`` gets the page, and
    the name of what it shows.
    """
    host, *guests = people
    await _accounts(server, host, stop)
    link = await host.create_meeting("Reading group")
    await stop(host.page, "start")
    await _door(server, host, guests, link, stop)
    await _meeting(host, guests, stop)
    await _afterwards(server, host, guests, stop)


async def _accounts(server: Server, host: Person, stop: Stop) -> None:
    page = host.page
    await page.goto(f"{server.url}/nothing-of-the-kind")
    await page.get_by_role("heading", name="There is nothing here").wait_for()
    await stop(page, "not-found")
    await page.goto(server.admin_link)
    await page.get_by_label("Your name").wait_for()
    await stop(page, "invitation")
    await page.goto(f"{server.url}/password#{'A' * 75}")
    await page.get_by_text("This link has been used").wait_for()
    await stop(page, "password-invalid")
    await host.become_administrator(server.admin_link)
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Login").fill(host.name.lower())
    await page.get_by_label("Password").fill("not this one at all")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_text("Login or password is wrong").wait_for()
    await stop(page, "sign-in-refused")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign out").wait_for()


async def _door(
    server: Server, host: Person, guests: Sequence[Person], link: str, stop: Stop
) -> None:
    await host.enter_as_host()
    page = guests[0].page
    await page.goto(link.partition("#")[0])
    await page.get_by_role("heading", name="You cannot join this meeting").wait_for()
    await stop(page, "no-entrance")
    await page.goto(server.url)
    await guests[0].arrive(link)
    await stop(page, "door")
    await page.get_by_role("button", name="Read the full notice").click()
    await page.get_by_role("dialog").wait_for()
    await stop(page, "notice")
    await page.keyboard.press("Escape")
    await guests[0].answer_at_the_door(recording=True)
    await stop(page, "door-answered")
    for guest in guests[1:]:
        await guest.arrive(link)
        await guest.answer_at_the_door(recording=True)


async def _meeting(host: Person, guests: Sequence[Person], stop: Stop) -> None:
    await host.join()
    await host.arm()
    await stop(host.page, "alone")
    for guest in guests:
        await guest.join()
    page = guests[0].page
    await all_say([host, *guests], "paused")
    await stop(page, "paused")
    await host.change(recording="yes")
    await all_say([host, *guests], "recording")
    await stop(page, "answers")
    side = page.get_by_role("complementary", name="My answers")
    await side.get_by_role("button", name="Withdraw my yes to recording").click()
    await page.get_by_role("dialog").wait_for()
    await stop(page, "withdraw")
    await page.keyboard.press("Escape")
    await side.get_by_role("button", name="Close").click()
    await asyncio.sleep(3)  # until what is said in passing has gone
    await stop(page, "meeting")
    await page.keyboard.press("?")
    await page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    await stop(page, "shortcuts")
    await page.keyboard.press("Escape")
    await guests[-1].draw_device()
    await stop(guests[-1].page, "device")
    toolbar = host.page.get_by_role("toolbar")
    await toolbar.get_by_role("button", name=re.compile("^People")).click()
    await stop(host.page, "people")
    await host.page.get_by_role("button", name="End meeting for all").click()
    dialog = host.page.get_by_role("dialog")
    await stop(host.page, "end")
    await dialog.get_by_role("button", name="End meeting for all").click()
    for person in (host, *guests):
        await person.has_left()


async def _afterwards(server: Server, host: Person, guests: Sequence[Person], stop: Stop) -> None:
    await stop(guests[0].page, "left")
    for person in (host, *guests):
        await person.change_afterwards(training="yes")
    await host.sees_release("ready")
    page = await guests[0].context.new_page()
    await page.goto(guests[0].receipt_link)
    await page.get_by_text("Checked just now in your browser").wait_for()
    await stop(page, "receipt")
    await page.get_by_role("button", name="Watch", exact=True).click()
    await page.locator(".player video").first.wait_for()
    await stop(page, "watching")
    for name in ("verify", "promises"):
        await page.goto(f"{server.url}/{name}")
        await page.get_by_role("heading", level=1).first.wait_for()
        await stop(page, name)
    await host.export_from_console()
    await stop(host.console, "console")
    await draft_notice(host.console, "Minutes are kept.")
    await stop(host.console, "console-notice")
    await page.goto(guests[0].receipt_link)
    await page.get_by_text("Checked just now in your browser").wait_for()
    await page.get_by_role("button", name="Withdraw my yes to recording").click()
    await page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    await page.locator(".own-answer[data-purpose=recording][data-will=withdrawn]").wait_for()
    await stop(page, "withdrawn")
