"""A browser that knows nothing: Chromium or Firefox, on a profile made for one test.

Both are driven by the same few means, so that a test can be run in each. Names are what a screen
reader says of a control.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from playwright.async_api import Download, Page

from support.browsers import browser, new_context
from support.loudspeaker import loudspeaker
from support.namespaces import Namespace
from support.waiting import HANG, eventually

_DRIVER = Path(__file__).resolve().parents[2] / "client-web" / "tests" / "browser" / "firefox.mjs"
_INSTALL = (
    "The end-to-end tests need Firefox. Install it with `apt install firefox-esr`, or name its"
    " program in the variable ASSENT_TEST_FIREFOX."
)
KINDS = ("chromium", "firefox")


class FirefoxMissing(Exception):
    """Firefox was not found; the message says how to install it."""


class Fresh(Protocol):
    """A page in a browser."""

    async def goto(self, url: str) -> None:
        """Open an address."""

    async def evaluate(self, source: str, *arguments: Any) -> Any:
        """Call a function, given as its source, in the page; its result must fit into JSON."""

    async def click(self, name: str) -> None:
        """Click the button of that name, when it is there."""

    async def press(self, selector: str) -> None:
        """Click what a selector of CSS finds first, when it is there."""

    async def key(self, key: str) -> None:
        """Press a key."""

    async def choose(self, selector: str, path: Path) -> None:
        """Choose a file in the field that a selector of CSS finds first, when it is there."""

    async def save(self, name: str, folder: Path) -> Path:
        """Click the button of that name; return what it saves, in ``folder``."""

    async def complaints(self) -> list[str]:
        """Return what the page has complained of."""


class ChromiumPage:
    """A page of Chromium."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._complaints: list[str] = []
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self._complaints.append(message.text)

    async def goto(self, url: str) -> None:
        """See Fresh."""
        await self._page.goto(url)

    async def evaluate(self, source: str, *arguments: Any) -> Any:
        """See Fresh."""
        return await self._page.evaluate(f"(all) => ({source})(...all)", list(arguments))

    async def click(self, name: str) -> None:
        """See Fresh."""
        await self._page.get_by_role("button", name=name, exact=True).first.click()

    async def press(self, selector: str) -> None:
        """See Fresh."""
        await self._page.locator(selector).first.click()

    async def key(self, key: str) -> None:
        """See Fresh."""
        await self._page.keyboard.press(key)

    async def choose(self, selector: str, path: Path) -> None:
        """See Fresh."""
        await self._page.locator(selector).first.set_input_files(path)

    async def save(self, name: str, folder: Path) -> Path:
        """See Fresh."""
        async with self._page.expect_download() as downloading:
            await self.click(name)
        download: Download = await downloading.value
        path = folder / download.suggested_filename
        await download.save_as(path)
        return path

    async def complaints(self) -> list[str]:
        """See Fresh."""
        return self._complaints


class FirefoxPage:
    """A page of Firefox, on the other side of a driver that speaks WebDriver BiDi."""

    def __init__(self, process: asyncio.subprocess.Process, downloads: Path) -> None:
        self._process = process
        self._downloads = downloads
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """Wait until the browser is there."""
        await self._answer()

    async def goto(self, url: str) -> None:
        """See Fresh."""
        await self._do(do="goto", url=url)

    async def evaluate(self, source: str, *arguments: Any) -> Any:
        """See Fresh."""
        return await self._do(do="evaluate", source=source, args=arguments)

    async def click(self, name: str) -> None:
        """See Fresh."""
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        await self._do(do="click", selector=f'::-p-aria([name="{quoted}"][role="button"])')

    async def press(self, selector: str) -> None:
        """See Fresh."""
        await self._do(do="click", selector=selector)

    async def key(self, key: str) -> None:
        """See Fresh."""
        await self._do(do="key", key=key)

    async def choose(self, selector: str, path: Path) -> None:
        """See Fresh."""
        await self._do(do="choose", selector=selector, path=str(path))

    async def save(self, name: str, folder: Path) -> Path:
        """See Fresh."""
        await self.click(name)
        # Until all is there, what is there already has a second name beside it.
        saved = await eventually(self._saved, f"{name} saves a file")
        return Path(shutil.move(saved, folder / saved.name))

    def _saved(self) -> Path | None:
        there = list(self._downloads.iterdir())
        whole = len(there) == 1 and there[0].suffix != ".part" and there[0].stat().st_size > 0
        return there[0] if whole else None

    async def before(self, source: str, *arguments: Any) -> None:
        """Call a function, given as its source, in every page before it does anything."""
        await self._do(do="before", source=source, args=arguments)

    async def complaints(self) -> list[str]:
        """See Fresh."""
        return list(await self._do(do="complaints"))

    async def _do(self, **wish: Any) -> Any:
        async with self._turn:
            assert self._process.stdin is not None, "asked for a pipe"
            self._process.stdin.write(json.dumps(wish).encode() + b"\n")
            await self._process.stdin.drain()
            return await self._answer()

    async def _answer(self) -> Any:
        assert self._process.stdout is not None, "asked for a pipe"
        async with asyncio.timeout(2 * HANG):
            line = await self._process.stdout.readline()
        assert line, "the driver has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer.get("error")
        return answer["ok"]


@contextlib.asynccontextmanager
async def fresh(kind: str) -> AsyncIterator[Fresh]:
    """Start a browser of that kind, on a new profile, with one page."""
    if kind == "chromium":
        async with browser() as chromium:
            context = await new_context(
                chromium, locale="en-GB", viewport={"width": 900, "height": 700}
            )
            yield ChromiumPage(await context.new_page())
        return
    async with firefox() as page:
        yield page


@contextlib.asynccontextmanager
async def firefox(inside: Namespace | None = None) -> AsyncIterator[FirefoxPage]:
    """Start a Firefox that hears itself; in a network of its own if one is given."""
    async with loudspeaker() as sound, _firefox(sound, inside) as page:
        yield page


@contextlib.asynccontextmanager
async def _firefox(
    environment: Mapping[str, str], inside: Namespace | None
) -> AsyncIterator[FirefoxPage]:
    with TemporaryDirectory() as downloads:
        process = await asyncio.create_subprocess_exec(
            *(() if inside is None else inside.prefix),
            *("node", str(_DRIVER), find_firefox(), downloads),
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=16 * 1024 * 1024,
        )
        page = FirefoxPage(process, Path(downloads))
        try:
            await page.begin()
            yield page
        finally:
            if process.stdin is not None:
                process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HANG):
                    await process.wait()
            if process.returncode is None:
                process.kill()
                await process.wait()


def find_firefox() -> str:
    """Return the path of Firefox; raises FirefoxMissing."""
    named = os.environ.get("ASSENT_TEST_FIREFOX")
    found = named or shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        raise FirefoxMissing(_INSTALL)
    return found


async def says(page: Fresh, text: str) -> None:
    """Wait until the page says this."""

    async def said() -> bool:
        return text in await page.evaluate("() => document.body.innerText")

    await eventually(said, f"the page says {text!r}")
