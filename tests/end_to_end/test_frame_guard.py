"""A browser that sends frames which its transform did not see is noticed, and given nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from end_to_end.test_frames import KEY, decoded, opened, perceives, received
from support.frame_pages import FramePage, built, meet
from support.waiting import eventually

pytestmark = pytest.mark.browser

SPARE_FRAMES = 10  # client-web/src/e2ee/frame-guard.ts


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(built(tmp_path_factory.mktemp("guard")))


async def test_before_the_proof_nothing_is_sent_that_shows_or_says_anything(page: Path) -> None:
    async with opened(page, "chromium", "chromium") as (ada, spy):
        await ada.do("late")
        await ada.do("begin", KEY)
        await meet(ada, spy, video="VP8", red=True, spy=True)
        await eventually(lambda: closed(ada), "its page is told")
        await silence(ada, spy)
        state = await spy.state()
        assert sum(await spy.do("plain")) > 0, "the browser has sent past the transform"
        assert "red" not in state["times"]
        assert state["loudest"] < 0.01
        assert (await ada.state())["proven"] == [False, False]


async def test_what_goes_past_a_transform_without_a_proof_is_soon_over(page: Path) -> None:
    async with opened(page, "chromium", "chromium") as (ada, spy):
        await ada.do("late")
        await ada.do("begin", KEY)
        await meet(ada, spy, video="VP8", red=True, spy=True, unproven=True)
        await eventually(lambda: closed(ada), "its page is told")
        await silence(ada, spy)
        assert 0 < sum(await spy.do("plain")) < 150


@pytest.mark.parametrize(("kind", "layers"), [("chromium", 3), ("chromium", 1), ("firefox", 1)])
async def test_whoever_sends_as_they_should_is_never_accused(
    page: Path, kind: str, layers: int
) -> None:
    async with opened(page, kind, "chromium") as (ada, bob):
        for one in (ada, bob):
            await one.do("begin", KEY)
        await meet(ada, bob, video="VP8", red=True, layers=layers)
        await eventually(lambda: proven(ada), "both are proven")
        for turn in range(4):
            if layers > 1:
                await ada.do("layers", [True, turn % 2 == 0, turn % 2 == 1])
            await ada.do("swap", 1, [320 + 160 * turn, 240 + 120 * turn])
            await asyncio.sleep(0.3)
            await ada.do("swap", 0, [1, 1])
            await ada.do("resize", 1280 >> (turn % 3), 720 >> (turn % 3))
            await asyncio.sleep(0.3)
            await ada.do("enable", turn % 2 == 1)
            await asyncio.sleep(0.3)
            await ada.do("swap", 1, None)
            await asyncio.sleep(0.2)
            await ada.do("swap", 1, [640, 480])
        looks = (await ada.state())["owed"]["camera"]["looks"]

        async def looked() -> bool:
            return bool((await ada.state())["owed"]["camera"]["looks"] > looks + 10)

        await eventually(looked, "it is looked at again and again")
        if layers == 1:
            await perceives(bob)
            before = await bob.counted("framesDecoded", "video")
            await eventually(lambda: decoded(bob, before + 20), "pictures go on")
        state = await ada.state()
        assert state["told"] == []
        assert state["tracks"] == [True, True]
        assert state["owed"]["camera"]["frames"] <= SPARE_FRAMES
        assert await bob.dropped() == {}


async def closed(page: FramePage) -> bool:
    return any("passed-by" in one for one in (await page.state())["told"])


async def proven(page: FramePage) -> bool:
    return (await page.state())["proven"] == [True, True]


async def silence(sender: FramePage, receiver: FramePage) -> None:
    """See that nothing is sent any more, and that nothing can be."""
    assert (await sender.state())["tracks"] == [False, False]
    await asyncio.sleep(0.5)
    before = await received(receiver)
    await asyncio.sleep(1)
    assert await received(receiver) == before
    assert "NotProtected" in await sender.do("setTrack", 0)
