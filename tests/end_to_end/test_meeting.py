"""A meeting of three, then four: heard, seen, asked, recorded only while everyone agrees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assent_vault.formats.suite import encode
from support.recordings import Recording
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server

pytestmark = pytest.mark.browser


async def test_a_meeting_from_the_door_to_the_end(scenario: Scenario, server: Server) -> None:
    await scenario.open(server)
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    ada, ben = await scenario.person("Ada"), await scenario.person("Ben")
    for guest in (ada, ben):
        await guest.arrive(link)
    await ada.reads_the_notice()
    three = [host, ada, ben]
    for person in three:
        await person.answer_at_the_door(recording=True)
        await person.join()
    await everyone_perceives(three)

    # All agree: the recording starts, and every page says so.
    await all_say(three, "off")
    await host.arm()
    await all_say(three, "recording")

    # A fourth comes in without an answer: the recording pauses before anything of theirs arrives.
    dora = await scenario.person("Dora")
    await dora.arrive(link)
    for person in three:
        await person.begin_watching(dora.signs.colour)
    await dora.join()
    four = [*three, dora]
    await all_say(four, "paused")
    await everyone_perceives(four)
    for person in three:
        paused, seen = await person.watched()
        assert paused is not None, f"{person.name} was told of the pause"
        assert seen is not None, f"{person.name} saw Dora"
        assert paused < seen, f"{person.name} saw Dora before the pause"

    # They agree: it resumes. One withdraws: it stops.
    await dora.change(recording="yes")
    await all_say(four, "recording")
    await ben.change(recording="withdrawn")
    await all_say(four, "paused")
    await everyone_perceives(four)  # saying no costs nothing

    await host.end()
    for person in four:
        await person.has_left()

    recording = Recording(server, host.meeting)
    await recording.is_closed()
    assert len(recording.generations) == 2
    first, second = recording.generations
    assert not first.interrupted
    assert not second.interrupted
    assert first.people == {person.id for person in three}
    assert second.people == {person.id for person in four}
    everything = {"microphone", "camera"}
    for person in three:
        assert first.sources(person.id) == everything
    assert first.sources(dora.id) == set()
    assert second.sources(dora.id) == everything
    # Ben has taken his yes back, so what was recorded of him goes.
    await recording.is_gone(ben.id)
    assert first.stored_sources(host.id) == everything


async def test_a_refusal_pauses_and_names_nobody(scenario: Scenario, tmp_path: Path) -> None:
    await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Quiet")
    await host.enter_as_host()
    ada = await scenario.person("Ada")
    await ada.arrive(link)
    await host.answer_at_the_door(recording=True)
    await ada.answer_at_the_door(recording=False)
    people = [host, ada]
    for person in people:
        await person.join()
    await host.arm()
    await all_say(people, "paused")
    await everyone_perceives(people)
    assert await host.agreed() is None  # of two people a number would name one
    assert not Recording(scenario.server, host.meeting).generations


async def test_a_host_who_has_left_is_no_ghost_to_those_who_come_later(
    scenario: Scenario, tmp_path: Path
) -> None:
    await scenario.open(Server(tmp_path / "server"))
    host, ada = await scenario.meeting(["Ada"])
    await host.arm()
    await all_say([host, ada], "recording")
    await host.leave()
    ben = await scenario.person("Ben")
    await ben.arrive(host.invitation_link)
    await ben.answer_at_the_door(recording=True)
    await ben.join()
    await all_say([ada, ben], "recording")
    recording = Recording(scenario.server, host.meeting)
    await recording.grows(generations=3, segments=1)  # three; Ada alone; Ada and Ben
    header = recording.generations[-1].header
    assert {encode(person.id) for person in header.watchers} == {
        host.id, ada.id, ben.id,
    }  # fmt: skip
    assert {encode(person.id) for person in header.people if person.present} == {ada.id, ben.id}
    await asyncio.sleep(3)  # a page waits two seconds for what might explain a header
    assert not await ben.is_alarmed()
    assert not await ada.is_alarmed()
