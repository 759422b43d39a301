"""What is recorded is what was said and shown, from the first moment of each stretch."""

from __future__ import annotations

import asyncio
import base64
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.async_api import Page

from support import long_meeting
from support.browsers import browser
from support.media import COLOURS
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser

STRETCHES = 3
IDLE = 6.0  # seconds: longer than a layer is sent that nobody looks at any more
SOON = 300  # milliseconds

_HIDE = """
() => {
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def first(recording: Recording, number: int, track: str) -> int:
    """Return when the first segment of a track begins, in milliseconds since the meeting began."""
    closing = recording.generations[number - 1].closing
    assert closing is not None
    return next(one.start for one in closing.segments if one.track == track and one.has_media)


async def record(scenario: Scenario, people: list[Person]) -> Recording:
    """Record a few stretches, with pauses in which nobody needs anybody's picture."""
    host = people[0]
    recording = Recording(scenario.server, host.meeting)
    for number in range(1, STRETCHES + 1):
        await asyncio.sleep(IDLE)
        await host.arm()
        await all_say(people, "recording")
        await recording.grows(generations=number, segments=4 * len(people))
        await host.page.get_by_role("button", name="Stop recording").click()
        await all_say(people, "off")
    await host.end()
    await recording.is_closed()
    return recording


@pytest.mark.parametrize("guests", [0, 1], ids=["alone", "hidden"])
async def test_pictures_are_there_from_the_beginning_whoever_looks(
    scenario: Scenario, tmp_path: Path, guests: int
) -> None:
    await scenario.open(Server(tmp_path / "server"))
    people = await scenario.meeting(["Ada"][:guests])
    if guests:
        for person in people:
            await person.page.evaluate(_HIDE)
    recording = await record(scenario, people)
    late = [
        first(recording, number, f"{person.id}.camera")
        - first(recording, number, f"{person.id}.microphone")
        for number in range(1, STRETCHES + 1)
        for person in people
    ]
    print("late by", late)
    assert all(one <= SOON for one in late), late


# The colour of whoever is seen: the corner of their picture, which the square does not cross. It is
# looked at for 40 frames, for the first ones of a stretch are coarse, and coarse colours are pale.
_CORNER = """
async (selector) => {
  const canvas = new OffscreenCanvas(32, 24);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let seen = null;
  for (let turn = 0, looks = 0; turn < 200 && looks < 40; turn += 1) {
    const video = document.querySelector(selector);
    if (video !== null && video.videoWidth > 0 && video.readyState >= 2) {
      context.drawImage(video, 0, 0, 32, 24);
      const { data } = context.getImageData(2, 2, 1, 1);
      if (data[0] + data[1] + data[2] > 60) {
        seen = [...data].slice(0, 3);
        looks += 1;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return seen;
}
"""

# What becomes of a colour whose samples of BT.601 are taken for something else.
_BT601, _BT709 = (0.299, 0.114), (0.2126, 0.0722)


def _samples(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """Return Y', Cb and Cr of a colour in BT.601's limited range."""
    red, green, blue = (part / 255 for part in colour)
    kr, kb = _BT601
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))
    return 16 + 219 * luma, 128 + 224 * cb, 128 + 224 * cr


def _shown(
    samples: tuple[float, float, float], matrix: tuple[float, float], *, full: bool = False
) -> list[float]:
    """Return the colour that samples are with this matrix, in the limited range or the full."""
    low, luma_range, chroma_range = (0, 255, 255) if full else (16, 219, 224)
    luma = (samples[0] - low) / luma_range
    cb, cr = ((sample - 128) / chroma_range for sample in samples[1:])
    kr, kb = matrix
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return [255 * min(1.0, max(0.0, part)) for part in (red, green, blue)]


def understood(colour: tuple[int, int, int], seen: list[int]) -> str:
    """Say how somebody took the samples of a colour who saw this instead."""
    samples = _samples(colour)
    ways = {
        "right": _shown(samples, _BT601),
        "wrong matrix": _shown(samples, _BT709),
        "wrong range": _shown(samples, _BT601, full=True),
    }
    return min(ways, key=lambda way: float(np.abs(np.subtract(ways[way], seen)).sum()))


_PLAY_FILE = """
async (base64) => {
  const data = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const video = document.createElement("video");
  video.className = "assent-test-copy";
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([data], { type: "video/webm" }));
  document.body.append(video);
  await video.play();
}
"""


async def download(page: Page, label: str, folder: Path) -> Path:
    async with page.expect_download() as handed:
        await page.get_by_role("button", name=f"Download {label}", exact=True).click()
    path = folder / "copy.webm"
    await (await handed.value).save_as(path)
    return path


def decoded(path: Path) -> list[int]:
    """Return the colour of a picture in the middle of a file, as FFmpeg converts it by its tags."""
    with av.open(str(path)) as container:
        frames = list(container.decode(container.streams.video[0]))
    frame: Any = frames[len(frames) // 2]
    assert (frame.colorspace, frame.color_range) in {(5, 1), (6, 1)}, "BT.601, as television has it"
    pixels = frame.reformat(format="rgb24").to_ndarray()
    height, width, _ = pixels.shape
    return [round(float(x)) for x in np.median(pixels[: height // 8, : width // 8], axis=(0, 1))]


async def test_colours_are_those_that_were_seen(scenario: Scenario, tmp_path: Path) -> None:
    """Live, in the player, in a copy that a browser plays, and in one that FFmpeg decodes."""
    await scenario.open(Server(tmp_path / "server"))
    people = await scenario.meeting(["Ada"])
    host, ada = people
    recording = Recording(scenario.server, host.meeting)
    await host.arm()
    await all_say(people, "recording")
    await recording.grows(generations=1, segments=20)
    live = await host.page.evaluate(_CORNER, f'[data-person="{ada.id}"] video')
    await host.end()
    await recording.is_closed()

    page = await host.context.new_page()
    await page.add_init_script("delete globalThis.showSaveFilePicker")
    await page.goto(host.receipt_link)
    await page.get_by_role("button", name="Watch", exact=True).click()
    played = await page.evaluate(_CORNER, f'.player video[data-person="{ada.id}"]')
    await page.get_by_text("A copy of my own").click()
    path = await download(page, "Ada, camera", tmp_path)
    blank = await (await host.context.browser.new_context()).new_page()  # type: ignore[union-attr]
    await blank.evaluate(_PLAY_FILE, base64.b64encode(path.read_bytes()).decode())
    copied = await blank.evaluate(_CORNER, ".assent-test-copy")
    found = {"live": live, "played": played, "copied": copied, "decoded": decoded(path)}
    print(found)
    filmed = COLOURS[ada.signs.colour]
    assert {way: understood(filmed, one) for way, one in found.items()} == dict.fromkeys(
        found, "right"
    ), found
    for one in found.values():
        assert np.abs(np.subtract(one, live)).max() <= 3, found


# How much of a while somebody's picture was not to be seen, in milliseconds in a row.
_DARK = """
async ([person, seconds]) => {
  const canvas = new OffscreenCanvas(32, 24);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const shows = () => {
    const tile = document.querySelector(`.watch-tile[data-person="${person}"]`);
    const video = tile?.querySelector("video");
    if (tile?.dataset.live !== "true" || !video || video.videoWidth === 0) return false;
    if (video.closest(".not-yet") !== null) return false;
    context.drawImage(video, 0, 0, 32, 24);
    const { data } = context.getImageData(2, 2, 1, 1);
    return data[0] + data[1] + data[2] > 60;
  };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const began = performance.now();
  while (!shows()) {
    if (performance.now() - began > 20_000) return null;
    await pause(20);
  }
  const from = performance.now();
  let last = from;
  let most = 0;
  while (performance.now() - from < seconds * 1000) {
    if (shows()) last = performance.now();
    most = Math.max(most, performance.now() - last);
    await pause(20);
  }
  return Math.round(most);
}
"""


@pytest.mark.parametrize("every", [1])
async def test_slides_stay_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    """Pictures that come seldom are there all the time, while it plays and after each jump."""
    monkeypatch.setattr(long_meeting, "FPS", Fraction(1, every))
    monkeypatch.setattr(long_meeting, "LOOP", 4 * every)
    server = Server(tmp_path / "server")
    [ada] = await long_meeting.make(server, minutes=0.7, people=1, generation_seconds=60)
    await server.start()
    try:
        async with browser() as chromium:
            page = await chromium.new_page()
            await page.add_init_script("delete globalThis.showSaveFilePicker")
            await page.goto(ada.link)
            await page.get_by_role("button", name="Watch", exact=True).click()
            dark = [await page.evaluate(_DARK, [ada.id, 8])]
            for key in ("l", "l", "j"):
                await page.keyboard.press(key)
                dark.append(await page.evaluate(_DARK, [ada.id, 5]))
            await page.get_by_text("A copy of my own").click()
            path = await download(page, "Ada, camera", tmp_path)
    finally:
        await server.close()
    print(dark)
    assert all(one is not None and one < 500 for one in dark), dark
    with av.open(str(path)) as container:
        [stream] = container.streams
        last = [packet.duration for packet in container.demux(stream) if packet.size]
    assert last[:-1] == pytest.approx([1000 * every] * (len(last) - 1), abs=20)
