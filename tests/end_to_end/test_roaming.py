"""A page whose network changes under it: it is heard again at once, and nothing else happens.

In namespaces, with TLS, in real Chromium. What is measured is what the other page's own statistics
say of the sound that arrives there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from support.namespaces import SERVER, Roads, needs_namespaces, roads
from support.perception import perceive
from support.person import Person
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server
from support.waiting import eventually

pytestmark = [pytest.mark.browser, needs_namespaces]

MOST = 2.0  # seconds from when the new address works until the others hear again
PAUSE = 300  # ms; sound that arrives all the time has no shorter gap that would be one

# Counts what a page begins, and keeps its connections for what is asked of them later.
_COUNT = """
(() => {
  const begun = (globalThis.assentTestBegun = { connections: [], sockets: 0 });
  const { RTCPeerConnection: Connection, WebSocket: Socket } = globalThis;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...all) { super(...all); begun.connections.push(this); }
  };
  globalThis.WebSocket = class extends Socket {
    constructor(...all) { super(...all); begun.sockets += 1; }
  };
})()
"""
# Notes when sound arrives, as often as the browser counts anew.
_LISTEN = """
() => {
  const arrived = (globalThis.assentTestArrived = []);
  let before = -1;
  const turn = async () => {
    let octets = 0;
    for (const connection of globalThis.assentTestBegun.connections) {
      if (connection.connectionState === "closed") continue;
      (await connection.getStats()).forEach((stats) => {
        if (stats.type === "inbound-rtp" && stats.kind === "audio") octets += stats.bytesReceived;
      });
    }
    if (octets !== before) arrived.push(Date.now());
    before = octets;
    setTimeout(turn, 50);
  };
  turn();
}
"""
_BEGUN = """
() => [
  globalThis.assentTestBegun.connections.length + document.querySelectorAll("iframe").length,
  globalThis.assentTestBegun.sockets,
]
"""


@asynccontextmanager
async def two(scenario: Scenario, net: Roads, folder: Path) -> AsyncIterator[tuple[Person, Person]]:
    """Give a host who stays, and one who roams, in a meeting that is being recorded."""
    server = Server(folder / "server", inside=(net.near, SERVER))
    await scenario.open(server)
    host = await scenario.host(inside=net.beside)
    await host.context.add_init_script(_COUNT)
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    roaming = await scenario.person("Ria", net.far)
    await roaming.context.add_init_script(_COUNT)
    await roaming.arrive(link)
    for person in (host, roaming):
        await person.answer_at_the_door(recording=True)
        await person.join()
    await everyone_perceives([host, roaming])
    await host.arm()
    await all_say([host, roaming], "recording")
    await asyncio.sleep(4)  # a line is steady when it has been for a while
    await host.begin_watching(roaming.camera.colour)
    await host.page.evaluate(_LISTEN)
    yield host, roaming
    assert [state for _, state in await host.states()] == ["recording"]
    assert await roaming.page.locator("[data-self=true]").get_attribute("data-person") == roaming.id


async def heard_again(host: Person, works: float) -> float:
    """Return how long it took until sound came again, in seconds after the new address worked."""

    async def again() -> Any:
        times = await host.page.evaluate("globalThis.assentTestArrived")
        return next((later for one, later in pairwise(times) if later - one > PAUSE), None)

    return float(await eventually(again, "the host hears the one who roamed again")) / 1000 - works


def one_of_two_links_dies(net: Roads) -> None:
    net.close("home")


def another_link_comes_as_one_goes(net: Roads) -> None:
    net.close("home")
    net.open("mobile")


def the_link_gets_another_address(net: Roads) -> None:
    net.far.move("home", "10.10.0.7/24")
    net.far.run("ip", "route", "add", "default", "via", "10.10.0.1", "dev", "home")


@pytest.mark.parametrize(
    "change",
    [one_of_two_links_dies, another_link_comes_as_one_goes, the_link_gets_another_address],
)
async def test_who_moves_to_another_address_is_heard_within_two_seconds(
    scenario: Scenario, tmp_path: Path, change: Callable[[Roads], None]
) -> None:
    with roads() as net:
        net.open("home")
        if change is one_of_two_links_dies:
            net.open("mobile")
        async with two(scenario, net, tmp_path) as (host, roaming):
            change(net)
            works = time.time()
            took = await heard_again(host, works)
            print(f"{change.__name__}: heard again after {took:.2f} s")
            assert took <= MOST
            await everyone_perceives([host, roaming])


async def test_a_weak_line_or_a_short_gap_begins_nothing_anew(
    scenario: Scenario, tmp_path: Path
) -> None:
    with roads() as net:
        net.open("home")
        async with two(scenario, net, tmp_path) as (host, roaming):
            before = await roaming.page.evaluate(_BEGUN)
            lost = "meta l4proto { tcp, udp } numgen random mod 100 < 20 drop"
            net.near.filter(f'iifname "home" {lost}')
            net.far.filter(lost)
            await asyncio.sleep(15)
            assert await roaming.page.evaluate(_BEGUN) == before
            net.far.filter()
            net.block("home")
            await asyncio.sleep(3)
            net.near.filter()
            await heard_again(host, time.time())
            await asyncio.sleep(3)
            # The socket may be another one; what carries sound and pictures is not.
            assert (await roaming.page.evaluate(_BEGUN))[0] == before[0]
            assert host.camera.colour in (await perceive(roaming.page)).alive
