"""Takes the pictures in client-web/screenshots: every page, light and dark, on desktop and phone.

``make pictures`` runs it: real people's pages in real browsers, with drawn people before the
cameras. Look at what it has taken.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page

from pictures import portrait
from support.media import TONES, Camera, Signs, write_tone
from support.person import Person
from support.server import Server
from support.town import all_say

ROOT: Final = Path(__file__).resolve().parents[2]
INTO: Final = ROOT / "client-web" / "screenshots"
SIZES: Final = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
NAMES: Final = ("Hanna", "Amara", "Benedikt", "Noor")


class Sitter(Person):
    """A person who looks like one."""

    look: portrait.Look

    def make_devices(self, folder: Path) -> Camera:
        """See Person."""
        camera = super().make_devices(folder)
        portrait.write(camera.path, self.look)
        write_tone(folder / "voice.wav", self.signs.tone)
        return camera


async def shoot(page: Page, name: str, *, whole: bool = True, photo: bool = False) -> None:
    """Take a page in every size and scheme; ``photo`` where there are people in it."""
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await page.wait_for_timeout(700)
            path = INTO / f"{name}-{size}-{scheme}.{'jpg' if photo else 'png'}"
            if photo:
                await page.screenshot(path=path, full_page=whole, type="jpeg", quality=80)
            else:
                await page.screenshot(path=path, full_page=whole)
            print(path.relative_to(ROOT))


async def sit(
    name: str, number: int, server: Server, folder: Path, stack: AsyncExitStack
) -> Sitter:
    """Give somebody a look and a browser."""
    sitter = Sitter(name, Signs("red", TONES[number]), server, folder / name)
    sitter.look = portrait.LOOKS[number]
    await sitter.start(stack)
    return sitter


async def take(folder: Path, stack: AsyncExitStack) -> None:
    """Go through a meeting from the invitation to the export, and take every page on the way."""
    server = Server(folder / "server", settings={"cooling_off_seconds": 1})
    stack.push_async_callback(server.close)
    await server.start()
    people = [await sit(name, n, server, folder, stack) for n, name in enumerate(NAMES)]
    host, *guests = people
    await host.page.goto(server.admin_link)
    await shoot(host.page, "invitation")
    await host.become_administrator(server.admin_link)
    link = await host.create_meeting("Reading group")
    await shoot(host.page, "start")
    await host.enter_as_host()
    await guests[0].arrive(link)
    await shoot(guests[0].page, "door", photo=True)
    await guests[0].answer_at_the_door(recording=True)
    await shoot(guests[0].page, "door-answered", photo=True)
    for guest in guests[1:]:
        await guest.arrive(link)
        await guest.answer_at_the_door(recording=True)
    await host.answer_at_the_door(recording=True)
    for person in people:
        await person.page.set_viewport_size({"width": 1280, "height": 800})
        await person.join()
    await host.arm()
    await all_say(people, "recording")
    await shoot(guests[0].page, "answers", whole=False, photo=True)
    await (
        guests[0]
        .page.get_by_role("complementary", name="My answers")
        .get_by_role("button", name="Close")
        .click()
    )
    await asyncio.sleep(3)
    await shoot(guests[0].page, "meeting", whole=False, photo=True)
    await guests[1].draw_device()
    await shoot(guests[1].page, "device", whole=False, photo=True)
    await host.page.get_by_role("toolbar").get_by_role("button", name="People").click()
    await shoot(host.page, "people", whole=False, photo=True)
    await host.page.get_by_role("button", name="End meeting for all").click()
    await host.page.get_by_role("dialog").get_by_role("button", name="End meeting for all").click()
    for person in people:
        await person.has_left()
    await shoot(guests[0].page, "left")
    for person in people:
        await person.change_afterwards(training="yes")
    await host.sees_release("ready")
    page = await guests[0].context.new_page()
    await page.goto(guests[0].receipt_link)
    await page.get_by_text("Checked just now in your browser").wait_for()
    await shoot(page, "receipt")
    await page.get_by_role("button", name="Watch", exact=True).click()
    await page.locator(".player video").first.wait_for()
    await asyncio.sleep(4)
    await shoot(page, "watching", photo=True)
    for name in ("verify", "promises"):
        await page.goto(f"{server.url}/{name}")
        await page.get_by_role("heading", level=1).first.wait_for()
        await shoot(page, name)
    await host.export_from_console()
    await shoot(host.console, "console")


async def main() -> None:
    """Take all pictures."""
    INTO.mkdir(exist_ok=True)
    for former in INTO.iterdir():
        former.unlink()
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            await take(Path(folder), stack)


if __name__ == "__main__":
    asyncio.run(main())
