"""Backup and restore, by the very commands of the README, and what people can do afterwards."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.commands import EXPORT
from support.fresh import fresh
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import ROOT, Server
from support.troubled import Troubled
from support.waiting import eventually
from support.watched import perceive, watch

pytestmark = pytest.mark.browser

_SECTION = (ROOT / "README.md").read_text().partition("\n## Backup\n")[2].partition("\n## ")[0]
BACK_UP, RESTORE = re.findall(r"```sh\n(.*?)```", _SECTION, re.DOTALL)


async def run(commands: str, server: Server) -> None:
    """Run what the README says, where it says so: beside the folder ``data``."""
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-eu", "-c", commands],
        cwd=server.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


async def release(scenario: Scenario, server: Server) -> list[Person]:
    """Record a meeting of two that both release."""
    await scenario.open(server)
    people = await scenario.meeting(["Ada"], training=True)
    host = people[0]
    await host.arm()
    await all_say(people, "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=8)
    await host.end()
    for person in people:
        await person.has_left()
    await host.sees_release("ready")
    return people


async def watches(person: Person, people: list[Person]) -> None:
    """See and hear everybody on the personal page, in a browser that knows nothing."""
    async with fresh("chromium") as page:
        await page.goto(person.receipt_link)
        await watch(page)

        async def all_play() -> bool:
            found = await perceive(page)
            return {(one.person, one.colour) for one in found if one.source == "camera"} == {
                (each.id, each.camera.colour) for each in people
            }

        await eventually(all_play, f"{person.name} sees everybody")


async def takes_back_and_expires(host: Person, ada: Person, server: Server) -> None:
    """Withdraw, and let retention end; both are carried out."""
    recording = Recording(server, host.meeting)
    await ada.change_afterwards(recording="withdrawn")
    await recording.is_gone(ada.id)
    assert recording.generations[0].stored_sources(host.id), "others keep theirs"
    server.query("UPDATE meetings SET retain_until = 1 WHERE id = ?", host.meeting)
    await eventually(lambda: not recording.folder.exists(), "nothing of it is left")
    [(destroyed,)] = server.query("SELECT destroyed_at FROM meetings WHERE id = ?", host.meeting)
    assert destroyed is not None


async def lose_everything(server: Server) -> None:
    await server.stop()
    await asyncio.to_thread(shutil.rmtree, server.data)


async def test_the_recipe_of_the_readme(scenario: Scenario, tmp_path: Path) -> None:
    server = Troubled(tmp_path / "server")
    host, ada = await release(scenario, server)
    await run(BACK_UP, server)
    assert not list((server.folder / "backup").rglob("meetings/*.key")), "no key that opens"
    await lose_everything(server)
    await run(RESTORE, server)
    await server.start()
    assert server.reasons() == []
    # Nothing that was not exported can be, for its key was in no backup.
    await host.sees_blocked(vault_key_missing=1, others=True)
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said
    await watches(ada, [host, ada])
    await takes_back_and_expires(host, ada, server)


async def test_without_the_vaults_folder(scenario: Scenario, tmp_path: Path) -> None:
    """All but the vault's: the worker says why it does not work, and adopting mends it."""
    server = Troubled(tmp_path / "server")
    host, ada = await release(scenario, server)
    await run(BACK_UP, server)
    await lose_everything(server)
    await run(RESTORE, server)
    await asyncio.to_thread(shutil.rmtree, server.vault)
    await server.start_troubled()
    await eventually(
        lambda: "vault-other-identity" in (server.reasons() or []), "it is said why no worker works"
    )
    await server.stop()
    code, said = await server.vault_command("adopt")
    assert code == 1, said
    code, said = await server.vault_command("adopt", "--yes")
    assert code == 0, said
    await server.start()
    await host.sees_blocked(vault_key_missing=1, others=True)
    await takes_back_and_expires(host, ada, server)


async def test_a_log_that_is_lost(scenario: Scenario, tmp_path: Path) -> None:
    """Key, head, or both: another log begins where the operator says so, and not by itself."""
    server = Troubled(tmp_path / "server")
    await scenario.open(server)
    for lost in ("log.head", "log.key"):
        await server.stop()
        (server.data / "server" / lost).unlink()
        with pytest.raises(Exception, match=f"{lost.replace('.', '-')}-missing"):
            await server.start()
        assert (await command(server, "new-log"))[0] == 1
        code, said = await command(server, "new-log", "--yes")
        assert code == 0, said
        await server.start()
        assert server.reasons() == []


async def command(server: Server, *arguments: str) -> tuple[int, str]:
    """Run ``assent`` on the data of the server."""
    return await server.vault_command(*arguments, module="assent.cli")
