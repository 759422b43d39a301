"""Two real Chromium pages in a room, seeing and hearing each other, attacked meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from assent.media import MediaServer
from support.pages import Signalling, chromium, looks, more, received, site
from support.rtc import Stranger, no_fault, until
from support.waiting import eventually

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
            # Not "freezes": a camera whose machine is busy stands still without any attack.
            assert after["lost"] == before[name]["lost"]
            assert after["nacks"] == before[name]["nacks"]
            assert await page.evaluate("state.errors") == []
        assert stranger.heard() == []
        assert server.counters()["drop-empty"] > 50
        stranger.close()

        sent = await pages["alice"].evaluate("sent()")
        assert sent["cipher"] == "SRTP_AEAD_AES_256_GCM"

        async def has_grown() -> bool:
            return float((await pages["alice"].evaluate("sent()"))["available"]) > 1_000_000

        await eventually(has_grown, "it is not stuck at what a browser starts with")
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


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
async def test_each_page_gets_the_layer_that_fits_its_place(
    server: MediaServer, codec: str
) -> None:
    """A large and a small viewer; moving between layers, nothing stops and nothing is missing."""
    signalling = Signalling(server)
    async with site(signalling) as url, chromium() as browser:
        pages: dict[str, Page] = {}
        for name in ("alice", "bob", "carol"):
            pages[name] = await browser.new_page()
            await pages[name].goto(f"{url}/?name={name}")
        alice, bob, carol = pages.values()

        async def show(page: Page, height: int) -> None:
            places = [{"peer": "alice", "source": "camera", "height": height}] if height else []
            await page.evaluate("(places) => show(places)", places)

        await show(bob, 540)
        await show(carol, 100)
        await alice.evaluate(
            "(codec) => publish({ layers: true, codec, width: 960, height: 540 })", codec
        )
        small = 135 if codec == "video/VP8" else 134  # H.264 has even numbers of lines
        await looks(bob, "alice", 540)
        await looks(carol, "alice", small)
        for page in (bob, carol):
            await page.evaluate('longestGap("alice.camera")')
        before = [await received(page, "alice.camera") for page in (bob, carol)]

        await show(bob, 100)
        await show(carol, 540)
        await looks(bob, "alice", small)
        await looks(carol, "alice", 540)
        await show(bob, 540)
        await looks(bob, "alice", 540)
        await show(bob, 100)
        await looks(bob, "alice", small)
        for page, then in zip((bob, carol), before, strict=True):
            now = await received(page, "alice.camera")
            assert now["frames"] > then["frames"] + 20
            assert now["freezes"] == then["freezes"]
            assert now["dropped"] - then["dropped"] <= 2
            assert await page.evaluate('longestGap("alice.camera")') < 500

        # What nobody shows costs its publisher the lowest layer and no more.
        await show(bob, 0)
        await show(carol, 0)
        await signalling.until(lambda: signalling.layers.get(("alice", "camera")) == 1)
        await asyncio.sleep(1)
        sent = await alice.evaluate("sent()")
        await asyncio.sleep(2)
        later = await alice.evaluate("sent()")
        assert sent["f"]["bytes"] == later["f"]["bytes"]
        assert sent["h"]["bytes"] == later["h"]["bytes"]
        assert (later["q"]["bytes"] - sent["q"]["bytes"]) * 8 / 2 < 150_000
        packets = (await received(carol, "alice.camera"))["packets"]
        await asyncio.sleep(0.5)
        assert (await received(carol, "alice.camera"))["packets"] == packets

        await show(carol, 540)
        await looks(carol, "alice", 540)
        for page in pages.values():
            assert await page.evaluate("state.errors") == []


@pytest.mark.parametrize("codec", ["video/VP9", "video/AV1"])
async def test_other_codecs_are_forwarded(server: MediaServer, codec: str) -> None:
    signalling = Signalling(server)
    async with site(signalling) as url, chromium() as browser:
        alice, bob = await browser.new_page(), await browser.new_page()
        await bob.goto(f"{url}/?name=bob")
        await alice.goto(f"{url}/?name=alice")
        await alice.evaluate("(codec) => publish({ codec })", codec)
        await more(bob, "alice", 20)
        # Who comes later begins with a key frame as well.
        signalling.room.subscribe("bob")
        await more(bob, "alice", 20)
        assert {track.codec for track in signalling.room.tracks()} == {
            "opus",
            codec.removeprefix("video/").lower(),
        }
        assert await bob.evaluate("state.errors") == []
