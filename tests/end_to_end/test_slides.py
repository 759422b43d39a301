"""Slides in the player: a picture that comes seldom is up from when it came until the next one."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest

from support import long_meeting
from support.fresh import KINDS, fresh
from support.server import Server

pytestmark = pytest.mark.browser

GENERATION = 20  # seconds; there are two of them
DARK = (6.0, 14.0)  # nothing is shared meanwhile
KEY_EVERY = 10  # seconds, as the recorder asks for them; it comes with the next slide
FIRST = 0.1  # a slide comes so soon after a generation has begun
LAST = 2 * GENERATION

# Which slide is up, by how far the dark square has moved to the right; null where none is. Asked
# again until it is the one that should be, or for so long that nothing more is to be expected.
_SEEK = """
async (person, at, expected) => {
  const slider = document.querySelector(".watch-seek");
  slider.value = String(at);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  slider.dispatchEvent(new Event("change", { bubbles: true }));
  const canvas = new OffscreenCanvas(160, 90);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const slide = () => {
    const tile = document.querySelector(`.watch-tile[data-person="${person}"]`);
    const video = tile?.querySelector("video");
    if (tile?.dataset.live !== "true" || !video || video.readyState < 2) return null;
    if (video.seeking || video.closest(".not-yet") !== null) return null;
    context.drawImage(video, 0, 0, 160, 90);
    const row = context.getImageData(0, 45, 160, 1).data;
    const light = (x) => row[4 * x] + row[4 * x + 1] + row[4 * x + 2];
    const left = [...Array(160).keys()].find((x) => light(x) < 60);
    return left === undefined || light(159) < 60 ? null : Math.round(left / 2);
  };
  const began = performance.now();
  let found = slide();
  while (found !== expected && performance.now() - began < 30_000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    found = slide();
  }
  return found;
}
"""


def slides(every: int) -> list[tuple[float, float, int]]:
    """Return from when to when each is up, in seconds watched, and its number in its row."""
    rows = [(FIRST, DARK[0]), (DARK[1], GENERATION), (GENERATION + FIRST, LAST)]
    loop = ceil(KEY_EVERY / every)
    return [
        (begins, begins + every if until == DARK[0] else min(begins + every, until), number % loop)
        for first, until in rows
        for number in range(ceil((until - first) / every))
        for begins in [first + number * every]
    ]


def moments(every: int) -> list[tuple[float, int]]:
    """Return when to seek to, and which slide is up then: early and late in each, and the end."""
    found = [
        (round(moment, 1), number)
        for begins, ends, number in slides(every)
        for moment in (begins + 0.2, ends - 0.4)
    ]
    *_, (begins, _, last) = slides(every)
    tail = [LAST - tenths / 10 for tenths in range(3, 40, 4)]
    return found + [(moment, last) for moment in tail if moment > begins + 0.2]


@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_moment_shows_its_slide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, every: int
) -> None:
    """Forwards and backwards, and with nothing more to come: before a pause, and at the end."""
    monkeypatch.setattr(long_meeting, "FPS", Fraction(1, every))
    monkeypatch.setattr(long_meeting, "LOOP", ceil(KEY_EVERY / every) * every)
    server = Server(tmp_path / "server")
    [ada] = await long_meeting.make(
        server, minutes=LAST / 60, people=1, generation_seconds=GENERATION, dark=DARK
    )
    await server.start()
    try:
        async with fresh(kind) as page:
            await page.goto(ada.link)
            await page.click("Watch")
            await page.click("Pause")
            for moment, expected in [*moments(every), *reversed(moments(every))]:
                found = await page.evaluate(_SEEK, ada.id, moment, expected)
                assert found == expected, f"at {moment} s"
    finally:
        await server.close()
