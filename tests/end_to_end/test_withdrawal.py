"""A yes taken back after the release and before the export: dropped, and the key destroyed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from assent_vault.store.models import Base
from support.attack import Loot, open_everything, take
from support.commands import EXPORT
from support.data_folder import files
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server
from support.waiting import eventually

pytestmark = pytest.mark.browser

KEY_FRAME = b"\x9d\x01\x2a"  # what each begins with (RFC 6386 section 9.1), 3 bytes on


async def release(scenario: Scenario) -> list[Person]:
    """Record a short meeting that everyone releases."""
    people = await scenario.meeting(["Ada"], training=True)
    host = people[0]
    await host.arm()
    await all_say(people, "recording")
    await Recording(scenario.server, host.meeting).grows(generations=1, segments=8)
    await host.end()
    for person in people:
        await person.has_left()
    await host.sees_release("ready")
    return people


def loot(server: Server, meeting: str) -> Loot:
    """Take everything that is on disk."""
    tables = sorted(Base.metadata.tables)
    return take(server.query, tables, meeting, server.data / "objects", server.vault)


async def test_a_withdrawal_wins_over_an_export_not_begun(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    await scenario.open(server)
    host, ada = await release(scenario)
    backup = loot(server, host.meeting)
    key = server.vault / "meetings" / f"{host.meeting}.key"
    assert key.exists()

    await ada.change_afterwards(training="withdrawn")
    await host.sees_release("dropped")
    await eventually(lambda: not key.exists(), "the vault's key for the meeting is destroyed")
    await host.sees_blocked(withdrawn=1, others=True)

    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said
    assert not files(tmp_path, ".webm")
    assert not files(tmp_path, ".opus")

    # What is on disk now opens nothing, and neither does a backup without the vault's own folder.
    assert not await asyncio.to_thread(open_everything, loot(server, host.meeting))
    assert not await asyncio.to_thread(open_everything, backup.without_vault())
    # A backup that holds that folder is another matter, as the README says. It shows besides that
    # the attack is one: where all keys are, it succeeds.
    opened = await asyncio.to_thread(open_everything, backup)
    assert opened.count(KEY_FRAME) >= 2, "two people's pictures"


async def test_a_backup_of_the_data_folder_is_as_good_as_the_vaults_keys_in_it(
    scenario: Scenario, tmp_path: Path
) -> None:
    """The same with the product itself, on a copy of the whole data folder."""
    server = await scenario.open(Server(tmp_path / "server"))
    host, ada = await release(scenario)
    await server.stop()
    shutil.copytree(server.data, tmp_path / "backup")
    await server.start()
    await ada.change_afterwards(training="withdrawn")
    await host.sees_release("dropped")
    await server.stop()

    shutil.rmtree(server.data)
    shutil.copytree(tmp_path / "backup", server.data)
    shutil.rmtree(server.vault / "meetings")
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "without"))
    assert code == 1, said
    assert not files(tmp_path, ".webm")
    assert not files(tmp_path, ".opus")

    shutil.rmtree(server.data)
    shutil.copytree(tmp_path / "backup", server.data)
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "with"))
    assert code == 0, said
    assert len(files(tmp_path, ".webm")) == len(files(tmp_path, ".opus")) == 2
