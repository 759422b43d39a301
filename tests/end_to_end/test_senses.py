"""The tests' own eyes and ears: what they notice, and that they notice when it is not there."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from support.browsers import browser
from support.media import COLOURS, RATE, TONES, Camera, listen, look, write_tone
from support.perception import Perception, perceive
from support.waiting import eventually

PAGE = """<!doctype html><video id="far" autoplay></video><script>
async function call() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const near = new RTCPeerConnection(), far = new RTCPeerConnection();
  near.onicecandidate = (event) => event.candidate && far.addIceCandidate(event.candidate);
  far.onicecandidate = (event) => event.candidate && near.addIceCandidate(event.candidate);
  far.ontrack = (event) => { document.getElementById("far").srcObject = event.streams[0]; };
  for (const track of stream.getTracks()) near.addTrack(track, stream);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  globalThis.stream = stream;
}
</script>"""


@pytest.mark.browser
async def test_a_call_is_seen_and_heard(tmp_path: Path) -> None:
    camera = Camera(tmp_path / "camera.y4m", "red")
    write_tone(tmp_path / "voice.wav", 1000)
    (tmp_path / "page.html").write_text(PAGE)
    flags = ["--allow-file-access-from-files"]
    async with browser(camera.path, tmp_path / "voice.wav", flags) as chromium:
        page = await chromium.new_page()
        await page.goto((tmp_path / "page.html").as_uri())
        await page.evaluate("call()")

        async def whole() -> Perception | None:
            found = await perceive(page)
            return found if found.alive == {"red"} and found.tones == {1000} else None

        await eventually(whole, "the far end shows and plays the near one")

        camera.show("blue")

        async def blue() -> bool:
            return (await perceive(page)).alive == {"blue"}

        await eventually(blue, "the picture changes while it plays")

        await page.evaluate("stream.getTracks().forEach((track) => { track.enabled = false; })")

        async def nothing() -> bool:
            found = await perceive(page)
            return not found.alive & set(COLOURS) and not found.tones

        await eventually(nothing, "a muted sender is neither seen nor heard")


@pytest.mark.parametrize("tone", TONES)
def test_a_tone_is_told_from_the_others(tmp_path: Path, tone: int) -> None:
    write_tone(tmp_path / "voice.wav", tone)
    heard = listen(tmp_path / "voice.wav")
    assert heard.tones == {tone}
    assert heard.seconds == pytest.approx(2.0)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_is_told_from_the_others(tmp_path: Path, colour: str) -> None:
    camera = Camera(tmp_path / "camera.y4m", colour)
    seen = look(camera.path)
    assert seen.colours == {colour}
    assert seen.seconds == pytest.approx(2.0)
    assert seen.still < 3 / RATE


def test_a_frozen_picture_is_noticed(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "still.webm"), "w") as container:
        stream = container.add_stream("libvpx", rate=RATE)
        stream.width, stream.height = 64, 48
        picture = np.full((48, 64, 3), COLOURS["red"], np.uint8)
        for _ in range(2 * RATE):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert look(tmp_path / "still.webm").still > 1.5
