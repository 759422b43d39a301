"""What a page sends by the browser's own count, to hold beside what of it was kept."""

from __future__ import annotations

from typing import Final

from playwright.async_api import BrowserContext, Page

_COUNT: Final = """
(() => {
  const Original = globalThis.RTCPeerConnection;
  const connections = [];
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...given) { super(...given); connections.push(this); }
  };
  globalThis.assentTestSent = async () => {
    const sent = { microphone: 0, camera: 0 };
    for (const connection of connections) {
      for (const one of (await connection.getStats()).values()) {
        if (one.type !== "outbound-rtp") continue;
        if (one.kind === "audio") sent.microphone += one.packetsSent;
        // Of a picture in several sizes, that which was sent most often.
        else sent.camera = Math.max(sent.camera, one.framesSent);
      }
    }
    return sent;
  };
})()
"""


async def count_sent(context: BrowserContext) -> None:
    """Let every page of a browser count what it sends; before the first is opened."""
    await context.add_init_script(_COUNT)


async def sent(page: Page) -> dict[str, int]:
    """Return how many packets of its microphone and frames of its camera a page has sent."""
    found: dict[str, int] = await page.evaluate("globalThis.assentTestSent()")
    return found
