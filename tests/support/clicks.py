"""Clicks that several people's microphones pick up at the same moment, as in one room."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from playwright.async_api import BrowserContext

# Every microphone of the page goes through an audio graph that turns it down, and adds a click of
# two milliseconds at every full second of the machine's clock, which all browsers of a test share.
_CLICK: Final = """
(() => {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const click = (context, into) => {
    const buffer = context.createBuffer(1, 96, 48000);
    buffer.getChannelData(0).forEach((_, at, all) => { all[at] = at % 8 < 4 ? 0.9 : -0.9; });
    let next = 0;
    const turn = () => {
      if (context.state === "closed") return;
      if (context.state === "suspended") void context.resume();
      const now = Date.now();
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      const then = now - performance.now() + performanceTime;
      if (context.state === "running" && performanceTime > 0) {
        for (let at = Math.ceil((now + 300) / 1000) * 1000; at < now + 1800; at += 1000) {
          if (at <= next) continue;
          const source = new AudioBufferSourceNode(context, { buffer });
          source.connect(into);
          source.start(contextTime + (at - then) / 1000);
          next = at;
        }
      }
      setTimeout(turn, 100);
    };
    turn();
  };
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await original(wanted);
    for (const track of stream.getAudioTracks()) {
      const context = new AudioContext({ sampleRate: 48000 });
      const into = context.createMediaStreamDestination();
      into.channelCount = 1;
      const quiet = new GainNode(context, { gain: 0.3 });
      context.createMediaStreamSource(new MediaStream([track])).connect(quiet).connect(into);
      click(context, into);
      stream.removeTrack(track);
      stream.addTrack(into.stream.getAudioTracks()[0]);
    }
    return stream;
  };
})()
"""


async def hear_clicks(context: BrowserContext) -> None:
    """Let the microphone of every page of a browser pick the clicks up; before one is opened."""
    await context.add_init_script(_CLICK)


def clicks_in(path: Path) -> list[float]:
    """Return when a sound file clicks, in seconds from where a decoder begins it.

    The samples are counted, not what the file says of their time: so does who loads it.
    """
    chunks: list[npt.NDArray[np.float32]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[0]):
            data: npt.NDArray[Any] = frame.to_ndarray()
            chunks.append(data.reshape(-1, frame.layout.nb_channels)[:, 0].astype(np.float32))
            if frame.format.is_planar:
                chunks[-1] = data[0].astype(np.float32)
    sound = np.concatenate(chunks)
    if np.abs(sound).max() > 2:
        sound /= 32768
    # What changes from one sample to the next: a tone of this loudness does so far less.
    edge = np.abs(np.diff(sound))
    loud = np.flatnonzero(edge > 0.5 * edge.max())
    found: list[float] = []
    for at in loud / 48000:
        if not found or at - found[-1] > 0.5:
            found.append(float(at))
    return found
