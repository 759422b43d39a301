"""The machine's clock is wrong at a start: real processes, on a copy of a folder that was used."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from assent.identity import load_identity
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from support.commands import EXPORT
from support.data_folder import files
from support.people import NOTICE, NOTICE_DIGEST
from support.sample_media import tone
from support.server import Server
from support.vault import HOUR, RealClock, StagedMeeting, VaultScene
from support.waiting import eventually

DAY = 24 * HOUR
SOUND = {"microphone": tone(440, 100)}
KEPT = {
    "meetings": "id, title, ended_at, destroyed_at, retain_until",
    "participants": "meeting_id, person_id, name, admitted_at, removed_at",
    "statements": "meeting_id, person_id, sequence",
    "generations": "meeting_id, number, closed_at",
    "vault_keys": "meeting_id, destroyed_at",
    "deletions": "id",
    "accounts": "id, disabled_at",
}
LIBRARIES = "/usr/lib/*/faketime/libfaketime.so.1"


class Clocked(Server):
    """A server that says why it is not ready, and whose clock on the wall can be off."""

    def set_clock(self, off: str | None) -> None:
        """Have what is started next believe that it is, say, ``+100d``."""
        self.environment.pop("LD_PRELOAD", None)
        if off is not None:
            (library,) = [str(path) for path in Path("/").glob(LIBRARIES[1:])][:1]
            self.environment |= {
                "LD_PRELOAD": library,
                "FAKETIME": off,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }

    async def readiness(self) -> dict[str, Any]:
        """Return what ``/readyz`` says."""
        async with aiohttp.ClientSession() as session, session.get(self.url + "/readyz") as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def reasons(self) -> set[str] | None:
        """Return why it is not ready; None where it does not answer at all."""
        try:
            said = await self.readiness()
        except aiohttp.ClientError:
            return None
        return set(said.get("reasons", ())) - {"client-not-built"}

    async def is_ready(self) -> bool:
        """Tell whether nothing keeps it from being ready."""
        return await self.reasons() == set()

    async def _ready(self) -> bool:
        await super()._ready()  # raises where the process has ended
        reasons = await self.reasons()
        return reasons is not None and reasons <= {"clock-unconfirmed"}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all that must not change by itself."""
        return {
            table: sorted(self.query(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in KEPT.items()
        }

    def files(self) -> list[str]:
        """Return the objects and the vault's keys."""
        kept = (self.data / "objects", self.data / "vault" / "meetings")
        return sorted(str(path) for each in kept for path in files(each))

    async def rounds(self, many: int = 3) -> None:
        """Wait until the worker has given so many signs of life; it does its rounds meanwhile."""
        for _ in range(many):
            (last,) = self.query("SELECT beat_at FROM worker_heartbeats")
            await eventually(
                lambda last=last: self.query("SELECT beat_at FROM worker_heartbeats") != [last],  # type: ignore[misc]
                "the worker gives a sign of life",
            )

    def state(self, meeting: StagedMeeting) -> str:
        """Return where a meeting's release stands."""
        ((state,),) = self.query("SELECT state FROM releases WHERE meeting_id = ?", meeting.id)
        return str(state)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Clocked]:
    """Give a server whose releases cool off for an hour."""
    server = Clocked(tmp_path / "used", settings={"cooling_off_seconds": 3600})
    yield server
    await server.close()


async def used(server: Clocked) -> tuple[StagedMeeting, StagedMeeting]:
    """Use a server's folder: one meeting is over and released, another goes on."""
    await server.start()
    await server.stop()
    server.query(
        "INSERT INTO accounts (id, name, login, role, password_hash, created_at)"
        " VALUES ('host', '', 'host', 'host', '', 1)"
    )
    server.query("INSERT INTO notices VALUES (?, 99, 'en', ?, 1)", NOTICE_DIGEST, NOTICE)
    stage = VaultScene(server.data, server.database_url)
    stage.clock = RealClock()
    stage.server = load_identity(server.data / "server", None)
    await stage.open()
    now = stage.clock.now()
    over = await stage.meeting(expires=now + DAY, expires_at=now + DAY, retain_until=now + 90 * DAY)
    person = await over.comes()
    await over.says(person, Will.YES, Will.YES)
    await over.record([(person, SOUND)])
    await over.end()
    going_on = await stage.meeting(
        expires=now + DAY, expires_at=now + DAY, retain_until=now + 91 * DAY
    )
    await going_on.comes()
    await stage.worker.watch()
    await stage.close()
    return over, going_on


@pytest.mark.parametrize("off", ["+100d", "-3650d"])
async def test_nothing_is_destroyed_and_nothing_ends(server: Clocked, off: str) -> None:
    over, going_on = await used(server)
    copy = server.data.with_name("copy")
    shutil.copytree(server.data, copy)
    shutil.rmtree(server.data)
    copy.rename(server.data)
    rows, files = server.rows(), server.files()
    assert files != []

    server.set_clock(off)
    await server.start()
    await server.rounds()
    said = await server.readiness()
    assert "clock-unconfirmed" in said["reasons"]
    assert (said["times"]["clock"] > said["times"]["reckoned"]) == (off[0] == "+")
    assert server.rows() == rows
    assert server.files() == files
    code, _ = await server.vault_command(*EXPORT, "--out", str(server.folder / "early"))
    assert (code, (server.folder / "early").exists()) == (1, False)
    # People can still come into the meeting that goes on.
    secret = b"s" * 32
    server.query("UPDATE meetings SET door_hash = ? WHERE id = ?", _sha256(secret), going_on.id)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{server.url}/api/meetings/{going_on.id}/seat",
            json={"door": encode(secret)},
            headers={"Origin": server.url},
        ) as answer,
    ):
        assert answer.status == 200, await answer.text()
    await server.stop()

    # Set right, everything goes on: what is due is done, and what is not is not.
    server.set_clock(None)
    server.environment["ASSENT_COOLING_OFF_SECONDS"] = "1"
    await server.start()
    await eventually(server.is_ready, "it is ready")
    await eventually(lambda: server.state(over) == "ready", "it has cooled off")
    assert server.files() == files
    server.query("UPDATE meetings SET retain_until = 1 WHERE id = ?", over.id)
    await eventually(
        lambda: not any(over.id in path for path in server.files()), "what is due is destroyed"
    )
    ((ended,),) = server.query("SELECT ended_at FROM meetings WHERE id = ?", going_on.id)
    assert ended is None
    await server.stop()


async def test_a_person_says_that_the_clock_is_right(server: Clocked) -> None:
    """The server was off for a hundred days; then what was due meanwhile is done."""
    over, going_on = await used(server)
    server.set_clock("+100d")
    await server.start()
    await server.rounds(1)
    code, said = await server.vault_command("confirm-clock")
    assert (code, "not-confirmed" in said) == (1, True), said
    code, said = await server.vault_command("confirm-clock", "--yes")
    assert code == 0, said
    await eventually(
        lambda: not any(over.id in path for path in server.files()), "what is due is destroyed"
    )
    await eventually(server.is_ready, "it is ready")

    def has_ended() -> bool:
        ((destroyed,),) = server.query(
            "SELECT destroyed_at FROM meetings WHERE id = ?", going_on.id
        )
        return destroyed is not None

    await eventually(has_ended, "the meeting that went on is over, and destroyed")
    await server.stop()


def _sha256(data: bytes) -> bytes:

    return hashlib.sha256(data).digest()
