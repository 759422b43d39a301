"""Browsers: each person has a process of their own, with their own camera and microphone.

Chromium takes its pretended devices from the command line, so that every person needs a process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright

from support.namespaces import Namespace
from support.waiting import HANG

_INSTALL = (
    "The end-to-end tests need Chromium. Install it with `apt install chromium`, or name its"
    " program in the variable ASSENT_TEST_CHROMIUM."
)
_FLAGS = (
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--mute-audio",
    "--no-first-run",
    "--no-sandbox",  # as root, in a container: there is nothing but our own pages
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


class ChromiumMissing(Exception):
    """Chromium was not found; the message says how to install it."""


def find_chromium() -> str:
    """Return the path of Chromium; raises ChromiumMissing."""
    named = os.environ.get("ASSENT_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise ChromiumMissing(_INSTALL)
    return found


@contextlib.asynccontextmanager
async def browser(
    video: Path | None = None,
    audio: Path | None = None,
    more: Sequence[str] = (),
    inside: Namespace | None = None,
    *,
    without: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Browser]:
    """Start a browser whose devices play the two files; in a network of its own if one is given.

    ``more`` and ``without`` change its flags, ``environment`` is added to what it is started in.
    """
    flags = [*(flag for flag in _FLAGS if flag not in without), *more]
    if video is not None:
        flags.append(f"--use-file-for-fake-video-capture={video}")
    if audio is not None:
        flags.append(f"--use-file-for-fake-audio-capture={audio}")
    with TemporaryDirectory() as folder:
        program = find_chromium()
        if inside is not None:
            program = str(inside.wrapper(program, Path(folder)))
        async with _driver() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=program,
                args=flags,
                chromium_sandbox=False,
                env={**os.environ, **(environment or {})},
            )
            try:
                yield chromium
            finally:
                await chromium.close()


async def new_context(chromium: Browser, **options: Any) -> BrowserContext:
    """Give a browser a profile of its own; what its pages wait for, they wait for until it hangs.

    ``options`` are those of Playwright's ``Browser.new_context``.
    """
    context = await chromium.new_context(**options)
    context.set_default_timeout(1000 * HANG)
    return context


class _Driver:
    """Playwright's own process: one for all browsers of an event loop, while there are any."""

    def __init__(self) -> None:
        self._changing = asyncio.Lock()
        self._stack = contextlib.AsyncExitStack()
        self._playwright: Playwright | None = None
        self._users = 0

    @contextlib.asynccontextmanager
    async def used(self) -> AsyncIterator[Playwright]:
        async with self._changing:
            self._users += 1
            if self._playwright is None:
                self._playwright = await self._stack.enter_async_context(async_playwright())
        try:
            yield self._playwright
        finally:
            async with self._changing:
                self._users -= 1
                if self._users == 0:
                    self._playwright = None
                    await self._stack.aclose()


_drivers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Driver] = WeakKeyDictionary()


def _driver() -> contextlib.AbstractAsyncContextManager[Playwright]:
    return _drivers.setdefault(asyncio.get_running_loop(), _Driver()).used()
