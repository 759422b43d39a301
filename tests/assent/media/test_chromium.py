"""Two real Chromium pages in a room, seeing and hearing each other, attacked meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from assent.media import MediaServer
from support.pages import Signalling, chromium, more, received, site
from support.rtc import Stranger, no_fault, until

pytestmark = pytest.mark.browser


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = MediaServer("0.0.0.0", 0, [], no_fault)
    await server.start()
    yield server
    await server.stop()


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
