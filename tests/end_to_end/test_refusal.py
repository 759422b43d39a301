"""One person does not grant training: nothing releases the meeting, whoever writes whatever."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from assent_vault.store.models import Base
from support.attack import open_everything, take
from support.commands import EXPORT
from support.data_folder import files
from support.forgery import lies
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser

TABLES = sorted(Base.metadata.tables)


async def record_without(scenario: Scenario, answer: bool | None) -> list[Person]:
    """Record a short meeting in which all but Ben grant training; he answers as is said."""
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    ada, ben = await scenario.person("Ada"), await scenario.person("Ben")
    for guest in (ada, ben):
        await guest.arrive(link)
    people = [host, ada, ben]
    for person in people:
        training = answer if person is ben else True
        await person.answer_at_the_door(recording=True, training=training)
        await person.join()
    await host.arm()
    await all_say(people, "recording")
    await Recording(scenario.server, host.meeting).grows(generations=1, segments=12)
    await host.end()
    for person in people:
        await person.has_left()
    return people


@pytest.mark.parametrize(
    ("answer", "reason"), [(False, "refused"), (None, "not-answered")], ids=["no", "silence"]
)
async def test_nothing_makes_it_release(
    scenario: Scenario, server: Server, tmp_path: Path, answer: bool | None, reason: str
) -> None:
    await scenario.open(server)
    host, _ada, ben = await record_without(scenario, answer)
    await host.sees_blocked(**{reason.replace("-", "_"): 1})

    # Everything that is on disk, and not one seed: no plaintext.
    objects = server.data / "objects"
    loot = take(server.query, TABLES, host.meeting, objects, server.vault)
    assert len(loot.vault) >= 2, "the vault's keys are among it"
    assert sum(sealed is not None for _, _, sealed in loot.statements) == 2, "two have granted"
    assert any(name.endswith(".segment") for name in loot.objects)
    assert not await asyncio.to_thread(open_everything, loot)

    if reason == "refused":
        return  # a refusal and a silence differ in nothing that follows

    # Every table says whatever helps: the worker and the command line are not impressed.
    await server.stop()
    for number, (idea, lie) in enumerate(lies(server, host.meeting, ben.id)):
        lie()
        code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / f"x{number}"))
        print(f"{idea}: {said.strip()}")
        assert code == 1, idea
        assert not files(tmp_path, ".webm"), idea
        assert not files(tmp_path, ".opus"), idea
    await server.start()
    await asyncio.sleep(3)  # many turns of the worker, which finds an export asked for
    assert not files(tmp_path, ".webm")  # the server's own exports are in there, too
    assert not files(tmp_path, ".opus")


async def test_without_the_objects_of_the_generations_there_is_nothing(
    scenario: Scenario, tmp_path: Path
) -> None:
    """Take the only record of who was there away: then nothing can be opened at all."""
    server = await scenario.open(Server(tmp_path / "server"))
    await record_without(scenario, None)
    await server.stop()
    for header in (server.data / "objects").rglob("boxes.json"):
        header.unlink()
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said
    shutil.rmtree(server.vault)
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "y"))
    assert code == 1, said
    assert not files(tmp_path, ".webm")
    assert not files(tmp_path, ".opus")
