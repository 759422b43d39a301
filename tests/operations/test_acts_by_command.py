"""Taking back for others by command, beside the server that runs: for everybody, wherever they are.

``assent people``, ``withdraw``, ``delete-part`` and ``delete-meeting`` as processes of their own,
on the server's data.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from assent_vault.formats.statement import Will
from support.data_folder import files
from support.rooms import Link
from support.seat import Participant, hosting, participant
from support.started import MEETING, Started
from support.waiting import HANG, eventually

YES: Final = Will.YES
LET_IN: Final = ("in", "gone", "removed")
NEVER_IN: Final = ("waiting", "denied", "at the door")


@dataclass
class Meeting:
    """One that is being recorded, with somebody in each state; ``host`` is one of those in it."""

    server: Started
    id: str
    link: str
    host: Participant
    people: dict[str, Participant]

    async def say(self, *arguments: str, typed: str = "") -> tuple[int, str]:
        """Run ``assent`` with this typed into it; returns its exit code and what it said."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "assent.cli", *arguments),
            cwd=self.server.folder,
            env=self.server.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(HANG):
            said, _ = await child.communicate(typed.encode())
        assert child.returncode is not None, "communicate waits for the end"
        assert b"Traceback" not in said
        return child.returncode, said.decode()

    async def do(self, act: str, who: str | None = None) -> None:
        """Have an act done, unasked."""
        person = () if who is None else (self.people[who].id,)
        code, said = await self.say(act, self.id, *person, "--yes")
        assert code == 0, said
        assert "It holds" in said

    async def record(self, who: str) -> tuple[int, dict[str, Any]]:
        """Ask for what somebody's receipt page shows; returns the status and the body."""
        status, body, _ = await self.server.post("/api/receipt", self.people[who].receipt())
        return status, body

    def acts(self) -> list[tuple[Any, ...]]:
        """Return the acts that are stored: of whom, None for the meeting."""
        return self.server.query("SELECT person_id FROM revocations")

    @property
    def vault_key(self) -> Path:
        return self.server.vault / "meetings" / f"{self.id}.key"


@asynccontextmanager
async def recorded(folder: Path) -> AsyncIterator[Meeting]:
    """Run a server with a meeting that is being recorded."""
    server = Started(folder)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.close)
        await server.start()
        cookie = await server.administrator()
        wish = MEETING | {"recording": True, "training": True, "waiting_room": True}
        made, secret = await server.create(wish, cookie)
        id_ = made["id"]
        link = f"{server.url}/m/{id_}#{secret.fragment}"
        http = await stack.enter_async_context(aiohttp.ClientSession())
        host = await stack.enter_async_context(hosting(http, server, link, cookie))
        await host.enter("Host")
        people: dict[str, Participant] = {}
        for state in (*LET_IN, *NEVER_IN):
            one = people[state] = await stack.enter_async_context(participant(http, server, link))
            await one.enrol(f"Somebody {state}")
            await one.answer(YES, YES)
            if state == "at the door":
                continue
            await one.ask("join")
            if state == "denied":
                await host.ask("deny", person=one.id)
            elif state != "waiting":
                await host.admit(one)
        await host.answer(YES, YES)
        await host.arm()
        await host.until_capture("recording")
        # They have been recorded; and it goes on with those who are there.
        await people["gone"].leave()
        await host.remove(people["removed"])
        await host.until_room(lambda room: room["present"] == 2 and room["capture"] == "recording")
        yield Meeting(server, id_, link, host, people)


@pytest.fixture
async def meeting(tmp_path: Path) -> AsyncIterator[Meeting]:
    async with recorded(tmp_path) as meeting:
        yield meeting


async def test_people_are_listed_who_were_let_in(meeting: Meeting) -> None:
    code, said = await meeting.say("people", meeting.id)
    assert code == 0, said
    expected = {meeting.host.id: "Host"}
    expected |= {meeting.people[state].id: f"Somebody {state}" for state in LET_IN}
    assert dict(line.split("  ", 1) for line in said.splitlines()) == expected
    await meeting.do("delete-part", "gone")
    _, said = await meeting.say("people", meeting.id)
    [line] = [line for line in said.splitlines() if "(" in line]
    assert line.startswith(meeting.people["gone"].id)
    assert line.endswith("(recording taken back by operator)")
    code, said = await meeting.say("people", "A" * 22)
    assert (code, said.split(":")[1].strip()) == (1, "meeting-not-found")


async def test_a_yes_to_training_is_taken_back(meeting: Meeting) -> None:
    await eventually(meeting.vault_key.exists, "the vault has made its key")
    for who in LET_IN:
        await meeting.do("withdraw", who)
        await meeting.do("withdraw", who)  # again it is the same act
        status, record = await meeting.record(who)
        assert status == 200, record
        acts = [(act["purpose"], act["by"]) for act in record["revoked"]]
        assert acts == [("training", "operator")]
    assert {id_ for (id_,) in meeting.acts()} == {meeting.people[who].id for who in LET_IN}
    await eventually(lambda: not meeting.vault_key.exists(), "the vault's key is destroyed")
    # Who is in the meeting is told there, and what is recorded goes on. Nobody else is told.
    room = await meeting.people["in"].until_room(lambda room: bool(room["you"]["revoked"]))
    assert [act["by"] for act in room["you"]["revoked"]] == ["operator"]
    assert room["capture"] == "recording"
    assert (await meeting.record("waiting"))[1]["revoked"] == []
    await meeting.host.ask("lock", locked=True)  # whatever came before is heard by then
    assert meeting.host.room["you"]["revoked"] == []


async def test_a_part_is_deleted(meeting: Meeting) -> None:
    for who in ("gone", "removed"):
        await meeting.do("delete-part", who)
    await eventually(lambda: not meeting.vault_key.exists(), "the vault's key is destroyed")
    await meeting.host.ask("lock", locked=True)  # whatever came before is heard by then
    assert meeting.host.room["capture"] == "recording", "it is of those who are there"
    await meeting.do("delete-part", "in")
    await meeting.host.until_capture("paused")
    room = await meeting.people["in"].until_room(lambda room: bool(room["you"]["revoked"]))
    assert room["you"]["recording"] == "yes", "what they have said themselves stands"

    async def deleted(who: str) -> bool:
        _, record = await meeting.record(who)
        assert [act["purpose"] for act in record["revoked"]] == ["recording"]
        return any(not one["whole"] and one["confirmed_at"] for one in record["deletions"])

    for who in LET_IN:
        await eventually(partial(deleted, who), "the vault has deleted it, and the person is told")


async def test_a_meeting_is_deleted_while_it_runs(meeting: Meeting) -> None:
    objects = meeting.server.data / "objects" / "meetings" / meeting.id
    assert files(objects)
    await meeting.do("delete-meeting")
    for one in (meeting.host, meeting.people["in"], meeting.people["waiting"]):
        assert await one.goodbye() == "ended"

    async def gone() -> bool:
        status, body = await meeting.record("gone")
        return status == 410 and body["error"]["code"] == "meeting-deleted"

    await eventually(gone, "who was there is told that it was deleted, and nothing else")
    _, body = await meeting.record("in")
    assert body["error"]["by"] == "operator"
    await eventually(
        lambda: not files(objects),
        "nothing is left of what was recorded",
    )
    assert not meeting.vault_key.exists()
    code, said = await meeting.say("people", meeting.id)
    assert (code, said) == (0, ""), "nothing tells any more who was there"


async def test_there_is_nothing_to_take_from_others(meeting: Meeting) -> None:
    """Of those who were never let in, of nobody, and in no meeting."""
    strangers = [meeting.people[who].id for who in NEVER_IN]
    for act in ("withdraw", "delete-part"):
        for person in (*strangers, "A" * 43, "-" + "A" * 42, "--" + "A" * 41, "%"):
            code, said = await meeting.say(act, meeting.id, person, "--yes")
            assert code == 1, said
            assert "assent: not-found: " in said
        for nowhere in ("A" * 22, "-" + "A" * 21):
            code, said = await meeting.say(act, nowhere, meeting.people["in"].id, "--yes")
            assert code == 1, said
            assert "assent: meeting-not-found: " in said
    code, said = await meeting.say("delete-meeting", "../x", "--yes")
    assert code == 1, said
    assert "assent: meeting-not-found: " in said
    assert meeting.acts() == []
    await meeting.host.ask("lock", locked=True)  # whatever came before is heard by then
    assert meeting.host.room["capture"] == "recording"


@pytest.mark.parametrize("act", ["withdraw", "delete-part", "delete-meeting"])
async def test_it_is_asked_twice(meeting: Meeting, act: str) -> None:
    whom = [] if act == "delete-meeting" else [meeting.people["in"].id]
    for typed in ("", "y\n", "y\nyes\n", f"n\n{act}\n", f"{act}\n{act}\n"):
        code, said = await meeting.say(act, meeting.id, *whom, typed=typed)
        assert (code, said.splitlines()[-1].endswith("Nothing was done.")) == (1, True), said
    assert meeting.acts() == []
    code, said = await meeting.say(act, meeting.id, *whom, typed=f"y\n{act}\n")
    assert code == 0, said
    assert meeting.acts() == [(whom[0] if whom else None,)]


async def test_what_is_done_while_no_server_runs_holds_when_it_does(meeting: Meeting) -> None:
    await meeting.server.stop()
    await meeting.do("delete-part", "gone")
    await meeting.do("delete-meeting")
    await meeting.server.start()

    async def gone() -> bool:
        status, body = await meeting.record("in")
        return status == 410 and body["error"]["code"] == "meeting-deleted"

    await eventually(gone, "the meeting is deleted")
    status, body, _ = await meeting.server.post(
        f"/api/meetings/{meeting.id}/seat", {"door": Link.read(meeting.link).door}
    )
    assert status in (404, 410), body
