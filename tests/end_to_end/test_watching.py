"""From the personal link alone, in a browser that knows nothing: watch, grant, withdraw, delete."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from assent_vault.formats import suite
from assent_vault.formats.suite import encode
from support.attack import open_everything
from support.data_folder import CONTAINER_MARKS, search
from support.fresh import KINDS, Fresh, fresh, says
from support.operator import Operator, keys_of, secrets_of, spelt
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server
from support.waiting import eventually
from support.watched import Perceived, perceive, position, watch

pytestmark = pytest.mark.browser

STRETCH = 12.0  # seconds; ten of them can be skipped by a key


async def recorded(scenario: Scenario) -> list[Person]:
    """Let two people meet, and be recorded in two stretches with a pause between them."""
    people = await scenario.meeting(["Ada"])
    host = people[0]
    for number in (1, 2):
        await host.arm()
        await all_say(people, "recording")
        recording = Recording(scenario.server, host.meeting)
        await recording.grows(generations=number, segments=4)
        await asyncio.sleep(STRETCH if number == 1 else STRETCH / 2)
        if number == 1:
            await host.page.get_by_role("button", name="Stop recording").click()
            await all_say(people, "off")
            await asyncio.sleep(2)
    await host.end()
    for person in people:
        await person.has_left()
    await eventually(
        lambda: all(each.closing is not None for each in recording.generations), "all is closed"
    )
    return people


def whole(found: list[Perceived], people: list[Person]) -> bool:
    """Whether everybody is seen and heard, each under their own name, and nobody else."""
    expected = {
        (person.id, source, person.signs.colour if source == "camera" else None)
        for person in people
        for source in ("camera", "microphone")
    }
    pictures_move = all(one.frames > 3 for one in found if one.source == "camera")
    tones = {one.person: one.tone for one in found if one.source == "microphone"}
    return (
        {(one.person, one.source, one.colour) for one in found} == expected
        and pictures_move
        and all(one.playing and one.moved > 0.5 for one in found)
        and tones == {person.id: person.signs.tone for person in people}
    )


async def all_play(page: Fresh, people: list[Person]) -> list[Perceived]:
    found: list[Perceived] = []

    async def plays() -> bool:
        found[:] = await perceive(page)
        return whole(found, people)

    try:
        await eventually(plays, "everybody is seen and heard, under their own name")
    except AssertionError as error:
        raise AssertionError(f"{error}: {found}") from None
    return found


async def will(page: Fresh, purpose: str, expected: str) -> None:
    """Wait until the page shows this answer as the one that holds."""

    async def shown() -> bool:
        selector = f".own-answer[data-purpose={purpose}][data-will={expected}]"
        return bool(await page.evaluate("(one) => !!document.querySelector(one)", selector))

    await eventually(shown, f"{purpose} is {expected}")


async def grant(page: Fresh, server: Server, person: Person) -> None:
    """Say yes to training, after having watched."""
    await page.press(".own-answer[data-purpose=training] input[value=yes]")
    await page.click("Send my answers")
    await will(page, "training", "yes")
    ((sealed,),) = server.query(
        "SELECT sealed_seed FROM statements WHERE person_id = ? ORDER BY sequence DESC LIMIT 1",
        person.id,
    )
    assert sealed is not None


async def withdraw(page: Fresh) -> None:
    """Take the yes to training back."""
    await page.click("Withdraw my yes to training")
    await page.press("dialog .button.danger")
    await will(page, "training", "withdrawn")


async def delete_own_part(page: Fresh) -> None:
    """Take the yes to recording back, and see that it was carried out."""
    await page.click("Delete my part")
    await page.press("dialog .button.danger")
    await will(page, "recording", "withdrawn")
    await says(page, "Your part was deleted.")


@pytest.mark.parametrize("kind", KINDS)
async def test_everything_from_the_link_alone(
    scenario: Scenario, tmp_path: Path, kind: str
) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    people = await recorded(scenario)
    host, ada = people
    recording = Recording(server, host.meeting)
    _, second = recording.generations
    assert second.header.recorded is not None
    resumed = second.header.recorded.offset / 1000
    async with fresh(kind) as page:
        await page.goto(ada.receipt_link)
        await says(page, "Checked just now in your browser")

        # Watch.
        await watch(page)
        played = await all_play(page, people)
        times = [one.time for one in played]
        assert max(times) - min(times) < 0.15, "everybody plays the same moment"
        before = await position(page)
        assert before < resumed

        # Seek, over the pause, by keyboard.
        await page.key("l")

        async def in_the_second() -> bool:
            return await position(page) >= resumed

        await eventually(in_the_second, "it plays in the second stretch")
        await all_play(page, people)
        await page.key("Home")
        await all_play(page, people)
        assert await position(page) < resumed

        # Faster, and stop.
        for _ in range(4):
            await page.key(">")
        at = await position(page)
        await asyncio.sleep(2)
        assert await position(page) - at > 2.8
        await page.key("k")
        still = await position(page)
        await asyncio.sleep(1)
        assert await position(page) == still

        await grant(page, server, ada)
        await withdraw(page)
        assert recording.generations[0].stored_sources(ada.id)
        await delete_own_part(page)
        assert not any(each.stored_sources(ada.id) for each in recording.generations)
        assert await page.complaints() == []

    # What is left is the other's, and says so.
    async with fresh(kind) as page:
        await page.goto(ada.receipt_link)
        await watch(page)
        await all_play(page, [host])
        await says(page, "Deleted at their wish")
        assert await page.complaints() == []
    assert not [problem for person in people for problem in person.problems]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_operator_opens_nothing_of_it(
    scenario: Scenario, tmp_path: Path, kind: str
) -> None:
    """All that the server was told, has, stores and says opens no second, and holds no secret."""
    server = Server(tmp_path / "server", watcher="hearing")
    operator = Operator(server, tmp_path / "heard")
    await scenario.open(server)
    people = await recorded(scenario)
    host, ada = people
    await host.change_afterwards(training="yes")
    async with fresh(kind) as page:
        await page.goto(ada.receipt_link)
        await watch(page)
        await all_play(page, people)
        await page.key("l")
        await all_play(page, people)
        secrets = secrets_of(people)
        keys = keys_of(Recording(server, host.meeting), ada, people)
        await grant(page, server, ada)
        # Now everybody has handed over their key, sealed to the vault's, and nothing is deleted.
        taken = operator.takes(host.meeting)
        await withdraw(page)
        await delete_own_part(page)
        assert await page.complaints() == []

        for part in (b"receipt-request", b'"training":"yes"', b'"recording":"withdrawn"'):
            assert operator.has_heard([part]), "what was said came this way"
        assert operator.has_heard([b"/api/watch/segments"])
        assert not operator.has_heard([*spelt(secrets), *spelt(keys)])
        assert not search(server.folder, [*spelt(secrets), *spelt(keys), *CONTAINER_MARKS])
        held = await asyncio.to_thread(operator.holds, spelt(secrets))
        assert not held
        # They would have been found: a key of the server's is.
        own = (server.data / "server/identity.key").read_bytes()
        assert await asyncio.to_thread(operator.holds, [own])

        # And whatever can be made of all of it together: every 32 bytes there are, as every key.
        later = operator.takes(host.meeting)
        names = sorted(taken.rows)
        loot = replace(
            taken, rows={name: [*taken.rows[name], *later.rows[name]] for name in names}, vault={}
        )
        assert not await asyncio.to_thread(open_everything, loot)
        # The attack is one. With the vault as well it opens, until somebody withdraws; and with
        # what a browser holds, had that been among what the server was told.
        vaults = replace(loot, rows={})
        assert await asyncio.to_thread(open_everything, replace(vaults, vault=taken.vault))
        assert not await asyncio.to_thread(open_everything, replace(vaults, vault=later.vault))
        watching = suite.derive_watch(ada.seed, suite.decode(host.meeting))
        assert await asyncio.to_thread(
            open_everything, replace(vaults, rows={"heard": [(watching,)]})
        )
        await page.evaluate("(seed) => fetch(`/healthz?${seed}`)", encode(ada.seed))
        assert operator.has_heard(spelt(secrets))
