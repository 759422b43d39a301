"""A real Chromium and a device that is no browser, in one meeting, each seeing the other."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import numpy as np
import pytest

from assent_vault.formats.statement import Will
from support.media import Camera, nearest_colour
from support.perception import perceive
from support.rtc import Tone
from support.scenario import Scenario, all_say
from support.seat import participant
from support.server import Server
from support.waiting import eventually
from support.whip import device, filmed

pytestmark = pytest.mark.browser


async def test_a_person_draws_and_ends_a_device_in_the_meeting(
    scenario: Scenario, tmp_path: Path
) -> None:
    """With nothing but what the page shows, as somebody does who sets up an encoder."""
    server = await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    await host.join()
    ola = await scenario.person("Ola")
    await ola.arrive(link)
    await ola.join()
    whip, whep, token = await ola.draw_device()
    assert whip.startswith(f"{server.url}/whip/")
    assert whep.startswith(f"{server.url}/whep/")
    panel = ola.page.get_by_role("complementary", name="Devices")
    await panel.get_by_text("No device has connected yet.").wait_for()
    camera = Camera(tmp_path / "ola.y4m", "cyan")
    async with (
        aiohttp.ClientSession() as http,
        device(http, server.url, whip.removeprefix(server.url), token) as encoder,
        device(http, server.url, whep.removeprefix(server.url), token) as screen,
    ):
        with filmed(camera.path) as picture:
            assert (await encoder.publish(Tone(1330), picture)).status == 201
            assert (await screen.watch("video")).status == 201

            async def seen_and_heard() -> bool:
                found = await perceive(host.page)
                return "cyan" in found.alive and 1330 in found.tones

            await eventually(seen_and_heard, "the host sees and hears the device")
            await panel.get_by_text("A device is connected and sends as you.").wait_for()
            await panel.get_by_text("A device is connected and shows the others.").wait_for()
            await panel.get_by_role("button", name="End the device").click()
            dialog = ola.page.get_by_role("dialog", name="End the device")
            await dialog.get_by_role("button", name="End the device").click()
            await panel.get_by_role("button", name="Show address and token").wait_for()
            assert await panel.get_by_label("Token (bearer token)").count() == 0
            assert (await encoder.end()).status == 401

            async def gone() -> bool:
                return "cyan" not in (await perceive(host.page)).alive

            await eventually(gone, "the host sees the device no more")
    # It was in no address and is in no log.
    assert token not in ola.page.url
    assert token not in server.log.read_text()


async def test_a_browser_and_a_device_see_and_hear_each_other(
    scenario: Scenario, tmp_path: Path
) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    await host.answer_at_the_door(recording=True)
    await host.join()
    await host.arm()
    await all_say([host], "recording")
    camera = Camera(tmp_path / "ola.y4m", "cyan")
    async with (
        aiohttp.ClientSession() as http,
        participant(http, server, link) as ola,
    ):
        # Ola has not agreed: the recording pauses, device or no device.
        await ola.enter("Ola")
        await all_say([host], "paused")
        drawn = await ola.draw_device()
        async with (
            device(http, server.url, drawn["whip"], drawn["token"]) as encoder,
            device(http, server.url, drawn["whep"], drawn["token"]) as screen,
        ):
            with filmed(camera.path) as picture:
                assert (await encoder.publish(Tone(1330), picture)).status == 201
                assert (await screen.watch("audio", "video")).status == 201

                async def seen_and_heard() -> bool:
                    found = await perceive(host.page)
                    return "cyan" in found.alive and 1330 in found.tones

                await eventually(seen_and_heard, "the page shows and plays the device")

                async def sees_the_host() -> bool:
                    (frame,) = await screen.frames("video", 1)
                    pixels = frame.to_ndarray(format="rgb24").reshape(-1, 3)
                    red, green, blue = np.median(pixels, axis=0)
                    return nearest_colour(red, green, blue) == host.camera.colour

                await eventually(sees_the_host, "the device shows the page's camera")
                assert await screen.frames("audio", 10)
                assert await host.state() == "paused"
                await ola.answer(Will.YES)
                await all_say([host], "recording")
                await ola.answer(Will.WITHDRAWN)
                await all_say([host], "paused")
                await ola.ask("end_device")

                async def gone() -> bool:
                    return "cyan" not in (await perceive(host.page)).alive

                await eventually(gone, "the page shows the device no more")
