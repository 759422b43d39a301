"""What somebody sees and hears in a page: measured in it, recognised here.

A tile proves nothing. What counts is what the page's own decoders give out: frames that grow in
number, whose picture moves and has somebody's colour, and sound with somebody's pitch.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from playwright.async_api import Page

from support.media import nearest_colour, nearest_tone

# Looks and listens for a bit over one second, at every media element at once. A tone comes in beeps
# with pauses between them, so the loudest moment of each is kept.
_PERCEIVE = """
async () => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const elements = [...document.querySelectorAll("video, audio")];
  const tracks = (element, kind) =>
    element.srcObject instanceof MediaStream
      ? element.srcObject.getTracks().filter((t) => t.kind === kind && t.readyState === "live")
      : [];

  const look = (video) => {
    const canvas = new OffscreenCanvas(32, 24);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0, 32, 24);
    // As text: numbers one by one take the test's driver longer than the look itself.
    return btoa(String.fromCharCode(...context.getImageData(0, 0, 32, 24).data));
  };
  const frames = (video) => video.getVideoPlaybackQuality().totalVideoFrames;

  const videos = elements.filter((e) => tracks(e, "video").length > 0 && e.videoWidth > 0);
  const seen = videos.map((video) => ({
    before: look(video), frames: frames(video), paused: video.paused,
  }));

  globalThis.assentTestEars ??= { context: new AudioContext(), analysers: new WeakMap() };
  const ears = globalThis.assentTestEars;
  await ears.context.resume();
  const heard = [];
  for (const element of elements) {
    if (element.muted || element.paused || element.volume === 0) continue;
    for (const track of tracks(element, "audio")) {
      let analyser = ears.analysers.get(track);
      if (analyser === undefined) {
        analyser = ears.context.createAnalyser();
        analyser.fftSize = 8192;
        analyser.smoothingTimeConstant = 0;
        ears.context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        ears.analysers.set(track, analyser);
      }
      heard.push({ analyser, frequency: 0, level: -200 });
    }
  }
  const spectrum = new Float32Array(4096);
  for (let turn = 0; turn < 10; turn += 1) {
    await pause(120);
    for (const one of heard) {
      one.analyser.getFloatFrequencyData(spectrum);
      let top = 17; // 100 Hz
      for (let bin = 17; bin < spectrum.length; bin += 1) {
        if (spectrum[bin] > spectrum[top]) top = bin;
      }
      if (spectrum[top] > one.level) {
        one.level = spectrum[top];
        one.frequency = (top * ears.context.sampleRate) / one.analyser.fftSize;
      }
    }
  }
  return {
    pictures: videos.map((video, index) => ({
      ...seen[index], after: look(video), later: frames(video),
    })),
    sounds: heard.map(({ frequency, level }) => ({ frequency, level: Math.max(level, -200) })),
  };
}
"""
_AUDIBLE = -65.0  # decibels below full scale


@dataclass(frozen=True, slots=True)
class Picture:
    """A video as it is shown: whose colour, how many new frames, and whether they differ."""

    colour: str | None
    frames: int
    moves: bool


@dataclass(frozen=True, slots=True)
class Perception:
    """All that a page shows and plays at one time; its own picture is among it."""

    pictures: tuple[Picture, ...]
    tones: frozenset[int | None]

    @property
    def alive(self) -> frozenset[str | None]:
        """The colours of all pictures that really move."""
        return frozenset(
            picture.colour for picture in self.pictures if picture.frames > 0 and picture.moves
        )


class Window(Protocol):
    """A page of any browser."""

    async def evaluate(self, source: str, /) -> Any:
        """Call a function in it."""


async def perceive(page: Page | Window) -> Perception:
    """Look and listen for a bit over one second."""
    found: dict[str, Any] = await page.evaluate(_PERCEIVE)
    return Perception(
        pictures=tuple(_picture(one) for one in found["pictures"]),
        tones=frozenset(
            nearest_tone(one["frequency"]) for one in found["sounds"] if one["level"] > _AUDIBLE
        ),
    )


def pixels(text: str) -> npt.NDArray[np.int16]:
    """Return red, green and blue of each pixel of a page's canvas, shape (pixels, 3)."""
    return np.frombuffer(b64decode(text), np.uint8).reshape(-1, 4)[:, :3].astype(np.int16)


def _picture(one: dict[str, Any]) -> Picture:
    before, after = pixels(one["before"]), pixels(one["after"])
    red, green, blue = np.median(after, axis=0)
    return Picture(
        colour=nearest_colour(float(red), float(green), float(blue)),
        frames=one["later"] - one["frames"],
        moves=bool(np.abs(after - before).max() > 40),
    )
