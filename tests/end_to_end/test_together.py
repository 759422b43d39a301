"""Chromium, Firefox and a device that is no browser in one meeting: each sees and hears the others.

In namespaces, with TLS: Firefox looks for no path over the loopback.
"""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from support.fresh import FirefoxPage, firefox
from support.media import COLOURS, Camera, picture_colour
from support.namespaces import SERVER, needs_namespaces, roads
from support.perception import perceive
from support.rtc import Tone
from support.scenario import Scenario
from support.server import Server
from support.waiting import eventually
from support.whip import device, filmed

pytestmark = [pytest.mark.browser, needs_namespaces]

# A camera and a microphone of somebody's own: a field with a square that moves, and beeps.
_DEVICES = """
([red, green, blue], tone) => {
  const picture = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 240];
    const context = canvas.getContext("2d");
    let turn = 0;
    setInterval(() => {
      context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
      context.fillRect(0, 0, 320, 240);
      context.fillStyle = "rgb(10, 10, 10)";
      context.fillRect((turn = (turn + 9) % 270), 96, 48, 48);
    }, 66);
    return canvas.captureStream(15).getVideoTracks();
  };
  const sound = () => {
    const context = new AudioContext();
    const [oscillator, gain] = [context.createOscillator(), context.createGain()];
    oscillator.frequency.value = tone;
    const out = context.createMediaStreamDestination();
    oscillator.connect(gain).connect(out);
    oscillator.start();
    let on = true;
    setInterval(() => { gain.gain.value = (on = !on) ? 0.5 : 0; }, 250);
    return out.stream.getAudioTracks();
  };
  navigator.mediaDevices.getUserMedia = ({ audio, video }) =>
    Promise.resolve(new MediaStream([...(video ? picture() : []), ...(audio ? sound() : [])]));
}
"""
_NAME = """
(name) => {
  const field = [...document.querySelectorAll("label")]
    .find((label) => label.textContent.includes("Your name"))?.control;
  if (!field) return false;
  field.value = name;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}
"""


async def joins(page: FirefoxPage, link: str, name: str) -> None:
    await page.goto(link)

    async def named() -> bool:
        return bool(await page.evaluate(_NAME, name))

    await eventually(named, f"{name} is at the door")
    await page.press("button.primary")


async def test_two_browsers_and_a_device_see_and_hear_each_other(
    scenario: Scenario, tmp_path: Path
) -> None:
    with roads() as net:
        net.open("home")
        server = await scenario.open(Server(tmp_path / "server", inside=(net.near, SERVER)))
        host = await scenario.host(inside=net.beside)
        link = await host.create_meeting("Weekly")
        await host.enter_as_host()
        await host.join()
        whip, whep, token = await host.draw_device()
        camera = Camera(tmp_path / "device.y4m", "cyan")
        async with (
            firefox(net.far) as fay,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as http,
            device(http, server.url, whip.removeprefix(server.url), token) as encoder,
            device(http, server.url, whep.removeprefix(server.url), token) as screen,
        ):
            await fay.before(_DEVICES, COLOURS["magenta"], 2150)
            await joins(fay, link, "Fay")
            with filmed(camera.path) as picture, net.near.entered():
                assert (await encoder.publish(Tone(1330), picture)).status == 201
                assert (await screen.watch("audio", "video")).status == 201

                async def the_chromium_does() -> bool:
                    found = await perceive(host.page)
                    return "magenta" in found.alive and 2150 in found.tones

                await eventually(the_chromium_does, "the host sees and hears Fay")

                async def the_firefox_does() -> bool:
                    found = await perceive(fay)
                    # Firefox counts no frames of what comes live.
                    moving = {one.colour for one in found.pictures if one.moves}
                    colours = {one.colour for one in found.pictures}
                    seen = {host.camera.colour, "cyan"} <= colours and host.camera.colour in moving
                    return seen and {host.signs.tone, 1330} <= found.tones

                await eventually(the_firefox_does, "Fay sees and hears the host and the device")

                async def the_device_does() -> bool:
                    (frame,) = await screen.frames("video", 1)
                    return picture_colour(frame.to_ndarray(format="rgb24")) == "magenta"

                await eventually(the_device_does, "the device sees Fay")
                assert await screen.frames("audio", 10)
