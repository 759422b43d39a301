"""What hosts sign, in real pages: letting in, recording, removing; and a server that has no act."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from support.person import Person
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser


async def without_acts(page: Page) -> None:
    """Have a page be told nothing of what hosts have signed, as by a server that has no act."""

    def through(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def told(message: str | bytes) -> None:
            if json.loads(message)["type"] != "hosts":
                route.send(message)

        server.on_message(told)
        route.on_message(server.send)

    await page.route_web_socket(re.compile("/socket$"), through)


async def open_people(person: Person) -> None:
    toolbar = person.page.get_by_role("toolbar")
    await toolbar.get_by_role("button", name=re.compile("^People")).click()


async def test_what_a_host_does_is_signed_and_checked(scenario: Scenario, server: Server) -> None:
    await scenario.open(server)
    host = await scenario.host()
    link = await host.create_meeting("Weekly", training=False)
    await host.enter_as_host()
    await host.answer_at_the_door(recording=True)
    await host.join()
    ada, ben = await scenario.person("Ada"), await scenario.person("Ben")
    await without_acts(ben.page)
    for guest in (ada, ben):
        await guest.arrive(link)
        await guest.answer_at_the_door(recording=True)
        await guest.join()
    await open_people(ada)
    await expect(ada.page.locator("[data-doubt]")).to_have_count(0)
    await host.arm()
    await all_say([host, ada], "recording")
    await expect(ada.page.locator("[data-banner=unsigned]")).to_have_count(0)
    alarm = ben.page.locator("[data-banner=unsigned][data-armed=true]")
    await alarm.wait_for()
    # What he sends is off until he switches it on himself.
    await ben.page.get_by_role("button", name="Unmute").wait_for()
    await ben.page.get_by_role("button", name="Turn camera on").wait_for()
    await open_people(ben)
    await ben.page.locator("[data-doubt=not-certified]").wait_for()

    # Whoever is removed waits when they come anew, and is let in by an act.
    await open_people(host)
    await host.page.get_by_role("button", name="Remove Ada").click()
    await host.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await ada.page.get_by_role("toolbar", name="Controls").wait_for(state="detached")
    cleo = await scenario.person("Cleo")
    await cleo.arrive(link)
    await cleo.page.get_by_role("button", name="Join", exact=True).click()
    await host.page.get_by_role("button", name="Let in Cleo").click()
    await cleo.page.get_by_role("toolbar", name="Controls").wait_for()
    await expect(cleo.page.locator("[data-banner=unsigned]")).to_have_count(0)

    # Reloaded, the host's page goes on with the next number.
    await host.page.reload()
    await host.page.get_by_role("button", name="Return to the meeting").click()
    await host.page.get_by_role("button", name="Stop recording").click()
    await all_say([host, cleo], "off")
    await expect(alarm).to_have_count(0)
    assert [one.problems for one in (host, ben, cleo)] == [[], [], []]
