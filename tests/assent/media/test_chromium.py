"""Two real Chromium pages in a room, seeing and hearing each other, attacked meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from assent.media import MediaServer, Room
from support.rtc import PATIENCE, Listener, Stranger, no_fault, until

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
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
        self._forwarders: set[asyncio.Task[None]] = set()

    async def file(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(HERE / (request.match_info.get("name") or "page.html"))

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        peer = request.query["name"]
        self.room.set_forwarding(peer, True)
        self.room.subscribe(peer)
        forwarding = asyncio.create_task(self._forward(peer, socket))
        async for frame in socket:
            message = json.loads(frame.data)
            if message["type"] == "publish":
                sources = {track["mid"]: track["source"] for track in message["tracks"]}
                answer = await self.room.publish(peer, message["sdp"], sources)
                await socket.send_json({"type": "published", "sdp": answer})
            else:
                await self.room.describe(peer, message["generation"], message["sdp"])
        forwarding.cancel()
        return socket

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


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = MediaServer("0.0.0.0", 0, [], no_fault)
    await server.start()
    yield server
    await server.stop()


@asynccontextmanager
async def site(signalling: Signalling) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/", signalling.file)
    app.router.add_get("/socket", signalling.socket)
    app.router.add_get("/{name:page.js}", signalling.file)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
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


async def test_two_pages_see_and_hear_each_other(server: MediaServer) -> None:
    signalling = Signalling(server)
    async with site(signalling) as url, chromium() as browser:
        pages: dict[str, Page] = {}
        for name, other in (("alice", "bob"), ("bob", "alice")):
            page = pages[other] = await browser.new_page()
            await page.goto(f"{url}/?name={name}")
        pages = {"alice": pages["bob"], "bob": pages["alice"]}
        for page in pages.values():
            await page.evaluate("publish()")
        await more(pages["alice"], "bob", 20)
        await more(pages["bob"], "alice", 20)

        before = {
            name: await received(page, f"{'bob' if name == 'alice' else 'alice'}.camera")
            for name, page in pages.items()
        }
        stranger = Stranger(server.port)

        async def attack() -> None:
            while True:
                for datagram in (b"", b"\x16\xfe\xfd" + os.urandom(80), os.urandom(60)):
                    stranger.send(datagram)
                await asyncio.sleep(0.001)

        attacking = asyncio.create_task(attack())
        await more(pages["alice"], "bob", 60)
        await more(pages["bob"], "alice", 60)
        attacking.cancel()
        for name, page in pages.items():
            after = await received(page, f"{'bob' if name == 'alice' else 'alice'}.camera")
            assert after["freezes"] == before[name]["freezes"]
            assert after["lost"] == before[name]["lost"]
            assert await page.evaluate("state.errors") == []
        assert stranger.heard() == []
        assert server.counters()["drop-empty"] > 50
        stranger.close()

        sent = await pages["alice"].evaluate("sent()")
        assert sent["cipher"] == "SRTP_AEAD_AES_256_GCM"
        assert sent["available"] > 1_000_000  # not stuck at what a browser starts with
        assert sent["remote-video"]["rtt"] is not None

        await pages["bob"].evaluate("state.publishing.close()")
        await signalling.state("bob", "publish", "closed")
        await until(lambda: {track.peer for track in signalling.room.tracks()} == {"alice"})


async def test_a_page_that_lost_its_connections_comes_back(server: MediaServer) -> None:
    signalling = Signalling(server)
    async with site(signalling) as url, chromium() as browser:
        alice, bob = await browser.new_page(), await browser.new_page()
        await alice.goto(f"{url}/?name=alice")
        await bob.goto(f"{url}/?name=bob")
        await alice.evaluate("publish()")
        await more(bob, "alice", 10)
        # The publisher connects anew: for the other page the tracks simply go on.
        offers = signalling.offers["bob"].qsize()
        await alice.evaluate("publish()")
        await more(bob, "alice", 30)
        assert signalling.offers["bob"].qsize() == offers
        # The subscriber connects anew.
        signalling.room.subscribe("bob")
        await more(bob, "alice", 30)
        # A pause by the meeting, and its end.
        signalling.room.set_forwarding("alice", False)
        paused = await received(bob, "alice.camera")
        await asyncio.sleep(0.5)
        assert (await received(bob, "alice.camera"))["packets"] - paused["packets"] < 20
        signalling.room.set_forwarding("alice", True)
        await more(bob, "alice", 30)
        assert await bob.evaluate("state.errors") == []
