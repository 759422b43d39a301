"""Frames that are encrypted in one browser and decrypted in another, and in no third."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from support.frame_pages import FramePage, built, meet, served
from support.fresh import fresh
from support.waiting import eventually

pytestmark = pytest.mark.browser

PAIRS: Final = [
    ("chromium", "chromium"),
    ("chromium", "firefox"),
    ("firefox", "chromium"),
    ("firefox", "firefox"),
]
KEY: Final = 9
OTHER: Final = 10


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(built(tmp_path_factory.mktemp("frames")))


@contextlib.asynccontextmanager
async def opened(page: Path, *kinds: str) -> AsyncIterator[list[FramePage]]:
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(page))
        pages = []
        for kind in kinds:
            one = await stack.enter_async_context(fresh(kind))
            await one.goto(url)
            pages.append(FramePage(one))
        yield pages


def test_the_worker_is_a_small_file_of_its_own(page: Path) -> None:
    [worker] = (page / "assets").glob("frame-worker-*.js")
    assert len(gzip.compress(worker.read_bytes())) < 12_000


@pytest.mark.parametrize(("sending", "receiving"), PAIRS)
@pytest.mark.parametrize("codec", ["VP8", "VP9"])
async def test_what_is_sent_is_seen_and_heard(
    page: Path, sending: str, receiving: str, codec: str
) -> None:
    async with opened(page, sending, receiving) as (ada, bob):
        for one in (ada, bob):
            await one.do("begin", KEY)
        await meet(ada, bob, video=codec)
        await perceives(bob)
        # A recorded generation, which begins with *go* at the sender alone.
        for one in (ada, bob):
            await one.do("begin", OTHER, 2, True)
        await ada.do("go", 2)
        before = await bob.counted("framesDecoded", "video")
        await eventually(lambda: decoded(bob, before + 50), "pictures go on")
        assert await bob.dropped() == {}
        assert (await ada.state())["told"] == []


@pytest.mark.parametrize(("sending", "receiving"), PAIRS)
async def test_without_the_key_nothing_is_played(page: Path, sending: str, receiving: str) -> None:
    async with opened(page, sending, receiving) as (ada, bob):
        await ada.do("begin", KEY)
        await bob.do("begin", OTHER)
        await meet(ada, bob, video="VP8", red=True)

        async def told() -> bool:
            drops = await bob.dropped()
            return (
                min(drops.get(f"{source} does-not-open", 0) for source in ("camera", "microphone"))
                > 50
            )

        await eventually(told, "what does not open is counted, by source")
        state = await bob.state()
        assert state["width"] == 0
        assert state["loud"] == 0
        assert await bob.counted("framesDecoded", "video") == 0
        assert await bob.counted("bytesReceived", "video") > 10_000


@pytest.mark.parametrize("codec", ["VP8", "VP9"])
@pytest.mark.parametrize("kind", ["chromium", "firefox"])
async def test_whoever_is_between_opens_nothing(page: Path, kind: str, codec: str) -> None:
    async with opened(page, kind, "chromium") as (ada, spy):
        await ada.do("begin", KEY)
        await meet(ada, spy, video=codec, red=True, spy=True)

        async def enough() -> bool:
            return bool((await spy.do("spied", None))["frames"] > 200)

        await eventually(enough, "frames go by")
        assert await spy.do("plain") == [0, 0]
        blind = await spy.do("spied", None)
        assert blind["opened"] == {}
        wrong = await spy.do("spied", OTHER)
        assert wrong["opened"] == {}
        assert set(wrong["dropped"]) == {"does-not-open"}
        known = await spy.do("spied", KEY)
        assert known["opened"]["camera 0"] > 20
        assert known["opened"]["microphone 0"] > 50
        assert known["dropped"] == {}
        assert known["readable"] == 0
        # Redundant blocks are what was sent before, byte for byte.
        assert known["again"] > (50 if kind == "chromium" else -1), "Firefox sends none"
        assert known["changed"] <= 2, "of frames before the spy was there"


async def test_each_layer_counts_for_itself(page: Path) -> None:
    async with opened(page, "chromium", "chromium") as (ada, spy):
        await ada.do("begin", KEY)
        await meet(ada, spy, video="VP8", layers=3, spy=True)

        async def two() -> bool:
            seen = await spy.do("spied", KEY)
            layers = ("camera 0", "camera 1")
            return all(one in seen["widths"] and seen["opened"][one] > 10 for one in layers)

        await eventually(two, "two layers go by, or more where there is room")
        found = await spy.do("spied", KEY)
        assert found["dropped"] == {}
        assert await spy.do("plain") == [0, 0]
        assert found["widths"]["camera 0"] < found["widths"]["camera 1"], "the lowest first"


async def test_25_tiles_cost_a_fifth_of_a_core_at_most(page: Path) -> None:
    async with opened(page, "chromium") as (ada,):
        picture = await ada.do("costs", 800, 2000, "camera")
        sound = await ada.do("costs", 80, 2000, "microphone")
        # 25 pictures a second of each, five who speak, and one's own in three layers.
        opening = 25 * 25 * picture["opened"] + 5 * 50 * sound["opened"]
        sealing = 3 * 25 * picture["sealed"] + 50 * sound["sealed"]
        assert opening + sealing < 200, "milliseconds a second"


@pytest.mark.parametrize("kind", ["chromium", "firefox"])
async def test_a_worker_that_dies_sends_nothing_more(page: Path, kind: str) -> None:
    async with opened(page, kind, "chromium") as (ada, bob):
        for one in (ada, bob):
            await one.do("begin", KEY)
        await meet(ada, bob, video="VP8", red=True)
        await perceives(bob)
        await ada.do("kill")
        await asyncio.sleep(0.5)
        before = await received(bob)
        await eventually(lambda: lost(ada), "its page notices")
        assert await received(bob) == before
        assert (await ada.state())["tracks"] == [False, False]
        assert "NotProtected" in await ada.do("setTrack", 0)


async def test_what_is_stopped_is_silent_until_another_generation(page: Path) -> None:
    async with opened(page, "chromium", "chromium") as (ada, bob):
        for one in (ada, bob):
            await one.do("begin", KEY, 1, True)
        await meet(ada, bob, video="VP8")
        await perceives(bob)
        await ada.do("stop", "recorded")
        await asyncio.sleep(0.5)
        before = await received(bob)
        await asyncio.sleep(1)
        assert await received(bob) == before
        decoded_before = await bob.counted("framesDecoded", "video")
        for one in (ada, bob):
            await one.do("begin", OTHER, 2)
        await eventually(lambda: decoded(bob, decoded_before + 20), "it goes on in the next")


async def test_a_codec_that_cannot_be_protected_is_not_sent(page: Path) -> None:
    async with opened(page, "chromium", "chromium") as (ada, bob):
        assert "video/H264" in await ada.do("refused") or "video/AV1" in await ada.do("refused")
        for one in (ada, bob):
            await one.do("begin", KEY)
        await meet(ada, bob, video="AV1")

        async def refused() -> bool:
            return any("AV1" in one for one in (await ada.state())["told"])

        await eventually(refused, "its page is told")
        assert (await ada.state())["tracks"] == [True, False]
        assert await bob.counted("framesReceived", "video") == 0


async def test_frames_of_another_are_not_opened_as_this_ones(page: Path) -> None:
    async with opened(page, "chromium", "chromium") as (ada, bob):
        for one in (ada, bob):
            await one.do("begin", KEY)
        await meet(ada, bob, video="VP8")
        await perceives(bob)
        await bob.do("assign", 7)
        before = await bob.counted("framesDecoded", "video")
        await asyncio.sleep(1)
        assert await bob.counted("framesDecoded", "video") <= before + 2
        await bob.do("assign", 1)
        await eventually(lambda: decoded(bob, before + 20), "told anew, it opens them again")


async def perceives(page: FramePage) -> None:
    """Wait until red pictures are shown and a tone is heard."""

    async def both() -> bool:
        state = await page.state()
        if not state["colour"] or state["width"] < 160 or state["loud"] < 0.1:
            return False
        red, green, blue, _ = state["colour"]
        return bool(red > 150 and green < 120 and blue < 120 and 420 < state["pitch"] < 460)

    await eventually(both, "red is seen, and a tone is heard")
    await eventually(lambda: decoded(page, 30), "pictures move")


async def decoded(page: FramePage, frames: float) -> bool:
    return await page.counted("framesDecoded", "video") > frames


async def received(page: FramePage) -> tuple[float, float]:
    """How many pictures came, and packets of sound, which have no padding among them."""
    pictures = await page.counted("framesReceived", "video")
    return pictures, await page.counted("packetsReceived", "audio")


async def lost(page: FramePage) -> bool:
    return "lost" in (await page.state())["told"]
