"""A real Chromium page on a bad line, in a namespace: it keeps its sound, and what picture fits.

The publisher is beside the server; the line is between the server and the page that watches.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any

import pytest
from playwright.async_api import Page

from assent.media import MediaServer
from support.namespaces import NEAR, Cable, cable, needs_namespaces
from support.pages import Signalling, chromium, looks, received, site
from support.rtc import no_fault

pytestmark = [pytest.mark.browser, needs_namespaces]

# SRTCP leaves the first header in the clear: feedback of the transport's layer (205), a NACK (1).
NO_NACKS = "meta l4proto udp @th,64,16 0x81cd drop"

LARGE, SMALL = 540, 135  # lines of the best and of the lowest layer


@asynccontextmanager
async def watching(wire: Cable) -> AsyncIterator[tuple[MediaServer, Page, Page]]:
    """Give who publishes, and a page beyond the line that shows a camera large, and hears it."""
    server = MediaServer(NEAR, 0, [], no_fault)
    with wire.near.entered():
        await server.start()
    signalling = Signalling(server)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.stop)
        url = await stack.enter_async_context(site(signalling, NEAR, wire.near))
        flags = [f"--unsafely-treat-insecure-origin-as-secure={url}"]
        near = await stack.enter_async_context(chromium(flags, wire.near))
        far = await stack.enter_async_context(chromium(flags, wire.far))
        alice, bob = await near.new_page(), await far.new_page()
        await alice.goto(f"{url}/?name=alice")
        await bob.goto(f"{url}/?name=bob")
        await bob.evaluate(f'show([{{ peer: "alice", source: "camera", height: {LARGE} }}])')
        await alice.evaluate("publish({ layers: true, width: 960, height: 540 })")
        await looks(bob, "alice", LARGE)
        yield server, alice, bob
        assert await bob.evaluate("state.errors") == []


async def stretch(bob: Page, seconds: float) -> dict[str, Any]:
    """Return what the page gets in that time: pictures, gaps, and how much sound was made up."""
    await bob.evaluate('longestGap("alice.camera")')
    before = [await received(bob, f"alice.{source}") for source in ("camera", "microphone")]
    await asyncio.sleep(seconds)
    after = [await received(bob, f"alice.{source}") for source in ("camera", "microphone")]
    (camera, sound), (seen, heard) = before, after
    played = heard["samples"] - sound["samples"]
    return {
        "frames": seen["frames"] - camera["frames"],
        "height": seen["height"],
        "gap": await bob.evaluate('longestGap("alice.camera")'),
        "octets": heard["bytes"] - sound["bytes"],
        "energy": heard["energy"] - sound["energy"],
        "made-up": (heard["concealed"] - sound["concealed"]) / max(played, 1),
    }


async def test_a_narrow_line_keeps_sound_and_a_small_picture_and_is_forgotten() -> None:
    with cable() as wire:
        async with watching(wire) as (_, _, bob):
            wire.near.limit(wire.device, 300)
            await looks(bob, "alice", SMALL)
            await asyncio.sleep(3)
            narrow = await stretch(bob, 10)
            print("at 300 kbit/s:", narrow)
            assert narrow["frames"] > 50
            assert narrow["height"] < LARGE  # the middle one, where there is little in it
            assert narrow["energy"] > 0
            assert narrow["made-up"] < 0.1
            wire.near.limit(wire.device, 0)
            freed = monotonic()
            await looks(bob, "alice", LARGE)
            print(f"large again after {monotonic() - freed:.1f} s")


@pytest.mark.parametrize("percent", [10, 20])
async def test_lost_packets_do_not_stop_picture_or_sound(percent: int) -> None:
    with cable() as wire:
        async with watching(wire) as (server, _, bob):
            wire.far.lose(percent)
            await asyncio.sleep(2)
            lossy = await stretch(bob, 15)
            print(f"at {percent} % loss:", lossy, dict(server.counters()))
            assert lossy["frames"] > 100
            assert lossy["energy"] > 0
            # Of what is lost, retransmissions and the redundancy in Opus bring most back.
            assert lossy["made-up"] < percent / 100
            if percent == 10:
                assert lossy["gap"] < 1000


async def test_redundant_sound_is_made_up_less_at_20_percent_loss() -> None:
    shares: dict[bool, float] = {}
    with cable() as wire:
        async with watching(wire) as (server, alice, bob):
            # Nothing is asked for again; on a long way it would come too late as well.
            wire.near.filter(NO_NACKS)
            wire.far.lose(20)
            for redundant in (False, True):
                if redundant:
                    await alice.evaluate("publish({ redundant: true })")
                await asyncio.sleep(12)  # until a report has told of the loss
                lossy = await stretch(bob, 15)
                print(f"at 20 % loss, redundant {redundant}:", lossy, dict(server.counters()))
                assert lossy["energy"] > 0
                shares[redundant] = lossy["made-up"]
    # Of one packet in five, the next one brings four of five back.
    assert shares[True] < shares[False] * 0.6
