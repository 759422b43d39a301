"""Takes the pictures in client-web/screenshots: every page, light and dark, on desktop and phone.

``make pictures`` runs it: real people's pages in real browsers, with drawn people before the
cameras. Look at what it has taken.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page, ViewportSize

from pictures import portrait
from support.media import TONES, Camera, Signs, write_tone
from support.person import Person
from support.server import Server
from support.tour import tour

ROOT: Final = Path(__file__).resolve().parents[2]
INTO: Final = ROOT / "client-web" / "screenshots"
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
SIZES: Final[dict[str, ViewportSize]] = {
    "desktop": DESKTOP,
    "phone": {"width": 390, "height": 844},
}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
NAMES: Final = ("Hanna", "Amara", "Benedikt", "Noor")
# Within a meeting nothing scrolls; in photos there are people.
INSIDE: Final = {"meeting", "answers", "people", "device"}
PLAYING: Final = {"meeting", "watching"}
PHOTOS: Final = INSIDE | {"door", "door-answered", "watching"}
TAKEN: Final = PHOTOS | {
    "invitation",
    "start",
    "left",
    "receipt",
    "verify",
    "promises",
    "console",
}


class Sitter(Person):
    """A person who looks like one."""

    look: portrait.Look

    def make_devices(self, folder: Path) -> Camera:
        """See Person."""
        camera = super().make_devices(folder)
        portrait.write(camera.path, self.look)
        write_tone(folder / "voice.wav", self.signs.tone)
        return camera


async def shoot(into: Path, page: Page, name: str) -> None:
    """Take a page in every size and scheme."""
    if name not in TAKEN:
        return
    for size, viewport in SIZES.items():
        await page.set_viewport_size(viewport)
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await page.wait_for_timeout(4000 if name in PLAYING else 700)
            path = into / f"{name}-{size}-{scheme}.{'jpg' if name in PHOTOS else 'png'}"
            if name in PHOTOS:
                await page.screenshot(
                    path=path, full_page=name not in INSIDE, type="jpeg", quality=80
                )
            else:
                await page.screenshot(path=path, full_page=True)
            print(path.name)
    await page.set_viewport_size(DESKTOP)


async def sit(
    name: str, number: int, server: Server, folder: Path, stack: AsyncExitStack
) -> Sitter:
    """Give somebody a look and a browser."""
    sitter = Sitter(name, Signs("red", TONES[number]), server, folder / name)
    sitter.look = portrait.LOOKS[number]
    await sitter.start(stack)
    await sitter.page.set_viewport_size(DESKTOP)
    return sitter


async def take(folder: Path, stack: AsyncExitStack) -> None:
    """Go through a meeting of four, and take every page on the way."""
    server = Server(folder / "server", settings={"cooling_off_seconds": 1})
    stack.push_async_callback(server.close)
    await server.start()
    people = [await sit(name, n, server, folder, stack) for n, name in enumerate(NAMES)]
    taken = folder / "taken"
    taken.mkdir()
    await tour(server, people, partial(shoot, taken))
    # All of them are there: only now do the former ones go.
    shutil.rmtree(INTO, ignore_errors=True)
    shutil.copytree(taken, INTO)


async def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            await take(Path(folder), stack)


if __name__ == "__main__":
    asyncio.run(main())
