"""From the personal link alone, in a browser that knows nothing: watch, grant, withdraw, delete."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from assent_vault import suite
from assent_vault.epoch import parse_shares
from assent_vault.errors import FormatError
from assent_vault.models import Base
from assent_vault.opening import open_watch
from support.attack import open_everything, take
from support.data_folder import CONTAINER_MARKS, search, spellings
from support.fresh import KINDS, Fresh, fresh, says
from support.person import Person
from support.recordings import Recording
from support.server import Server
from support.town import Town, all_say
from support.waiting import eventually
from support.watched import Perceived, perceive, position, watch

pytestmark = pytest.mark.browser

STRETCH = 12.0  # seconds; ten of them can be skipped by a key


async def recorded(town: Town) -> list[Person]:
    """Let two people meet, and be recorded in two stretches with a pause between them."""
    people = await town.meeting(["Ada"])
    host = people[0]
    for number in (1, 2):
        await host.arm()
        await all_say(people, "recording")
        recording = Recording(town.server, host.meeting)
        await recording.grows(epochs=number, segments=4)
        await asyncio.sleep(STRETCH if number == 1 else STRETCH / 2)
        if number == 1:
            await host.page.get_by_role("button", name="Stop recording").click()
            await all_say(people, "off")
            await asyncio.sleep(2)
    await host.end()
    for person in people:
        await person.has_left()
    await eventually(
        lambda: all(epoch.closing is not None for epoch in recording.epochs), "all is closed"
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


@pytest.mark.parametrize("kind", KINDS)
async def test_everything_from_the_link_alone(town: Town, tmp_path: Path, kind: str) -> None:
    server = await town.open(Server(tmp_path / "server"))
    people = await recorded(town)
    host, ada = people
    recording = Recording(server, host.meeting)
    _, second = recording.epochs
    async with fresh(kind) as page:
        await page.goto(ada.receipt_link)
        await says(page, "Checked just now in your browser")

        # Watch.
        await watch(page)
        played = await all_play(page, people)
        times = [one.time for one in played]
        assert max(times) - min(times) < 0.15, "everybody plays the same moment"
        before = await position(page)
        assert before < second.header.offset / 1000

        # Seek, over the pause, by keyboard.
        await page.key("l")

        async def in_the_second() -> bool:
            return await position(page) >= second.header.offset / 1000

        await eventually(in_the_second, "it plays in the second stretch")
        await all_play(page, people)
        await page.key("Home")
        await all_play(page, people)
        assert await position(page) < second.header.offset / 1000

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

        # Grant, after having watched.
        await page.press(".own-answer[data-purpose=training] input[value=yes]")
        await page.click("Send my answers")
        await will(page, "training", "yes")
        ((sealed,),) = server.query(
            "SELECT sealed_seed FROM statements WHERE person_id = ? ORDER BY sequence DESC LIMIT 1",
            ada.id,
        )
        assert sealed is not None

        # Withdraw.
        await page.click("Withdraw my yes to training")
        await page.press("dialog .button.danger")
        await will(page, "training", "withdrawn")

        # Delete my part.
        assert recording.epochs[0].stored_sources(ada.id)
        await page.click("Delete my part")
        await page.press("dialog .button.danger")
        await will(page, "recording", "withdrawn")
        await says(page, "Your part was deleted.")
        assert not any(epoch.stored_sources(ada.id) for epoch in recording.epochs)
        assert await page.complaints() == []

    # What is left is the other's, and says so.
    async with fresh(kind) as page:
        await page.goto(ada.receipt_link)
        await watch(page)
        await all_play(page, [host])
        await says(page, "Deleted at their wish")
        assert await page.complaints() == []
    assert not [problem for person in people for problem in person.problems]


def heard(path: Path) -> list[bytes]:
    """Return everything the server was told, by whatever way."""
    return [base64.b64decode(json.loads(line)["data"]) for line in path.read_text().splitlines()]


async def test_the_operator_opens_nothing_of_what_people_watch(town: Town, tmp_path: Path) -> None:
    """Everything the server was told, has in its database, and stores, opens no second of it."""
    server = Server(tmp_path / "server", watcher="hearing")
    server.environment["HEAR_INTO"] = str(tmp_path / "heard")
    await town.open(server)
    people = await recorded(town)
    host, ada = people
    async with fresh("chromium") as page:
        await page.goto(ada.receipt_link)
        await watch(page)
        await all_play(page, people)
        await page.key("l")
        await all_play(page, people)
    told = heard(tmp_path / "heard")
    assert any(b"receipt-request" in decoded for one in told for decoded in decodings(one))
    assert any(b"/api/watch/segments" in one for one in told)

    # What does open it: each person's seed, and from it each epoch's key. Nobody else has either.
    secrets = [person.seed for person in people]
    meeting = suite.decode(host.meeting)
    for epoch in Recording(server, host.meeting).epochs:
        shares = parse_shares((epoch.folder / "shares.json").read_bytes(), epoch.header)
        watch_key = suite.derive_watch(ada.seed, meeting)
        key = open_watch(epoch.header, shares, suite.decode(ada.id), watch_key)
        secrets += [watch_key, suite.derive_train(ada.seed, meeting), key]
        secrets += [
            suite.track_key(key, epoch.header.digest, f"{person.id}.{source}")
            for person in people
            for source in ("camera", "microphone")
        ]
    needles = [spelling for secret in secrets for spelling in spellings(secret)]
    everything = b"\n".join(decoded for one in told for decoded in (one, *decodings(one)))
    assert not [needle for needle in needles if needle in everything]
    assert not search(server.folder, [*needles, *CONTAINER_MARKS])

    # And whatever can be made of all of it together: every 32 bytes there are, as every key.
    rows = take(
        server.query,
        sorted(Base.metadata.tables),
        host.meeting,
        server.data / "objects",
        server.vault,
    )
    loot = replace(rows, rows={**rows.rows, "heard": [(one,) for one in told]})
    assert not await asyncio.to_thread(open_everything, loot)
    # The attack is one: with a seed among what it was told, it opens.
    stolen = replace(loot, rows={"heard": [(suite.derive_watch(ada.seed, meeting),)]}, vault={})
    assert await asyncio.to_thread(open_everything, stolen)


def decodings(data: bytes) -> list[bytes]:
    """Return what is in base64 within something that was said."""
    found = []
    for text in re.findall(rb"[A-Za-z0-9_-]{40,}", data):
        with suppress(FormatError):
            found.append(suite.decode(text.decode()))
    return found
