"""What somebody sees and hears who watches a recording: measured in the page, recognised here.

Each person's picture has a colour and each person's sound a pitch of their own (support.media).
What counts is what the page's decoders give out under that person's name: frames that grow in
number, in the person's colour, and their pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from support.fresh import Fresh
from support.media import nearest_colour, nearest_tone
from support.perception import pixels

# Before anything plays: everything that goes into the player's mixer is also listened to.
_LISTEN = """
() => {
  const taps = new WeakMap();
  globalThis.assentTestTaps = taps;
  const original = AudioContext.prototype.createMediaElementSource;
  AudioContext.prototype.createMediaElementSource = function (element) {
    const source = original.call(this, element);
    const tap = this.createAnalyser();
    tap.fftSize = 8192;
    tap.smoothingTimeConstant = 0;
    source.connect(tap);
    taps.set(element, tap);
    return source;
  };
}
"""
# For a bit over a second.
_PERCEIVE = """
async () => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const elements = [...document.querySelectorAll(".player video, .player audio")];
  const frames = (video) => video.getVideoPlaybackQuality().totalVideoFrames;
  const found = elements.map((element) => ({
    element,
    video: element instanceof HTMLVideoElement,
    before: element instanceof HTMLVideoElement ? frames(element) : 0,
    began: element.currentTime,
    tap: globalThis.assentTestTaps.get(element),
    frequency: 0,
    level: -200,
  }));
  const spectrum = new Float32Array(4096);
  for (let turn = 0; turn < 12; turn += 1) {
    await pause(120);
    for (const one of found) {
      if (one.tap === undefined) continue;
      one.tap.getFloatFrequencyData(spectrum);
      let top = 17;
      for (let bin = 17; bin < spectrum.length; bin += 1) {
        if (spectrum[bin] > spectrum[top]) top = bin;
      }
      if (spectrum[top] > one.level) {
        one.level = spectrum[top];
        one.frequency = (top * one.tap.context.sampleRate) / one.tap.fftSize;
      }
    }
  }
  return found.map((one) => {
    let pixels = null;
    if (one.video && one.element.videoWidth > 0) {
      const canvas = new OffscreenCanvas(32, 24);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(one.element, 0, 0, 32, 24);
      pixels = btoa(String.fromCharCode(...context.getImageData(0, 0, 32, 24).data));
    }
    return {
      person: one.element.dataset.person,
      source: one.element.dataset.source,
      paused: one.element.paused,
      frames: one.video ? frames(one.element) - one.before : 0,
      moved: one.element.currentTime - one.began,
      time: one.element.currentTime,
      pixels,
      frequency: one.frequency,
      level: Number.isFinite(one.level) ? one.level : -200,
      state: [
        one.element.seeking ? "seeking" : "there",
        `ready ${one.element.readyState}`,
        ...[...Array(one.element.buffered.length).keys()].map(
          (range) => `${one.element.buffered.start(range)}-${one.element.buffered.end(range)}`,
        ),
        one.element.error?.message ?? "",
      ].join(" "),
    };
  });
}
"""
_AUDIBLE = -75.0  # decibels below full scale


@dataclass(frozen=True, slots=True)
class Perceived:
    """A track as it plays: whose it is said to be, and whose signs it bears."""

    person: str
    source: str
    playing: bool
    frames: int
    moved: float
    time: float
    colour: str | None
    tone: int | None
    state: str  # of the element, for whoever reads why a test has failed


async def watch(page: Fresh) -> None:
    """Begin to watch, with ears open."""
    await page.evaluate(_LISTEN)
    await page.click("Watch")


async def perceive(page: Fresh) -> list[Perceived]:
    """Look and listen for a bit over a second."""
    found = []
    for one in await page.evaluate(_PERCEIVE):
        audible = one["source"] == "microphone" and one["level"] > _AUDIBLE
        found.append(
            Perceived(
                person=one["person"],
                source=one["source"],
                playing=not one["paused"],
                frames=one["frames"],
                moved=one["moved"],
                time=one["time"],
                colour=None if one["pixels"] is None else _colour(one["pixels"]),
                tone=nearest_tone(one["frequency"]) if audible else None,
                state=one["state"],
            )
        )
    return found


async def position(page: Fresh) -> float:
    """Return the player's place, in seconds since the meeting began."""
    found = await page.evaluate('() => document.querySelector(".player").dataset.position')
    return float(found) / 1000


def _colour(text: str) -> str | None:
    # The median: somewhere a square moves across the field of colour.
    red, green, blue = np.median(pixels(text), axis=0)
    return nearest_colour(float(red), float(green), float(blue))
