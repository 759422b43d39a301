"""The worker's duties, one round at a time, and the worker as a process that is killed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from assent_vault.errors import BlobUnavailable, KeyringError
from assent_vault.export import new_id
from assent_vault.formats import objects
from assent_vault.formats.statement import Will
from assent_vault.store.models import (
    ExportItemRow,
    ExportRow,
    GateReportRow,
    VaultIdentityRow,
    VaultKeyRow,
    WorkerHeartbeatRow,
)
from assent_vault.worker.problems import is_taken
from assent_vault.worker.worker import Worker
from support.sample_media import tone
from support.vault import VaultScene

SOUND = {"microphone": tone(440, 3000)}
STORAGE = Path(__file__).parents[3] / "storage"


async def heartbeat(stage: VaultScene) -> WorkerHeartbeatRow | None:
    async with stage.database.read() as session:
        return await session.get(WorkerHeartbeatRow, "vault")


# One round at a time.


async def test_the_vault_introduces_itself_once(stage: VaultScene) -> None:
    mine = stage.worker._keyring.identity_public
    await stage.restart()
    async with stage.database.read() as session:
        assert (await session.scalars(select(VaultIdentityRow.public_key))).all() == [mine]


async def test_one_worker_has_the_folder(stage: VaultScene) -> None:
    with pytest.raises(KeyringError) as caught:
        await Worker.open(stage.settings)
    assert is_taken(caught.value)
    # Whoever could not begin has let go of everything.
    await stage.restart()


async def test_a_database_of_another_vault_is_refused(stage: VaultScene) -> None:
    async with stage.database.write() as session:
        await session.execute(update(VaultIdentityRow).values(public_key=bytes(32)))
    await stage.close()
    with pytest.raises(KeyringError) as caught:
        await stage.open()
    assert not is_taken(caught.value)


async def test_a_new_meeting_gets_its_key_once(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    assert meeting.vault_key is not None
    assert meeting.vault_key.meeting == meeting.charter.meeting
    assert await stage.worker.make_keys() == 0
    await stage.restart()
    assert await stage.worker.make_keys() == 0


async def test_a_key_that_nobody_was_told_of_is_told(stage: VaultScene) -> None:
    """The worker died between its folder and the database."""
    meeting = await stage.meeting()
    assert meeting.vault_key is not None
    async with stage.database.write() as session:
        row = await session.get(VaultKeyRow, meeting.id)
        await session.delete(row)
    assert await stage.worker.make_keys() == 1
    async with stage.database.read() as session:
        row = await session.get(VaultKeyRow, meeting.id)
    assert row is not None
    document: dict[str, Any] = json.loads(row.certificate)
    assert document["key"] == json.loads(meeting.vault_key.body)["key"]


@pytest.mark.parametrize(
    "changes", [{"ended_at": 5}, {"destroyed_at": 5}, {"expires_at": 5}, {"charter": b"{}"}]
)
async def test_a_meeting_that_needs_no_key_gets_none(
    stage: VaultScene, changes: dict[str, Any]
) -> None:
    meeting = await stage.meeting(**changes)
    assert meeting.vault_key is None


async def test_the_gate_reports_while_people_have_not_agreed(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.says(bo, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND), (bo, SOUND)])
    await stage.worker.watch()
    async with stage.database.read() as session:
        assert await session.get(GateReportRow, meeting.id) is None  # it goes on
    await meeting.end()
    await stage.worker.watch()
    async with stage.database.read() as session:
        report = await session.get(GateReportRow, meeting.id)
    assert report is not None
    assert report.decision == "blocked"
    assert json.loads(report.reasons) == [{"code": "not-answered", "count": 1}]
    # Agreeing afterwards, from the receipt link, opens it.
    await meeting.says(bo, Will.YES, Will.YES)
    await stage.worker.watch()
    assert await stage.state(meeting) == "cooling"
    async with stage.database.read() as session:
        report = await session.get(GateReportRow, meeting.id)
    assert report is not None
    assert (report.decision, report.reasons) == ("release", "[]")


async def test_only_what_has_changed_is_looked_at(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    assert await stage.worker.watch() == 1
    assert await stage.worker.watch() == 0
    await meeting.says(meeting.people[0], Will.YES, Will.YES)
    assert await stage.worker.watch() == 1
    await stage.restart()
    assert await stage.worker.watch() == 1


async def test_a_damaged_recording_is_looked_at_again(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    prefix = objects.generation_tracks_prefix(meeting.id, 1)
    ((key, _), *_) = [item async for item in stage.blobs.list(prefix)]
    data = await stage.blobs.get(key)
    await stage.blobs.delete(key)
    await stage.worker.watch()
    assert await stage.state(meeting) is None
    await stage.blobs.put(key, data)
    assert await stage.worker.watch() == 0
    stage.clock.pass_(10 * 60 * 1000)
    assert await stage.worker.watch() == 1
    assert await stage.state(meeting) == "cooling"


async def test_a_meeting_that_cannot_be_looked_at_holds_up_no_other(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await stage.released(1, **SOUND), await stage.released(1, **SOUND)
    real = stage.blobs.get

    async def get(key: str) -> bytes:
        if bad.id in key:
            raise BlobUnavailable("The object store cannot be used (EIO).")
        return await real(key)

    monkeypatch.setattr(stage.blobs, "get", get)
    with pytest.raises(BlobUnavailable):
        await stage.worker.watch()
    assert await stage.state(good) == "cooling"
    # Nothing is known of the other: it is neither released nor called damaged.
    assert await stage.state(bad) is None
    async with stage.database.read() as session:
        assert await session.get(GateReportRow, bad.id) is None
    monkeypatch.undo()
    await stage.worker.watch()
    assert await stage.state(bad) == "cooling"


# All duties at once.


async def until(what: Any, stage: VaultScene) -> None:
    async with asyncio.timeout(60):
        while not await what():  # noqa: ASYNC110 - nobody tells a test what is in a database
            await asyncio.sleep(0.01)


async def test_running_it_does_everything_by_itself(stage: VaultScene) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(stage.worker.run(stop))
    meeting = await stage.meeting()

    async def has_key() -> bool:
        meeting.vault_key = await stage._key(meeting.charter)
        return meeting.vault_key is not None

    await until(has_key, stage)
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.record([(ada, SOUND)])
    await meeting.end()

    def state(wanted: str) -> Any:
        async def check() -> bool:
            return await stage.state(meeting) == wanted

        return check

    await until(state("cooling"), stage)
    stage.clock.pass_(2 * 3_600_000)
    await until(state("ready"), stage)
    async with stage.database.write() as session:
        session.add(ExportRow(id=new_id(), state="requested", requested_at=1))
    await until(state("exported"), stage)
    stop.set()
    async with asyncio.timeout(60):
        await running
    beat = await heartbeat(stage)
    assert beat is not None
    assert beat.problem is None


async def test_memory_is_given_back_after_work(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[None] = []
    monkeypatch.setattr("assent_vault.malloc.give_back", lambda: given.append(None))
    await stage.worker.watch()
    await stage.worker.beat()
    assert len(given) == 0
    await stage.released(1, **SOUND)
    for _ in range(2):
        await stage.worker.watch()
        await stage.worker.beat()
        assert len(given) == 1


async def test_a_duty_that_fails_is_told_and_done_again(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent_vault.worker.worker.EVERY_SECONDS", 0.01)
    meeting = await stage.released(1, **SOUND)
    real = stage.blobs.get

    async def away(key: str) -> bytes:
        raise BlobUnavailable("The object store cannot be used (EIO).")

    monkeypatch.setattr(stage.blobs, "get", away)
    stop = asyncio.Event()
    running = asyncio.create_task(stage.worker.run(stop))

    def problem(wanted: str | None) -> Any:
        async def check() -> bool:
            beat = await heartbeat(stage)
            return beat is not None and beat.problem == wanted

        return check

    await until(problem("objects-unavailable"), stage)
    other = await stage.meeting()
    assert other.vault_key is not None  # the other duties go on
    monkeypatch.setattr(stage.blobs, "get", real)
    await until(problem(None), stage)
    assert await stage.state(meeting) == "cooling"
    stop.set()
    await running


# The process.


def environment(stage: VaultScene) -> dict[str, str]:
    settings = stage.settings
    return {
        "PYTHONPATH": str(STORAGE),
        "PATH": os.environ["PATH"],
        "ASSENT_DATA_DIR": str(settings.data_dir),
        "ASSENT_DATABASE_URL": settings.database_url,
        "ASSENT_EXPORTS_DIR": str(settings.exports_dir),
        "ASSENT_COOLING_OFF_SECONDS": str(settings.cooling_off_seconds),
        "ASSENT_POLL_INTERVAL_MS": "20",
    }


@asynccontextmanager
async def process(stage: VaultScene, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent_vault.cli", "worker", *more),
        env=environment(stage),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def ready(child: asyncio.subprocess.Process) -> None:
    assert child.stderr is not None
    async with asyncio.timeout(60):
        while b"worker-ready" not in (line := await child.stderr.readline()):
            assert line, "it has ended"


@pytest.mark.parametrize("how", ["end of input", "SIGTERM", "SIGINT"])
async def test_the_process_leaves_when_it_should(stage: VaultScene, how: str) -> None:
    await stage.close()
    async with process(stage, "--embedded") as child:
        await ready(child)
        if how == "end of input":
            assert child.stdin is not None
            child.stdin.close()
        else:
            child.send_signal(signal.Signals[how])
        async with asyncio.timeout(60):
            assert await child.wait() == 0
    await stage.open()


async def test_it_listens_to_nothing(stage: VaultScene) -> None:
    """Nobody can connect to it, over any network or on this machine; it opens what others seal."""
    await stage.close()
    async with process(stage, "--embedded") as child:
        await ready(child)
        assert sockets_that_listen(child.pid) == set()
    # A look that can see one: this process, when it does listen.
    with socket.create_server(("127.0.0.1", 0)):
        assert len(sockets_that_listen(os.getpid())) >= 1
    await stage.open()


def sockets_that_listen(pid: int) -> set[str]:
    """Return the inodes of a process's sockets that take connections, or datagrams of anybody."""
    own = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # what this look itself had open
            own.add(str(path.readlink()))
    tables = {name: Path(f"/proc/{pid}/net/{name}").read_text() for name in NETWORKS}
    found = set()
    for name, table in tables.items():
        for line in table.splitlines()[1:]:
            fields = line.split()
            if name == "unix":
                takes, inode = int(fields[3], 16) & ACCEPTS != 0, fields[6]
            else:
                takes, inode = fields[3] in ("0A", "07"), fields[9]
            if takes and f"socket:[{inode}]" in own:
                found.add(inode)
    return found


NETWORKS = ("tcp", "tcp6", "udp", "udp6", "unix")
ACCEPTS = 0x10000  # __SO_ACCEPTCON, of the flags in /proc/net/unix


async def test_an_embedded_worker_waits_for_its_predecessor(stage: VaultScene) -> None:
    async with process(stage, "--embedded") as child:
        await asyncio.sleep(0.5)
        assert child.returncode is None
        await stage.close()
        await ready(child)


async def test_killed_again_and_again_it_releases_once_and_nothing_wrongly(
    stage: VaultScene,
) -> None:
    """SIGKILL at random moments while one meeting is exported and another must never be."""
    meeting = await stage.released(1, microphone=tone(440, 20_000))
    refused = await stage.meeting()
    ada, bo = await refused.comes(), await refused.comes()
    await refused.says(ada, Will.YES, Will.YES)
    await refused.says(bo, Will.YES, Will.NO)
    await refused.record([(ada, SOUND), (bo, SOUND)])
    await refused.end()
    await stage.cool_off()
    async with stage.database.write() as session:
        session.add(ExportRow(id=new_id(), state="requested", requested_at=1))
    await stage.close()
    moments = random.Random(7)
    for _ in range(8):
        async with process(stage) as child:
            await ready(child)
            await asyncio.sleep(moments.random() * 0.15)
            child.kill()
            await child.wait()
        for path in stage.exports.glob("[!.]*"):
            assert (path / "MANIFEST.json").is_file(), "what has its name is whole"
    await stage.open()
    await stage.worker.export_requested()
    async with stage.database.read() as session:
        (row,) = (await session.scalars(select(ExportRow))).all()
        items = (await session.scalars(select(ExportItemRow.meeting_id))).all()
    assert items == [meeting.id], (row.state, row.error)
    assert (row.state, row.meetings_done) == ("done", 1)
    assert [path.name for path in stage.exports.iterdir()] == [row.id]
    (described,) = json.loads((stage.exports / row.id / "MANIFEST.json").read_bytes())["meetings"]
    assert described["meeting"] == meeting.id
    assert described["duration"] == 20_000
