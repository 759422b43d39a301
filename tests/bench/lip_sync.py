"""Measures lip sync over a line that loses packets, in a browser and in the recording.

``make bench-lip-sync`` runs it for ten minutes at 3 % loss each way. A page in a network namespace
of its own sends a flash and a beep at the same instant, every second. Another page beyond the same
line plays it, and says by its own statistics what it plays of each track at one moment; the
recording, made by the real recorder, is opened, decoded, and searched for flashes and beeps.

The last line is JSON: milliseconds by which the sound is ahead of the picture.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final

import av
import numpy as np
from playwright.async_api import Page

from assent.clock import SystemClock
from assent.media import MediaServer
from assent.recording import Recorder
from support.clock import ManualClock
from support.loss_model import Impairment
from support.lossy_tun import LINE_NEAR, line
from support.pages import Signalling, chromium, received, site
from support.recorded import Studio
from support.rtc import no_fault

LEAD: Final = 0.05  # seconds that a beep is scheduled ahead of its flash, so that it is not late

# In place of a camera and a microphone. A frame that is drawn is sent; the beep that goes with it
# is scheduled on the sound's own clock, a little later, which is taken off again below.
SIGNS: Final = """
(lead) => {
  const canvas = document.createElement("canvas");
  canvas.width = 320; canvas.height = 180;
  const pencil = canvas.getContext("2d");
  const sound = new AudioContext({ sampleRate: 48000 });
  const out = sound.createMediaStreamDestination();
  const beeper = sound.createOscillator();
  const gate = sound.createGain();
  gate.gain.value = 0;
  beeper.frequency.value = 1000;
  beeper.connect(gate).connect(out);
  beeper.start();
  let frame = 0;
  setInterval(() => {
    const within = frame % 30;
    pencil.fillStyle = within < 4 ? "white" : "black";
    pencil.fillRect(0, 0, 320, 180);
    pencil.fillStyle = "grey";
    pencil.fillRect(frame % 320, 170, 8, 8);
    if (within === 0) {
      const at = sound.currentTime + lead;
      gate.gain.setValueAtTime(0.5, at);
      gate.gain.setValueAtTime(0, at + 0.12);
    }
    frame += 1;
  }, 1000 / 30);
  navigator.mediaDevices.getUserMedia = async () => {
    await sound.resume();
    return new MediaStream([
      ...canvas.captureStream(30).getVideoTracks(), ...out.stream.getAudioTracks(),
    ]);
  };
}
"""


async def measure(seconds: float, loss: float, folder: Path) -> dict[str, Any]:
    """Send, play and record for so long; returns the figures."""
    clock = SystemClock()
    now = clock.now()
    studio = Studio(folder, began=now, clock=ManualClock(now, clock.monotonic()))
    sender = studio.come()
    bad = Impairment(delay=0.03, jitter=0.01, loss=loss)
    async with AsyncExitStack() as stack:
        wire = stack.enter_context(line(bad, bad))
        server = MediaServer(LINE_NEAR, 0, (), no_fault)
        with wire.near.entered():
            await server.start()
        stack.push_async_callback(server.stop)
        signalling = Signalling(server)
        url = await stack.enter_async_context(site(signalling, LINE_NEAR, wire.near))
        browser = await stack.enter_async_context(
            chromium([f"--unsafely-treat-insecure-origin-as-secure={url}"], wire.far)
        )
        pages = {name: await browser.new_page() for name in (sender, "viewer")}
        for name, page in pages.items():
            await page.goto(f"{url}/?name={name}")
        await pages[sender].evaluate(SIGNS, LEAD)
        await pages[sender].evaluate("publish()")
        recorder = Recorder(
            meeting_id=studio.id,
            blobs=studio.store,
            clock=clock,
            began=studio.began,
            server_key=studio.meeting.server,
            on_problem=studio.problems.append,
            request_key_frames=signalling.room.request_key_frames_all,
            request_key_frame=signalling.room.request_key_frame,
        )
        studio.move_to(clock.monotonic())
        recording = await recorder.open(studio.commit())
        recording.begin()
        signalling.room.tap = recording
        played = await watch(pages["viewer"], sender, seconds)
        signalling.room.tap = None
        recording.stop()
        watched = await studio.watch(await recording.finish())
    assert not studio.problems, studio.problems
    sound = watched.save(folder, f"{sender}.microphone")
    picture = watched.save(folder, f"{sender}.camera")
    stored = pair(beeps(sound), flashes(picture))
    return {
        "seconds": seconds,
        "loss": loss,
        "browser": summary(played),
        "recording": summary(stored),
        "counts": dict(recording.counts),
    }


async def watch(page: Page, sender: str, seconds: float) -> list[float]:
    """Return once a second by how many milliseconds the sound that is played is ahead."""
    ends = monotonic() + seconds
    found = []
    while monotonic() < ends:
        await asyncio.sleep(1)
        camera = await received(page, f"{sender}.camera")
        microphone = await received(page, f"{sender}.microphone")
        if camera.get("sync") and microphone.get("sync"):
            found.append(float(microphone["sync"] - camera["sync"]))
    return found


def beeps(path: Path) -> list[float]:
    """Return when sounds begin, in seconds of the recording."""
    onsets = []
    silent = 1.0  # seconds of silence so far
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray().astype(np.float32).reshape(-1))
            if frame.format.name.startswith("s16"):
                samples /= 32768
            channels = 1 if frame.format.is_planar else len(frame.layout.channels)
            samples = samples[: frame.samples * channels : channels]
            assert frame.time is not None, "what is recorded has times"
            step = 48  # a millisecond
            for start in range(0, len(samples), step):
                if samples[start : start + step].max() > 0.1:
                    if silent > 0.3:
                        onsets.append(frame.time + start / frame.sample_rate)
                    silent = 0.0
                else:
                    silent += step / frame.sample_rate
    return onsets


def flashes(path: Path) -> list[float]:
    """Return when the picture turns white, in seconds of the recording."""
    onsets = []
    dark = True
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            white = float(frame.to_ndarray(format="gray")[:120].mean()) > 128
            if white and dark:
                assert frame.time is not None, "what is recorded has times"
                onsets.append(frame.time)
            dark = not white
    return onsets


def pair(sounds: Sequence[float], pictures: Sequence[float]) -> list[float]:
    """Return for each flash by how many milliseconds its beep is ahead, the lead taken off."""
    found = []
    for flash in pictures:
        beep = min(sounds, key=lambda sound: abs(sound - LEAD - flash), default=None)
        if beep is not None and abs(beep - LEAD - flash) < 0.4:
            found.append((flash - (beep - LEAD)) * 1000)
    return found


def summary(offsets: Sequence[float]) -> dict[str, float]:
    """Return how far apart sound and picture are: usually, at worst, and at the end."""
    worst = sorted(abs(offset) for offset in offsets)
    last = offsets[-max(1, len(offsets) // 10) :]
    return {
        "count": len(offsets),
        "median_ms": round(median(offsets), 1),
        "p95_abs_ms": round(worst[int(0.95 * (len(worst) - 1))], 1),
        "last_tenth_median_ms": round(median(last), 1),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--loss", type=float, default=0.03)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(options.seconds, options.loss, Path(folder)))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
