"""Many workers share a vault's folder and its queue, are killed anywhere, and all happens once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from assent_vault.dataset.check import check
from assent_vault.errors import KeyringError
from assent_vault.export import ExportOrder, new_id
from assent_vault.export.lease import RUNNING
from assent_vault.export.run_lock import RunLocks
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.keys.keyring import Keyring
from assent_vault.release import queue
from assent_vault.store import export_order
from assent_vault.store.export_order import Options
from assent_vault.store.models import ExportItemRow, ExportRow, LogEntryRow, ReleaseRow
from assent_vault.worker.worker import Worker
from support.exporters import Exporters
from support.sample_media import tone
from support.vault import VaultScene

SOUND = {"microphone": tone(440, 200)}
STORAGE = Path(__file__).parents[3] / "storage"


async def filled(stage: VaultScene, entries: int) -> None:
    """Have so many releases in the queue."""
    for _ in range(entries):
        await stage.released(1, **SOUND)
    await stage.cool_off()


async def ask(stage: VaultScene, count: int) -> None:
    async with stage.database.write() as session:
        for _ in range(count):
            session.add(ExportRow(id=new_id(), state="requested", requested_at=1))


async def counted(stage: VaultScene) -> tuple[int, int]:
    """Return how many releases are not exported, and how many exports have not ended."""
    async with stage.database.read() as session:
        states = set(await session.scalars(select(ReleaseRow.state)))
        assert states <= {"ready", "claimed", "exported"}
        left = select(func.count()).where(ReleaseRow.state != "exported")
        open_ = select(func.count()).where(ExportRow.state.in_(("requested", "running")))
        return await session.scalar(left) or 0, await session.scalar(open_) or 0


async def all_exported(stage: VaultScene, exporters: Exporters, kills: int, seed: int) -> None:
    """Ask for exports until nothing is left, killing one or another meanwhile."""
    dice = random.Random(seed)
    while True:
        left, running = await counted(stage)
        if left and not running:
            await ask(stage, exporters.count)
        if not left and not running:
            return
        await asyncio.sleep(dice.uniform(0, 0.4))
        if exporters.killed < kills:
            exporters.kill_one(dice)


async def one_effect_each(stage: VaultScene, entries: int) -> None:
    """Look at what has come of it, in the database, in the log, and on the disk."""
    async with stage.database.read() as session:
        releases = (await session.scalars(select(ReleaseRow))).all()
        items = (await session.scalars(select(ExportItemRow))).all()
        exports = {row.id: row for row in await session.scalars(select(ExportRow))}
        records = (await session.scalars(select(LogEntryRow.record))).all()
    everything = {row.meeting_id for row in releases}
    assert len(everything) == entries
    assert Counter(item.meeting_id for item in items) == dict.fromkeys(everything, 1)
    told = [json.loads(record) for record in records if record is not None]
    of_exports = [each for each in told if each["type"].startswith("assent/entry/exported/")]
    assert Counter(each["meeting"] for each in of_exports) == dict.fromkeys(everything, 1)
    done = {each: row for each, row in exports.items() if row.state == "done"}
    assert {row.error for row in done.values()} == {None}
    assert {row.error for each, row in exports.items() if each not in done} <= {"nothing-to-export"}
    assert {path.name for path in stage.exports.iterdir()} == set(done), "and nothing half"
    for each, row in done.items():
        assert row.folder is not None
        found = check(Path(row.folder), [stage.worker._keyring.identity_public])
        assert not found.faults, found.faults
        manifest = json.loads((Path(row.folder) / "MANIFEST.json").read_bytes())
        mine = {item.meeting_id for item in items if item.export_id == each}
        assert {meeting["meeting"] for meeting in manifest["meetings"]} == mine
        assert {one["export"] for one in of_exports if one["meeting"] in mine} == {each}
    await stage.worker.erase()  # where one was killed after an export's end, and before its lock's
    assert not list((stage.settings.vault_dir / "running").iterdir())


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("workers", "entries", "kills"), [(3, 30, 6), (10, 1000, 150)])
async def test_workers_that_are_killed_bring_each_entry_to_one_effect(
    stage: VaultScene, workers: int, entries: int, kills: int
) -> None:
    await filled(stage, entries)
    exporters = Exporters(stage, workers)
    try:
        await all_exported(stage, exporters, kills, seed=workers)
    finally:
        exporters.close()
    assert exporters.killed, "some were killed while there was something to do"
    await one_effect_each(stage, entries)


async def test_two_workers_share_what_was_asked_for(stage: VaultScene) -> None:
    await filled(stage, 4)
    await ask(stage, 2)
    other = await second(stage)
    try:
        done = await asyncio.gather(stage.worker.export_requested(), other.export_requested())
    finally:
        await other.close()
    assert sum(done) == 2, "neither did what the other did"
    await one_effect_each(stage, 4)


def for_whom(number: int) -> ExportOrder:
    return ExportOrder(f"No {number}", "research", Options(include_exported=True))


async def ask_for_all(stage: VaultScene, count: int) -> None:
    """Ask for so many data sets, each of everything, whether or not it was exported before."""
    async with stage.database.write() as session:
        for number in range(count):
            order = for_whom(number)
            session.add(
                ExportRow(
                    id=new_id(), state="requested", requested_at=1, recipient=order.recipient,
                    purpose=order.purpose, options=export_order.write(order.options),
                )
            )  # fmt: skip


async def given_to_each(stage: VaultScene, entries: int, count: int) -> None:
    """Look at what has come of that: every meeting in every data set, and once in each."""
    async with stage.database.read() as session:
        items = (await session.scalars(select(ExportItemRow))).all()
        exports = {row.id: row for row in await session.scalars(select(ExportRow))}
        records = (await session.scalars(select(LogEntryRow.record))).all()
        states = set(await session.scalars(select(ReleaseRow.state)))
    assert states == {"exported"}
    assert {(row.state, row.error) for row in exports.values()} == {("done", None)}
    assert len(exports) == count + 1
    told = [json.loads(record) for record in records if record is not None]
    of_exports = [each for each in told if each["type"].startswith("assent/entry/exported/")]
    pairs = Counter((each["export"], each["meeting"]) for each in of_exports)
    assert pairs == Counter((item.export_id, item.meeting_id) for item in items)
    assert set(pairs.values()) == {1}
    assert len(pairs) == entries * (count + 1)
    for each, row in exports.items():
        assert row.folder is not None
        found = check(Path(row.folder), [stage.worker._keyring.identity_public])
        assert not found.faults, found.faults
        digest = (Path(row.folder) / "MANIFEST.json").read_bytes()
        mine = {one["manifest"] for one in of_exports if one["export"] == each}
        assert mine == {encode(hashlib.sha256(digest).digest())}


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("workers", "entries", "kills"), [(3, 8, 4), (10, 60, 40)])
async def test_workers_that_are_killed_give_each_recipient_each_meeting_once(
    stage: VaultScene, workers: int, entries: int, kills: int
) -> None:
    await filled(stage, entries)
    await ask(stage, 1)
    assert await stage.worker.export_requested() == 1
    await ask_for_all(stage, workers)
    exporters = Exporters(stage, workers)
    dice = random.Random(workers)
    try:
        while (await counted(stage))[1]:
            await asyncio.sleep(dice.uniform(0, 0.4))
            if exporters.killed < kills:
                exporters.kill_one(dice)
    finally:
        exporters.close()
    assert exporters.killed, "some were killed while there was something to do"
    await given_to_each(stage, entries, workers)


async def test_two_are_given_the_same_meetings_at_once(stage: VaultScene) -> None:
    """Neither waits for the other, or gets less for it."""
    await filled(stage, 3)
    await ask(stage, 1)
    assert await stage.worker.export_requested() == 1
    await ask_for_all(stage, 2)
    other = await second(stage)
    try:
        done = await asyncio.gather(stage.worker.export_requested(), other.export_requested())
    finally:
        await other.close()
    assert sum(done) == 2, "neither did what the other did"
    await given_to_each(stage, 3, 2)


async def second(stage: VaultScene) -> Worker:
    """Return a worker beside the scene's own."""
    clock = stage.clock
    return await Worker.open(stage.settings, clock.now, clock.steady, clock.boot, shares=True)


async def running(stage: VaultScene, token: str, until: int) -> str:
    """Write down an export that somebody else runs, and has claimed a meeting for; return its id.

    They share nothing with us but the database.
    """
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(
            ExportRow(
                id=export_id, state=RUNNING, requested_at=1, lease_token=token, lease_until=until
            )
        )
        await session.execute(
            update(ReleaseRow).values(state="claimed", lease_token=token, lease_until=until)
        )
    return export_id


async def row_of(stage: VaultScene, export_id: str) -> ExportRow:
    async with stage.database.read() as session:
        row = await session.get(ExportRow, export_id)
        assert row is not None
        return row


async def test_what_somebody_holds_is_left_alone_until_the_lease_has_run_out(
    stage: VaultScene,
) -> None:
    await filled(stage, 1)
    export_id = await running(stage, "another's", stage.clock.now() + queue.LEASE_MS)
    await stage.restart()
    assert await stage.worker.export_requested() == 0
    row = await row_of(stage, export_id)
    assert (row.state, row.lease_token) == (RUNNING, "another's")
    assert (await counted(stage))[0] == 1
    stage.clock.pass_(queue.LEASE_MS + 1)
    assert await stage.worker.export_requested() == 1
    assert (await row_of(stage, export_id)).state == "done"
    await one_effect_each(stage, 1)


async def test_a_worker_that_hangs_keeps_its_folder_though_its_lease_has_run_out(
    stage: VaultScene,
) -> None:
    await filled(stage, 1)
    export_id = await running(stage, "hangs", stage.clock.now() - 1)
    lock = RunLocks(stage.settings.vault_dir).take(export_id)
    assert lock is not None
    with lock:
        await stage.restart()
        assert await stage.worker.export_requested() == 0
        assert (await row_of(stage, export_id)).lease_token == "hangs"
    assert await stage.worker.export_requested() == 1
    await one_effect_each(stage, 1)


async def test_a_dead_ones_lease_is_not_waited_for(stage: VaultScene) -> None:
    await filled(stage, 1)
    export_id = await running(stage, "dead", stage.clock.now() + queue.LEASE_MS)
    lock = RunLocks(stage.settings.vault_dir).take(export_id)
    assert lock is not None
    lock.write("dead")
    lock.close()
    assert await stage.worker.export_requested() == 1
    await one_effect_each(stage, 1)


@pytest.mark.parametrize("step", ["_write_all", "_write_manifest"])
async def test_who_has_lost_the_lease_commits_nothing_and_ends_nothing(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The meetings are held still, by the same token; only the export is somebody else's."""
    await filled(stage, 1)
    real = getattr(stage.worker.exports, step)
    until = stage.clock.now() + queue.LEASE_MS

    async def lost(*arguments: object) -> object:
        found = await real(*arguments)
        async with stage.database.write() as session:
            await session.execute(
                update(ExportRow).values(lease_token="another's", lease_until=until)
            )
        return found

    monkeypatch.setattr(stage.worker.exports, step, lost)
    outcome = await stage.worker.export_to(stage.exports / "x", None, ExportOrder())
    assert (outcome.error, outcome.folder) == ("lease-lost", None)
    assert not (stage.exports / "x").exists()
    row = await row_of(stage, outcome.export_id)
    assert (row.state, row.lease_token, row.error) == (RUNNING, "another's", None)
    async with stage.database.read() as session:
        assert (await session.scalars(select(ExportItemRow))).all() == []
        assert (await session.scalars(select(ReleaseRow.state))).all() == ["ready"]


async def test_one_that_shares_the_folder_does_nothing_but_export(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    other = await second(stage)
    try:
        key = other._keyring.meeting_private(meeting.charter.meeting)
        assert key is not None
        with pytest.raises(ValueError, match="shared"):
            other._keyring.destroy(meeting.charter.meeting)
        with pytest.raises(ValueError, match="shared"):
            other._keyring.make_meeting_key(bytes(16), 1)
        with pytest.raises(KeyringError):
            Keyring(stage.settings.vault_dir, adopts=True)
        await stage.close()
        with pytest.raises(KeyringError, match="Another"):  # nor is what it reads given up
            Keyring(stage.settings.vault_dir, adopts=True)
        await stage.open()
        assert stage.worker._keyring.meeting_private(meeting.charter.meeting) == key
    finally:
        await other.close()


async def test_the_command_exports_beside_the_worker(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    stage = VaultScene(home, f"sqlite:///{home / 'assent.db'}")
    await stage.open()
    await filled(stage, 1)
    await stage.restart()  # what is known of the time is kept, for it is not the machine's
    await ask(stage, 1)
    settings = stage.settings
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent_vault.cli", "worker", "--exports-only"),
        env={
            "PYTHONPATH": str(STORAGE),
            "PATH": os.environ["PATH"],
            "ASSENT_DATA_DIR": str(settings.data_dir),
            "ASSENT_DATABASE_URL": settings.database_url,
            "ASSENT_EXPORTS_DIR": str(settings.exports_dir),
            "ASSENT_COOLING_OFF_SECONDS": str(settings.cooling_off_seconds),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        while (await counted(stage))[1]:
            assert child.returncode is None
            await asyncio.sleep(0.1)
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await child.wait()
    assert child.returncode == 0
    await one_effect_each(stage, 1)
    await stage.close()


async def test_a_yes_taken_back_holds_in_all_of_them(stage: VaultScene) -> None:
    await filled(stage, 1)
    (meeting,) = [await stage.released(1, **SOUND)]
    await stage.cool_off()
    other = await second(stage)
    try:
        await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
        await ask(stage, 1)
        assert await other.export_requested() == 1
        await stage.worker.watch()
        assert other._keyring.meeting_private(meeting.charter.meeting) is None
    finally:
        await other.close()
    assert await stage.state(meeting) == "dropped"


def test_a_folder_without_a_vault_is_not_shared(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="no vault"):
        Keyring(tmp_path / "vault", shares=True)
    assert not (tmp_path / "vault").exists()


async def test_what_is_left_of_a_lock_goes_when_nobody_holds_it(stage: VaultScene) -> None:
    locks = RunLocks(stage.settings.vault_dir)
    lock = locks.take("A" * 22)
    assert lock is not None
    with lock:
        await stage.worker.erase()
        assert locks.names() == ["A" * 22]
    await stage.worker.erase()
    assert locks.names() == []
