"""Pages of a real Chromium in a room, with the smallest signalling there can be.

Server and browser are on this machine, or each in a network namespace of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from assent.media import MediaServer, Room
from assent.media.sources import Source
from support.namespaces import Namespace
from support.rtc import PATIENCE, Listener

PAGES = Path(__file__).parents[1] / "assent" / "media"
CHROMIUM = os.environ.get("ASSENT_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


class Signalling(Listener):
    """The smallest signalling there can be: a socket for each page."""

    def __init__(self, server: MediaServer) -> None:
        super().__init__()
        self.room: Room = server.open_room("room", self)
        self._server = server
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def file(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGES / (request.match_info.get("name") or "page.html"))

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        peer = request.query["name"]
        self._sockets[peer] = socket
        self.room.set_forwarding(peer, True)
        self.room.subscribe(peer)
        forwarding = asyncio.create_task(self._forward(peer, socket))
        async for frame in socket:
            message = json.loads(frame.data)
            if message["type"] == "publish":
                sources = {track["mid"]: track["source"] for track in message["tracks"]}
                answer = await self.room.publish(peer, message["sdp"], sources)
                await socket.send_json({"type": "published", "sdp": answer})
            elif message["type"] == "view":
                self.room.show(
                    peer, {(one["peer"], one["source"]): one["height"] for one in message["shown"]}
                )
            else:
                await self.room.set_answer(peer, message["generation"], message["sdp"])
        forwarding.cancel()
        return socket

    def on_layers(self, peer: str, wanted: Mapping[Source, int]) -> None:
        """See RoomListener: the page sends no more layers than these."""
        super().on_layers(peer, wanted)
        message = {"type": "layers", "wanted": dict(wanted)}
        task = asyncio.create_task(self._sockets[peer].send_json(message))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _forward(self, peer: str, socket: web.WebSocketResponse) -> None:
        while True:
            offer = await self.offers.setdefault(peer, asyncio.Queue()).get()
            tracks = [{"mid": t.mid, "peer": t.peer, "source": t.source} for t in offer.tracks]
            await socket.send_json(
                {
                    "type": "subscribe",
                    "generation": offer.generation,
                    "sdp": offer.sdp,
                    "tracks": tracks,
                }
            )


@asynccontextmanager
async def site(
    signalling: Signalling, host: str = "127.0.0.1", inside: Namespace | None = None
) -> AsyncIterator[str]:
    """Serve the page; gives its URL, which must be made a secure context unless it is localhost."""
    app = web.Application()
    app.router.add_get("/", signalling.file)
    app.router.add_get("/socket", signalling.socket)
    app.router.add_get("/{name:page.js}", signalling.file)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    with inside.entered() if inside else nullcontext():
        listening = socket.create_server((host, 0))
    await web.SockSite(runner, listening).start()
    try:
        name = "localhost" if host == "127.0.0.1" else host
        yield f"http://{name}:{listening.getsockname()[1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def chromium(
    more: Sequence[str] = (), inside: Namespace | None = None
) -> AsyncIterator[Browser]:
    """Start a browser, in a namespace if one is given."""
    with TemporaryDirectory() as folder:
        program = str(inside.wrapper(CHROMIUM, Path(folder))) if inside else CHROMIUM
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=program, args=[*FLAGS, *more]
            )
            try:
                yield browser
            finally:
                await browser.close()


async def received(page: Page, track: str) -> dict[str, Any]:
    """Return what the page has had of a track so far."""
    tracks: dict[str, dict[str, Any]] = await page.evaluate("received()")
    return tracks.get(track, {"frames": 0, "energy": 0.0, "freezes": 0, "packets": 0})


async def more(page: Page, peer: str, frames: int) -> None:
    """Wait until a page has decoded that many more pictures, and has heard more, of a peer."""
    camera, microphone = f"{peer}.camera", f"{peer}.microphone"
    seen = (await received(page, camera))["frames"]
    heard = (await received(page, microphone))["energy"]
    async with asyncio.timeout(PATIENCE):
        while True:
            await asyncio.sleep(0.1)
            if (await received(page, camera))["frames"] < seen + frames:
                continue
            # The fake microphone beeps about once a second.
            if (await received(page, microphone))["energy"] > heard + 0.01:
                return


async def looks(page: Page, peer: str, height: int) -> None:
    """Wait until a page shows a camera in that many lines."""
    async with asyncio.timeout(PATIENCE):
        while (await received(page, f"{peer}.camera")).get("height") != height:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def path(page: Page, connection: str) -> dict[str, Any]:
    """Return how a page's "publishing" or "subscribing" connection reaches the server."""
    found: dict[str, Any] = await page.evaluate(f"path(state.{connection})")
    return found
