"""Real Chromium pages on networks that are in the way, in namespaces: media gets through."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from assent.clock import SystemClock
from assent.media import MediaServer
from assent.meeting.relay import Relay, RelayServer
from support.namespaces import FAR, NEAR, NEAR6, Cable, cable, needs_namespaces, skip_reason
from support.pages import Signalling, chromium, more, path, site
from support.rtc import no_fault
from support.turn import SECRET, coturn

RELAY = "10.9.0.3"
NO_COTURN = skip_reason(["turnserver", "ss"])

pytestmark = [pytest.mark.browser, needs_namespaces]


@asynccontextmanager
async def meeting(
    wire: Cable,
    *,
    tcp: bool = False,
    host: str = NEAR,
    addresses: tuple[str, ...] = (),
    relays: tuple[RelayServer, ...] = (),
) -> AsyncIterator[tuple[MediaServer, Signalling, dict[str, Page]]]:
    """Give a server at the near end, and Alice, who publishes, and Bob, who watches, at the far."""
    server = MediaServer(host, 0, addresses, no_fault, tcp=tcp)
    with wire.near.entered():
        await server.start()
    signalling = Signalling(server)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.stop)
        url = await stack.enter_async_context(site(signalling, NEAR, wire.near))
        flags = [f"--unsafely-treat-insecure-origin-as-secure={url}"]
        browser = await stack.enter_async_context(chromium(flags, wire.far))
        yield server, signalling, await arrive(browser, url, relays)


async def arrive(browser: Browser, url: str, relays: tuple[RelayServer, ...]) -> dict[str, Page]:
    pages = {name: await browser.new_page() for name in ("alice", "bob")}
    servers = json.dumps([asdict(relay) for relay in relays])
    for name, page in pages.items():
        await page.add_init_script(f"window.iceServers = {servers};")
        await page.goto(f"{url}/?name={name}")
    return pages


async def test_where_udp_is_blocked_media_goes_over_tcp() -> None:
    with cable() as wire:
        wire.near.filter("meta l4proto udp drop")
        wire.far.filter("meta l4proto udp drop")
        async with meeting(wire, tcp=True) as (_, _, pages):
            await pages["alice"].evaluate("publish()")
            await more(pages["bob"], "alice", 60)
            for page, connection in ((pages["alice"], "publishing"), (pages["bob"], "subscribing")):
                found = await path(page, connection)
                assert (found["protocol"], found["remote"]) == ("tcp", NEAR)


async def test_where_both_get_through_udp_is_taken() -> None:
    with cable() as wire:
        async with meeting(wire, tcp=True) as (_, _, pages):
            await pages["alice"].evaluate("publish()")
            await more(pages["bob"], "alice", 60)
            assert (await path(pages["alice"], "publishing"))["protocol"] == "udp"
            assert (await path(pages["bob"], "subscribing"))["protocol"] == "udp"


@pytest.mark.skipif(bool(NO_COTURN), reason=f"NOT RUN, with a real coturn only: {NO_COTURN}")
async def test_where_only_a_relay_gets_through_media_goes_there(tmp_path: Path) -> None:
    """Nothing of the browser's reaches the server but what a coturn at another address relays."""
    with cable() as wire:
        wire.near.run("ip", "address", "add", f"{RELAY}/24", "dev", wire.device)
        wire.near.filter(f"ip saddr {FAR} ip daddr {NEAR} meta l4proto udp drop")
        (relay,) = Relay([f"turn:{RELAY}:3478?transport=udp"], SECRET).servers(SystemClock().now())
        async with (
            coturn(wire.near, RELAY, NEAR, tmp_path) as log,
            meeting(wire, addresses=(NEAR,), relays=(relay,)) as (_, _, pages),
        ):
            await pages["alice"].evaluate("publish()")
            await more(pages["bob"], "alice", 60)
            for page, connection in ((pages["alice"], "publishing"), (pages["bob"], "subscribing")):
                found = await path(page, connection)
                assert (found["type"], found["remote"]) == ("relay", NEAR)
            assert SECRET not in log.read_text()


async def test_over_ipv6_alone() -> None:
    with cable() as wire:
        wire.near.filter("meta nfproto ipv4 meta l4proto udp drop")
        async with meeting(wire, host="::") as (_, _, pages):
            await pages["alice"].evaluate("publish()")
            await more(pages["bob"], "alice", 60)
            for page, connection in ((pages["alice"], "publishing"), (pages["bob"], "subscribing")):
                found = await path(page, connection)
                assert (found["protocol"], found["remote"]) == ("udp", NEAR6)


async def test_behind_nat_the_public_addresses_are_told() -> None:
    """One to one, in both families; nobody is told the addresses behind it."""
    public, public6 = "203.0.113.9", "2001:db8:9::9"
    with cable() as wire:
        wire.far.run("ip", "route", "add", public, "via", NEAR)
        wire.far.run("ip", "-6", "route", "add", public6, "via", NEAR6)
        wire.near.translate(public, NEAR)
        wire.near.translate(public6, NEAR6)
        wire.near.filter("ip daddr 10.9.0.0/24 meta l4proto udp ct status & dnat != dnat drop")
        async with meeting(wire, host="::", addresses=(public, public6)) as (_, _, pages):
            await pages["alice"].evaluate("publish()")
            await more(pages["bob"], "alice", 60)
            for page, connection in ((pages["alice"], "publishing"), (pages["bob"], "subscribing")):
                found = await path(page, connection)
                assert found["remote"] in (public, public6)
                described = await page.evaluate(f"state.{connection}.remoteDescription.sdp")
                assert NEAR not in described
                assert NEAR6 not in described
