"""Devices in a real Chromium: what was chosen is used, what gives nothing is shown to everyone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, expect

from support.browsers import browser, new_context
from support.loudspeaker import control, loudspeaker
from support.scenario import Scenario
from support.server import Server
from support.waiting import eventually

pytestmark = pytest.mark.browser

# What is asked of the browser, what is open, and the connections there are. With `alone`, as on
# phones: whoever opens a second camera is told that it cannot be read.
_WATCHED: Final = """
(alone) => {
  const seen = { log: [], tracks: [], lines: [], most: 0 };
  globalThis.assentTestDevices = seen;
  const live = (kind) => seen.tracks.filter((t) => t.kind === kind && t.readyState === "live");
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (wish) => {
    if (alone && wish.video && live("video").length > 0) {
      seen.log.push("refused");
      throw new DOMException("Could not start video source", "NotReadableError");
    }
    const stream = await open(wish);
    seen.tracks.push(...stream.getTracks());
    seen.most = Math.max(seen.most, live("video").length);
    return stream;
  };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...wish) { super(...wish); seen.lines.push(this); }
  };
}
"""
_SENT: Final = """
async () => {
  const sent = {};
  for (const line of globalThis.assentTestDevices.lines) {
    for (const sender of line.getSenders()) {
      if (!sender.track) continue;
      let packets = 0;
      for (const one of (await sender.getStats()).values()) {
        if (one.type === "outbound-rtp") packets += one.packetsSent;
      }
      sent[sender.track.kind] = {
        device: sender.track.getSettings().deviceId, packets, state: line.connectionState,
      };
    }
  }
  return { ...sent, lines: globalThis.assentTestDevices.lines.length };
}
"""
_LIVE: Final = """
() => globalThis.assentTestDevices.tracks
  .filter((track) => track.readyState === "live")
  .map((track) => track.getSettings().deviceId)
"""


async def _enter(page: Page, link: str, name: str) -> None:
    await page.goto(link)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Join", exact=True).click()
    await page.locator("[data-stage=inside]").wait_for()


async def _sends_on(page: Page, kind: str, device: str) -> dict[str, Any]:
    """Wait until the page sends more and more from this device."""
    first = (await page.evaluate(_SENT)).get(kind, {}).get("packets", 0)

    async def more() -> Any:
        sent = await page.evaluate(_SENT)
        one = sent.get(kind)
        if one is None or one["device"] != device or one["state"] != "connected":
            return None
        return sent if one["packets"] > first + 20 else None

    found: dict[str, Any] = await eventually(more, f"{kind} is sent from the chosen device")
    return found


async def _options(page: Page, label: str) -> list[str]:
    choice = page.get_by_label(label, exact=True)
    await expect(choice.locator("option")).not_to_have_count(0)
    found: list[str] = await choice.locator("option").evaluate_all(
        "options => options.map((option) => option.value)"
    )
    return found


@pytest.mark.parametrize("alone", [False, True], ids=["several-at-once", "one-at-a-time"])
async def test_the_chosen_device_is_used_and_sending_goes_on(
    scenario: Scenario, tmp_path: Path, alone: bool
) -> None:
    await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Weekly", recording=False)
    await host.enter_as_host()
    await host.page.get_by_role("button", name="Join", exact=True).click()
    # The last of a flag is the one that counts.
    async with browser(more=["--use-fake-device-for-media-stream=device-count=3"]) as chromium:
        context = await new_context(chromium, permissions=["camera", "microphone"], locale="en-GB")
        page = await context.new_page()
        await page.add_init_script(f"({_WATCHED})({str(alone).lower()})")
        await _enter(page, link, "Ada")
        await page.get_by_role("toolbar").get_by_role("button", name="Devices").click()
        for label, kind in (("Camera", "video"), ("Microphone", "audio")):
            options = await _options(page, label)
            assert len(options) == 3, f"three devices of the kind {label}"
            for device in (options[2], options[1]):
                await page.get_by_label(label, exact=True).select_option(device)
                sent = await _sends_on(page, kind, device)
                live = await page.evaluate(_LIVE)
                assert device in live
                assert len(live) == 2, "one camera and one microphone, no more"
                assert sent["lines"] == 2, "no connection was made anew"
                await expect(page.get_by_label(label, exact=True)).to_have_value(device)
        if alone:
            assert await page.evaluate("assentTestDevices.most") == 1
            assert await page.evaluate("assentTestDevices.log") == ["refused"], "tried once"
        # And next time.
        chosen = sorted(await page.evaluate(_LIVE))
        await page.reload()
        await page.get_by_role("button", name="Return to the meeting").wait_for()

        async def again() -> bool:
            return sorted(await page.evaluate(_LIVE)) == chosen

        await eventually(again, "the chosen devices are opened again")


async def test_what_the_system_mutes_is_shown_on_both_sides(
    scenario: Scenario, tmp_path: Path
) -> None:
    """With a sound server's own mute, which Chromium tells pages of as it does of any system's."""
    await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Weekly", recording=False)
    await host.enter_as_host()
    await host.page.get_by_role("button", name="Join", exact=True).click()
    microphones = ["Desk", "Headset"]
    async with (
        loudspeaker(microphones) as sound,
        # Without the pretended devices: its cameras are none, its microphones those of the server.
        browser(without=["--use-fake-device-for-media-stream"], environment=sound) as chromium,
    ):
        context = await new_context(chromium, permissions=["camera", "microphone"], locale="en-GB")
        page = await context.new_page()
        await _enter(page, link, "Ada")
        await page.get_by_role("toolbar").get_by_role("button", name="Devices").click()
        await page.get_by_label("Microphone", exact=True).select_option(label="Headset")
        note = page.locator('[data-note="microphone silenced"]')
        tile = host.page.locator("[data-self=false][data-source=camera]")
        held = tile.locator("[data-silenced=microphone]")
        await tile.wait_for()
        for _ in range(2):
            await expect(note).to_have_count(0)
            await expect(held).to_have_count(0)
            await control(sound, "set-source-mute", "headset", "1")
            await expect(note).to_contain_text("Unmute it there")
            await expect(held).to_contain_text("Muted by the system")
            await expect(held).to_contain_text("Nothing is heard from Ada")
            await control(sound, "set-source-mute", "headset", "0")
            await expect(note).to_have_count(0)
            await expect(held).to_have_count(0)
        # The microphone that was not chosen is nobody's business.
        await control(sound, "set-source-mute", "desk", "1")
        await asyncio.sleep(3)
        await expect(note).to_have_count(0)
        await control(sound, "set-source-mute", "desk", "0")
        # Unplugged, it is let go of: a sound server would go on with the other one, unasked.
        await control(sound, "unplug", "headset")
        problem = page.locator('[data-problem="microphone gone"]')
        await expect(problem).to_be_visible(timeout=60_000)
        await problem.get_by_role("button", name="Try again").click()
        await expect(page.locator('[data-note="microphone not-there"]')).to_be_visible()
        await expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()
