"""When a page showed new frames of others: how long it stood still, and when it went on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from playwright.async_api import Page

# What is shown of others, every 20 ms. An element that is given another stream counts its frames
# from the beginning; that is no new frame.
_WATCH = """
() => {
  const found = { at: [] };
  globalThis.assentTestFrames = found;
  const before = new WeakMap();
  const turn = () => {
    if (globalThis.assentTestFrames !== found) return;
    let more = false;
    for (const video of document.querySelectorAll("video")) {
      if (video.closest("[data-self=true]") !== null) continue;
      const count = video.getVideoPlaybackQuality().totalVideoFrames;
      if (count > (before.get(video) ?? Infinity)) more = true;
      before.set(video, count);
    }
    if (more) found.at.push(Date.now());
    setTimeout(turn, 20);
  };
  turn();
}
"""


async def watch_frames(page: Page) -> None:
    """Note from now on when there is a new frame of anybody else."""
    await page.evaluate(_WATCH)


async def frame_times(page: Page) -> list[float]:
    """Return when new frames were seen, in seconds since 1970."""
    found: list[Any] = await page.evaluate("globalThis.assentTestFrames.at")
    return [at / 1000 for at in found]


def longest_gap(times: list[float], since: float) -> tuple[float, float]:
    """Return from when to when no new frame was shown for the longest time, after ``since``."""
    before = max((time for time in times if time <= since), default=since)
    seen = [before, *(time for time in times if time > since)]
    return max(pairwise(seen), key=lambda gap: gap[1] - gap[0], default=(since, float("inf")))
